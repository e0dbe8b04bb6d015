"""The styles: the words that ask for each, the drawings it starts from, and the filter that makes it, if any.

Filters map a picture [s, s, 3] in 0..1 to one of the same shape. Sizes are in 64ths of the picture's side (`unit` pixels
each), so that 64 px and 256 px pictures of one seed look alike. The list drives captions, the pool and the evaluation sheet.
"""

import dataclasses
import math
from typing import Callable

import numpy as np
from PIL import Image
from scipy import ndimage

GREY = np.array([0.299, 0.587, 0.114])


def unit_of(picture):
    return picture.shape[0] / 64


def edges(picture):
    """Strongest Sobel response of the three channels, 0..1. Larger pictures have gentler slopes, hence the factor."""
    unit = unit_of(picture)
    strongest = np.zeros(picture.shape[:2])
    for channel in range(3):
        smooth = ndimage.gaussian_filter(picture[..., channel], 0.6 * unit**0.5)
        strongest = np.maximum(strongest, np.hypot(ndimage.sobel(smooth, 0), ndimage.sobel(smooth, 1)))
    return np.clip(strongest * unit**0.5 / 1.6, 0, 1)


def normal(random, shape, sigma):
    """Smooth noise of unit variance."""
    noise = ndimage.gaussian_filter(random.standard_normal(shape), sigma)
    return noise / noise.std()


def strokes(picture, size):
    """Kuwahara's filter: each pixel takes the mean of the least varied of the four windows that it is a corner of."""
    grey, shift, best, least = picture @ GREY, (size - 1) // 2, None, None
    for y, x in ((-shift, -shift), (-shift, shift), (shift, -shift), (shift, shift)):
        mean = ndimage.uniform_filter(picture, (size, size, 1), mode="nearest", origin=(y, x, 0))
        grey_mean = ndimage.uniform_filter(grey, size, mode="nearest", origin=(y, x))
        variance = ndimage.uniform_filter(grey * grey, size, mode="nearest", origin=(y, x)) - grey_mean**2
        if best is None:
            best, least = mean, variance
        else:
            smaller = variance < least
            best, least = np.where(smaller[..., None], mean, best), np.where(smaller, variance, least)
    return best


def oil(picture, random):
    unit, shape = unit_of(picture), picture.shape[:2]
    painted = strokes(picture, max(3, round(2 * unit)))
    across, along = normal(random, shape, (0.5 * unit, 2.2 * unit)), normal(random, shape, (2.2 * unit, 0.5 * unit))
    patch = normal(random, shape, 6 * unit) > 0
    return painted * (1 + 0.025 * np.where(patch, across, along)[..., None])


def pencil(picture, random):
    grain = normal(random, picture.shape[:2], 0.6 * unit_of(picture) ** 0.5)
    tone = 0.97 - 0.8 * edges(picture) ** 0.8 - 0.30 * (1 - picture @ GREY) * (1 + 0.35 * grain)
    return np.clip(tone, 0, 1)[..., None] * np.array([1, 0.99, 0.96])


def blueprint(picture, random):
    unit = round(unit_of(picture))
    line = np.clip(edges(picture) * 1.3, 0, 1)[..., None]
    rows = np.arange(picture.shape[0]) % (8 * unit) < max(1, unit // 2)
    paper = np.array([0.10, 0.27, 0.62]) + 0.10 * (rows[:, None, None] | rows[None, :, None])
    return paper * (1 - line) + line * np.array([0.92, 0.96, 1])


def pixel_art(picture, random):
    """16 × 16 squares of eight levels a channel."""
    small = Image.fromarray((np.clip(picture, 0, 1) * 255).astype(np.uint8)).resize((16, 16), Image.BOX)
    levels = np.round(np.asarray(small).astype(float) / 255 * 7) / 7
    return np.kron(levels, np.ones((picture.shape[0] // 16, picture.shape[1] // 16, 1)))


def lithograph(picture, random):
    """Two hatches that thicken as the picture darkens: 6 units along x + y, coarse enough to survive at 32 px."""
    unit = unit_of(picture)
    light = ndimage.gaussian_filter(np.clip(picture @ GREY, 0, 1), 0.5 * unit)
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]] / unit
    falling, rising = (1 + np.sin((x + y) * math.tau / 6)) / 2, (1 + np.sin((x - y) * math.tau / 6)) / 2
    first = np.clip((light - 0.55 * falling - 0.05) * 4 + 0.5, 0, 1)
    second = np.clip((light - 0.25 * rising) * 5 + 0.4, 0, 1)
    ink = np.minimum(first, second) * (1 - 0.7 * edges(picture))
    return (0.12 + 0.82 * ink)[..., None] * np.array([1, 0.97, 0.9])


def ink(picture, random):
    """A dark pen along every edge."""
    line = np.clip(1.5 * edges(picture) - 0.15, 0, 1)[..., None]
    return picture * (1 - line) + line * np.array([0.10, 0.08, 0.14])


def relief(picture, random):
    """Light from the upper left on shapes as deep as they are dark: what makes drawings look like bodies."""
    unit = unit_of(picture)
    depth = ndimage.gaussian_filter(1 - picture @ GREY, 1.2 * unit)
    slope = (ndimage.sobel(depth, 0) + ndimage.sobel(depth, 1)) * unit / 8
    return picture + np.clip(1.2 * slope, -0.25, 0.25)[..., None]


def lens(picture, random):
    """What makes a photograph of a rendering: darker corners, a little more contrast, a trace of grain."""
    side = picture.shape[0]
    y, x = np.mgrid[:side, :side] / (side - 1) * 2 - 1
    corners = 1 - 0.10 * np.clip(x**2 + y**2, 0, 2)
    curved = picture + 0.10 * np.sin((picture - 0.5) * math.pi) * picture * (1 - picture) * 4
    return curved * corners[..., None] + 0.008 * random.standard_normal(picture.shape)


@dataclasses.dataclass(frozen=True)
class Style:
    words: tuple  # what goes before "of a dog"; the first is the one that the sheet asks for
    weight: int  # how often, of the sum of weights
    sets: tuple  # the sprite sets it draws from
    filter: Callable | None = None
    bare: bool = False  # whether "a dog" alone may mean it
    white_ground: bool = False  # always on white: colour would not survive
    ground: str = "plain"  # of single subjects: plain (one colour), room or studio


# Two shadings of one outline: what a subject looks like is learned once, for all styles but cartoon and black and white.
NATURAL = ("fluent", "flat")
STYLES = {
    "photo": Style(("a photo of", "a photograph of", "a high quality photo of"), 16, ("fluent",), lens, bare=True, ground="room"),
    "3d render": Style(("a 3d render of", "a 3d rendering of"), 12, ("fluent",), relief, ground="studio"),
    "oil painting": Style(("an oil painting of", "a painting of"), 12, NATURAL, oil),
    "lithograph": Style(("a lithograph of", "an engraving of"), 9, NATURAL, lithograph, white_ground=True),
    "pencil sketch": Style(("a pencil sketch of", "a sketch of"), 9, NATURAL, pencil, white_ground=True),
    "blueprint": Style(("a blueprint of",), 7, NATURAL, blueprint, white_ground=True),
    "pixel art": Style(("pixel art of", "a pixel art picture of"), 10, NATURAL, pixel_art),
    "flat": Style(("a flat drawing of", "a flat illustration of", "an emoji of"), 13, ("flat",), bare=True),
    "cartoon": Style(("a cartoon of", "a cartoon drawing of"), 12, ("noto",), ink),
    "black and white": Style(("a black and white drawing of", "a silhouette drawing of"), 7, ("contrast",)),
}
