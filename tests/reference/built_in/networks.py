"""The two UNets, of DeepFloyd IF's block types, as small as a laptop's processor wants them.

Stage I makes 64 px pictures: 11.7 M parameters. Its inner three levels are first trained alone, as a 16 px model, then put inside
a new outer level (`started`), as a 32 px model, and that into another. Stage II takes them to 256 px: it reads x_t and the enlarged, noised picture (six channels) and the
noise level as a class, as IF-II does: 3.4 M parameters. Both give six channels: v and the variance's place in its range.
"""

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.embeddings import Timesteps

from objective import scheduler

TEXT_WIDTH = 256
SHARED = {
    "out_channels": 6,
    "mid_block_type": "UNetMidBlock2DSimpleCrossAttn",
    "layers_per_block": 1,
    "act_fn": "gelu",
    "attention_head_dim": 32,
    "cross_attention_dim": 128,
    "encoder_hid_dim": TEXT_WIDTH,
    "encoder_hid_dim_type": "text_proj",
    "addition_embed_type": "text",
    "addition_embed_type_num_heads": 4,
    "norm_num_groups": 8,
    "resnet_time_scale_shift": "scale_shift",
    "time_embedding_act_fn": "gelu",
    "cross_attention_norm": "group_norm",
    "resnet_skip_time_act": True,
}
STAGES = {
    1: {
        "sample_size": 64,
        "in_channels": 3,
        "block_out_channels": (32, 64, 96, 160, 192),
        "time_embedding_dim": 192,
        "resnet_out_scale_factor": 1.414,
        "mid_block_scale_factor": 1.414,
    },
    2: {
        "sample_size": 256,
        "in_channels": 6,
        "class_embed_type": "timestep",
        "block_out_channels": (16, 32, 64, 96, 96),
        "time_embedding_dim": 96,
        # As in IF-II-L: trained on crops, a pixel would not know the 1024 others of the full picture.
        "only_cross_attention": True,
        "resnet_out_scale_factor": 1.4142271248762552,
        "mid_block_scale_factor": 1.4142271248762552,
    },
}
# The lowest two levels attend to text and picture: in stage I 8 and 4 px. With 16 px too a picture costs a fifth more to train.
ATTENTION_LEVELS = 2


def unet(stage, size=None):
    """A fresh UNet for pictures of `size` pixels; stage I of half or a quarter of its size is its inner levels."""
    made = dict(STAGES[stage])
    while stage == 1 and size is not None and size < made["sample_size"]:
        made |= {"sample_size": made["sample_size"] // 2, "block_out_channels": made["block_out_channels"][1:]}
    plain = len(made["block_out_channels"]) - ATTENTION_LEVELS
    return UNet2DConditionModel(
        **SHARED,
        **made,
        down_block_types=("ResnetDownsampleBlock2D",) * plain + ("SimpleCrossAttnDownBlock2D",) * ATTENTION_LEVELS,
        up_block_types=("SimpleCrossAttnUpBlock2D",) * ATTENTION_LEVELS + ("ResnetUpsampleBlock2D",) * plain,
    )


def frequencies(count, timesteps=None):
    """[1000, count]: what `time_proj` tells of every timestep, or of those given."""
    return Timesteps(count, True, 0)(torch.arange(1000) if timesteps is None else timesteps)


def as_clear_at_half_size():
    """[1000]: the timestep at which a picture of half the size is as clear. The mean of 2x2 pixels has a quarter of their noise's
    variance (Hoogeboom et al. 2023, "simple diffusion", section 2.1)."""
    product = scheduler(1).alphas_cumprod.double()
    clearness = product / (1 - product)
    return 999 - torch.searchsorted(clearness.flip(0), 4 * clearness).clamp(max=999)


def started(network, small):
    """`network` [stage I] with `small`'s weights: all of them, or those of a model of half the size within a new outer level.

    The new level is narrower and begins as good as not there: it hands on the strongest directions of what the small model's
    first convolution saw, and its residual branches are zero. What the small model knows of words is kept; how to see and to
    paint 64 px is learned anew, in some thousand steps.
    """
    known, fresh = small.state_dict(), network.state_dict()
    levels, inner = len(network.config.block_out_channels), len(small.config.block_out_channels)
    if levels == inner:
        network.load_state_dict(known)
        return network
    assert levels == inner + 1, f"{inner} levels do not fit into {levels}"
    for name, value in known.items():
        part, _, rest = name.partition(".")
        if part == "down_blocks":
            level, _, rest = rest.partition(".")
            name = f"{part}.{int(level) + 1}.{rest}"
        if fresh[name].shape == value.shape:
            fresh[name] = value
    new = ("down_blocks.0.", f"up_blocks.{inner - 1}.upsamplers.", f"up_blocks.{inner}.")
    for name in fresh:
        if name.startswith(new) and ".conv2." in name:
            fresh[name].zero_()
    narrow, wide = network.config.block_out_channels[:2]
    # Time is told in as many sines as the first level is wide: the same function of it in the new sines, by least squares.
    layer = "time_embedding.linear_1"
    ones = torch.ones(1000, 1)
    said = frequencies(wide, as_clear_at_half_size()) @ known[f"{layer}.weight"].T + known[f"{layer}.bias"]
    found = torch.linalg.lstsq(torch.cat([frequencies(narrow), ones], 1), said).solution
    fresh[f"{layer}.weight"], fresh[f"{layer}.bias"] = found[:-1].T, found[-1]
    first, bias = known["conv_in.weight"], known["conv_in.bias"]
    seen = torch.linalg.svd(first.flatten(1))[0][:, :narrow]  # [wide, narrow], orthonormal columns
    project = lambda weight: torch.einsum("oihw,in->onhw", weight, seen)
    scale = network.config.resnet_out_scale_factor**2  # of the new level's two blocks, undone
    fresh["conv_in.weight"] = scale * torch.einsum("wn,wchk->nchk", seen, first)
    fresh["conv_in.bias"] = scale * seen.T @ bias
    entry, skip = "down_blocks.1.resnets.0", f"up_blocks.{inner - 1}.resnets.1"
    fresh[f"{entry}.conv1.weight"] = project(known["down_blocks.0.resnets.0.conv1.weight"])
    fresh[f"{entry}.conv_shortcut.weight"] = seen[:, :, None, None]
    fresh[f"{entry}.conv_shortcut.bias"] = bias - seen @ (seen.T @ bias)
    for part in ("conv1", "conv_shortcut"):
        weight = known[f"{skip}.{part}.weight"]
        fresh[f"{skip}.{part}.weight"] = torch.cat([weight[:, :wide], project(weight[:, wide:])], 1)
    for part in ("weight", "bias"):
        norm = known[f"{skip}.norm1.{part}"]
        fresh[f"{skip}.norm1.{part}"] = norm[: wide + narrow]
    network.load_state_dict(fresh)
    return network
