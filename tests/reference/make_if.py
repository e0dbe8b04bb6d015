"""Writes random UNets of DeepFloyd IF's true sizes, in halves: for timings and memory, never for pictures. Needs Python
alone.

    python tests/reference/make_if.py FOLDER [--size m|l|xl]

FOLDER/stage-1 (0.74, 1.87 or 8.6 GB) and FOLDER/stage-2 (0.92 GB, or L's 2.5 GB) have no text encoder: sample with
`--embeddings` of width 4096, as make_t5_xxl.py's encoder gives them.
"""

import argparse
import json
import pathlib
import shutil

from make_t5_xxl import Noise, count, write_safetensors

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXT = 4096
DOWN, ATTENDED_DOWN = "ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"
UP, ATTENDED_UP = "ResnetUpsampleBlock2D", "SimpleCrossAttnUpBlock2D"

BOTH = {
    "_class_name": "UNet2DConditionModel", "out_channels": 6, "attention_head_dim": 64,
    "cross_attention_norm": "group_norm", "encoder_hid_dim": TEXT, "encoder_hid_dim_type": "text_proj",
    "addition_embed_type": "text", "addition_embed_type_num_heads": 64, "act_fn": "gelu", "norm_num_groups": 32,
    "norm_eps": 1e-5, "resnet_time_scale_shift": "scale_shift", "mid_block_type": "UNetMidBlock2DSimpleCrossAttn",
    "flip_sin_to_cos": True, "freq_shift": 0,
}
STAGE_1 = BOTH | {
    "sample_size": 64, "in_channels": 3, "layers_per_block": 3,
    "down_block_types": [DOWN] + [ATTENDED_DOWN] * 3, "up_block_types": [ATTENDED_UP] * 3 + [UP],
}
STAGE_2 = BOTH | {
    "sample_size": 256, "in_channels": 6, "down_block_types": [DOWN] * 3 + [ATTENDED_DOWN] * 2,
    "up_block_types": [ATTENDED_UP] * 2 + [UP] * 3, "class_embed_type": "timestep", "time_embedding_act_fn": "gelu", "resnet_skip_time_act": True, "resnet_out_scale_factor": 1.4142271248762552,
    "mid_block_scale_factor": 1.4142271248762552,
}
# Channels, then parameters and tensors as published.
ONE = {
    "m": ([192, 384, 576, 768], (371_605_830, 775)),
    "l": ([320, 640, 960, 1280], (935_365_830, 775)),
    "xl": ([704, 1408, 2112, 2816], (4_304_695_110, 775)),
}
TWO = {
    "m": ([128, 256, 512, 768, 768], (461_064_198, 721), {"layers_per_block": [2, 2, 3, 3, 3]}),
    "l": (
        [192, 384, 768, 1152, 1152], (1_242_987_270, 845),
        {"layers_per_block": [2, 2, 3, 5, 5], "only_cross_attention": True},
    ),
}


