"""Sentences to learn what words mean from: the painter's captions, the same said otherwise, and things that nobody painted.

A phrase is a way of making, a thing with adjectives, and where or how it is, in one of several orders.
"""

import json
import random

STYLES = [
    "a photo of", "a photograph of", "a picture of", "an image of", "a high quality photo of", "a black and white photo of", "an oil painting of",
    "a painting of", "an oil on canvas of", "a lithograph of", "a lithographic print of", "an engraving of", "a print of", "a pencil sketch of", "a pencil drawing of",
    "a sketch of", "a charcoal drawing of", "a watercolor of", "a watercolor painting of", "a watercolour of", "a cartoon of", "a drawing of", "a comic of", "an illustration of",
    "an ink drawing of", "a 3d render of", "pixel art of", "a blueprint of", "a close-up of", "a portrait of", "a detailed painting of", "an impressionist painting of",
]
STYLES_BEHIND = ["oil painting", "watercolor", "lithograph", "pencil sketch", "cartoon", "photo", "drawing", "painting", "photograph", "in the style of an oil painting"]
ADJECTIVES = (
    "red blue green yellow orange purple pink brown black white gray dark bright pale golden old young new big small large tiny tall short long round beautiful lovely "
    "strange happy sad lonely quiet snowy sunny rainy foggy misty stormy cloudy wooden stone wild cute fluffy shiny rusty broken ancient modern"
).split()
PLACES = [
    "on a beach", "by the sea", "in a forest", "in the woods", "in a meadow", "on the grass", "in the snow", "in winter", "in summer", "in autumn", "in spring", "at night", "at sunset",
    "at dawn", "at dusk", "in the morning", "in the evening", "by moonlight", "under a cloudy sky", "on a sunny day", "in the fog", "in the rain", "on a table", "on a desk", "in a room", "by a window",
    "on a road", "on a street", "in a city", "in a village", "in the mountains", "by a lake", "by a river", "on a cliff", "on a hill", "in a desert", "in space", "among clouds", "in the sky",
    "under water", "on a branch", "on a sofa", "in a garden", "in a field", "on the ground", "in the dark", "by a fire", "in the distance", "up close",
    "with a beard", "with glasses", "with a mustache", "with white hair", "with long hair", "wearing a hat", "wearing a scarf", "smiling", "in profile", "sitting", "standing", "lying down", "running", "flying",
]
JOINS = ["on a", "in a", "near a", "with a", "next to a", "under a", "behind a", "in front of a", "and a", "wearing a"]
COLOURS = ADJECTIVES[:16]


def article(noun):
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


class Phrases:
    def __init__(self, wordnet, captions, subjects, seed=0):
        """`captions` of pools; `subjects` {name: [phrases that name it]}."""
        self.random, self.wordnet = random.Random(seed), wordnet
        self.captions, self.nouns = captions, wordnet.nouns()
        self.common = [noun for noun in self.nouns if noun in wordnet.common]
        self.subjects = list(subjects.values())
        self.known = {phrase.split(" ", 1)[1] for names in self.subjects for phrase in names if phrase.startswith(("a ", "an "))}
        self.synonyms = {noun: wordnet.alike(noun) for noun in self.known if wordnet.senses.get(noun)}

    def noun(self):
        return self.random.choice(self.common if self.random.random() < 0.8 else self.nouns)

    def thing(self):
        pick = self.random.random()
        if pick < 0.45:
            named = self.random.choice(self.random.choice(self.subjects))
            bare = named.split(" ", 1)[-1]
            if self.synonyms.get(bare) and self.random.random() < 0.35:
                return article(self.random.choice(self.synonyms[bare]))
            if named.startswith(("a ", "an ")) and self.random.random() < 0.3:
                return article(f"{self.random.choice(ADJECTIVES)} {bare}")
            return bare if named.startswith("a ") and self.random.random() < 0.1 else named
        noun = self.noun()
        words = [self.random.choice(ADJECTIVES)] if self.random.random() < 0.35 else []
        if self.random.random() < 0.15:
            words.append(self.random.choice(COLOURS))
        return article(" ".join([*words, noun])) if self.random.random() < 0.9 else noun

    def place(self):
        if self.random.random() < 0.75:
            return self.random.choice(PLACES)
        return f"{self.random.choice(JOINS)} {self.noun()}"

    def one(self):
        pick = self.random.random()
        if self.captions and pick < 0.25:
            return self.random.choice(self.captions)
        thing, place = self.thing(), self.place() if self.random.random() < 0.55 else ""
        order = self.random.random()
        if place.startswith(("on ", "in ", "by ")) and order < 0.12:
            said = f"{place.split(' ', 1)[1]} with {thing}"
        else:
            said = f"{thing} {place}".strip()
        made = self.random.random()
        if made < 0.6:
            return f"{self.random.choice(STYLES)} {said}"
        return f"{said}, {self.random.choice(STYLES_BEHIND)}" if made < 0.68 else said

    def some(self, count):
        return [self.one() for _ in range(count)]


def captions_of(folder):
    """Different captions of a pool's folder."""
    found = {label["caption"] for path in folder.glob("*.json") for label in json.loads(path.read_text())}
    return sorted(found)
