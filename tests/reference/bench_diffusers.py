"""The rows of `diffusion-lab bench` with diffusers at its best: channels_last, oneDNN, all cores. One JSON line a row.

    python tests/reference/bench_diffusers.py [ROW ...] [--threads N] [--repeat K] [--contiguous] [--bf16 | --f16] [--device cuda]

Rows: if-i-m (forward, 64 px, batch 2), if-i-m-20 (20 guided steps of it), if-ii-m (forward, 256 px, batch 1), built-in
(20 guided steps), or a model's folder (a forward of batch 2). To hold it to AVX2: ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2.
"""

import argparse
import json
import os
import pathlib
import resource
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

ROWS = ["if-i-m", "if-i-m-20", "if-ii-m", "built-in"]


def if_ii_m():
    from make_if_i_m import CROSS, UNET

    down, up = "ResnetDownsampleBlock2D", "ResnetUpsampleBlock2D"
    return {
        **UNET,
        "sample_size": 256,
        "in_channels": 6,
        "block_out_channels": (128, 256, 512, 768, 768),
        "layers_per_block": [2, 2, 3, 3, 3],
        "down_block_types": (down,) * 3 + (CROSS,) * 2,
        "up_block_types": ("SimpleCrossAttnUpBlock2D",) * 2 + (up,) * 3,
        "class_embed_type": "timestep",
        "time_embedding_dim": 768,
        "time_embedding_act_fn": "gelu",
        "resnet_skip_time_act": True,
        "resnet_out_scale_factor": 2**0.5,
        "mid_block_scale_factor": 2**0.5,
    }


def network(row):
    from diffusers import UNet2DConditionModel

    if row.startswith("if-i-m"):
        from make_if_i_m import UNET

        return UNet2DConditionModel(**UNET).eval()
    if row == "if-ii-m":
        return UNet2DConditionModel(**if_ii_m()).eval()
    import models
    from networks import load_unet

    return load_unet(models.BUILT_IN if row == "built-in" else pathlib.Path(row))


def wait(torch):
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def forward(torch, unet, batch, dtype, step):
    size, channels = unet.config.sample_size, unet.config.in_channels
    place = {"dtype": dtype, "device": unet.device}
    x = torch.randn([batch, channels, size, size], **place)
    text = torch.randn([batch, 77, unet.config.encoder_hid_dim], **place)
    labels = torch.full([batch], 250, device=unet.device) if unet.config.class_embed_type == "timestep" else None
    wait(torch)
    start = time.perf_counter()
    unet(x, torch.tensor(900 - step, device=unet.device), text, class_labels=labels)
    wait(torch)
    return time.perf_counter() - start


def guided(torch, unet, pipe):
    text = torch.randn([1, 77, unet.config.encoder_hid_dim], dtype=unet.dtype, device=unet.device)
    wait(torch)
    start = time.perf_counter()
    pipe(
        prompt_embeds=text,
        negative_prompt_embeds=0 * text,
        num_inference_steps=20,
        guidance_scale=7.0,
        output_type="pt",
    )
    wait(torch)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", default=ROWS)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--repeat", type=int, default=5, help="timed, after one that is not")
    parser.add_argument("--contiguous", action="store_true", help="PyTorch's default layout")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--f16", action="store_true")
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(given.threads)
    import torch

    torch.set_num_threads(given.threads)
    torch.set_grad_enabled(False)
    torch.manual_seed(180)
    dtype = torch.bfloat16 if given.bf16 else torch.float16 if given.f16 else torch.float32
    for row in given.rows:
        unet = network(row).to(given.device, dtype)
        if not given.contiguous:
            unet = unet.to(memory_format=torch.channels_last)
        if row in ("built-in", "if-i-m-20"):
            import models
            from diffusers import DDPMScheduler, IFPipeline

            scheduler = DDPMScheduler.from_pretrained(models.BUILT_IN, subfolder="scheduler")
            if row == "if-i-m-20":
                scheduler = DDPMScheduler.from_config(scheduler.config, prediction_type="epsilon")
            pipe = IFPipeline(None, None, unet, scheduler, None, None, None, requires_safety_checker=False)
            pipe.set_progress_bar_config(disable=True)
            seconds = [guided(torch, unet, pipe) for _ in range(given.repeat + 1)][1:]
        else:
            batch = 1 if unet.config.in_channels == 6 else 2
            seconds = [forward(torch, unet, batch, dtype, step) for step in range(given.repeat + 1)][1:]
        seconds.sort()
        result = {
            "row": row,
            "seconds_median": round(seconds[len(seconds) // 2], 4),
            "seconds_least": round(seconds[0], 4),
            "runs": len(seconds),
            "device": given.device,
            "threads": given.threads,
            "dtype": str(dtype).removeprefix("torch."),
            "channels_last": not given.contiguous,
            "parameters": sum(p.numel() for p in unet.parameters()),
            "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "torch": torch.__version__,
        }
        print(json.dumps(result), flush=True)
        del unet


if __name__ == "__main__":
    main()
