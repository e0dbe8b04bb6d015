"""Fréchet distance between samples and held-out compositions at several γ, in the judge's features."""

import torch

SCALES = (1.0, 2.0, 3.0, 4.0, 5.0, 7.0)
COUNT = 160
# Directions in which compositions differ most; 160 pictures do not fill more.
DIRECTIONS = 32


def frechet(a, b):
    """Fréchet distance of two sets of features [n, d]."""
    a, b = a.double(), b.double()
    root = torch.linalg.eigvals(torch.cov(a.T) @ torch.cov(b.T)).real.clamp(min=0).sqrt().sum()
    return ((a.mean(0) - b.mean(0)).square().sum() + torch.cov(a.T).trace() + torch.cov(b.T).trace() - 2 * root).item()


def guidance(bench):
    """Samples of the captions of 160 held-out compositions against all the others; and those 160 themselves, the floor."""
    count = COUNT if not bench.given.few else 8 * bench.given.few
    asked, others = range(count), range(count, len(bench.held_out))
    real = torch.cat([bench.judge.features(bench.held_out.take(others[first : first + 256])) for first in range(0, len(others), 256)])
    directions = torch.linalg.svd(real - real.mean(0), full_matrices=False)[2][:DIRECTIONS].T
    floor = bench.judge.features(bench.held_out.take(asked))
    print(f"Fréchet distance of {count} compositions to {len(others)} others: {frechet(floor @ directions, real @ directions):.2f}")
    captions = [bench.held_out.labels[number]["caption"] for number in asked]
    for scale in SCALES if not bench.given.few else SCALES[:2]:
        made = bench.judge.features(bench.sampled(captions, scale))
        print(f"… of {count} samples at γ {scale:g}: {frechet(made @ directions, real @ directions):.2f}", flush=True)
