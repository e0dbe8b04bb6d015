"""Composed scenes: what the course's prompts ask for and no emoji shows.

A scene gets a canvas maker, `canvas(colour, below=None)`, and a random.Random, draws, and returns the canvas with its caption (no
style, article included). Coordinates are 128ths of the side. One function, one line in SCENES.
"""

PEOPLE = ["man", "woman", "boy", "girl", "old man", "old woman", "man: beard"]
COLOURS = {
    "white": (255, 255, 255), "black": (16, 16, 16), "red": (214, 58, 52), "blue": (64, 120, 220), "green": (80, 176, 88),
    "yellow": (250, 208, 70), "orange": (245, 146, 56), "purple": (146, 90, 200), "pink": (246, 160, 196), "gray": (150, 150, 150),
    "light blue": (170, 214, 246),
}


def village(canvas, random):
    on = canvas((150, 196, 236), (222, 236, 248))
    on.sprite("snow-capped mountain", 64 + random.randint(-12, 12), 50, 100 + random.randint(-6, 10))
    on.rectangle(0, 86, 128, 128, (240, 245, 250))
    for x in sorted(random.sample([22, 52, 80, 106], 3)):
        homes = random.choice(["house", "houses", "house"])
        on.sprite(homes, x + random.randint(-4, 4), 90 + random.randint(-4, 6), 36 + random.randint(-4, 6))
    if random.random() < 0.6:
        on.sprite("evergreen tree", random.choice([14, 112]), 96, 40)
    return on, random.choice(["a snowy mountain village", "a snowy mountain village", "a village in the snowy mountains", "a snowy mountain with houses"])


def campfire_people(canvas, random):
    on = canvas((18, 20, 48), (44, 34, 60))
    for _ in range(14):
        on.ellipse(random.randint(0, 128), random.randint(0, 60), 1.5, 1.5, (240, 240, 220))
    on.rectangle(0, 98, 128, 128, (58, 46, 40))
    if random.random() < 0.8:
        on.sprite("evergreen tree", random.choice([16, 112, 60]), 56, 56)
    on.sprite("wood", 64, 104, 42)
    on.sprite("fire", 64, 84 + random.randint(-3, 3), 46 + random.randint(-4, 6))
    on.sprite(random.choice(PEOPLE), 24 + random.randint(-4, 4), 92, 46)
    on.sprite(random.choice(PEOPLE), 104 + random.randint(-4, 4), 92, 46)
    return on, random.choice(["people around a campfire", "people around a campfire", "people around a campfire at night", "people by a campfire"])


def campfire(canvas, random):
    on = canvas(random.choice([(255, 255, 255), (24, 24, 40)]))
    on.sprite("wood", 64, 98, 64)
    on.sprite("fire", 64, 58, 84)
    return on, "a campfire"


def waterfall(canvas, random):
    on = canvas((160, 210, 244), (206, 232, 248))
    left = 44 + random.randint(-8, 8)
    right, top = left + 34 + random.randint(-4, 8), 24 + random.randint(-6, 6)
    rock = random.choice([(116, 100, 88), (96, 104, 96), (128, 112, 96)])
    on.polygon([(0, top - 6), (left, top), (left - 4, 112), (0, 112)], rock)
    on.polygon([(128, top - 8), (right, top), (right + 4, 112), (128, 112)], rock)
    for _ in range(10):
        x, y = random.choice([random.randint(0, left - 10), random.randint(right + 4, 120)]), random.randint(top + 8, 100)
        on.polygon([(x, y), (x + 10, y + 2), (x + 6, y + 10)], tuple(max(0, value - random.randint(10, 30)) for value in rock))
    on.rectangle(0, top - 8, left, top + 4, (84, 150, 72))
    on.rectangle(right, top - 10, 128, top + 4, (84, 150, 72))
    on.rectangle(left, top, right, 112, (120, 186, 232))
    for _ in range(9):
        x, y = random.randint(left, right - 3), random.randint(top, 60)
        on.rectangle(x, y, x + random.randint(1, 4), random.randint(70, 110), (226, 244, 252))
    on.rectangle(0, 106, 128, 128, (64, 140, 206))
    for _ in range(12):
        size = random.randint(8, 18)
        on.ellipse(random.randint(left - 10, right + 6), random.randint(100, 112), size, size, (240, 250, 254))
    for _ in range(random.randint(1, 3)):
        on.sprite(random.choice(["evergreen tree", "deciduous tree"]), random.choice([14, 112, 20, 106]), top - 6, 40)
    return on, random.choice(["a waterfall", "waterfalls", "waterfalls", "a waterfall in the mountains"])


