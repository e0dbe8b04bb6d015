"""unet.safetensors, t5.safetensors and tokens.json: one forward of every network, and what the tokenizer does."""

import json

import sentencepiece
import torch
import torch.nn.functional as F
from diffusers import IFPipeline, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import T5Config, T5EncoderModel, T5Tokenizer

import models
import prompts

# The prompts whose hidden states every encoder gives.
ENCODED = ["a rocket ship", "", "an oil painting of a snowy mountain village", "ａ \u2581 ﬁ é 火箭 🚀 İ", "a <pad> b", "a rocket ship " * 30]


def folders(out):
    """Every model folder by name."""
    found = {"built-in": models.BUILT_IN}
    if (models.BUILT_IN / "stage-2").is_dir():
        found["built-in/stage-2"] = models.BUILT_IN / "stage-2"
    return {**found, **{name: out / "models" / name for name in models.CASCADES}}


def load_unet(folder):
    variant = "fp16" if list((folder / "unet").glob("*.fp16.*")) else None
    pickled = bool(list((folder / "unet").glob("*.bin")))
    given = {"torch_dtype": torch.float32, "variant": variant, "use_safetensors": not pickled, "low_cpu_mem_usage": False}
    return UNet2DConditionModel.from_pretrained(folder, subfolder="unet", **given).eval()


def load_encoder(folder):
    folder = folder / "text_encoder"
    if (folder / "pytorch_model.bin").is_file():
        state = torch.load(folder / "pytorch_model.bin", weights_only=True)
    else:
        state = {k: v for part in sorted(folder.glob("*.safetensors")) for k, v in load_file(part).items()}
    state = {k: v.float() for k, v in state.items()}
    state["encoder.embed_tokens.weight"] = state["shared.weight"]
    encoder = T5EncoderModel(T5Config.from_pretrained(folder)).float().eval()
    encoder.load_state_dict(state)
    return encoder


def load_tokenizer(folder):
    return T5Tokenizer.from_pretrained(folder / "tokenizer")


def tokenize(tokenizer, texts):
    """As IFPipeline.encode_prompt does, with clean_caption off."""
    texts = [text.lower().strip() for text in texts]
    return tokenizer(texts, padding="max_length", max_length=77, truncation=True, add_special_tokens=True, return_tensors="pt")


def encode(folder, texts):
    given = tokenize(load_tokenizer(folder), texts)
    return load_encoder(folder)(given.input_ids, attention_mask=given.attention_mask)[0]


def make_unet(out):
    t = {}
    every = folders(out)
    for name, folder in every.items():
        unet = load_unet(folder)
        stage_2 = unet.config.class_embed_type == "timestep"
        home = every[name.removesuffix("/stage-2")]
        text = encode(home, ["a rocket ship", ""])
        mask = tokenize(load_tokenizer(home), ["a rocket ship", ""]).attention_mask
        t[f"{name}.encoder_hidden_states"] = text
        size = min(unet.config.sample_size, 32)
        for case, h, w, at in [("square", size, size, [500, 500]), ("wide", 16, 32, [981, 3])]:
            g = torch.Generator().manual_seed(h * w)
            sample = torch.randn([2, unet.config.in_channels, h, w], generator=g)
            labels = torch.tensor([250, 20]) if stage_2 else None

            def forward(states=text):
                return unet(sample, torch.tensor(at), states, class_labels=labels).sample

            key = f"{name}.{case}"
            t[key + ".sample"], t[key + ".timestep"] = sample, torch.tensor(at)
            if stage_2:
                t[key + ".class_labels"] = labels
            t[key + ".output"] = forward()
            if case == "wide":
                t[key + ".wrong.padding_rows_zeroed"] = forward(text * mask[..., None])
                unet.time_proj.flip_sin_to_cos = False
                t[key + ".wrong.sine_first"] = forward()
                unet.time_proj.flip_sin_to_cos = True
        print(f"  {name}: std {t[f'{name}.wide.output'].std():.3f}")
    save_file({k: v.contiguous() for k, v in sorted(t.items())}, out / "unet.safetensors")


def make_t5(out):
    t = {}
    for name, folder in folders(out).items():
        if name.endswith("stage-2"):
            continue
        tokenizer, encoder = load_tokenizer(folder), load_encoder(folder)
        given = tokenize(tokenizer, ENCODED)
        t[f"{name}.input_ids"], t[f"{name}.attention_mask"] = given.input_ids, given.attention_mask
        t[f"{name}.last_hidden_state"] = encoder(given.input_ids, attention_mask=given.attention_mask)[0]
        # Wrong: padded keys attended to.
        t[f"{name}.wrong.no_mask.0"] = encoder(given.input_ids[:1], attention_mask=torch.ones([1, 77]).long())[0][0]
    save_file({k: v.contiguous() for k, v in sorted(t.items())}, out / "t5.safetensors")

    plain, extra = load_tokenizer(models.BUILT_IN), load_tokenizer(out / "models" / "deep")
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(models.BUILT_IN / "tokenizer" / "spiece.model"))
    listed = []
    for prompt in prompts.PROMPTS:
        entry = {"prompt": prompt, "text": prompt.lower().strip()}
        a, b = tokenize(plain, [prompt]), tokenize(extra, [prompt])
        entry["input_ids"], entry["attention_mask"] = a.input_ids[0].tolist(), a.attention_mask[0].tolist()
        entry["count"] = len(plain(entry["text"]).input_ids)
        if b.input_ids[0].tolist() != entry["input_ids"]:
            entry["input_ids_100_extra"] = b.input_ids[0].tolist()
            entry["attention_mask_100_extra"] = b.attention_mask[0].tolist()
        bare = (pieces.encode(entry["text"])[:76] + [1] + [0] * 77)[:77]
        if bare != entry["input_ids"]:
            entry["sentencepiece_ids"] = bare
        listed.append(entry)
    cleaner = IFPipeline.__new__(IFPipeline)
    cleaned = [{"caption": c, "cleaned": cleaner._text_preprocessing(c, clean_caption=True)[0]} for c in prompts.CAPTIONS]
    lines = ",\n".join(json.dumps(e, ensure_ascii=True, separators=(",", ":")) for e in listed)
    clean = ",\n".join(json.dumps(e, ensure_ascii=True, separators=(",", ":")) for e in cleaned)
    encoded = json.dumps([text for text in ENCODED])
    (out / "tokens.json").write_text(f'{{"encoded":{encoded},\n"prompts":[\n{lines}\n],\n"captions":[\n{clean}\n]}}\n')
    differ = [e["prompt"][:20] for e in listed if "sentencepiece_ids" in e]
    print(f"  {len(listed)} prompts, {len(cleaned)} captions; sentencepiece differs in {len(differ)}: {differ}")