def tensors(config):
    """Name and shape of every tensor, as diffusers names them."""
    widths, cross = config["block_out_channels"], config["cross_attention_dim"]
    layers = config["layers_per_block"]
    layers = layers if isinstance(layers, list) else [layers] * len(widths)
    first, wide = widths[0], config.get("time_embedding_dim") or 4 * widths[0]

    def map_of(name, *shape):
        yield f"{name}.weight", shape
        yield f"{name}.bias", shape[:1]

    def resnet(at, before, after):
        yield from map_of(f"{at}.norm1", before)
        yield from map_of(f"{at}.conv1", after, before, 3, 3)
        yield from map_of(f"{at}.time_emb_proj", 2 * after, wide)
        yield from map_of(f"{at}.norm2", after)
        yield from map_of(f"{at}.conv2", after, after, 3, 3)
        if before != after:
            yield from map_of(f"{at}.conv_shortcut", after, before, 1, 1)

    def attention(at, width):
        yield from map_of(f"{at}.group_norm", width)
        yield from map_of(f"{at}.norm_cross", cross)
        inner = ("to_q",) if config.get("only_cross_attention") else ("to_q", "to_k", "to_v")
        for name in (*inner, "to_out.0"):
            yield from map_of(f"{at}.{name}", width, width)
        for name in ("add_k_proj", "add_v_proj"):
            yield from map_of(f"{at}.{name}", width, cross)

    yield from map_of("conv_in", first, config["in_channels"], 3, 3)
    for name in ["time_embedding"] + ["class_embedding"] * ("class_embed_type" in config):
        yield from map_of(f"{name}.linear_1", wide, first)
        yield from map_of(f"{name}.linear_2", wide, wide)
    yield from map_of("encoder_hid_proj", cross, TEXT)
    yield from map_of("add_embedding.norm1", TEXT)
    yield "add_embedding.pool.positional_embedding", (1, TEXT)
    for name in ("k_proj", "q_proj", "v_proj"):
        yield from map_of(f"add_embedding.pool.{name}", TEXT, TEXT)
    yield from map_of("add_embedding.proj", wide, TEXT)
    yield from map_of("add_embedding.norm2", wide)
    skips, width = [first], first
    for level, after in enumerate(widths):
        at, attends = f"down_blocks.{level}", config["down_block_types"][level] == ATTENDED_DOWN
        for number in range(layers[level]):
            yield from resnet(f"{at}.resnets.{number}", width, after)
            if attends:
                yield from attention(f"{at}.attentions.{number}", after)
            width = after
            skips.append(width)
        if level + 1 < len(widths):
            yield from resnet(f"{at}.downsamplers.0", width, width)
            skips.append(width)
    for number in range(2):
        yield from resnet(f"mid_block.resnets.{number}", width, width)
    yield from attention("mid_block.attentions.0", width)
    for level, after in enumerate(reversed(widths)):
        at, attends = f"up_blocks.{level}", config["up_block_types"][level] == ATTENDED_UP
        for number in range(layers[-1 - level] + 1):
            yield from resnet(f"{at}.resnets.{number}", width + skips.pop(), after)
            if attends:
                yield from attention(f"{at}.attentions.{number}", after)
            width = after
        if level + 1 < len(widths):
            yield from resnet(f"{at}.upsamplers.0", width, width)
    assert not skips
    yield from map_of("conv_norm_out", first)
    yield from map_of("conv_out", config["out_channels"], first, 3, 3)


def spread(name, shape):
    """1/√fan-in for matrices, one for norms (`None`), little for biases."""
    if len(shape) == 1:
        return None if name.endswith("weight") else 1 / 64
    return count(shape[1:]) ** -0.5


def write(folder, name, config, known, pipeline, noise):
    stage = folder / name
    (stage / "unet").mkdir(parents=True)
    chosen = [(tensor, shape, spread(tensor, shape), "e") for tensor, shape in tensors(config)]
    parameters = sum(count(shape) for _, shape, _, _ in chosen)
    assert (parameters, len(chosen)) == known, (name, parameters, len(chosen))
    write_safetensors(stage / "unet/diffusion_pytorch_model.fp16.safetensors", chosen, noise)
    (stage / "unet/config.json").write_text(json.dumps(config, indent=2))
    (stage / "model_index.json").write_text(json.dumps({"_class_name": pipeline}))
    shutil.copytree(ROOT / "assets/built-in/scheduler", stage / "scheduler")
    if name == "stage-2":
        shutil.copytree(ROOT / "assets/built-in/scheduler", stage / "image_noising_scheduler")
    return parameters


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="a new folder outside the repository")
    parser.add_argument("--size", choices=ONE, default="m", help="stage II comes in m and l")
    given = parser.parse_args()
    noise = Noise(180)
    channels, known = ONE[given.size]
    config = STAGE_1 | {"block_out_channels": channels, "cross_attention_dim": channels[-1]}
    one = write(given.folder, "stage-1", config, known, "IFPipeline", noise)
    channels, known, more = TWO["m" if given.size == "m" else "l"]
    config = STAGE_2 | more | {
        "block_out_channels": channels, "cross_attention_dim": channels[-1], "time_embedding_dim": channels[-1],
    }
    two = write(given.folder, "stage-2", config, known, "IFSuperResolutionPipeline", noise)
    print(json.dumps({"parameters": [one, two]}))


if __name__ == "__main__":
    main()
