"""The evaluation sheet: the course's prompts down, styles across, one PNG to look at.

    python sheet.py --model MODEL --out sheet.png                     every style
    python sheet.py --model MODEL --out sheet.png --styles bare photo "oil painting"
    python sheet.py --model MODEL --stage-2 MODEL/stage-2 …           each picture taken to 256 px

γ 4 and 20 steps unless told otherwise. The `bare` column asks for the prompts as the seed and the course write them.
"""

import argparse
import pathlib

import numpy as np
import torch
from PIL import Image, ImageDraw

from sampling import Sampler
from styles import STYLES

# (as the seed or the course says it, what a style's words are put before)
PROMPTS = [
    ("an oil painting of a snowy mountain village", "a snowy mountain village"),
    ("a man wearing a hat", "a man wearing a hat"),
    ("a rocket ship", "a rocket ship"),
    ("an oil painting of an old man", "an old man"),
    ("an oil painting of people around a campfire", "people around a campfire"),
    ("a lithograph of a skull", "a skull"),
    ("a lithograph of waterfalls", "waterfalls"),
    ("a photo of the amalfi coast", "the amalfi coast"),
    ("a photo of a man", "a man"),
    ("a photo of a hipster barista", "a hipster barista"),
    ("a photo of a dog", "a dog"),
    ("a pencil", "a pencil"),
    ("a lighthouse", "a lighthouse"),
    ("a high quality photo", None),
    ("", None),
]
LABEL = 14


def wording(prompt, style):
    """The prompt of one square; broad prompts have no style, so every column is another draw of them."""
    as_said, subject = prompt
    if style == "bare" or subject is None:
        return as_said
    return f"{STYLES[style].words[0]} {subject}"


def grid(pictures, rows, columns, side):
    """`pictures` [n, 3, s, s] row by row, each enlarged to `side` pixels, with labels."""
    left = 190
    sheet = Image.new("RGB", (left + side * len(columns), LABEL + side * len(rows)), "white")
    pen = ImageDraw.Draw(sheet)
    for column, name in enumerate(columns):
        pen.text((left + column * side + 2, 1), name, "black")
    for index, picture in enumerate(((pictures + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()):
        row, column = divmod(index, len(columns))
        small = Image.fromarray(np.ascontiguousarray(picture)).resize((side, side), Image.NEAREST if side % picture.shape[0] == 0 else Image.BICUBIC)
        sheet.paste(small, (left + column * side, LABEL + row * side))
        if column == 0:
            pen.text((2, LABEL + row * side + side // 2 - 6), (rows[row] or '""')[:32], "black")
    return sheet


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--stage-2", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--styles", nargs="+", default=["bare", *STYLES], choices=["bare", *STYLES])
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--seed", type=int, default=180)
    parser.add_argument("--side", type=int, default=128, help="pixels a square on the sheet")
    given = parser.parse_args()
    torch.set_num_threads(1)
    asked = [wording(prompt, style) for prompt in PROMPTS for style in given.styles]
    pictures = Sampler(given.model).pictures(asked, given.guidance, given.steps, given.seed)
    if given.stage_2:
        second = Sampler(given.stage_2, text_from=given.model)
        pictures = second.pictures(asked, given.guidance, given.steps, given.seed, batch=2, condition=pictures)
    grid(pictures, [prompt[0] for prompt in PROMPTS], given.styles, given.side).save(given.out)


if __name__ == "__main__":
    main()
