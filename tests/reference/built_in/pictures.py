"""Makes the pictures that come along with the program, to try the panels on: assets/pictures/*.png, 256 px.

    python pictures.py --painter PAINTER [--out FOLDER]

Three are compositions of the painter with seeds that no pool holds; the fourth is drawn by a shaky hand.
"""

import argparse
import functools
import math
import pathlib
import random as randomness

from PIL import Image, ImageDraw

from painted import painted

OUT = pathlib.Path(__file__).resolve().parents[3] / "assets/pictures"
PIXELS, DRAWN_AT = 256, 1024
# Chosen by eye among eight seeds each.
COMPOSITIONS = {
    "lighthouse": ("lighthouse", "photo", 1_000_200_005),
    "landscape": ("village", "oil", 1_000_200_006),
    "portrait": ("man-with-hat", "oil", 1_000_200_003),
}


def line(pen, random, points, colour, width=9):
    """A felt pen from point to point, in 256ths of the side, never quite straight."""
    scale = DRAWN_AT / 256
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        steps = max(2, int(math.hypot(x1 - x0, y1 - y0) / 12))
        path = [
            (scale * (x0 + (x1 - x0) * k / steps + random.gauss(0, 0.9)), scale * (y0 + (y1 - y0) * k / steps + random.gauss(0, 0.9)))
            for k in range(steps + 1)
        ]
        pen.line(path, fill=colour, width=int(width * scale / 2), joint="curve")
        for x, y in path:
            radius = width * scale / 4
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def circle(x, y, radius, corners=18):
    return [(x + radius * math.cos(2 * math.pi * k / corners), y + radius * math.sin(2 * math.pi * k / corners)) for k in range(corners + 1)]


def drawing():
    """A house, a tree and the sun, in felt pen on paper."""
    picture, random = Image.new("RGB", (DRAWN_AT, DRAWN_AT), (252, 251, 247)), randomness.Random(180)
    draw = functools.partial(line, ImageDraw.Draw(picture), random)
    for row in range(5):
        draw([(4, 214 + 9 * row), (252, 212 + 9 * row)], (92, 168, 84), 14)
    for row in range(9):
        draw([(70, 128 + 9 * row), (168, 128 + 9 * row)], (246, 206, 110), 15)
    for row in range(7):
        draw([(68 + 8 * row, 118 - 9 * row), (170 - 8 * row, 118 - 9 * row)], (206, 72, 60), 14)
    draw([(66, 208), (66, 122), (172, 122), (172, 208), (66, 208)], (70, 52, 46))
    draw([(56, 124), (119, 52), (182, 124)], (70, 52, 46))
    draw([(106, 206), (106, 164), (134, 164), (134, 206)], (120, 70, 44), 12)
    for left in (78, 142):
        draw([(left, 138), (left + 20, 138), (left + 20, 156), (left, 156), (left, 138)], (64, 120, 200))
    draw([(214, 210), (214, 150)], (120, 80, 50), 24)
    for radius in (6, 14, 22, 29):
        draw(circle(214, 126, radius), (66, 148, 70), 16)
    for radius in (5, 12, 19):
        draw(circle(40, 42, radius), (250, 196, 60), 14)
    for k in range(10):
        turn = 2 * math.pi * k / 10
        draw([(40 + r * math.cos(turn), 42 + r * math.sin(turn)) for r in (27, 37)], (250, 196, 60), 7)
    return picture


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--painter", type=pathlib.Path, required=True, help="the painter's program")
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    pictures = {name: painted(given.painter, *asked, PIXELS)[0] for name, asked in COMPOSITIONS.items()}
    pictures["drawing"] = drawing().resize((PIXELS, PIXELS), Image.BOX)
    for name, picture in pictures.items():
        picture.save(given.out / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
