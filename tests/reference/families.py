"""families.safetensors, families.json, clip-tokens.json, ldm-names.json, models/{ddpm,clip-1,clip-2}: the networks of the
open families.

Their weights are not kept: each tensor is drawn anew from one generator in the order of the names, which the Rust tests
do too (`torch.randn` is theirs to the bit). families.json holds what is needed for that: configs, names, shapes.
"""

import json
import shutil

import torch
from diffusers import AutoencoderKL, AutoencoderTiny, UNet2DConditionModel, UNet2DModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

import prompts

# How much smaller than its input what a matrix makes is. The first maps are small, so that an epsilon shows.
GAINS = {"conv_in": 0.03, "down_blocks.0.resnets.0.conv": 0.05, "embedding": 0.3}


def gain(name):
    return next((value for part, value in GAINS.items() if part in name), 1.0)


def drawn(shapes, seed):
    """The state of a network with these names and shapes."""
    g = torch.Generator().manual_seed(seed)
    state = {}
    for name, shape in shapes:
        noise = torch.randn(shape, generator=g)
        if len(shape) == 1:
            state[name] = 0.2 * gain(name) * noise + (1.0 if name.endswith("weight") else 0.0)
        else:
            state[name] = gain(name) / noise[0].numel() ** 0.5 * noise
    return state


class Cases:
    """What is written: tensors, and the recipe of every network."""

    def __init__(self):
        self.tensors, self.networks = {}, {}

    def network(self, name, module, seed, config=None):
        """Gives `module` its weights and notes how they are drawn."""
        state = module.state_dict()
        shapes = [(key, list(value.shape)) for key, value in sorted(state.items()) if "position_ids" not in key]
        config = config or {key: value for key, value in dict(module.config).items() if not key.startswith("_") or key == "_class_name"}
        self.networks[name] = {"seed": seed, "config": {**config, "_class_name": type(module).__name__}, "tensors": shapes}
        module.load_state_dict(drawn(shapes, seed), strict=False)
        return module.eval()

    def keep(self, name, **tensors):
        for key, value in tensors.items():
            self.tensors[f"{name}.{key}"] = torch.as_tensor(value).clone().contiguous()

    def write(self, out):
        save_file(dict(sorted(self.tensors.items())), out / "families.safetensors")
        lines = ",\n".join(f"{json.dumps(name)}:{json.dumps(network, separators=(',', ':'))}" for name, network in self.networks.items())
        (out / "families.json").write_text("{" + lines + "}\n")