def hat(canvas, random):
    on = canvas(COLOURS[random.choice(["white", "light blue", "yellow", "gray", "green", "pink"])])
    who, called = random.choice([("man", "a man"), ("man", "a man"), ("man: beard", "a man with a beard"), ("old man", "an old man")])
    on.sprite(who, 64, 74, 104)
    on.sprite(random.choice(["top hat", "top hat", "woman’s hat"]), 64, 26, 72)
    return on, f"{called} {random.choice(['wearing a hat', 'wearing a hat', 'with a hat', 'in a hat'])}"


def barista(canvas, random):
    on = canvas(COLOURS[random.choice(["white", "light blue", "yellow", "gray", "orange"])])
    on.sprite("man: beard", 54, 62, 104)
    on.sprite("hot beverage", 98, 98, 56)
    return on, random.choice(["a hipster barista", "a hipster barista", "a barista", "a barista with a cup of coffee"])


def lighthouse(canvas, random):
    skies = [((130, 190, 240), (220, 236, 248)), ((30, 30, 70), (240, 140, 90)), ((16, 20, 50), (40, 50, 90))]
    on = canvas(*random.choice(skies))
    on.rectangle(0, 96, 128, 128, (48, 110, 180))
    on.polygon([(24, 100), (44, 88), (88, 88), (108, 100), (116, 112), (16, 112)], (104, 96, 88))
    for band in range(5):
        low, lower, upper = 88 - band * 11, 15 - band * 1.3, 15 - (band + 1) * 1.3
        fill = (214, 52, 48) if band % 2 == 0 else (248, 248, 248)
        on.polygon([(64 - lower, low), (64 + lower, low), (64 + upper, low - 11), (64 - upper, low - 11)], fill)
    on.rectangle(56, 21, 72, 33, (255, 236, 130))
    on.polygon([(53, 22), (75, 22), (64, 12)], (120, 40, 40))
    on.rectangle(52, 32, 76, 36, (60, 60, 60))
    if random.random() < 0.4:
        on.sprite("sailboat", random.choice([18, 110]), 100, 26)
    return on, random.choice(["a lighthouse", "a lighthouse", "a lighthouse by the sea", "a red and white lighthouse"])


def coast(canvas, random):
    """Amalfi: a steep green slope on one side, houses of many colours stacked on it, the sea below."""
    on = canvas((112, 186, 240), (208, 234, 248))
    sea = random.randint(76, 88)
    on.rectangle(0, sea, 128, 128, (28, 128, 190))
    for _ in range(10):
        x, y = random.randint(0, 120), random.randint(sea + 4, 124)
        on.rectangle(x, y, x + random.randint(5, 12), y + 2, (96, 180, 224))
    mirrored = random.random() < 0.5
    across = (lambda x: 128 - x) if mirrored else (lambda x: x)
    peak, foot = random.randint(6, 20), random.randint(84, 98)
    slope = [(0, peak), (30, peak + 6), (foot - 22, sea - 10), (foot, 112), (foot - 8, 128), (0, 128)]
    beach = [(0, 104), (foot - 10, 104), (foot, 114), (foot - 6, 128), (0, 128)]
    on.polygon([(across(x), y) for x, y in slope], (92, 138, 76))
    on.polygon([(across(x), y) for x, y in beach], (150, 128, 104))
    walls = [(250, 226, 170), (240, 150, 110), (250, 246, 236), (236, 190, 200), (246, 206, 96), (214, 96, 70)]
    for row, y in enumerate((46, 62, 78, 94)):
        for column in range(1 + row):
            x = 10 + column * 20 + random.randint(-3, 3) + (row % 2) * 5
            tall, fill = random.randint(12, 17), random.choice(walls)
            left, right = sorted((across(x), across(x + 15)))
            on.rectangle(left, y - tall + 8, right, y + 8, fill)
            on.polygon([(left - 1, y - tall + 8), (right + 1, y - tall + 8), ((left + right) / 2, y - tall + 2)], (190, 88, 60))
            for window in (4, 9):
                on.rectangle(left + window, y - 2, left + window + 3, y + 3, (72, 84, 110))
    if random.random() < 0.7:
        on.sprite("sailboat", across(random.randint(102, 116)), 104, 28)
    if random.random() < 0.5:
        on.ellipse(across(108), 22, 18, 18, (255, 240, 170))
    return on, random.choice(["the amalfi coast", "the amalfi coast", "the amalfi coast", "a village by the sea"])


def people(canvas, random):
    on = canvas(COLOURS[random.choice(["white", "light blue", "green", "yellow"])])
    for x in (24, 64, 104):
        on.sprite(random.choice(PEOPLE), x, 70 + random.randint(-6, 6), 54)
    return on, random.choice(["a group of people", "people", "three people"])


# scene: how often, of the sum
SCENES = {village: 5, campfire_people: 5, waterfall: 5, hat: 6, barista: 5, lighthouse: 5, coast: 5, campfire: 1, people: 1}
