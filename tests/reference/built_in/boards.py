"""Pictures side by side in one PNG: with labels, or with nothing but numbers.

Pictures are f32 [n, 3, s, s] in [-1, 1], or a list of [3, s, s].
"""

import numpy as np
from PIL import Image, ImageDraw

NUMBERED_ACROSS = 8
LABEL = 14


def image(picture, side):
    """[3, s, s] in [-1, 1] to a PIL picture of `side` pixels."""
    array = ((picture.clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
    return Image.fromarray(np.ascontiguousarray(array)).resize((side, side), Image.NEAREST if side % array.shape[0] == 0 else Image.BICUBIC)


def grid(pictures, rows, columns, side, left=270):
    """`pictures` [n, 3, s, s] row by row, each enlarged to `side` pixels, with labels; without labels when `left` is 0."""
    sheet = Image.new("RGB", (left + side * len(columns), LABEL + side * len(rows)), "white")
    pen = ImageDraw.Draw(sheet)
    for column, name in enumerate(columns):
        pen.text((left + column * side + 2, 1), str(name), "black")
    for index, picture in enumerate(pictures):
        row, column = divmod(index, len(columns))
        sheet.paste(image(picture, side), (left + column * side, LABEL + row * side))
        if column == 0 and left:
            pen.text((2, LABEL + row * side + side // 2 - 6), (rows[row] or '""')[:44], "black")
    return sheet


def numbered(pictures, side):
    """A board of pictures with numbers over them, from 1 on."""
    rows = -(-len(pictures) // NUMBERED_ACROSS)
    sheet = Image.new("RGB", (NUMBERED_ACROSS * (side + 6), rows * (side + LABEL + 6)), "white")
    pen = ImageDraw.Draw(sheet)
    for index, picture in enumerate(pictures):
        row, column = divmod(index, NUMBERED_ACROSS)
        at = column * (side + 6) + 3, row * (side + LABEL + 6)
        pen.text((at[0] + 2, at[1] + 2), str(index + 1), "black")
        sheet.paste(image(picture, side), (at[0], at[1] + LABEL + 2))
    return sheet
