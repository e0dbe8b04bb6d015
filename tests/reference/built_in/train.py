"""Trains one stage's UNet on a pool, resumably. One process, one thread unless told otherwise (workers.py).

    python train.py --work FOLDER --model MODEL --size 32 --minutes 120                     stage I's inner levels, from nothing
    python train.py --work FOLDER --model MODEL --size 64 --minutes 120 --start UNET        stage I, from a UNet of 32 or 64 px
    python train.py --work FOLDER --model MODEL --size 256 --minutes 120                    stage II, from nothing

MODEL is a diffusers folder: its tokenizer and frozen text encoder are used. The same command again goes on from the newest
checkpoint, with optimiser, EMA, random numbers and place in the pool. FOLDER/PAUSE holds it; Ctrl-C or SIGTERM saves and ends.
Out: FOLDER/checkpoints/NAME/step-*.pt (the last three), FOLDER/checkpoints/NAME/loss.csv.
"""

import argparse
import pathlib
import signal
import time

import torch
from diffusers import UNet2DConditionModel

import checkpoints
import workers
from adam import Adam
from batches import Order, Pool
from enlarging import crops
from history import History
from kernels import hasten
from native import in_huge_pages
from networks import started, unet
from objective import TIMESTEPS, Objective
from pause import wait_while_paused
from prompts import Prompts

WARM_UP_STEPS = 60
# Share of captions replaced by "", for guidance.
UNCAPTIONED = 0.1
HELD_OUT_PICTURES = 256
# Timesteps are 1000 u^0.75 for u in [0, 1), more of them where there is much noise: there it is decided what a picture shows.
# 1 would be uniform; the two were not trained side by side.
MORE_NOISE = 0.75


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--size", type=int, default=64, help="64: stage I; 256: stage II")
    parser.add_argument("--name", help="the run's folder; stage-1-64 by default")
    parser.add_argument("--minutes", type=float, default=60, help="of this call, pauses included")
    parser.add_argument("--batch", type=int, default=16, help="of each process")
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--decay", type=float, default=0.0, help="last share of this call over which the rate falls to 3 %%")
    parser.add_argument("--ema", type=float, default=0.9995, help="the most; it begins lower")
    parser.add_argument("--save-minutes", type=float, default=5)
    parser.add_argument("--log-steps", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=180)
    parser.add_argument("--start", type=pathlib.Path, help="a UNet's folder to begin with, of this size or, for 64, of 32 px")
    given = parser.parse_args()
    given.stage = 2 if given.size > 64 else 1
    given.name = given.name or f"stage-{given.stage}-{given.size}"
    return given


