"""How well a model of this kind does what it is told, as judge.py sees it. Pictures come from the program itself.

    python measure.py --work FOLDER --program ../../../target/release/diffusion-lab --model MODEL [what …]

what: prompts (shares recognised, at γ 5), guidance (Fréchet distance at γ 1, 3, 5, 7), anagrams and hybrids (at γ 5 and at the
γ that lab.json recommends), inpaint, nearest
(16 pictures beside the training pictures that are nearest to them, FOLDER/measure/nearest.png); all of them without a name.
A share comes with the number of pictures that it is of.
"""

import argparse
import pathlib
import random as randomness
import shutil
import subprocess

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from compose import compose
from judge import Judge, Pictures, blurred
from scenes import SCENES
from sprites import Sprites
from styles import STYLES
from subjects import CAPTIONS, FAMILIAR_CAPTIONS, HERO_CAPTIONS, OTHER_CAPTIONS, held_out, with_article

STEPS, GUIDANCE = 20, 5.0
# What lab.json says; pictures of two things are asked for at both.
RECOMMENDED = 3.0
SCENE_CAPTIONS = {
    "village": "a snowy mountain village", "campfire_people": "people around a campfire", "campfire": "a campfire",
    "waterfall": "waterfalls", "hat": "a man wearing a hat", "barista": "a hipster barista", "lighthouse": "a lighthouse",
    "coast": "the amalfi coast", "people": "a group of people",
}
GROUPS = {
    "the course's subjects": HERO_CAPTIONS, "scenes": SCENE_CAPTIONS, "familiar subjects": FAMILIAR_CAPTIONS,
    "other subjects": OTHER_CAPTIONS,
}
PAIRS = [
    ("skull", "rocket"), ("dog", "lighthouse"), ("old man", "campfire_people"), ("village", "skull"), ("pencil", "lighthouse"),
    ("waterfall", "skull"), ("man", "dog"), ("lighthouse", "rocket"), ("hat", "skull"), ("coast", "old man"), ("dog", "rocket"),
    ("barista", "waterfall"),
]
SEEDS = (0, 1, 2, 3)


def said(subject, style):
    caption = SCENE_CAPTIONS.get(subject) or with_article(CAPTIONS[subject][0])
    return f"{STYLES[style].words[0]} {caption}"


class Program:
    """The program's command line; pictures come back as f32 [n, 3, 64, 64]."""

    def __init__(self, given):
        self.given, self.out = given, given.work / "measure/out"

    def run(self, verb, *arguments, guidance=GUIDANCE):
        shutil.rmtree(self.out, ignore_errors=True)
        alone = ("--model", self.given.model, "--stage-2", "none")
        command = (self.given.program, verb, *alone, "--steps", STEPS, "--guidance", guidance)
        subprocess.run([str(part) for part in (*command, "--out", self.out, "--quiet", *arguments)], check=True)
        made = sorted(self.out.glob(f"{verb}-*.png"))
        return torch.stack([tensor(Image.open(path)) for path in made])

    def prompts(self, prompts, guidance=GUIDANCE):
        made = []
        for first in range(0, len(prompts), 40):
            asked = [part for prompt in prompts[first : first + 40] for part in ("--prompt", prompt)]
            made.append(self.run("sample", *asked, "--seed", first, guidance=guidance))
        return torch.cat(made)


def tensor(picture):
    array = np.asarray(picture.convert("RGB").resize((64, 64), Image.BOX), dtype=np.float32)
    return torch.from_numpy(array / 127.5 - 1).permute(2, 0, 1)


def drawn(drawings, subject, style):
    """Whether there are such pictures at all: no scene is black and white."""
    if subject in SCENE_CAPTIONS:
        return style != "black and white"
    return all(drawings.path(chosen, subject).exists() for chosen in STYLES[style].sets)


def share(name, right):
    print(f"{name}: {sum(right) / max(1, len(right)):.0%} of {len(right)}", flush=True)


def prompts(program, judge, _):
    """Each subject once in a style that it was trained in, the course's and the scenes in every style; then unseen pairs."""
    random, all_subjects, all_styles = randomness.Random(0), [], []
    drawings = Sprites(program.given.work)
    styles = lambda subject: [style for style in STYLES if drawn(drawings, subject, style)]
    for name, group in GROUPS.items():
        every = name in ("the course's subjects", "scenes")
        seen = lambda subject: [style for style in styles(subject) if not held_out(subject, style)]
        asked = [(subject, style) for subject in group for style in (styles(subject) if every else [random.choice(seen(subject))])]
        answers = judge.answers(program.prompts([said(*pair) for pair in asked]))
        subjects = [answer[0] == pair[0] for answer, pair in zip(answers, asked, strict=True)]
        share(f"{name} recognised", subjects)
        all_subjects += subjects
        all_styles += [answer[1] == pair[1] for answer, pair in zip(answers, asked, strict=True)]
    share("all subjects", all_subjects)
    share("styles", all_styles)
    unseen = [(subject, style) for subject in FAMILIAR_CAPTIONS for style in styles(subject) if held_out(subject, style)]
    answers = judge.answers(program.prompts([said(*pair) for pair in unseen]))
    share("familiar subjects in styles never trained with them, subject", [a[0] == p[0] for a, p in zip(answers, unseen, strict=True)])
    share("… and style", [a[1] == p[1] for a, p in zip(answers, unseen, strict=True)])


def frechet(a, b):
    """Fréchet distance of two sets of features [n, d]."""
    a, b = a.double(), b.double()
    root = torch.linalg.eigvals(torch.cov(a.T) @ torch.cov(b.T)).real.clamp(min=0).sqrt().sum()
    return ((a.mean(0) - b.mean(0)).square().sum() + torch.cov(a.T).trace() + torch.cov(b.T).trace() - 2 * root).item()


