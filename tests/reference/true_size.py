"""Holds the program to diffusers and transformers at true size, on the random weights of make_if.py and make_t5_xxl.py.

    python tests/reference/true_size.py FOLDER ... [--program target/release/diffusion-lab] [--dtype f32|f16] [--threads N]

FOLDER is a stage (unet/), what make_if.py wrote (stage-1/ and stage-2/), or a text encoder (text_encoder/ or t5.gguf).
One JSON line a comparison; exit code 1 where one is past its tolerance, or where a mistake would not have been.

The reference computes in f32 with one layer's weights in memory at a time, read from the same file: it needs as much
memory as the feature maps. A UNet is asked at t = 500 with γ 0, 1 and 7: `network` is its own output, as it comes out of
the program's ε̂ and x̂_0, `variance` its learned part, as it comes out of the step to t = 30.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMPTS = ["a rocket ship", "", "an oil painting of a snowy mountain village"]
T, NEXT, NOISE_LEVEL, SEED, GUIDANCE = 500, 30, 250, 180, (0, 1, 7)
# Of max(1, the reference's largest value). A layer's f32 sums of up to 10^4 terms, in another order and by Winograd's
# transforms, leave 1e-5 at the end of a UNet and 1e-6 of the encoder; γ 7 adds up thirteen times what a branch is off.
TOLERANCE = {"network": 5e-5, "guided": 2e-4, "variance": 5e-5, "states": 2e-5}
# What is past this is a mistake that would have been found.
MISTAKE = 2e-3


def weights(folder):
    """Every tensor's name, and a function from a name to the tensor in f32."""
    files, where = [], {}
    for path in sorted(folder.glob("*.safetensors")):
        file = safe_open(path, "pt")
        files.append(file)
        where |= {name: file for name in file.keys()}

    def read(name):
        tensor = where[name].get_tensor(name).float()
        scale = name.removesuffix(".weight") + ".scale_weight"
        return tensor * where[scale].get_tensor(scale) if scale in where else tensor

    return [name for name in where if not name.endswith(".scale_weight")], read


def quantised(path):
    """The same of make_t5_xxl.py's GGUF, under transformers' names."""
    from gguf_file import tensors

    from make_t5_xxl import GGUF

    def name_of(name):
        # `attn_norm` begins like `attn_q`.
        for theirs, ours in sorted(GGUF, key=lambda pair: len(pair[1]), reverse=True):
            name = name.replace(ours, theirs)
        return name

    found = {name_of(name): read for name, read in tensors(path)}
    return list(found), lambda name: torch.from_numpy(found[name]())


def streamed(model, names, read):
    """A model without weights that reads those of each layer before the layer runs and forgets them after it."""
    left = set(names)

    def own(module, prefix):
        for key, child in module.named_modules(prefix=prefix):
            for name in child._parameters:
                yield child, name, f"{key}.{name}"

    def prepare(module, prefix):
        if not module._parameters:
            for key, child in module.named_children():
                prepare(child, f"{prefix}.{key}" if prefix else key)
            return
        places = [(child, name, full) for child, name, full in own(module, prefix) if child._parameters[name] is not None]
        empty = [child._parameters[name] for child, name, _ in places]

        def load(*_):
            for (child, name, full), shape in zip(places, empty):
                full = "shared.weight" if full == "encoder.embed_tokens.weight" else full
                tensor = read(full)
                assert tensor.shape == shape.shape, (full, tensor.shape, shape.shape)
                child._parameters[name] = torch.nn.Parameter(tensor, requires_grad=False)
                left.discard(full)

        def drop(*_):
            for (child, name, _), shape in zip(places, empty):
                child._parameters[name] = shape

        module.register_forward_pre_hook(load)
        module.register_forward_hook(drop)

    prepare(model, "")
    return model.eval(), left


def run(given, *arguments):
    environment = os.environ | {"DIFFUSION_LAB_EMBEDDINGS_CACHE": "off"}
    command = [given.program, *map(str, arguments), "--threads", str(given.threads)]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


