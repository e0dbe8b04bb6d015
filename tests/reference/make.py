"""Makes the tensors and tokens that the Rust tests compare with, from diffusers, transformers and PyTorch.

    python tests/reference/make.py                 remake everything here
    python tests/reference/make.py tensors t5      remake some parts
    python tests/reference/make.py --check         remake in a temporary folder and compare with what is committed

README.md beside this file lists every file and key.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

PARTS = ["tensors", "schedule", "models", "unet", "t5", "trajectories", "samplers", "measures", "edit", "inpaint", "anagram", "guidance", "hybrid", "stage-2", "digits", "gradients", "families", "pipelines"]


def make(out, parts):
    """Writes the named parts into `out`. Networks are read from `out`/models, so `models` comes first."""
    import torch

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.set_grad_enabled(False)
    import anagram, digits, edit, families, gradients, guidance, hybrid, inpaint, measures, models, networks, pipelines, samplers, schedule, stage_2, tensors, trajectories

    makers = {
        "tensors": tensors.make,
        "schedule": schedule.make,
        "models": models.make,
        "unet": networks.make_unet,
        "t5": networks.make_t5,
        "trajectories": trajectories.make,
        "samplers": samplers.make,
        "measures": measures.make,
        "edit": edit.make,
        "inpaint": inpaint.make,
        "anagram": anagram.make,
        "guidance": guidance.make,
        "hybrid": hybrid.make,
        "stage-2": stage_2.make,
        "digits": digits.make,
        "gradients": gradients.make,
        "families": families.make,
        "pipelines": pipelines.make,
    }
    for part in parts:
        print("making", part, flush=True)
        makers[part](out)
    for path in out.rglob("*.safetensors"):
        if not path.is_symlink():
            path.chmod(0o644)


def arrays(path):
    """The named tensors of a file, whatever its kind, or None for a file compared byte by byte."""
    import torch
    from safetensors.torch import load_file

    if path.suffix == ".safetensors":
        return load_file(path)
    if path.suffix == ".bin":
        return torch.load(path, weights_only=True)
    return None


def difference(made, kept):
    """One sentence about how two files differ past the tolerance, or None."""
    import torch

    if made.read_bytes() == kept.read_bytes():
        return None
    a, b = arrays(made), arrays(kept)
    if a is None:
        return "other bytes"
    if a.keys() != b.keys():
        return "other keys: " + ", ".join(sorted(a.keys() ^ b.keys())[:5])
    worst, where = 0.0, ""
    for key, x in a.items():
        y = b[key]
        if x.shape != y.shape or x.dtype != y.dtype:
            return f"{key} has another shape or dtype"
        x, y = x.double(), y.double()
        # Infinity less itself is not a number.
        apart = (x - y).abs().masked_fill(x == y, 0)
        error = (apart.max() / y.abs().max().clamp(min=1)).item() if x.numel() else 0.0
        if not error <= worst:
            worst, where = error, key
    return None if worst <= TOLERANCE else f"{where} differs by {worst:.3g} of its largest value"


def check(parts):
    """Remakes `parts` elsewhere and counts the files that differ."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        if "models" not in parts:
            os.symlink(HERE / "models", folder / "models")
        make(folder, parts)
        failures = compared = 0
        for made in sorted(p for p in folder.rglob("*") if p.is_file()):
            kept = HERE / made.relative_to(folder)
            said = difference(made, kept) if kept.is_file() else "is not committed"
            compared += 1
            if said:
                failures += 1
                print(f"{made.relative_to(folder)}: {said}")
        if set(parts) == set(PARTS):
            data = {".safetensors", ".json", ".bin", ".model"}
            for kept in sorted(p for p in HERE.rglob("*") if p.is_file() and p.suffix in data):
                if not (folder / kept.relative_to(HERE)).is_file():
                    failures += 1
                    print(f"{kept.relative_to(HERE)}: is committed but no longer made")
        print(json.dumps({"compared": compared, "different": failures, "tolerance": TOLERANCE}))
        return failures


def main():
    global TOLERANCE
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--tolerance", type=float, default=1e-6, help="of each tensor's largest value, at least 1")
    given = parser.parse_args()
    for part in given.parts:
        if part not in PARTS:
            parser.error(f"there is no part {part}: " + ", ".join(PARTS))
    TOLERANCE = given.tolerance
    parts = [p for p in PARTS if p in given.parts] or PARTS
    if given.check:
        sys.exit(1 if check(parts) else 0)
    make(HERE, parts)


if __name__ == "__main__":
    main()
