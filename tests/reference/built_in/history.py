"""The loss curve as a CSV that survives restarts: one row every few steps, one kind of row."""

import csv

COLUMNS = ["step", "pictures", "hours", "v_loss", "bound_bits", "gradient_norm", "learning_rate", "pictures_per_second", "held_out_v_loss", "held_out_v_loss_above_600"]


class History:
    def __init__(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not path.exists()
        self.file = open(path, "a", newline="")
        self.writer = csv.DictWriter(self.file, COLUMNS)
        if fresh:
            self.writer.writeheader()

    def row(self, **values):
        shown = {name: f"{value:.6g}" if isinstance(value, float) else value for name, value in values.items()}
        self.writer.writerow(shown)
        self.file.flush()
        print(" ".join(f"{name} {value}" for name, value in shown.items()), flush=True)