class Report:
    def __init__(self):
        self.failed = False

    def compare(self, place, what, kind, got, reference, mistakes):
        scale = max(1.0, reference.abs().max().item())
        away = lambda other: (other - reference).abs().max().item() / scale
        difference, wrong = away(got), {name: round(away(other), 4) for name, other in mistakes.items()}
        # A NaN is no smaller than anything.
        good = difference <= TOLERANCE[kind] and all(value >= MISTAKE for value in wrong.values())
        self.failed |= not good
        line = {
            "model": str(place), "what": what, "difference": float(f"{difference:.2g}"), "tolerance": TOLERANCE[kind],
            "largest": round(reference.abs().max().item(), 3), "mistakes": wrong, "good": good,
        }
        print(json.dumps(line), flush=True)


def unet(given, folder, report, scratch):
    from diffusers import DDPMScheduler, UNet2DConditionModel

    config = json.loads((folder / "unet/config.json").read_text())
    size, second = config["sample_size"], config["in_channels"] == 6
    generator = torch.Generator().manual_seed(5)
    embeds = {prompt: torch.randn([1, 77, config["encoder_hid_dim"]], generator=generator) for prompt in PROMPTS[:2]}
    save_file(embeds, scratch / "embeddings.safetensors")
    alphas_cumprod = DDPMScheduler.from_pretrained(folder / "scheduler").alphas_cumprod
    bar, bar_next = alphas_cumprod[T], alphas_cumprod[NEXT]
    beta = 1 - bar / bar_next
    logs = ((1 - bar_next) / (1 - bar) * beta).log(), beta.log()

    stream = torch.Generator().manual_seed(SEED)
    start = torch.randn([1, 3, size, size], generator=stream)
    place = ["sample", "--model", folder, "--stage-2", "none"]
    seen, labels = start, None
    if second:
        small = torch.randint(256, [64, 64, 3], generator=generator, dtype=torch.uint8)
        small = F.avg_pool2d(small.permute(2, 0, 1)[None].float(), 5, 1, 2).round().to(torch.uint8)
        Image.fromarray(small[0].permute(1, 2, 0).numpy()).save(scratch / "small.png")
        place = ["upscale", "--model", folder, "--image", scratch / "small.png", "--noise-level", NOISE_LEVEL]
        large = F.interpolate(small / 127.5 - 1, (size, size), mode="bilinear", align_corners=True)
        level = DDPMScheduler.from_pretrained(folder / "image_noising_scheduler").alphas_cumprod[NOISE_LEVEL]
        condition = level.sqrt() * large + (1 - level).sqrt() * torch.randn(large.shape, generator=stream)
        seen, labels = torch.cat([start, condition], 1), torch.tensor([NOISE_LEVEL])
    noise = torch.randn(start.shape, generator=stream)

    with torch.device("meta"):
        empty = UNet2DConditionModel.from_config(config)
    network, left = streamed(empty, *weights(folder / "unet"))
    conditional, unconditional = (
        network(seen, torch.tensor(T), embeds[prompt], class_labels=labels).sample for prompt in PROMPTS[:2]
    )
    assert not left, f"not asked for: {sorted(left)[:3]}"
    branch = {0: unconditional, 1: conditional}
    out = scratch / "out"
    more = ["--prompt", PROMPTS[0], "--embeddings", scratch / "embeddings.safetensors", "--seed", SEED]
    more += [word for guidance in GUIDANCE for word in ("--guidance", guidance)]
    more += ["--stepping", "course", "--timesteps", f"{T},{NEXT}", "--dtype", given.dtype, "--tensors", "--quiet"]
    run(given, *place, *more, "--out", out, *["--low-memory"] * given.low_memory)
    for number, guidance in enumerate(GUIDANCE):
        t = load_file(out / f"trajectory-{number:03}.safetensors")
        assert torch.equal(t["x_t"][0], start), "another start"
        epsilon, x_0 = t["noise_pred"][0], t["pred_original_sample"][0]
        # The folders' networks predict v = √ᾱ ε - √(1-ᾱ) x_0.
        got = bar.sqrt() * epsilon - (1 - bar).sqrt() * x_0
        composed = unconditional + guidance * (conditional - unconditional)
        expected = branch.get(guidance, composed)
        other = branch[0] if guidance else branch[1]
        kind = "network" if guidance in branch else "guided"
        mistakes = {"the_other_branch": other[:, :3]}
        report.compare(folder, f"γ {guidance}, {kind}", kind, got, expected[:, :3], mistakes)

        mean = bar_next.sqrt() * beta / (1 - bar) * x_0 + (1 - beta).sqrt() * (1 - bar_next) / (1 - bar) * start
        # At γ 0 too it is the conditional branch's.
        learned = conditional[:, 3:]
        sigma = lambda v: torch.exp(0.5 * (logs[0] + (v + 1) / 2 * (logs[1] - logs[0])))
        step = t["x_t"][1] - mean
        # Where the noise is large enough to tell.
        told = (sigma(learned) * noise).abs() > 0.1
        v = 2 * (2 * (step / noise).abs().log() - logs[0]) / (logs[1] - logs[0]) - 1
        mistakes = {"the_other_branch": unconditional[:, 3:][told]}
        report.compare(folder, f"γ {guidance}, variance", "variance", v[told], learned[told], mistakes)


