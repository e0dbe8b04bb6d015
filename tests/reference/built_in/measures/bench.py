"""What measures work with: the program's command line, the judge, the pool, and a folder for sheets.

Pictures are f32 [n, 3, s, s] in [-1, 1].
"""

import collections
import functools
import json
import shutil
import subprocess

import numpy as np
import torch
from PIL import Image

from judge import Judge, Pictures
from vocabulary import SUBJECTS

STEPS = 20
# Prompts of one call of the program.
A_CALL = 40


class Bench:
    def __init__(self, given):
        """`given`: measure.py's arguments."""
        self.given, self.folder = given, given.work / "measure"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.pools = given.work / "pools/64"

    @functools.cached_property
    def judge(self):
        judge = Judge.load(self.given.work / "judge.pt")
        strange = set(judge.subjects) ^ set(SUBJECTS)
        if strange and not self.given.few:
            raise SystemExit(f"judge.pt and vocabulary.py do not agree on {', '.join(sorted(strange))}: train the judge on a full pool")
        return judge

    @functools.cached_property
    def held_out(self):
        return Pictures(self.pools, ["held-out"])

    def shards(self):
        """Names of the training shards that are there."""
        return sorted(path.stem for path in self.pools.glob("[0-9]*.json"))

    def captions(self):
        """Every caption of the pool."""
        return {label["caption"] for name in self.shards() for label in json.loads((self.pools / f"{name}.json").read_text())}

    def few(self, things):
        """All of them, or the first under `--few`."""
        return things[: self.given.few] if self.given.few else things

    def held_out_of(self, subject, style=None, most=None):
        """Numbers of held-out pictures of a subject, of one style if there is one."""
        fits = lambda label: label["subject"] == subject and style in (None, label["style"])
        return [number for number, label in enumerate(self.held_out.labels) if fits(label)][:most]

    def run(self, verb, *arguments, guidance=None, steps=STEPS, stage_2="none"):
        """Pictures of one call of the program, at the size it makes them; `steps` None: its own default."""
        out = self.folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        guidance = self.given.guidance if guidance is None else guidance
        command = [self.given.program, verb, "--model", self.given.model, "--stage-2", stage_2, "--threads", self.given.threads]
        command += [] if guidance is None else ["--guidance", guidance]
        command += [] if steps is None else ["--steps", steps]
        subprocess.run([str(part) for part in (*command, "--out", out, "--quiet", *arguments)], check=True)
        return torch.stack([tensor(Image.open(path)) for path in sorted(out.glob(f"{verb}-*.png"))])

    def result(self):
        """What the last call wrote about itself."""
        return json.loads((self.folder / "out/result.json").read_text())

    def sampled(self, prompts, guidance=None):
        """A picture a prompt; a prompt that comes again gets another seed."""
        turns, seen, made = collections.defaultdict(list), collections.Counter(), [None] * len(prompts)
        for index, prompt in enumerate(prompts):
            turns[seen[prompt]].append(index)
            seen[prompt] += 1
        for turn, indices in turns.items():
            for first in range(0, len(indices), A_CALL):
                part = indices[first : first + A_CALL]
                asked = each("--prompt", [prompts[index] for index in part])
                pictures = self.run("sample", *asked, "--seed", 1000 * turn + first, guidance=guidance)
                for index, picture in zip(part, pictures, strict=True):
                    made[index] = picture
        return torch.stack(made)

    def saved(self, picture, name):
        """[3, s, s] as FOLDER/measure/NAME.png, for the program to read. Out: its path."""
        path = self.folder / f"{name}.png"
        Image.fromarray(bytes_of(picture)).save(path)
        return path


def each(flag, values):
    """[a, b] to [flag, a, flag, b]."""
    return [part for value in values for part in (flag, value)]


def tensor(picture):
    array = np.asarray(picture.convert("RGB"), dtype=np.float32)
    return torch.from_numpy(array / 127.5 - 1).permute(2, 0, 1)


def bytes_of(pictures):
    """u8 [..., s, s, 3]"""
    return ((pictures.clamp(-1, 1) + 1) * 127.5).round().byte().movedim(-3, -1).contiguous().numpy()


def share(name, right):
    print(f"{name}: {sum(right) / max(1, len(right)):.0%} of {len(right)}", flush=True)
