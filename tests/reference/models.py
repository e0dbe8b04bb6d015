"""models/: small random cascades in the folder layouts that IF, diffusers and transformers write.

Weights are random but not default: norms, biases and the relative attention bias are all away from 1 and 0, so that
leaving one out shows, and outputs are of order 1.
"""

import json
import pathlib
import shutil

import torch
from diffusers import DDPMScheduler, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import T5Config, T5EncoderModel

BUILT_IN = pathlib.Path(__file__).resolve().parents[2] / "assets" / "built-in"

PLAIN, CROSS = "ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"
UNET = {
    "in_channels": 3,
    "out_channels": 6,
    "mid_block_type": "UNetMidBlock2DSimpleCrossAttn",
    "act_fn": "gelu",
    "addition_embed_type": "text",
    "cross_attention_norm": "group_norm",
    "resnet_time_scale_shift": "scale_shift",
    "encoder_hid_dim_type": "text_proj",
}
STAGE_2 = {
    "in_channels": 6,
    "class_embed_type": "timestep",
    "time_embedding_act_fn": "gelu",
    "resnet_skip_time_act": True,
    "resnet_out_scale_factor": 1.4142271248762552,
    "mid_block_scale_factor": 1.4142271248762552,
}
SCHEDULER = {
    "beta_schedule": "squaredcos_cap_v2",
    "prediction_type": "epsilon",
    "variance_type": "learned_range",
    "thresholding": True,
    "dynamic_thresholding_ratio": 0.95,
    "sample_max_value": 1.5,
}
ENCODER = {
    "vocab_size": 647,
    "d_model": 32,
    "d_kv": 16,
    "d_ff": 96,
    "num_layers": 2,
    "num_heads": 4,
    "feed_forward_proj": "gated-gelu",
    "tie_word_embeddings": False,
    "dropout_rate": 0.0,
}

# name: (seed, unet, scheduler, text encoder). `down` lists the levels; `output` scales the last convolution.
CASCADES = {
    "narrow": (
        101,
        {
            "sample_size": 12,
            "block_out_channels": (8, 16, 24),
            "down": (PLAIN, CROSS, PLAIN),
            "layers_per_block": [1, 2, 1],
            "attention_head_dim": 8,
            "cross_attention_dim": 32,
            "addition_embed_type_num_heads": 8,
            "norm_num_groups": 8,
        },
        {"prediction_type": "v_prediction"},
        {},
    ),
    "deep": (
        102,
        {
            "sample_size": 16,
            "block_out_channels": (16, 16, 32),
            "down": (PLAIN, CROSS, CROSS),
            "layers_per_block": 2,
            "attention_head_dim": [16, 8, 16],
            "cross_attention_dim": 64,
            "addition_embed_type_num_heads": 4,
            "norm_num_groups": 16,
            "output": 0.7,
            "resnet_skip_time_act": True,
            "time_embedding_act_fn": "gelu",
            "resnet_out_scale_factor": 1.3,
            "mid_block_scale_factor": 1.5,
        },
        {},
        {"d_model": 48, "vocab_size": 768, "num_layers": 1, "num_heads": 2, "d_kv": 24},
    ),
    "sharded": (
        103,
        {
            "sample_size": 16,
            "out_channels": 3,
            "output": 0.2,
            "block_out_channels": (32, 32),
            "down": (CROSS, CROSS),
            "layers_per_block": 1,
            "attention_head_dim": 16,
            "cross_attention_dim": 96,
            "time_embedding_dim": 64,
            "addition_embed_type_num_heads": 6,
            "norm_num_groups": 32,
        },
        {"prediction_type": "sample", "variance_type": "fixed_small"},
        {"d_model": 48, "d_kv": 12},
    ),
    "pickled": (
        104,
        {
            "sample_size": 16,
            "block_out_channels": (12, 24),
            "down": (PLAIN, CROSS),
            "layers_per_block": [2, 1],
            "attention_head_dim": 12,
            "cross_attention_dim": 32,
            "addition_embed_type_num_heads": 2,
            "norm_num_groups": 6,
            "norm_eps": 1e-4,
            "only_cross_attention": True,
            "time_embedding_dim": 64,
        },
        {"prediction_type": "v_prediction"},
        {"num_layers": 1, "relative_attention_num_buckets": 16, "relative_attention_max_distance": 40},
    ),
    "narrow/stage-2": (
        105,
        {
            **STAGE_2,
            "sample_size": 48,
            "block_out_channels": (8, 8, 16),
            "down": (PLAIN, PLAIN, CROSS),
            "layers_per_block": [1, 1, 2],
            "attention_head_dim": 8,
            "cross_attention_dim": 32,
            "addition_embed_type_num_heads": 4,
            "norm_num_groups": 4,
            "time_embedding_dim": 48,
            "only_cross_attention": [False, False, True],
        },
        {"sample_max_value": 1.0},
        None,
    ),
}
GAINS = {
    "SelfAttention.q": 0.6,
    "SelfAttention.k": 0.6,
    "encoder.": 1.2,
    "time_emb_proj": 0.2,
    "add_embedding": 0.7,
    "to_out": 0.4,
    "conv1": 0.6,
    "conv2": 0.3,
    "conv_in": 3.0,
}
STAGE_1 = [name for name in CASCADES if "/" not in name]


