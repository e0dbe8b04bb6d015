"""pipelines.safetensors, pipelines.json: whole runs of small random pipelines of the open families, and of their schedulers
alone on vectors.

The networks' weights are drawn as families.py draws them and are not kept. Latents of Euler's schedulers are written as
they are after division by sqrt(sigma^2 + 1), which is what the other schedulers' are.
"""

import json

import diffusers
import torch
from diffusers import AutoencoderKL, ConsistencyModelPipeline, DDPMPipeline, LatentConsistencyModelPipeline, StableDiffusionPipeline, UNet2DConditionModel, UNet2DModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from families import CONSISTENCY, Cases, noise

SEED = 180
PROMPT = "a rocket ship"
SCALED = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000}

# name: class, config, steps, and plausible mistakes: what differs in them.
SCHEDULERS = {
    "pndm": ("PNDMScheduler", {"skip_prk_steps": True, "steps_offset": 1, "set_alpha_to_one": False}, 6),
    "pndm-v": ("PNDMScheduler", {"skip_prk_steps": True, "steps_offset": 1, "prediction_type": "v_prediction"}, 7),
    "ddim": ("DDIMScheduler", {"clip_sample": False, "steps_offset": 1, "set_alpha_to_one": False}, 5),
    "ddim-v": ("DDIMScheduler", {"clip_sample": False, "steps_offset": 1, "set_alpha_to_one": False, "prediction_type": "v_prediction"}, 5),
    "euler-trailing": ("EulerDiscreteScheduler", {"timestep_spacing": "trailing"}, 4),
    "euler-once": ("EulerDiscreteScheduler", {"timestep_spacing": "trailing"}, 1),
    "euler-leading": ("EulerDiscreteScheduler", {"timestep_spacing": "leading", "steps_offset": 1}, 5),
    "euler-linspace": ("EulerDiscreteScheduler", {"timestep_spacing": "linspace", "prediction_type": "v_prediction"}, 6),
    "euler-ancestral": ("EulerAncestralDiscreteScheduler", {"timestep_spacing": "trailing"}, 4),
    "euler-ancestral-linspace": ("EulerAncestralDiscreteScheduler", {"prediction_type": "v_prediction"}, 5),
    "lcm": ("LCMScheduler", {}, 4),
    "lcm-once": ("LCMScheduler", {}, 1),
}
WRONG = {
    "pndm": {"arrives_at_1": {"set_alpha_to_one": True}, "no_offset": {"steps_offset": 0}, "ddim": {"_class_name": "DDIMScheduler", "clip_sample": False, "skip_prk_steps": None}},
    "pndm-v": {"epsilon": {"prediction_type": "epsilon"}},
    "ddim": {"arrives_at_1": {"set_alpha_to_one": True}, "no_offset": {"steps_offset": 0}, "clipped": {"clip_sample": True}},
    "ddim-v": {"epsilon": {"prediction_type": "epsilon"}},
    "euler-trailing": {"leading": {"timestep_spacing": "leading"}, "linear": {"beta_schedule": "linear"}},
    "euler-leading": {"no_offset": {"steps_offset": 0}},
    "euler-linspace": {"trailing": {"timestep_spacing": "trailing"}},
    "euler-ancestral": {"euler": {"_class_name": "EulerDiscreteScheduler"}},
    "lcm": {"of_100": {"original_inference_steps": 100}},
}
# What the pipeline sets right by itself, whatever the config says.
FORCED = ["no_offset", "clipped"]


def scheduler(name, **changes):
    kind, config, steps = SCHEDULERS[name]
    config = {**SCALED, **config, **changes}
    kind = config.pop("_class_name", kind)
    config = {key: value for key, value in config.items() if value is not None}
    made = getattr(diffusers, kind)(**config)
    return made, {"_class_name": kind, **config}, steps


def in_vp(made, x, arrived):
    """x of `made` at the entry `arrived` of its list, as the others have it."""
    if "Euler" not in type(made).__name__:
        return x
    return x / (made.sigmas[arrived] ** 2 + 1) ** 0.5


# ---- Schedulers alone


def tanh_run(made, steps):
    """x where it begins and after each step of a network that is tanh(x A + t/1000)."""
    a = noise(7, 16, 16) / 4
    g = torch.Generator().manual_seed(SEED)
    x = torch.randn([1, 4, 1, 16], generator=g) * 1.0
    made.set_timesteps(steps)
    x = x * made.init_noise_sigma
    kept = [in_vp(made, x, 0)]
    for k, t in enumerate(made.timesteps):
        said = torch.tanh(made.scale_model_input(x, t) @ a + t.float() / 1000)
        given = {"generator": g} if type(made).__name__ in ("EulerAncestralDiscreteScheduler", "LCMScheduler") else {}
        x = made.step(said, t, x, **given).prev_sample
        kept.append(in_vp(made, x, k + 1))
    return torch.stack(kept)