def noise(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


# ---- UNet2DModel

DDPM = {
    "sample_size": 16,
    "block_out_channels": (32, 32, 64),
    "down_block_types": ("DownBlock2D", "AttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
    "layers_per_block": 2,
    "norm_num_groups": 8,
    "norm_eps": 1e-6,
    "downsample_padding": 0,
    "attention_head_dim": None,
    "freq_shift": 1,
    "flip_sin_to_cos": False,
}
CONSISTENCY = {
    "sample_size": 16,
    "block_out_channels": (32, 64, 64),
    "down_block_types": ("ResnetDownsampleBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
    "up_block_types": ("AttnUpBlock2D", "AttnUpBlock2D", "ResnetUpsampleBlock2D"),
    "downsample_type": "resnet",
    "upsample_type": "resnet",
    "resnet_time_scale_shift": "scale_shift",
    "layers_per_block": 1,
    "norm_num_groups": 16,
    "attn_norm_num_groups": 32,
    "attention_head_dim": 16,
    "num_class_embeds": 10,
}


def unet_2d(cases):
    def run(name, module, labels=None, wrong=False):
        for case, h, w, at in [("square", 16, 16, 500.0), ("wide", 8, 24, 1095.5)]:
            x = noise(h * w, 2, module.config.in_channels, h, w)
            given = {} if labels is None else {"class_labels": torch.tensor(labels)}
            y = module(x, torch.tensor(at), **given).sample
            if wrong:
                cases.keep(f"{name}.{case}", **{wrong: y})
            else:
                cases.keep(f"{name}.{case}", sample=x, timestep=at, output=y)

    def wrong(name, module, what, labels=None, **changes):
        other = UNet2DModel(**{**module.config, **changes}).eval()
        other.load_state_dict(module.state_dict())
        run(name, other, labels, f"wrong.{what}")

    ddpm = cases.network("ddpm", UNet2DModel(**DDPM), 201)
    run("ddpm", ddpm)
    wrong("ddpm", ddpm, "padded_all_around", downsample_padding=1)
    wrong("ddpm", ddpm, "norm_eps", norm_eps=1e-5)
    wrong("ddpm", ddpm, "heads_of_8", attention_head_dim=8)
    wrong("ddpm", ddpm, "freq_shift_0", freq_shift=0)
    wrong("ddpm", ddpm, "cosine_first", flip_sin_to_cos=True)

    labels = [3, 7]
    consistency = cases.network("consistency", UNet2DModel(**CONSISTENCY), 202)
    run("consistency", consistency, labels)
    run("consistency", consistency, [7, 3], "wrong.other_classes")
    wrong("consistency", consistency, "heads_for_width", labels, attention_head_dim=4)
    bare = UNet2DModel(**{**CONSISTENCY, "attn_norm_num_groups": None, "num_class_embeds": None, "time_embedding_dim": 48})
    run("consistency-without-norm", cases.network("consistency-without-norm", bare, 203))
    alone = UNet2DModel(**{**DDPM, "add_attention": False, "layers_per_block": 1, "downsample_padding": 1, "attention_head_dim": 8})
    run("plain", cases.network("plain", alone, 204))


def ddpm_folder(out):
    """As google's: everything at the root, a pickle, attention under its old names."""
    folder = out / "models" / "ddpm"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    config = {**DDPM, "sample_size": 8, "block_out_channels": (8, 16), "down_block_types": ("DownBlock2D", "AttnDownBlock2D")}
    config.update(up_block_types=("AttnUpBlock2D", "UpBlock2D"), norm_num_groups=4, layers_per_block=1)
    network = UNet2DModel(**config)
    shapes = [(key, list(value.shape)) for key, value in sorted(network.state_dict().items())]
    network.load_state_dict(drawn(shapes, 205))
    old = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    state = {}
    for key, value in network.state_dict().items():
        for new, name in old.items():
            key = key.replace(f".{new}.", f".{name}.")
        state[key] = value
    torch.save(state, folder / "diffusion_pytorch_model.bin")
    network.save_config(folder)
    index = {"_class_name": "DDPMPipeline", "_diffusers_version": "0.1.1", "scheduler": ["diffusers", "DDPMScheduler"], "unet": ["diffusers", "UNet2DModel"]}
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")
    scheduler = {"_class_name": "DDPMScheduler", "beta_end": 0.02, "beta_schedule": "linear", "beta_start": 0.0001, "clip_sample": True}
    scheduler.update(num_train_timesteps=1000, variance_type="fixed_small")
    (folder / "scheduler_config.json").write_text(json.dumps(scheduler, indent=2) + "\n")
    # Read back as a user reads it: diffusers renames.
    read = UNet2DModel.from_pretrained(folder, use_safetensors=False).eval()
    x = noise(64, 1, 3, 8, 8)
    return {"sample": x, "output": read(x, 321).sample}


# ---- Stable Diffusion

CROSS_DOWN, CROSS_UP = "CrossAttnDownBlock2D", "CrossAttnUpBlock2D"
CONDITIONAL = {
    "sample_size": 16,
    "block_out_channels": (32, 64, 64),
    "down_block_types": (CROSS_DOWN, CROSS_DOWN, "DownBlock2D"),
    "up_block_types": ("UpBlock2D", CROSS_UP, CROSS_UP),
    "layers_per_block": 1,
    "cross_attention_dim": 24,
    "attention_head_dim": 4,
    "norm_num_groups": 8,
}
VARIANTS = {
    "conditional-1": (211, {"layers_per_block": 2}),
    "conditional-2": (212, {"attention_head_dim": (2, 4, 8), "use_linear_projection": True}),
    "conditional-without-middle": (213, {"mid_block_type": None}),
    "conditional-lcm": (214, {"time_cond_proj_dim": 32}),
}


def guidance_embedding(w, dim):
    """LatentConsistencyModelPipeline.get_guidance_scale_embedding."""
    half = dim // 2
    step = torch.log(torch.tensor(10000.0)) / (half - 1)
    angles = torch.tensor([w * 1000.0])[:, None] * torch.exp(torch.arange(half, dtype=torch.float32) * -step)[None, :]
    return torch.cat([torch.sin(angles), torch.cos(angles)], dim=1)


def conditional(cases):
    text = noise(24, 2, 9, 24)
    cases.keep("conditional", encoder_hidden_states=text)
    for name, (seed, changes) in VARIANTS.items():
        config = {**CONDITIONAL, **changes}
        module = cases.network(name, UNet2DConditionModel(**config), seed)
        # (odd: levels of 18, 9, 5 by 14, 7, 4)
        for case, h, w, at in [("square", 16, 16, 999.0), ("odd", 18, 14, 250.5)]:
            x = noise(h * w, 2, 4, h, w)

            def run(module=module, w=7.5):
                cond = guidance_embedding(w, 32).repeat(2, 1) if module.config.time_cond_proj_dim else None
                return module(x, torch.tensor(at), text, timestep_cond=cond).sample

            cases.keep(f"{name}.{case}", sample=x, timestep=at, output=run())

            def wrong(what, change):
                other = UNet2DConditionModel(**config).eval()
                other.load_state_dict(module.state_dict())
                change(other)
                cases.keep(f"{name}.{case}", **{f"wrong.{what}": run(other)})

            if name == "conditional-1":

                def heads(other):
                    for block in other.modules():
                        if hasattr(block, "heads") and hasattr(block, "to_q"):
                            block.heads = block.inner_dim // 4

                def eps(other):
                    for key, norm in other.named_modules():
                        if key.endswith("norm") and isinstance(norm, torch.nn.GroupNorm):
                            norm.eps = 1e-5

                def gate(other):
                    for key, linear in other.named_modules():
                        if key.endswith("ff.net.0.proj"):
                            linear.weight.data = torch.cat(linear.weight.data.chunk(2)[::-1])
                            linear.bias.data = torch.cat(linear.bias.data.chunk(2)[::-1])

                def tanh(other):
                    for block in other.modules():
                        if type(block).__name__ == "GEGLU":
                            block.gelu = lambda x: torch.nn.functional.gelu(x, approximate="tanh")

                wrong("heads_for_width", heads)
                wrong("transformer_eps", eps)
                wrong("gate_first", gate)
                wrong("gelu_by_tanh", tanh)
            if name == "conditional-lcm":
                cases.keep(f"{name}.{case}", **{"wrong.guidance_not_less_1": run(w=8.5)})


def autoencoders(cases):
    config = {
        "block_out_channels": (32, 64, 64),
        "down_block_types": ("DownEncoderBlock2D",) * 3,
        "up_block_types": ("UpDecoderBlock2D",) * 3,
        "layers_per_block": 2,
        "norm_num_groups": 8,
        "sample_size": 64,
    }
    vae = cases.network("autoencoder-kl", AutoencoderKL(**config), 221)
    # Of order 1, and away from the bounds of the logarithm.
    pictures, latents = noise(5, 1, 3, 24, 40).clamp(-1, 1), noise(6, 2, 4, 9, 7)

    def run(vae):
        encoded = vae.encode(pictures).latent_dist
        factor = vae.config.scaling_factor
        return {"mean": encoded.mean * factor, "std": encoded.std * factor, "decoded": vae.decode(latents / factor).sample}

    cases.keep("autoencoder-kl", pictures=pictures, latents=latents, **run(vae))
    for key, norm in vae.named_modules():
        if isinstance(norm, torch.nn.GroupNorm):
            norm.eps = 1e-5
    wrong = run(vae)
    cases.keep("autoencoder-kl", **{"wrong.norm_eps.mean": wrong["mean"]})
    cases.keep("autoencoder-kl", **{"wrong.unscaled.decoded": vae.decode(latents).sample})

    tiny = cases.network("autoencoder-tiny", AutoencoderTiny(), 222)
    latents = 2 * noise(7, 1, 4, 6, 5)
    cases.keep("autoencoder-tiny", pictures=pictures, latents=latents, encoded=tiny.encode(pictures).latents)
    cases.keep("autoencoder-tiny", decoded=tiny.decode(latents).sample)
    cases.keep("autoencoder-tiny", **{"wrong.divided.decoded": tiny.decode(latents / 0.18215).sample})


# ---- CLIP

CLIP = {
    "vocab_size": 99,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "max_position_embeddings": 77,
    "bos_token_id": 97,
    "eos_token_id": 98,
}


def clip(cases):
    ids = torch.full([2, 77], 98)
    ids[:, 0] = 97
    ids[0, 1:8], ids[1, 1:76] = torch.arange(10, 17), torch.arange(1, 76)
    for number, (name, act) in enumerate([("clip-quick-gelu", "quick_gelu"), ("clip-gelu", "gelu")]):
        config = {**CLIP, "hidden_act": act, "model_type": "clip_text_model"}
        model = cases.network(name, CLIPTextModel(CLIPTextConfig(**{**CLIP, "hidden_act": act})), 231, config)
        hidden = model(ids).last_hidden_state
        cases.keep(name, input_ids=ids, last_hidden_state=hidden)
        padded = ids.clone()
        padded[0, 9:] = 0
        cases.keep(name, **{"wrong.padding": model(padded).last_hidden_state})
        cases.keep(name, **{"wrong.masked": model(ids, attention_mask=(torch.arange(77) < 9).long().repeat(2, 1)).last_hidden_state})


def byte_symbols():
    """The letters that stand for the 256 bytes in a byte-level vocabulary."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in kept]
    return [chr(byte) for byte in kept] + [chr(256 + number) for number in range(len(rest))]


def tokenizer_folder(folder, pad):
    """A vocabulary as CLIP's: bytes, bytes that end a word, merges of common words, the two special pieces."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    symbols = byte_symbols()
    vocab = symbols + [symbol + "</w>" for symbol in symbols]
    merges = []
    words = "a rocket ship high quality photo of an oil painting snowy mountain village man wearing hat people campfire the".split()
    spelled = lambda text: [symbols[symbols.index(letter)] for letter in text]
    for word in [*words, "don", "12", "'s", "!!", "caf"]:
        parts = spelled(word)
        parts[-1] += "</w>"
        while len(parts) > 1:
            if (parts[0], parts[1]) not in merges:
                merges.append((parts[0], parts[1]))
            parts = [parts[0] + parts[1]] + parts[2:]
    vocab += ["".join(pair) for pair in dict.fromkeys("".join(pair) for pair in merges)]
    vocab = list(dict.fromkeys(vocab)) + ["<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({piece: number for number, piece in enumerate(vocab)}, separators=(",", ":")) + "\n")
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    told = lambda content: {"content": content, "lstrip": False, "normalized": True, "rstrip": False, "single_word": False}
    special = {"bos_token": told("<|startoftext|>"), "eos_token": told("<|endoftext|>"), "pad_token": pad, "unk_token": told("<|endoftext|>")}
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=1) + "\n")
    config = {"add_prefix_space": False, "do_lower_case": True, "model_max_length": 77, "tokenizer_class": "CLIPTokenizer"}
    config.update({key: {**value, "__type": "AddedToken"} if isinstance(value, dict) else value for key, value in special.items()})
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")


STRANGE = ["<|endoftext|>", "a <|startoftext|> ship", "<|ENDOFTEXT|> ship", "a<|endoftext|>b", "hello! world!!", "!", "don't DON'T they'll 'S", "12 123 1a2", "a rocket ship " * 40]


def tokens(out):
    listed = []
    folders = {name: out / "models" / name for name in ["clip-1", "clip-2"]}
    tokenizer_folder(folders["clip-1"], "<|endoftext|>")
    tokenizer_folder(folders["clip-2"], "!")
    tokenizers = {name: CLIPTokenizer.from_pretrained(folder) for name, folder in folders.items()}
    for prompt in [*STRANGE, *prompts.PROMPTS]:
        entry = {"prompt": prompt}
        for name, tokenizer in tokenizers.items():
            entry[name] = tokenizer(prompt, padding="max_length", max_length=77, truncation=True).input_ids
            assert len(entry[name]) == 77
        listed.append(entry)
    lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in listed)
    (out / "clip-tokens.json").write_text(f"[\n{lines}\n]\n")
    print(f"  {len(listed)} prompts")


# ---- Single files


RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0", "conv2": "out_layers.3", "conv_shortcut": "skip_connection"}
OUTSIDE = {"conv_in": "input_blocks.0.0", "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2", "conv_norm_out": "out.0", "conv_out": "out.2"}


def ldm_unet_name(key):
    """What ldm calls a tensor of a UNet with four levels of two resnets."""
    for new, old in OUTSIDE.items():
        if key.startswith(new + "."):
            return old + key[len(new):]
    way, *rest = key.split(".")
    if way == "mid_block":
        kind, number, *rest = rest
        place = f"middle_block.{1 if kind == 'attentions' else 2 * int(number)}"
    else:
        block, kind, number, *rest = rest
        block, number = int(block), int(number)
        down = way == "down_blocks"
        if kind == "downsamplers":
            return ".".join([f"input_blocks.{3 * block + 3}.0.op", *rest[1:]])
        if kind == "upsamplers":
            # No attention at the coarsest level.
            return ".".join([f"output_blocks.{3 * block + 2}.{1 if block == 0 else 2}", *rest])
        at = f"input_blocks.{3 * block + 1 + number}" if down else f"output_blocks.{3 * block + number}"
        place = f"{at}.{1 if kind == 'attentions' else 0}"
    if kind == "resnets":
        rest = [RESNET[rest[0]], *rest[1:]]
    return ".".join([place, *rest])


def ldm_vae_name(key):
    """What ldm calls a tensor of an autoencoder with four levels."""
    attention = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out": "proj_out"}
    half, *rest = key.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut").split(".")
    if half not in ("encoder", "decoder") or rest[0] not in ("down_blocks", "up_blocks", "mid_block"):
        return ".".join([half, *rest])
    if rest[0] == "mid_block":
        _, kind, number, *rest = rest
        if kind == "resnets":
            return ".".join([half, "mid", f"block_{int(number) + 1}", *rest])
        return ".".join([half, "mid", "attn_1", attention[rest[0]], rest[-1]])
    way, block, kind, number, *rest = rest
    place = f"{half}.down.{block}" if way == "down_blocks" else f"{half}.up.{3 - int(block)}"
    if kind == "resnets":
        return ".".join([place, "block", number, *rest])
    return ".".join([place, kind[: -len("rs")], *rest])


def ldm_names(out):
    """Names in a file of the original layout, shapes there, and diffusers' names. diffusers' own converters are what says
    so: every tensor is given to them under its supposed name, and must come out under the one it has."""
    from diffusers.loaders import single_file_utils as utils

    vae = {"block_out_channels": (128, 256, 512, 512), "down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4, "layers_per_block": 2}
    unet = {"layers_per_block": 2, "block_out_channels": (320, 640, 1280, 1280)}
    kinds = [
        ("unet", lambda: UNet2DConditionModel(cross_attention_dim=768), ldm_unet_name, "model.diffusion_model.", lambda state: utils.convert_ldm_unet_checkpoint(state, unet)),
        ("autoencoder", lambda: AutoencoderKL(**vae), ldm_vae_name, "first_stage_model.", lambda state: utils.convert_ldm_vae_checkpoint(state, vae)),
    ]
    listed = {}
    for kind, make, name, prefix, convert in kinds:
        with torch.device("meta"):
            shapes = {key: list(value.shape) for key, value in make().state_dict().items()}
        entries, marks = [], {}
        for number, (key, shape) in enumerate(sorted(shapes.items())):
            if kind == "autoencoder" and "attentions" in key and len(shape) == 2:
                shape = [*shape, 1, 1]
            entries.append([name(key), key, shape])
            marks[prefix + name(key)] = torch.full([1] * len(shape), number)
        landed = {key: int(value) for key, value in convert(marks).items()}
        assert landed == {key: number for number, (_, key, _) in enumerate(entries)}, kind
        listed[kind] = entries
        print(f"  {kind}: {len(entries)} names")
    lines = ",\n".join(json.dumps(kind) + ":[\n" + ",\n".join(json.dumps(e, separators=(",", ":")) for e in entries) + "]" for kind, entries in listed.items())
    (out / "ldm-names.json").write_text("{" + lines + "}\n")


def make(out):
    cases = Cases()
    unet_2d(cases)
    for key, value in ddpm_folder(out).items():
        cases.keep("ddpm-folder", **{key: value})
    conditional(cases)
    autoencoders(cases)
    clip(cases)
    tokens(out)
    ldm_names(out)
    cases.write(out)
