"""Guided sampling from a diffusers folder, for evaluation: DDPM over n steps spaced as the scheduler says, as IFPipeline does it.

Noise comes from one generator a picture, so a prompt's picture does not depend on its neighbours. bf16, on the processor.
"""

import pathlib

import torch
from diffusers import DDPMScheduler, UNet2DConditionModel

from enlarging import enlarged
from objective import Objective
from prompts import Prompts


class Sampler:
    def __init__(self, model, text_from=None):
        """`text_from`: the folder whose text encoder is used, where `model` (a stage II) has none."""
        model = pathlib.Path(model)
        self.unet = UNet2DConditionModel.from_pretrained(model / "unet", torch_dtype=torch.float32).eval().requires_grad_(False)
        self.scheduler = DDPMScheduler.from_pretrained(model / "scheduler")
        self.prompts = Prompts(text_from or model)

    @torch.no_grad()
    def pictures(self, prompts, guidance, steps=20, seeds=0, size=None, batch=16, condition=None, level=250):
        """[n, 3, s, s] in [-1, 1]. `seeds`: one a prompt, or the first of a row. Stage II: `condition` is stage I's pictures."""
        size = size or self.unet.config.sample_size
        seeds = range(seeds, seeds + len(prompts)) if isinstance(seeds, int) else seeds
        made = []
        for first in range(0, len(prompts), batch):
            part = slice(first, first + batch)
            small = None if condition is None else condition[part]
            made.append(self.guided(prompts[part], guidance, steps, seeds[part], size, small, level))
        return torch.cat(made)

    def guided(self, prompts, guidance, steps, seeds, size, small, level):
        count = len(prompts)
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        text = self.prompts.encode(prompts + [""] * count)
        x = self.noise(generators, size)
        fixed, levels = None, None
        if small is not None:
            levels = torch.full((2 * count,), level)
            fixed = Objective().noised(enlarged(small), self.noise(generators, size), levels[:count])
        self.scheduler.set_timesteps(steps)
        for timestep in self.scheduler.timesteps:
            seen = x if fixed is None else torch.cat([x, fixed], dim=1)
            with torch.autocast("cpu", torch.bfloat16):
                output = self.unet(torch.cat([seen, seen]), timestep, text, class_labels=levels).sample.float()
            with_prompt, without = output.chunk(2)
            wanted, variance = with_prompt.chunk(2, dim=1)
            plain = without.chunk(2, dim=1)[0]
            output = torch.cat([plain + guidance * (wanted - plain), variance], dim=1)
            x = self.scheduler.step(output, timestep, x, generator=generators).prev_sample
        return x.clamp(-1, 1)

    def noise(self, generators, size):
        return torch.cat([torch.randn(1, 3, size, size, generator=generator) for generator in generators])
