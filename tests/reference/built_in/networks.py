"""The two UNets, of DeepFloyd IF's block types, as small as a laptop's processor wants them.

Stage I makes 64 px pictures: 8.9 M parameters. Stage II takes them to 256 px: it reads x_t and the enlarged, noised picture
(six channels) and the noise level as a class, as IF-II does: 3.4 M parameters. Both give six channels: v and the variance's place in its range.
"""

from diffusers import UNet2DConditionModel

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
        "block_out_channels": (32, 64, 128, 192),
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
ATTENTION_LEVELS = 2


def unet(stage):
    """A fresh UNet: attention to text and picture on the two lowest levels."""
    levels = len(STAGES[stage]["block_out_channels"])
    plain = levels - ATTENTION_LEVELS
    return UNet2DConditionModel(
        **SHARED,
        **STAGES[stage],
        down_block_types=("ResnetDownsampleBlock2D",) * plain + ("SimpleCrossAttnDownBlock2D",) * ATTENTION_LEVELS,
        up_block_types=("SimpleCrossAttnUpBlock2D",) * ATTENTION_LEVELS + ("ResnetUpsampleBlock2D",) * plain,
    )
