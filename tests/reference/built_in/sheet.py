"""The sheet to look at: the course's twelve prompts and twelve others down, seeds across.

    python sheet.py --model MODEL --out sheet.png
    python sheet.py --model MODEL --stage-2 MODEL/stage-2 …           each picture taken to 256 px
    python sheet.py --model MODEL --out judged.png --shuffled         48 numbered pictures for someone who did not make them

`--shuffled` takes two seeds of every prompt, in any order and without a word; what was asked for lies beside the sheet, in
judged.key.txt, and is not to be opened before the answers are written down. γ 4 and 20 steps unless told otherwise.
"""

import argparse
import pathlib
import random as randomness

import torch

from boards import grid, numbered
from sampling import Sampler
from vocabulary import COURSE_PROMPTS

OTHER_PROMPTS = [
    "a photo of a cat", "a red car on a road", "a house in a forest", "a sunset over the sea", "a bowl of fruit", "a blue bird",
    "an oil painting of a lighthouse", "a castle", "a photo of a woman with red hair", "a watercolor of a vase of flowers",
    "a cartoon of a robot", "a pencil sketch of an owl",
]
PROMPTS = [*COURSE_PROMPTS.values(), *OTHER_PROMPTS]
SHUFFLED = 48


def asked(given):
    """[(prompt, seed)]"""
    if not given.shuffled:
        return [(prompt, seed) for prompt in PROMPTS for seed in given.seeds]
    pairs = [(prompt, seed) for seed in given.seeds for prompt in PROMPTS][:SHUFFLED]
    randomness.Random(given.shuffle).shuffle(pairs)
    return pairs


def made(given, pairs):
    """[n, 3, s, s]"""
    prompts, seeds = [prompt for prompt, _ in pairs], [seed for _, seed in pairs]
    pictures = Sampler(given.model).pictures(prompts, given.guidance, given.steps, seeds)
    if given.stage_2 is None:
        return pictures
    second = Sampler(given.stage_2, text_from=given.model)
    settings = {"batch": 2, "condition": pictures, "level": given.level}
    return second.pictures(prompts, given.stage_2_guidance, given.stage_2_steps, seeds, **settings)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--shuffled", action="store_true")
    parser.add_argument("--shuffle", type=int, default=0, help="another order")
    parser.add_argument("--seeds", type=int, nargs="+", default=[180, 181, 182, 183])
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--stage-2", type=pathlib.Path)
    parser.add_argument("--stage-2-guidance", type=float, default=1.0)
    parser.add_argument("--stage-2-steps", type=int, default=10)
    parser.add_argument("--level", type=int, default=40, help="stage II's noise level")
    parser.add_argument("--side", type=int, default=128, help="pixels a square on the sheet")
    return parser.parse_args()


def main():
    given = arguments()
    torch.set_num_threads(1)
    pairs = asked(given)
    pictures = made(given, pairs)
    if given.shuffled:
        numbered(pictures, given.side).save(given.out)
        key = "".join(f"{number}\t{prompt}\tseed {seed}\n" for number, (prompt, seed) in enumerate(pairs, 1))
        given.out.with_suffix(".key.txt").write_text(key)
    else:
        grid(pictures, PROMPTS, given.seeds, given.side).save(given.out)


if __name__ == "__main__":
    main()
