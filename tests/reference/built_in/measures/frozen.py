"""The frozen pictures that stage II is measured on, 256 px: the program's own, twelve compositions that no pool holds, six photographs.

Photographs are those that come inside scikit-image and scikit-learn; each is cut to its middle square.
"""

import io
import pathlib
import subprocess

import numpy as np
import skimage
import sklearn.datasets
from PIL import Image

from painted import painted

PIXELS = 256
REPOSITORY = pathlib.Path(__file__).resolve().parents[4]
# As they were when stage II was first held to bicubic enlargement; assets/pictures are made anew since.
OWN_AT = "838a8debee64d320cd99b561f310c2b246b6e230"
OWN = ("drawing", "landscape", "lighthouse", "portrait")
FIRST_SEED = 1_000_100_000
COMPOSITIONS = [
    ("village", "oil"), ("amalfi", "photo"), ("old-man", "oil"), ("hipster-barista", "photo"), ("campfire", "oil"), ("skull", "lithograph"),
    ("waterfalls", "lithograph"), ("dog", "photo"), ("lighthouse", "watercolour"), ("cat", "pencil"), ("robot", "cartoon"), ("fruit-bowl", "photo"),
]
SKIMAGE = ("astronaut", "chelsea", "coffee", "rocket")
SKLEARN = ("china.jpg", "flower.jpg")


def square(picture):
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return picture.convert("RGB").crop((left, top, left + side, top + side)).resize((PIXELS, PIXELS), Image.LANCZOS)


def own(name):
    """From the repository's history."""
    path = f"{OWN_AT}:assets/pictures/{name}.png"
    made = subprocess.run(["git", "-C", str(REPOSITORY), "show", path], check=True, capture_output=True).stdout
    return Image.open(io.BytesIO(made)).convert("RGB")


def frozen(painter, few=None):
    """Yields (group, name, picture, prompt)."""
    for name in OWN[:few]:
        yield "own", name, own(name), ""
    for index, (subject, style) in enumerate(COMPOSITIONS[:few]):
        picture, caption = painted(painter, subject, style, FIRST_SEED + index, PIXELS)
        yield "compositions", f"{subject}, {style}", picture, caption
    for name in SKIMAGE[:few]:
        yield "photographs", name, square(Image.fromarray(np.asarray(getattr(skimage.data, name)()))), "a high quality photo"
    for name in SKLEARN[:few]:
        yield "photographs", name, square(Image.fromarray(sklearn.datasets.load_sample_image(name))), "a high quality photo"
