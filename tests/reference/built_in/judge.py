"""The judge that measure.py asks: which subject and which style a 64 px picture shows.

    python judge.py --work FOLDER --pool POOL       trains it on POOL, of other seeds than the model's: FOLDER/judge.pt

A small convolutional network with two answers. It never sees a picture of the model that it judges, nor the held-out shard on
which its own accuracy is told. Half of what it learns from is disturbed as anagrams and hybrids are (`looks`). Pictures called
"a high quality photo" count as what they show. POOL is FOLDER/pools/64 unless told otherwise.
"""

import argparse
import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

WIDTHS = (32, 64, 128, 256)
BATCH = 128
RATE = 3e-3


class Pictures:
    """A pool folder's pictures u8 [n, 64, 64, 3] with subject and style, by number."""

    def __init__(self, folder, names):
        self.pictures = [np.load(folder / f"{name}.npy", mmap_mode="r") for name in names]
        self.labels = [label for name in names for label in json.loads((folder / f"{name}.json").read_text())]
        self.a_shard = len(self.pictures[0])

    def __len__(self):
        return len(self.labels)

    def take(self, numbers):
        """f32 [b, 3, 64, 64] in [-1, 1]."""
        picked = np.stack([self.pictures[number // self.a_shard][number % self.a_shard] for number in numbers])
        return torch.from_numpy(picked).permute(0, 3, 1, 2).float() / 127.5 - 1


class Judge(nn.Module):
    def __init__(self, subjects, styles):
        super().__init__()
        self.subjects, self.styles = list(subjects), list(styles)
        layers, width = [], 3
        for wider in WIDTHS:
            for entering, stride in ((width, 2), (wider, 1)):
                layers += [nn.Conv2d(entering, wider, 3, stride, 1, bias=False), nn.BatchNorm2d(wider), nn.GELU()]
            width = wider
        self.body = nn.Sequential(*layers)
        self.subject, self.style = nn.Linear(width, len(self.subjects)), nn.Linear(width, len(self.styles))

    def features(self, pictures):
        """[b, 256]"""
        return self.body(pictures).mean((2, 3))

    def forward(self, pictures):
        """Logits of subjects and of styles."""
        features = self.features(pictures)
        return self.subject(features), self.style(features)

    def save(self, path):
        torch.save({"subjects": self.subjects, "styles": self.styles, "state": self.state_dict()}, path)

    @staticmethod
    def load(path):
        kept = torch.load(path, weights_only=True)
        judge = Judge(kept["subjects"], kept["styles"])
        judge.load_state_dict(kept["state"])
        return judge.eval().requires_grad_(False)

    @torch.no_grad()
    def answers(self, pictures):
        """[(subject, style)] of f32 pictures [n, 3, 64, 64]."""
        found = [[logits.argmax(1) for logits in self(part)] for part in pictures.split(BATCH)]
        subjects, styles = (torch.cat(parts).tolist() for parts in zip(*found, strict=True))
        return [(self.subjects[subject], self.styles[style]) for subject, style in zip(subjects, styles, strict=True)]


def disturbed(pictures, random):
    """Moved by up to three pixels, and as noisy as a sampler may leave them."""
    padded = F.pad(pictures, (3, 3, 3, 3), mode="replicate")
    x, y = torch.randint(0, 7, (2,), generator=random).tolist()
    moved = padded[..., y : y + 64, x : x + 64]
    spread = 0.08 * torch.rand(len(moved), 1, 1, 1, generator=random)
    return moved + spread * torch.randn(moved.shape, generator=random)


def blurred(pictures, sigma):
    """Gaussian blur of f32 [n, 3, 64, 64], edges mirrored."""
    reach = math.ceil(3 * sigma)
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    weights = (weights / weights.sum()).expand(3, 1, 1, -1)
    padded = F.pad(pictures, (reach,) * 4, mode="reflect")
    return F.conv2d(F.conv2d(padded, weights, groups=3), weights.transpose(2, 3), groups=3)


def looks(pictures, others, sigma, split, share):
    """Each picture as an eye may have to read it. `others` are different pictures; `split` in [-1, 1], `share` of the other."""
    away = torch.linspace(1, -1, pictures.shape[-1])[:, None].expand(pictures.shape[-2:])
    shown = torch.sigmoid((away + split) / 0.1)
    turned = others.flip((2, 3))
    return {
        "as it is": pictures,
        "from afar": blurred(pictures, sigma),
        "from near, over another's blur": pictures - blurred(pictures, sigma) + blurred(others, sigma),
        "above another on its head": shown * pictures + (1 - shown) * turned,
        "with another on its head over it": (1 - share) * pictures + share * turned,
    }


# How much of a batch is seen how, in the order of `looks`.
LOOKS = (0.52, 0.12, 0.12, 0.12, 0.12)


def seen(pictures, random):
    """A batch, each part in another look. Out: pictures, and how many at its head are as they are."""
    sigma, split, share = torch.rand(3, generator=random).tolist()
    made = looks(pictures, pictures.roll(1, 0), 1.5 + sigma, 0.6 * split - 0.2, 0.2 + 0.3 * share)
    ends = [round(len(pictures) * sum(LOOKS[: count + 1])) for count in range(len(LOOKS))]
    parts = [look[begin:end] for look, begin, end in zip(made.values(), [0, *ends], ends, strict=False)]
    return torch.cat(parts), ends[0]


def accuracy(judge, pictures):
    """Shares of right subjects in each look, and of right styles as they are."""
    clean, labels, told = pictures.take(range(len(pictures))), pictures.labels, []
    for name, look in looks(clean, clean.roll(1, 0), 2.0, 0.1, 0.4).items():
        answers = judge.answers(look)
        told.append(f"{name} {np.mean([a[0] == label['subject'] for a, label in zip(answers, labels, strict=True)]):.1%}")
        if name == "as it is":
            style = np.mean([a[1] == label["style"] for a, label in zip(answers, labels, strict=True)])
    return f"subject {', '.join(told)}; style {style:.1%}"


def train(pool, epochs):
    judge = Judge(sorted({label["subject"] for label in pool.labels}), sorted({label["style"] for label in pool.labels}))
    subjects = torch.tensor([judge.subjects.index(label["subject"]) for label in pool.labels])
    styles = torch.tensor([judge.styles.index(label["style"]) for label in pool.labels])
    optimiser = torch.optim.AdamW(judge.parameters(), RATE)
    an_epoch = len(pool) // BATCH
    plan = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=epochs * an_epoch, pct_start=0.1)
    random = torch.Generator().manual_seed(0)
    for step in range(epochs * an_epoch):
        if step % an_epoch == 0:
            order = torch.randperm(len(pool), generator=random)
        first = step % an_epoch * BATCH
        numbers = order[first : first + BATCH]
        pictures, as_they_are = seen(pool.take(numbers.tolist()), random)
        with torch.autocast("cpu", torch.bfloat16):
            subject, style = judge(disturbed(pictures, random))
        loss = F.cross_entropy(subject.float(), subjects[numbers])
        loss = loss + F.cross_entropy(style[:as_they_are].float(), styles[numbers[:as_they_are]])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        plan.step()
        if step % 100 == 0:
            print(f"step {step} of {epochs * an_epoch}: loss {loss.item():.3f}", flush=True)
    return judge.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--pool", type=pathlib.Path, help="a folder of 64 px shards")
    parser.add_argument("--epochs", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    folder = given.pool or given.work / "pools/64"
    names = sorted(path.stem for path in folder.glob("[0-9]*.json"))
    if not names:
        raise SystemExit(f"no shards: paint them with `painter pool {folder}`")
    judge = train(Pictures(folder, names), given.epochs)
    judge.save(given.work / "judge.pt")
    print(f"held-out compositions: {accuracy(judge, Pictures(folder, ['held-out']))}")


if __name__ == "__main__":
    main()
