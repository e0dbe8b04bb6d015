"""What the painter draws and how prompts name it: subjects as `painter list` prints them, the course's twelve first; styles.

The first of each subject's names, and the first words of each style. `COURSE_PROMPTS` is how the course itself writes the twelve.
"""

COURSE = {
    "village": "a snowy mountain village", "man-with-hat": "a man wearing a hat", "rocket": "a rocket ship", "old-man": "an old man",
    "campfire": "people around a campfire", "skull": "a skull", "waterfalls": "waterfalls", "amalfi": "the amalfi coast", "man": "a man",
    "hipster-barista": "a hipster barista", "dog": "a dog", "pencil": "a pencil",
}
OTHERS = {
    "red-haired-woman": "a woman with red hair", "woman": "a woman", "child": "a child", "lighthouse": "a lighthouse", "castle": "a castle",
    "house-forest": "a house in a forest", "city": "a city", "tower": "a tower", "church": "a church", "windmill": "a windmill",
    "sunset-sea": "a sunset over the sea", "mountain-lake": "a mountain lake", "tree": "a tree", "forest": "a forest", "moon": "the moon",
    "night-sky": "a starry night sky", "desert": "a desert", "volcano": "a volcano", "red-car": "a red car on a road", "train": "a train",
    "boat": "a boat", "cat": "a cat", "blue-bird": "a blue bird", "bird": "a bird", "owl": "an owl", "penguin": "a penguin", "fish": "a fish",
    "horse": "a horse", "cow": "a cow", "rabbit": "a rabbit", "duck": "a duck", "elephant": "an elephant", "butterfly": "a butterfly",
    "fruit-bowl": "a bowl of fruit", "apple": "an apple", "flowers": "a vase of flowers", "robot": "a robot", "snowman": "a snowman",
    "mushroom": "a mushroom", "clock": "a clock", "guitar": "a guitar", "umbrella": "an umbrella", "teapot": "a teapot", "book": "a book",
    "bicycle": "a bicycle", "hot-air-balloon": "a hot air balloon", "candle": "a candle",
}
SUBJECTS = COURSE | OTHERS
STYLES = {
    "photo": "a photo of", "oil": "an oil painting of", "lithograph": "a lithograph of", "pencil": "a pencil sketch of",
    "watercolour": "a watercolor of", "cartoon": "a cartoon of",
}
# The style that the course asks for; where it names none, people mean a photo.
ASKED_STYLE = {
    "village": "oil", "man-with-hat": None, "rocket": None, "old-man": "oil", "campfire": "oil", "skull": "lithograph",
    "waterfalls": "lithograph", "amalfi": "photo", "man": "photo", "hipster-barista": "photo", "dog": "photo", "pencil": None,
}


def said(subject, style=None):
    """The plain prompt of a subject, in a style or without a word of it."""
    return f"{STYLES[style]} {SUBJECTS[subject]}" if style else SUBJECTS[subject]


COURSE_PROMPTS = {subject: said(subject, style) for subject, style in ASKED_STYLE.items()}