def guidance(program, judge, pool):
    """Against held-out renderings of the same captions, in the 32 directions in which renderings differ most."""
    count = 160
    real, floor = judge.features(pool["held-out"].take(range(2000))), judge.features(pool["0000"].take(range(count)))
    directions = torch.linalg.svd(real - real.mean(0), full_matrices=False)[2][:32].T
    print(f"Fréchet distance of {count} renderings to 2000 others: {frechet(floor @ directions, real @ directions):.2f}")
    captions = [label["caption"] for label in pool["held-out"].labels[:count]]
    for scale in (1.0, 3.0, 5.0, 7.0):
        made = judge.features(program.prompts(captions, scale))
        print(f"… of {count} samples at γ {scale:g}: {frechet(made @ directions, real @ directions):.2f}", flush=True)


def both(program, judge, verb, styles, looks, *arguments):
    """For each way to look at a picture of two prompts, in these styles, how often its own prompt is read there."""
    for guidance in (GUIDANCE, RECOMMENDED):
        readings = {look: [] for look in looks}
        for pair in PAIRS:
            asked = [part for named in zip(pair, styles, strict=True) for part in ("--prompt", said(*named))]
            for seed in SEEDS:
                made = program.run(verb, *asked, *arguments, "--seed", seed, guidance=guidance)
                for (name, look), subject in zip(looks.items(), pair, strict=True):
                    readings[name].append(judge.answers(look(made))[0][0] == subject)
        made_of = f"{verb}, {' and '.join(dict.fromkeys(styles))}, {' '.join(arguments)}, γ {guidance:g}"
        for name, right in readings.items():
            share(f"{made_of}: read {name}", right)
        share("… both", [all(read) for read in zip(*readings.values(), strict=True)])


def anagrams(program, judge, _):
    looks = {"as they are": lambda made: made, "upside down": lambda made: made.flip((2, 3))}
    for reduce in ("mean", "upper"):
        views = ("--view", "identity", "--view", "rotate_180", "--reduce", reduce)
        both(program, judge, "anagram", ("oil painting",) * 2, looks, *views)


def hybrids(program, judge, _):
    """The first prompt is the low frequencies, seen from afar; the second what is seen from near."""
    looks = {"from afar": lambda made: blurred(made, 2.0), "from near": lambda made: made}
    for styles in (("lithograph", "lithograph"), ("oil painting", "cartoon")):
        for apart in ("0", "0.7"):
            both(program, judge, "hybrid", styles, looks, "--apart", apart)


def inpaint(program, judge, _):
    """All but a frame of four pixels made new, as another subject."""
    folder, right = program.given.work / "measure", []
    mask = Image.new("L", (64, 64), 0)
    mask.paste(255, (4, 4, 60, 60))
    mask.save(folder / "mask.png")
    sprites = Sprites(program.given.work)
    for number, (before, after) in enumerate(PAIRS):
        style = "oil painting"
        subject = None if before in SCENE_CAPTIONS else before
        picture, _, _ = compose(7_000_000 + number, 64, sprites, subject=subject, style=style)
        Image.fromarray(picture).save(folder / "before.png")
        for seed in SEEDS:
            files = ("--image", folder / "before.png", "--mask", folder / "mask.png")
            made = program.run("inpaint", *files, "--prompt", said(after, style), "--seed", seed)
            right.append(judge.answers(made)[0][0] == after)
    share("inpainted regions recognised", right)


def nearest(program, _, pool):
    """Samples of broad and of exact prompts; beside each the four pictures of the pool nearest to it, at 16 px."""
    asked = [said(subject, style) for subject, style in zip([*HERO_CAPTIONS, *SCENE_CAPTIONS][:12], list(STYLES) * 2, strict=False)]
    asked += ["a high quality photo", "a high quality photo", "", ""]
    made = program.prompts(asked)
    small = lambda pictures: F.avg_pool2d(pictures, 4).flatten(1)
    names = [name for name in pool if name != "held-out"]
    apart = torch.cat([torch.cdist(small(made), small(pool[name].take(range(len(pool[name]))))) for name in names], dim=1)
    sheet = Image.new("RGB", (5 * 68 * 4, 4 * 68), "white")
    for row, found in enumerate(apart.topk(4, largest=False).indices.tolist()):
        close = [pool[names[n // len(pool[names[0]])]].take([n % len(pool[names[0]])])[0] for n in found]
        for column, picture in enumerate([made[row], *close]):
            image = Image.fromarray(((picture + 1) * 127.5).round().byte().permute(1, 2, 0).numpy())
            sheet.paste(image, ((row % 4) * 5 * 68 + column * 64, row // 4 * 68))
    sheet.save(program.given.work / "measure/nearest.png")


MEASURES = {each.__name__: each for each in (prompts, guidance, anagrams, hybrids, inpaint, nearest)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--model", default="built-in")
    parser.add_argument("what", nargs="*", choices=[*MEASURES, []])
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    (given.work / "measure").mkdir(exist_ok=True)
    assert set(SCENE_CAPTIONS) == {scene.__name__ for scene in SCENES}
    judge, folder = Judge.load(given.work / "judge.pt"), given.work / "pools/64"
    pool = {path.stem: Pictures(folder, [path.stem]) for path in sorted(folder.glob("*.json"))}
    for name in given.what or MEASURES:
        MEASURES[name](Program(given), judge, pool)


if __name__ == "__main__":
    main()
