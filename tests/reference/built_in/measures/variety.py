"""How much pictures of one prompt differ, over how much prompts differ, in colour and in gray; beside held-out compositions.

Aims: at least 0.45 in colour and 0.75 in gray for each of the twelve, and 0.8 of what held-out compositions have; anagrams, hybrids
and inpainted regions 0.4 and 0.6. Between prompts is always between the twelve.
"""

import numpy as np

from measures.bench import bytes_of, each
from measures.regions import INSIDE, mask
from variety import distances, gray, small, within
from vocabulary import ASKED_STYLE, COURSE_PROMPTS

SEEDS = 16
# A style that has fewer held-out pictures of the subject is not asked for.
ENOUGH = 8


def variety(bench):
    count = bench.few(range(SEEDS))[-1] + 1
    subjects = bench.few(list(COURSE_PROMPTS))
    pictures = {}
    for subject in subjects:
        made = bench.run("sample", "--prompt", COURSE_PROMPTS[subject], "--count", count, "--seed", 0)
        pictures[subject] = bytes_of(made)
    held_out = {subject: composed(bench, subject) for subject in subjects}
    rows, real = table(pictures, pictures), table(held_out, held_out)
    for subject in sorted(rows, key=lambda name: rows[name][0]):
        told(COURSE_PROMPTS[subject], rows[subject], real[subject])
    told("mean of the prompts", np.mean(list(rows.values()), 0), np.mean(list(real.values()), 0))
    composed_of_two(bench, pictures, count)
    inpainted(bench, pictures, held_out, count)


def composed(bench, subject):
    """u8 [n, 64, 64, 3]: sixteen held-out pictures of the subject, in the style that its prompt asks for if there are enough."""
    style = ASKED_STYLE[subject] or "photo"
    numbers = bench.held_out_of(subject, style, SEEDS)
    numbers = numbers if len(numbers) >= ENOUGH else bench.held_out_of(subject, None, SEEDS)
    return np.stack([bench.held_out.pictures[0][number] for number in numbers])


def table(groups, prompts):
    """{name: (colour, gray)}: within each of `groups`, over the mean between different `prompts`."""
    found = {}
    for seen in (small, lambda pictures: gray(small(pictures))):
        those = [seen(pictures) for pictures in prompts.values()]
        between = np.mean([distances(a, b).mean() for k, a in enumerate(those) for b in those[k + 1 :]])
        for name, pictures in groups.items():
            found.setdefault(name, []).append(within(seen(pictures)) / between)
    return found


def told(name, row, real=None):
    beside = "" if real is None else f"   held-out {real[0]:.2f} and {real[1]:.2f}, shares {row[0] / real[0]:.2f} and {row[1] / real[1]:.2f}"
    print(f"{name:45} colour {row[0]:.2f}   gray {row[1]:.2f}{beside}", flush=True)


def composed_of_two(bench, pictures, count):
    """The course's anagram and hybrid."""
    asked = {
        "anagram": ("an oil painting of an old man", "an oil painting of people around a campfire", "--view", "identity", "--view", "flip_vertical"),
        "hybrid": ("a lithograph of a skull", "a lithograph of waterfalls", "--decomposition", "low_high"),
    }
    for verb, (first, second, *how) in asked.items():
        made = bench.run(verb, *each("--prompt", (first, second)), *how, "--count", count, "--seed", 0)
        told(f"{verb} of the course", table({verb: bytes_of(made)}, pictures)[verb])


def inpainted(bench, pictures, held_out, count):
    """A dog put into a held-out village; only the new region counts, and prompts differ by the same region."""
    cut = lambda group: group[:, INSIDE, INSIDE]
    source = bench.saved(bench.held_out.take([bench.held_out_of("village")[0]])[0], "variety-source")
    files = ("--image", source, "--mask", mask(bench.folder))
    made = bench.run("inpaint", *files, "--prompt", "an oil painting of a dog", "--count", count, "--seed", 0)
    prompts = {name: cut(group) for name, group in pictures.items()}
    told("inpainted regions", table({"regions": cut(bytes_of(made))}, prompts)["regions"])
