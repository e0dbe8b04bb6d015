"""Seconds per guided stage I step (one forward of batch 2) and peak memory with diffusers, as one JSON line.

    python tests/reference/bench_diffusers.py --model FOLDER [--threads N] [--steps K]
    python tests/reference/bench_diffusers.py --if-i-m        a random UNet of IF-I-M's true size
"""

import argparse
import json
import os
import pathlib
import resource
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--model", type=pathlib.Path, help="an IFPipeline folder")
    what.add_argument("--if-i-m", action="store_true")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--steps", type=int, default=3, help="timed, after one that is not")
    given = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(given.threads)
    import torch

    torch.set_num_threads(given.threads)
    torch.set_grad_enabled(False)
    torch.manual_seed(180)
    if given.if_i_m:
        from make_if_i_m import UNET
        from diffusers import UNet2DConditionModel

        unet, name = UNet2DConditionModel(**UNET).eval(), "IF-I-M, random"
    else:
        from networks import load_unet

        unet, name = load_unet(given.model), given.model.name
    size, channels = unet.config.sample_size, unet.config.in_channels
    x = torch.randn([2, channels, size, size])
    text = torch.randn([2, 77, unet.config.encoder_hid_dim])
    labels = torch.tensor([250, 250]) if unet.config.class_embed_type == "timestep" else None
    seconds = []
    for step in range(given.steps + 1):
        start = time.perf_counter()
        unet(x, torch.tensor(900 - step), text, class_labels=labels)
        seconds.append(time.perf_counter() - start)
    seconds = sorted(seconds[1:])
    result = {
        "model": name,
        "pixels": size,
        "parameters": sum(p.numel() for p in unet.parameters()),
        "threads": given.threads,
        "steps": given.steps,
        "seconds_per_step_median": round(seconds[len(seconds) // 2], 4),
        "seconds_per_step_least": round(seconds[0], 4),
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "torch": torch.__version__,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
