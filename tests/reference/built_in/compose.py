"""One picture with its caption from one seed: the same seed gives the same composition at 64 and at 256 px.

A style, then a scene or a single subject, then the style's filter, then the caption. Out: u8 [pixels, pixels, 3] and text.
"A photo of X" is the shaded drawings standing in a soft room; "a high quality photo" alone is any of them, the broad prior.
"""

import functools
import random as randomness

import numpy as np
from PIL import Image

from canvas import Canvas
from scenes import COLOURS, SCENES
from styles import GREY, STYLES
from subjects import CAPTIONS, FAMILIAR_CAPTIONS, HERO_CAPTIONS, OTHER_CAPTIONS, held_out, with_article

SCENE_SHARE = 0.20
# Of the single subjects: heroes, familiar ones, all others.
SUBJECT_WEIGHTS = (0.08, 0.17, 0.75)
# Of the photos.
BROAD_SHARE = 0.30
BROAD_PROMPTS = ["a high quality photo", "a high quality photo", "a high quality photo", "a photo"]
GROUPS = [list(HERO_CAPTIONS), list(FAMILIAR_CAPTIONS), list(OTHER_CAPTIONS)]
# Light ones: guidance leads away from the average picture, whose ground is nearly white, so that dark walls become black.
WALLS = [(226, 220, 210), (196, 208, 220), (214, 200, 190), (204, 214, 200), (218, 204, 214), (232, 214, 180), (170, 184, 200)]
TABLES = [(176, 132, 96), (120, 88, 66), (210, 206, 200), (96, 104, 116), (150, 160, 140), (190, 170, 150)]


def backdrop(canvas, random):
    """A wall, a table, blurred as behind a lens, a few soft lights, and the subject's shadow."""
    wall = random.choice(WALLS)
    on = canvas(wall, tuple(int(value * 0.8) for value in wall))
    for _ in range(random.randint(0, 5)):
        light = tuple(min(255, value + random.randint(10, 40)) for value in wall)
        size = random.randint(10, 30)
        on.ellipse(random.randint(0, 128), random.randint(0, 70), size, size, light)
    on.rectangle(0, random.randint(84, 98), 128, 128, random.choice(TABLES))
    on.blur(3)
    on.shadow(64 + random.randint(-6, 6), 116, 84, 12, 0.55)
    return on


def studio(canvas, colour):
    """A seamless ground of that colour, lit from above, and the subject's soft shadow."""
    on = canvas(colour, tuple(int(value * 0.78) for value in colour))
    on.shadow(64, 116, 92, 14, 0.5)
    return on


def pick_subject(random, name):
    """A subject whose pair with this style is not held out."""
    while True:
        subject = random.choice(random.choices(GROUPS, SUBJECT_WEIGHTS)[0])
        if not held_out(subject, name):
            return subject


def single(random, name, canvas, subject):
    """The subject alone on a ground of one colour, in a studio or in a room. Out: canvas, caption without style."""
    style = STYLES[name]
    caption = with_article(random.choice(CAPTIONS[subject]))
    if style.ground == "room":
        on = backdrop(canvas, random)
        on.sprite(subject, 64 + random.randint(-5, 5), 66 + random.randint(-3, 3), random.uniform(92, 112))
        return on, caption
    white = style.white_ground or random.random() < 0.55
    ground = "white" if white else random.choice(list(COLOURS))
    on = studio(canvas, COLOURS[ground]) if style.ground == "studio" else canvas(COLOURS[ground])
    invert = name == "black and white" and np.array(COLOURS[ground]) @ GREY < 90
    drawn = on.sprite(subject, 64 + random.randint(-5, 5), 64 + random.randint(-5, 5), random.uniform(102, 123), invert)
    if not drawn:
        return None, caption
    # A ground that is not white is always said, so that an unsaid one has one meaning.
    if ground != "white":
        caption += f" on {with_article(ground)} background"
    elif not style.white_ground and random.random() < 0.25:
        caption += " on a white background"
    return on, caption


def styled(random, name, caption):
    """The caption with its style: before ("an oil painting of a dog"), after ("a dog, oil painting") or unsaid."""
    style, chance = STYLES[name], random.random()
    words = random.choices(style.words, [3] + [1] * (len(style.words) - 1))[0]
    if name == "photo" and random.random() < BROAD_SHARE:
        return random.choice(BROAD_PROMPTS)
    if style.bare and chance > 0.72:
        return caption
    if chance > 0.93 or 0.65 < chance <= 0.72:
        return f"{caption}, {words.removesuffix(' of').removeprefix('an ').removeprefix('a ')}"
    return f"{words} {caption}"


def compose(seed, pixels, sprites, subject=None, style=None):
    """`subject` and `style` fix what the seed would choose (for measures). Out: u8 picture, caption, {style, subject}."""
    random, noise = randomness.Random(seed), np.random.default_rng(seed)
    drawn_at = max(128, pixels)
    while True:
        name = style or random.choices(list(STYLES), [each.weight for each in STYLES.values()])[0]
        chosen = random.choice(STYLES[name].sets)
        canvas = functools.partial(Canvas, drawn_at, sprites, chosen)
        what = subject
        if what is None and name != "black and white" and random.random() < SCENE_SHARE:
            scene = random.choices(list(SCENES), list(SCENES.values()))[0]
            on, caption = scene(canvas, random)
            what = scene.__name__
        else:
            what = what or pick_subject(random, name)
            on, caption = single(random, name, canvas, what)
        if on is not None:
            break
        if subject is not None and style is not None:
            raise ValueError(f"no {name} drawing of {subject}")
    small = on.picture.convert("RGB").resize((pixels, pixels), Image.BOX)
    picture = np.asarray(small).astype(np.float64) / 255
    if STYLES[name].filter:
        picture = STYLES[name].filter(picture, noise)
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8), styled(random, name, caption), {"style": name, "subject": what}
