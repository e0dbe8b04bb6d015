"""Single pictures of the painter, by subject, style, seed and size; `painter sheet` makes them, a row of one at a time."""

import pathlib
import re
import subprocess
import tempfile

from PIL import Image

# Sheets frame every picture with this many pixels, and show those under 100 px twice as large.
FRAME, SMALLEST = 2, 100


def painted(painter, subject, style, seed, size=256):
    """Out: a PIL picture and its caption. Seeds from 1,000,002,000 on are in no pool."""
    assert size >= SMALLEST, "small pictures come from pools"
    with tempfile.TemporaryDirectory() as folder:
        sheet = pathlib.Path(folder) / "sheet.png"
        asked = ["sheet", sheet, f"{subject}:{style}", "--count", 1, "--size", size, "--seed", seed]
        told = subprocess.run([str(painter), *map(str, asked)], check=True, capture_output=True, text=True).stdout
        picture = Image.open(sheet).convert("RGB").crop((FRAME, FRAME, FRAME + size, FRAME + size))
    return picture, re.match(r"0,0: (.*) \[", told)[1]