def alone(cases, configs):
    cases.keep("tanh", a=noise(7, 16, 16) / 4)
    for name in SCHEDULERS:
        made, config, steps = scheduler(name)
        configs[name] = {"config": config, "steps": steps}
        x_t = tanh_run(made, steps)
        cases.keep(f"tanh.{name}", x_t=x_t, timesteps=made.timesteps.double())
        for wrong, changes in WRONG.get(name, {}).items():
            other, _, _ = scheduler(name, **changes)
            cases.keep(f"tanh.{name}", **{f"wrong.{wrong}": tanh_run(other, steps)[-1]})


# ---- Pipelines

LATENT = {
    "sample_size": 8,
    "block_out_channels": (16, 32),
    "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
    "layers_per_block": 1,
    "cross_attention_dim": 16,
    "attention_head_dim": 4,
    "norm_num_groups": 8,
}
VAE = {
    "block_out_channels": (8, 8, 8, 8),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 1,
    "norm_num_groups": 4,
    "latent_channels": 4,
    "sample_size": 64,
}
CLIP = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2, "max_position_embeddings": 77}


def latent_parts(cases, out):
    tokenizers = {name: CLIPTokenizer.from_pretrained(out / "models" / name) for name in ["clip-1", "clip-2"]}
    config = {**CLIP, "vocab_size": len(tokenizers["clip-1"]), "hidden_act": "quick_gelu", "model_type": "clip_text_model"}
    return {
        "unet": cases.network("latent-unet", UNet2DConditionModel(**LATENT), 301),
        "lcm": cases.network("latent-lcm", UNet2DConditionModel(**LATENT, time_cond_proj_dim=32), 302),
        "vae": cases.network("latent-vae", AutoencoderKL(**VAE), 303),
        "text_encoder": cases.network("latent-text", CLIPTextModel(CLIPTextConfig(**config)), 304, config),
        "tokenizers": tokenizers,
    }


def latent_run(parts, made, steps, scale, tokenizer="clip-1", prompt=PROMPT):
    lcm = type(made).__name__ == "LCMScheduler"
    kind = LatentConsistencyModelPipeline if lcm else StableDiffusionPipeline
    given = {key: parts[key] for key in ["vae", "text_encoder"]}
    pipeline = kind(unet=parts["lcm" if lcm else "unet"], tokenizer=parts["tokenizers"][tokenizer], scheduler=made, safety_checker=None, feature_extractor=None, requires_safety_checker=False, **given)
    pipeline.set_progress_bar_config(disable=True)
    kept = []

    def after(pipeline, k, t, values):
        kept.append(in_vp(made, values["latents"], k + 1))
        return values

    g = torch.Generator().manual_seed(SEED)
    start = torch.randn([1, 4, 8, 8], generator=torch.Generator().manual_seed(SEED))
    picture = pipeline(prompt, num_inference_steps=steps, guidance_scale=scale, generator=g, output_type="pt", callback_on_step_end=after).images
    if not lcm:
        made.set_timesteps(steps)
    kept.insert(0, in_vp(made, start * made.init_noise_sigma, 0))
    return torch.stack(kept), picture


def latents(cases, out):
    parts = latent_parts(cases, out)
    for name in SCHEDULERS:
        made, _, steps = scheduler(name)
        scale = 8.5 if name.startswith("lcm") else 1.0 if name == "euler-once" else 3.0
        x_t, picture = latent_run(parts, made, steps, scale)
        cases.keep(f"latent.{name}", x_t=x_t)
        if name in ("ddim-v", "lcm"):
            cases.keep(f"latent.{name}", picture=picture[0])
        if name in ("ddim", "lcm"):
            other = scheduler(name)[0]
            cases.keep(f"latent.{name}", **{"wrong.guidance": latent_run(parts, other, steps, scale + 1)[0][-1]})
            other = scheduler(name)[0]
            cases.keep(f"latent.{name}", **{"wrong.pad_token": latent_run(parts, other, steps, scale, "clip-2")[0][-1]})
        for wrong, changes in WRONG.get(name, {}).items():
            if wrong in FORCED:
                continue
            other, _, _ = scheduler(name, **changes)
            cases.keep(f"latent.{name}", **{f"wrong.{wrong}": latent_run(parts, other, steps, scale)[0][-1]})
    edit(cases, parts)


