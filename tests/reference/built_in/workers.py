"""One run over several processes, as torchrun starts them: each takes its part of every batch, and gradients are averaged.

    torchrun --nproc-per-node 2 train.py …      on two idle cores; beside other work the slower process sets the pace

Without torchrun there is one process and nothing here does anything.
"""

import datetime
import os

import torch
import torch.distributed as dist

RANK, COUNT = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
# A paused run waits in the middle of an average.
LONGEST_PAUSE = datetime.timedelta(days=7)


def begin():
    if COUNT > 1:
        dist.init_process_group("gloo", timeout=LONGEST_PAUSE)


def average(flat):
    """A tensor becomes its mean over the processes."""
    if COUNT > 1:
        dist.all_reduce(flat)
        flat /= COUNT


def average_gradients(parameters):
    if COUNT == 1:
        return
    gradients = [parameter.grad for parameter in parameters]
    average(flat := torch.cat([gradient.flatten() for gradient in gradients]))
    parts = flat.split([gradient.numel() for gradient in gradients])
    torch._foreach_copy_(gradients, [part.view_as(gradient) for part, gradient in zip(parts, gradients, strict=True)])


def agreed(answer):
    """The first process's answer, in all of them."""
    if COUNT == 1:
        return answer
    said = torch.tensor([int(answer)])
    dist.broadcast(said, 0)
    return bool(said.item())