def gain(name):
    """How far a matrix is from keeping the size of what it gets.

    Low enough that rounding does not grow along a loop of 20 guided steps: with all at 1 it grows a millionfold.
    """
    for part, value in GAINS.items():
        if part in name:
            return value
    return 1.0


def randomise(module, g):
    """Replaces every parameter, in the order of their names."""
    for name, p in sorted(module.named_parameters()):
        noise = torch.randn(p.shape, generator=g)
        if name.endswith("relative_attention_bias.weight"):
            p.data = noise
        elif name.endswith("shared.weight") or name.endswith("positional_embedding"):
            p.data = noise if "shared" in name else 0.3 * noise
        elif p.dim() == 1:
            p.data = (1 if name.endswith("weight") else 0) + 0.2 * noise
        else:
            p.data = gain(name) * noise / p[0].numel() ** 0.5
    return module


def unet(config, g):
    config = dict(config)
    down, size = config.pop("down"), config.pop("output", 0.4)
    up = tuple(d.replace("Downsample", "Upsample").replace("Down", "Up") for d in reversed(down))
    network = randomise(UNet2DConditionModel(**{**UNET, **config, "down_block_types": down, "up_block_types": up}), g)
    # The variance channels stay within about [-1, 1], as those of a trained network do.
    network.conv_out.weight.data[:3] *= size
    network.conv_out.weight.data[3:] *= 0.3
    return network.eval()


def encoder(config, g):
    return randomise(T5EncoderModel(T5Config(**{**ENCODER, **config})), g).eval()


def cascade(name):
    """UNet, encoder (or none) and scheduler of a name, before they are written."""
    seed, u, s, e = CASCADES[name]
    g = torch.Generator().manual_seed(seed)
    width = (e or {}).get("d_model", ENCODER["d_model"])
    network = unet({"encoder_hid_dim": width, **u}, g)
    return network, None if e is None else encoder(e, g), DDPMScheduler(**{**SCHEDULER, **s})


def half(state, keep=()):
    return {k: v if any(part in k for part in keep) else v.half() for k, v in state.items()}


def distinct(module):
    """The state without second names of one tensor, as transformers writes it."""
    return {k: v.contiguous() for k, v in module.state_dict().items() if k != "encoder.embed_tokens.weight"}


def write(folder, name, network, text, scheduler):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    components = {
        "unet": ["diffusers", "UNet2DConditionModel"],
        "scheduler": ["diffusers", "DDPMScheduler"],
        "text_encoder": ["transformers", "T5EncoderModel"] if text else [None, None],
        "tokenizer": ["transformers", "T5Tokenizer"] if text else [None, None],
        "safety_checker": [None, None],
        "feature_extractor": [None, None],
        "watermarker": [None, None],
    }
    if name.endswith("stage-2"):
        components["image_noising_scheduler"] = ["diffusers", "DDPMScheduler"]
        DDPMScheduler(beta_schedule="squaredcos_cap_v2").save_pretrained(folder / "image_noising_scheduler")
    kind = "IFSuperResolutionPipeline" if name.endswith("stage-2") else "IFPipeline"
    index = {"_class_name": kind, "_diffusers_version": "0.42.1", "requires_safety_checker": False, **components}
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")
    scheduler.save_pretrained(folder / "scheduler")
    if text:
        (folder / "tokenizer").mkdir()
        shutil.copyfile(BUILT_IN / "tokenizer" / "spiece.model", folder / "tokenizer" / "spiece.model")
        config = json.loads((BUILT_IN / "tokenizer" / "tokenizer_config.json").read_text())
        config["extra_ids"] = 100 if name == "deep" else 0
        (folder / "tokenizer" / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")
    if name == "deep":
        # As the hub's fp16 variant: everything in f16 but the encoder's `wo`, which stays f32.
        network.save_config(folder / "unet")
        save_file(half(network.state_dict()), folder / "unet" / "diffusion_pytorch_model.fp16.safetensors", {"format": "pt"})
        text.config.save_pretrained(folder / "text_encoder")
        state = half(distinct(text), keep=[".wo."])
        save_file(state, folder / "text_encoder" / "model.fp16.safetensors", {"format": "pt"})
    elif name == "pickled":
        network.save_config(folder / "unet")
        torch.save(network.state_dict(), folder / "unet" / "diffusion_pytorch_model.bin")
        text.config.save_pretrained(folder / "text_encoder")
        torch.save(dict(text.state_dict()), folder / "text_encoder" / "pytorch_model.bin")
    else:
        network.save_pretrained(folder / "unet", max_shard_size="600KB" if name == "sharded" else "10GB")
        if text:
            text.save_pretrained(folder / "text_encoder", max_shard_size="150KB" if name == "sharded" else "10GB")


def make(out):
    for name in CASCADES:
        write(out / "models" / name, name, *cascade(name))