def text_encoder(given, folder, report, scratch):
    from transformers import T5Config, T5EncoderModel

    import make_t5_xxl
    from networks import load_tokenizer, tokenize

    file = folder / "t5.gguf"
    if file.is_file():
        # Its words are invented: ▁word0 is the fourth.
        listed = [[0, 31, 7000], [], [5, 6, 5]]
        prompts = [" ".join(f"word{n}" for n in words) for words in listed]
        ids = torch.tensor([([n + 4 for n in words] + [1] + [0] * 77)[:77] for words in listed])
        mask = torch.tensor([[1] * (len(words) + 1) + [0] * (76 - len(words)) for words in listed])
        names, read = quantised(file)
        layers = 1 + max(int(name.split(".")[2]) for name in names if ".block." in name)
        config = T5Config(
            d_model=make_t5_xxl.D, d_ff=make_t5_xxl.FF, d_kv=64, num_heads=make_t5_xxl.HEADS, num_layers=layers,
            vocab_size=make_t5_xxl.VOCAB, feed_forward_proj="gated-gelu",
        )
        place = ["--text-encoder", file]
    else:
        prompts, place = PROMPTS, ["--model", folder]
        tokens = tokenize(load_tokenizer(folder), prompts)
        ids, mask = tokens.input_ids, tokens.attention_mask
        names, read = weights(folder / "text_encoder")
        config = T5Config.from_pretrained(folder / "text_encoder")
    with torch.device("meta"):
        empty = T5EncoderModel(config)
    encoder, left = streamed(empty, names, read)
    # The first prompt once more as it would be without a mask.
    states = encoder(torch.cat([ids, ids[:1]]), attention_mask=torch.cat([mask, torch.ones_like(mask[:1])]))[0]
    assert not left, f"not asked for: {sorted(left)[:3]}"
    out = scratch / "encoded.safetensors"
    run(given, "encode", *place, *(word for prompt in prompts for word in ("--prompt", prompt)), "--out", out)
    got = load_file(out)
    for number, prompt in enumerate(prompts):
        mistakes = {} if number else {"no_mask": states[3]}
        report.compare(folder, f"{prompt!r}, states", "states", got[prompt][0], states[number], mistakes)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--program", default=ROOT / "target/release/diffusion-lab")
    parser.add_argument("--dtype", choices=("f32", "f16"), default="f32", help="how the program keeps a UNet's weights")
    parser.add_argument("--low-memory", action="store_true", help="with the program's --low-memory")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.set_grad_enabled(False)
    report = Report()
    for folder in given.folders:
        found = [stage for stage in (folder, folder / "stage-1", folder / "stage-2") if (stage / "unet").is_dir()]
        encodes = (folder / "text_encoder").is_dir() or (folder / "t5.gguf").is_file()
        if not found and not encodes:
            parser.error(f"neither a UNet nor a text encoder in {folder}")
        with tempfile.TemporaryDirectory() as scratch:
            for stage in found:
                unet(given, stage, report, pathlib.Path(scratch))
            if encodes:
                text_encoder(given, folder, report, pathlib.Path(scratch))
    sys.exit(report.failed)


if __name__ == "__main__":
    main()
