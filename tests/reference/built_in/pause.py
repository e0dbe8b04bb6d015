"""Makes everything here stand still while others take timings: any file FOLDER/PAUSE, or PAUSE.something, stops it."""

import time


def wait_while_paused(work, ending=lambda: False):
    """Returns at once, when the files are gone, or when `ending()` says that the process is to end."""
    while any(work.glob("PAUSE*")) and not ending():
        time.sleep(2)