def edit(cases, parts):
    """From a picture: the mean of its latents, noised to the entry 2 of DDIM's list, and on."""
    made, _, steps = scheduler("ddim-v")
    made.set_timesteps(steps)
    picture = (torch.arange(3 * 64 * 64).reshape(1, 3, 64, 64) * 7 % 256).to(torch.uint8)
    x_0 = parts["vae"].encode(picture / 127.5 - 1).latent_dist.mean * parts["vae"].config.scaling_factor
    g = torch.Generator().manual_seed(SEED)
    timesteps = made.timesteps[2:]
    x = made.add_noise(x_0, torch.randn(x_0.shape, generator=g), timesteps[:1])
    tokenizer = parts["tokenizers"]["clip-1"]
    ids = tokenizer(["", PROMPT], padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids
    text = parts["text_encoder"](ids)[0]
    kept = [x]
    for t in timesteps:
        empty, told = parts["unet"](torch.cat([x, x]), t, encoder_hidden_states=text).sample.chunk(2)
        x = made.step(empty + 3.0 * (told - empty), t, x).prev_sample
        kept.append(x)
    cases.keep("edit", picture=picture[0].permute(1, 2, 0), x_t=torch.stack(kept), latents=x_0)
    wrong = parts["vae"].encode(picture / 127.5 - 1).latent_dist.sample(generator=torch.Generator().manual_seed(SEED)) * parts["vae"].config.scaling_factor
    cases.keep("edit", sampled=wrong)


def pixels(cases, out):
    """DDPM's own pipeline, from a folder as google's."""
    unet = UNet2DModel.from_pretrained(out / "models" / "ddpm", use_safetensors=False).eval()
    for name, config in [("fixed_small", {"variance_type": "fixed_small"}), ("fixed_large", {"variance_type": "fixed_large"})]:
        made = diffusers.DDPMScheduler(**config)
        g = torch.Generator().manual_seed(SEED)
        x = torch.randn([1, 3, 8, 8], generator=g)
        made.set_timesteps(6)
        kept = [x]
        for t in made.timesteps:
            x = made.step(unet(x, t).sample, t, x, generator=g).prev_sample
            kept.append(x)
        cases.keep(f"pixels.{name}", x_t=torch.stack(kept))
        pipeline = DDPMPipeline(unet=unet, scheduler=diffusers.DDPMScheduler(**config))
        pipeline.set_progress_bar_config(disable=True)
        picture = pipeline(generator=torch.Generator().manual_seed(SEED), num_inference_steps=6, output_type="np").images[0]
        ours = (x[0] / 2 + 0.5).clamp(0, 1).permute(1, 2, 0)
        assert (torch.tensor(picture) - ours).abs().max() < 1e-6, "the pipeline does something else"


def consistency(cases):
    """Consistency models in one step, in two of a published list, in diffusers' own lists; of classes 3 and 7."""
    unet = Cases().network("consistency", UNet2DModel(**CONSISTENCY), 202)
    made = diffusers.CMStochasticIterativeScheduler()
    pipeline = ConsistencyModelPipeline(unet=unet, scheduler=made)
    pipeline.set_progress_bar_config(disable=True)

    def run(steps, timesteps, label=3):
        kept = []

        def after(k, t, x):
            kept.append(x / (made.sigmas[k + 1] ** 2 + 1) ** 0.5 if k + 1 < len(made.timesteps) else x)

        picture = pipeline(batch_size=1, class_labels=label, num_inference_steps=steps, timesteps=timesteps, generator=torch.Generator().manual_seed(SEED), output_type="np", callback=after).images[0]
        start = torch.randn([1, 3, 16, 16], generator=torch.Generator().manual_seed(SEED)) * made.init_noise_sigma
        kept.insert(0, start / (made.sigmas[0] ** 2 + 1) ** 0.5)
        return torch.stack(kept), torch.tensor(picture), made.timesteps.double()

    for name, steps, timesteps in [("one", 1, None), ("two", None, [22, 0]), ("three", 3, None)]:
        x_t, picture, told = run(steps, timesteps)
        cases.keep(f"consistency.{name}", x_t=x_t, timesteps=told)
        cases.keep(f"consistency.{name}", **{"wrong.class": run(steps, timesteps, 7)[0][-1]})
        if name == "two":
            cases.keep("consistency.two", picture=picture)
            cases.keep("consistency.two", **{"wrong.list": run(None, [17, 0])[0][-1]})


def make(out):
    cases, configs = Cases(), {}
    alone(cases, configs)
    latents(cases, out)
    pixels(cases, out)
    consistency(cases)
    save_file(dict(sorted(cases.tensors.items())), out / "pipelines.safetensors")
    lines = ",\n".join(f"{json.dumps(name)}:{json.dumps(network, separators=(',', ':'))}" for name, network in {**cases.networks, "schedulers": configs}.items())
    (out / "pipelines.json").write_text("{" + lines + "}\n")
