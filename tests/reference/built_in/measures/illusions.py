"""How often both readings of a picture of two things are recognised: as published, then with the program's two switches.

Pairs are of shapes that can share a picture: round or upright ones, dense in tone. The course's own come first.
"""

from dataclasses import dataclass

from boards import numbered
from judge import blurred
from measures.bench import each, share
from vocabulary import said

SEEDS = 24
SHOWN = 4
SWITCH = {"anagram": ("--reduce", "upper"), "hybrid": ("--apart", "0.7")}
# How a view shows the picture, as the judge sees it.
VIEWS = {"flip_vertical": lambda made: made.flip(2), "rotate_180": lambda made: made.flip((2, 3))}
FAR_SIGMA = 2.0


@dataclass(frozen=True)
class Pair:
    verb: str
    first: str
    second: str
    style: str
    # An anagram's second view.
    view: str = ""

    def arguments(self):
        prompts = each("--prompt", (said(self.first, self.style), said(self.second, self.style)))
        how = each("--view", ("identity", self.view)) if self.view else ("--decomposition", "low_high")
        return (*prompts, *how)

    def looks(self, made):
        """The picture as the first and as the second are to be read in it."""
        return (made, VIEWS[self.view](made)) if self.view else (blurred(made, FAR_SIGMA), made)

    def __str__(self):
        return f"{self.verb} {self.first} and {self.second}, {self.style}{', ' + self.view if self.view else ''}"


COURSE = [
    Pair("anagram", "old-man", "campfire", "oil", "flip_vertical"),
    Pair("hybrid", "skull", "waterfalls", "lithograph"),
]
OTHERS = [
    Pair("anagram", "waterfalls", "skull", "lithograph", "rotate_180"),
    Pair("anagram", "old-man", "village", "oil", "rotate_180"),
    Pair("anagram", "skull", "campfire", "oil", "flip_vertical"),
    Pair("anagram", "dog", "village", "oil", "rotate_180"),
    Pair("anagram", "man-with-hat", "amalfi", "oil", "rotate_180"),
    Pair("hybrid", "old-man", "village", "oil"),
    Pair("hybrid", "skull", "campfire", "oil"),
    Pair("hybrid", "man", "waterfalls", "lithograph"),
    Pair("hybrid", "rocket", "lighthouse", "lithograph"),
    Pair("hybrid", "dog", "amalfi", "oil"),
]


def illusions(bench):
    count = bench.few(range(SEEDS))[-1] + 1
    for way in ("as published", "with the switch"):
        all_of = []
        for pair in bench.few(COURSE + OTHERS):
            how = SWITCH[pair.verb] if way != "as published" else ()
            made = bench.run(pair.verb, *pair.arguments(), *how, "--count", count, "--seed", 0)
            answers = [[answer[0] for answer in bench.judge.answers(look)] for look in pair.looks(made)]
            read = [[answer == wanted for answer in seen] for seen, wanted in zip(answers, (pair.first, pair.second), strict=True)]
            share(f"{pair} {' '.join(how) or way}: {pair.first}", read[0])
            share(f"… {pair.second}", read[1])
            both = [all(two) for two in zip(*read, strict=True)]
            share("… both", both)
            all_of += [(*two, together) for two, together in zip(zip(*read, strict=True), both, strict=True)]
            looks = [look[number] for number in range(min(SHOWN, count)) for look in pair.looks(made)]
            numbered(looks, 128).save(bench.folder / f"{pair.verb}-{pair.first}-{pair.second}-{'mean' if not how else how[1]}.png")
        for name, right in zip(("first", "second", "both"), zip(*all_of, strict=True), strict=True):
            share(f"all pairs {way}: {name}", right)
