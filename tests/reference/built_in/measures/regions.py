"""The region that is inpainted: a square of 48 px in the middle of 64, with eight kept around it."""

from PIL import Image

KEPT, SIZE = 8, 64
INSIDE = slice(KEPT, SIZE - KEPT)


def mask(folder):
    """Out: the path of its picture, white where all is made new."""
    made = Image.new("L", (SIZE, SIZE), 0)
    made.paste(255, (KEPT, KEPT, SIZE - KEPT, SIZE - KEPT))
    made.save(folder / "mask.png")
    return folder / "mask.png"


def seam(pictures):
    """[n]: mean step of brightness and colour across the region's border, over that between neighbours inside it.

    1 is a picture without a border. f32 [n, 3, 64, 64].
    """
    down, right = (pictures[:, :, 1:] - pictures[:, :, :-1]).abs(), (pictures[..., 1:] - pictures[..., :-1]).abs()
    first, last = KEPT - 1, SIZE - KEPT - 1  # the steps from the kept pixel into the region, and out of it
    border = [down[:, :, edge, INSIDE] for edge in (first, last)] + [right[:, :, INSIDE, edge] for edge in (first, last)]
    across = sum(part.mean((1, 2)) for part in border) / len(border)
    within = (down[:, :, KEPT:last, INSIDE].mean((1, 2, 3)) + right[:, :, INSIDE, KEPT:last].mean((1, 2, 3))) / 2
    return across / within.clamp(min=1e-4)