class Run:
    """Everything a checkpoint holds, and one step."""

    def __init__(self, given):
        self.given, self.folder = given, given.work / "checkpoints" / given.name
        self.network, self.ema = self.fresh_network(), unet(given.stage, given.size).requires_grad_(False).eval()
        self.optimiser = Adam(self.network, self.ema)
        self.objective, self.prompts = Objective(), Prompts(given.model)
        self.random = torch.Generator().manual_seed(given.seed)
        pools = given.work / "pools" / str(given.size)
        if not pools.exists():
            pools = given.work / "pools" / ("32" if given.size < 32 else "64")
        self.pool, self.held_out = Pool(pools), Pool(pools, held_out=True)
        self.step, self.pictures, self.seconds = 0, 0, 0.0
        newest = checkpoints.newest(self.folder)
        position = self.resume(newest) if newest else None
        self.order = Order(len(self.pool), position)
        if workers.RANK > 0:
            self.random.manual_seed(given.seed + 1000 * workers.RANK + self.step)
        if newest is None:
            self.ema.load_state_dict(self.network.state_dict())
        if own := hasten([self.network, self.ema]):
            self.optimiser.join()
        print("own kernels" if own else "PyTorch's kernels", flush=True)

    def fresh_network(self):
        network = unet(self.given.stage, self.given.size)
        if self.given.start is not None:
            started(network, UNet2DConditionModel.from_pretrained(self.given.start, torch_dtype=torch.float32))
        return network.train()

    def resume(self, path):
        kept = checkpoints.load(path)
        self.network.load_state_dict(kept["network"])
        self.ema.load_state_dict(kept["ema"])
        self.optimiser.resume(kept["optimiser"])
        self.random.set_state(kept["random"])
        self.step, self.pictures, self.seconds = kept["step"], kept["pictures"], kept["seconds"]
        print(f"resumed from {path.name}: {self.pictures} pictures, {self.seconds / 3600:.2f} hours", flush=True)
        return kept["order"]

    def save(self):
        state = {
            "stage": self.given.stage, "size": self.given.size, "step": self.step, "pictures": self.pictures, "seconds": self.seconds,
            "network": self.network.state_dict(), "ema": self.ema.state_dict(), "optimiser": self.optimiser.state(),
            "random": self.random.get_state(), "order": self.order.state(),
        }
        checkpoints.save(self.folder, self.step, state)

    def inputs(self, clean, random):
        """Clean pictures; for stage II crops of them, with condition and noise level."""
        if self.given.stage == 2:
            return crops(clean, self.objective, random)
        if clean.shape[-1] != self.given.size:
            clean = torch.nn.functional.avg_pool2d(clean, clean.shape[-1] // self.given.size)
        return clean, None, None

    def forward(self, network, clean, captions, timesteps, random):
        """Squared error of v and bound, [b] each."""
        clean, condition, levels = self.inputs(clean, random)
        noise = torch.randn(clean.shape, generator=random)
        noisy = self.objective.noised(clean, noise, timesteps)
        if condition is not None:
            noisy = torch.cat([noisy, condition], dim=1)
        with torch.autocast("cpu", torch.bfloat16):
            text = self.prompts.encode(captions)
            output = network(noisy, timesteps, text, class_labels=levels).sample
        return self.objective.losses(output.float(), clean, noise, timesteps)

    def train_step(self, rate):
        """Out: v loss, bound and gradient norm of one batch."""
        batch = self.given.batch
        mine = self.order.next(batch * workers.COUNT)[workers.RANK :: workers.COUNT]
        clean, captions = self.pool.take(mine)
        dropped = (torch.rand(batch, generator=self.random) < UNCAPTIONED).tolist()
        captions = ["" if drop else caption for drop, caption in zip(dropped, captions, strict=True)]
        timesteps = (TIMESTEPS * torch.rand(batch, generator=self.random) ** MORE_NOISE).long().clamp(max=TIMESTEPS - 1)
        error, bound = self.forward(self.network, clean, captions, timesteps, self.random)
        self.optimiser.clear()
        (error.mean() + bound.mean()).backward()
        self.step, self.pictures = self.step + 1, self.pictures + batch * workers.COUNT
        keep = min(self.given.ema, (1 + self.step) / (10 + self.step))
        self.rate = rate * min(1.0, self.step / WARM_UP_STEPS)
        norm = self.optimiser.step(self.rate, keep)
        return torch.stack([error.detach().mean(), bound.detach().mean(), norm])

    @torch.no_grad()
    def held_out_loss(self):
        """The EMA's v loss on the same pictures, timesteps and noise every time: of all, and of t > 600, where layout is decided."""
        random, losses, times = torch.Generator().manual_seed(0), [], []
        for first in range(0, HELD_OUT_PICTURES, 16):
            clean, captions = self.held_out.take(range(first, first + 16))
            timesteps = (torch.arange(16) * TIMESTEPS // 16 + first % 64).clamp(max=TIMESTEPS - 1)
            losses.append(self.forward(self.ema, clean, captions, timesteps, random)[0])
            times.append(timesteps)
        losses, noisy = torch.cat(losses), torch.cat(times) > 600
        return losses.mean().item(), losses[noisy].mean().item()


def rate_at(given, share):
    """Constant, then linear to 3 % over the last `decay` of this call's time."""
    if given.decay == 0 or share < 1 - given.decay:
        return given.rate
    return given.rate * max(0.03, (1 - share) / given.decay)


def main():
    in_huge_pages()
    given = arguments()
    torch.set_num_threads(given.threads)
    torch.set_flush_denormal(True)
    workers.begin()
    run = Run(given)
    history = History(run.folder / "loss.csv")
    asked_to_end = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: asked_to_end.append(True))
    print(f"{given.name}: {sum(p.numel() for p in run.network.parameters())} parameters, {len(run.pool)} pictures", flush=True)
    began = saved = time.time()
    recent, recent_seconds = [], 0.0
    while True:
        share = (time.time() - began) / (given.minutes * 60)
        ending = workers.agreed(share >= 1 or bool(asked_to_end))
        if workers.RANK == 0 and (ending or time.time() - saved >= given.save_minutes * 60):
            run.save()
            saved = time.time()
        if ending:
            return
        wait_while_paused(given.work, lambda: bool(asked_to_end))
        started = time.time()
        recent.append(run.train_step(rate_at(given, share)))
        took = time.time() - started
        run.seconds, recent_seconds = run.seconds + took, recent_seconds + took
        if run.step % given.log_steps == 0 and workers.RANK == 0:
            error, bound, norm = torch.stack(recent).mean(0).tolist()
            held_out, noisy = run.held_out_loss() if run.step % (given.log_steps * 10) == 0 else ("", "")
            history.row(
                step=run.step, pictures=run.pictures, hours=run.seconds / 3600, v_loss=error, bound_bits=bound, gradient_norm=norm,
                learning_rate=run.rate, pictures_per_second=len(recent) * given.batch * workers.COUNT / recent_seconds,
                held_out_v_loss=held_out, held_out_v_loss_above_600=noisy,
            )
            recent, recent_seconds = [], 0.0
        elif workers.RANK > 0:
            recent.clear()


if __name__ == "__main__":
    main()
