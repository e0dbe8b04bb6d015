"""Writes a random IFPipeline folder whose UNet has IF-I-M's true size: for timings and memory, never for pictures.

    python tests/reference/make_if_i_m.py FOLDER [--seed 180]

The UNet is 1.49 GB in f32. The text encoder has T5 XXL's width (4096) but one layer, and the built-in tokenizer.
"""

import argparse
import json
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

CROSS = "SimpleCrossAttnDownBlock2D"
UNET = {
    "sample_size": 64,
    "in_channels": 3,
    "out_channels": 6,
    "block_out_channels": (192, 384, 576, 768),
    "layers_per_block": 3,
    "attention_head_dim": 64,
    "cross_attention_dim": 768,
    "cross_attention_norm": "group_norm",
    "encoder_hid_dim": 4096,
    "encoder_hid_dim_type": "text_proj",
    "addition_embed_type": "text",
    "addition_embed_type_num_heads": 64,
    "act_fn": "gelu",
    "resnet_time_scale_shift": "scale_shift",
    "down_block_types": ("ResnetDownsampleBlock2D", CROSS, CROSS, CROSS),
    "mid_block_type": "UNetMidBlock2DSimpleCrossAttn",
    "up_block_types": ("SimpleCrossAttnUpBlock2D",) * 3 + ("ResnetUpsampleBlock2D",),
}
PARAMETERS = 371_605_830
ENCODER = {"d_model": 4096, "d_kv": 64, "num_heads": 64, "d_ff": 64, "num_layers": 1}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="a new folder outside the repository")
    parser.add_argument("--seed", type=int, default=180)
    given = parser.parse_args()
    folder = given.folder.resolve()
    if folder.is_relative_to(HERE.parents[1]):
        parser.error("choose a folder outside the repository")
    if folder.exists():
        parser.error(f"{given.folder} is there already")
    import torch
    from diffusers import DDPMScheduler, UNet2DConditionModel
    from transformers import T5Config, T5EncoderModel

    import models

    torch.manual_seed(given.seed)
    unet = UNet2DConditionModel(**UNET)
    count = sum(p.numel() for p in unet.parameters())
    assert count == PARAMETERS, count
    text = T5EncoderModel(T5Config(**{**models.ENCODER, **ENCODER}))
    models.write(folder, folder.name, unet, text, DDPMScheduler(**models.SCHEDULER))
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    print(json.dumps({"parameters": count, "bytes": size}))


if __name__ == "__main__":
    main()
