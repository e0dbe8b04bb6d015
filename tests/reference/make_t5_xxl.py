"""Writes a random T5 v1.1 XXL encoder of its true size: for timings and memory, never for pictures. Needs Python alone.

    python tests/reference/make_t5_xxl.py FOLDER [--format f16|sharded|fp8|q8_0|q4_k] [--layers 24]

`f16` is one file of halves (9.5 GB), `sharded` the two shards of DeepFloyd's repositories with `wo` in f32 (11.5 GB), `fp8` one
file with a `scale_weight` for each matrix (4.8 GB); FOLDER then is a model without networks: text_encoder/ and tokenizer/.
`q8_0` (5.1 GB) and `q4_k` (2.8 GB) are FOLDER/t5.gguf under llama.cpp's names, with invented words inside.
"""

import argparse
import json
import pathlib
import random
import shutil
import struct

D, FF, HEADS, VOCAB = 4096, 10240, 64, 32128
# As many numbers as this are drawn; a prime, so that rows of a matrix differ.
DRAWN = 1_000_003
BUILT_IN = pathlib.Path(__file__).resolve().parents[2] / "assets/built-in"


def tensors(layers):
    """Name, shape and spread of every tensor."""
    yield "shared.weight", (VOCAB, D), 1.0
    for n in range(layers):
        at = f"encoder.block.{n}.layer"
        for name, spread in (("q", 1 / 512), ("k", 1 / 64), ("v", 1 / 64), ("o", 1 / 64)):
            yield f"{at}.0.SelfAttention.{name}.weight", (D, D), spread
        if n == 0:
            yield f"{at}.0.SelfAttention.relative_attention_bias.weight", (32, HEADS), 1.0
        yield f"{at}.0.layer_norm.weight", (D,), None
        yield f"{at}.1.DenseReluDense.wi_0.weight", (FF, D), 1 / 64
        yield f"{at}.1.DenseReluDense.wi_1.weight", (FF, D), 1 / 64
        yield f"{at}.1.DenseReluDense.wo.weight", (D, FF), 1 / 100
        yield f"{at}.1.layer_norm.weight", (D,), None
    yield "encoder.final_layer_norm.weight", (D,), None


def count(shape):
    product = 1
    for side in shape:
        product *= side
    return product


class Noise:
    """The same million normal numbers as bytes of any format and spread, over and over."""

    def __init__(self, seed):
        draw = random.Random(seed)
        self.values = [max(-4.0, min(4.0, draw.gauss(0, 1))) for _ in range(DRAWN)]
        self.blocks = {}

    def block(self, kind, spread):
        if (kind, spread) not in self.blocks:
            scaled = [value * spread for value in self.values]
            if kind in "ef":
                made = struct.pack(f"<{DRAWN}{kind}", *scaled)
            elif kind == "fp8":
                # Codes 0x00 … 0x5F and 0x80 … 0xDF: magnitudes up to 30.
                draw = random.Random(3)
                made = bytes(draw.randrange(0x30, 0x50) | draw.choice((0, 0x80)) for _ in range(DRAWN))
            elif kind == "q8_0":
                # 32 numbers: a scale and 32 bytes.
                draw = random.Random(5)
                one = lambda: struct.pack("<e", spread / 64) + draw.randbytes(32)
                made = b"".join(one() for _ in range(DRAWN // 32))
            else:
                # 256 numbers: scale and scale of the minimum, 12 bytes of scales, 128 bytes of halves.
                draw = random.Random(7)
                one = lambda: struct.pack("<ee", spread / 400, spread / 50) + draw.randbytes(140)
                made = b"".join(one() for _ in range(DRAWN // 256))
            self.blocks[kind, spread] = made
        return self.blocks[kind, spread]

    def write(self, file, kind, spread, size):
        block = self.block(kind, spread)
        while size > 0:
            size -= file.write(block[:size])


def one(kind, numbers):
    return struct.pack("<e" if kind == "e" else "<f", 1.0) * numbers


def write_safetensors(path, chosen, noise):
    """`chosen`: name, shape, spread, kind."""
    sizes = {"e": 2, "f": 4, "fp8": 1}
    names = {"e": "F16", "f": "F32", "fp8": "F8_E4M3"}
    header, at = {}, 0
    for name, shape, _, kind in chosen:
        end = at + count(shape) * sizes[kind]
        header[name] = {"dtype": names[kind], "shape": list(shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, shape, spread, kind in chosen:
            if spread is None:
                file.write(one(kind, count(shape)))
            else:
                noise.write(file, kind, spread, count(shape) * sizes[kind])


def write_folder(folder, form, layers, noise):
    encoder = folder / "text_encoder"
    encoder.mkdir(parents=True)
    shutil.copytree(BUILT_IN / "tokenizer", folder / "tokenizer")
    config = {
        "architectures": ["T5EncoderModel"], "model_type": "t5", "feed_forward_proj": "gated-gelu", "vocab_size": VOCAB,
        "d_model": D, "d_ff": FF, "d_kv": 64, "num_heads": HEADS, "num_layers": layers,
    }
    (encoder / "config.json").write_text(json.dumps(config, indent=2))
    chosen = []
    for name, shape, spread in tensors(layers):
        kind = "e"
        if form == "sharded" and name.endswith(".wo.weight"):
            kind = "f"
        if form == "fp8" and len(shape) == 2 and "bias" not in name:
            kind = "fp8"
            chosen.append((name.replace(".weight", ".scale_weight"), (), spread, "f"))
        chosen.append((name, shape, spread, kind))
    if form != "sharded":
        write_safetensors(encoder / "model.safetensors", chosen, noise)
        return
    half, index = len(chosen) * 5 // 6, {}
    for number, part in enumerate((chosen[:half], chosen[half:]), start=1):
        name = f"model.fp16-{number:05}-of-00002.safetensors"
        write_safetensors(encoder / name, part, noise)
        index |= {tensor[0]: name for tensor in part}
    text = json.dumps({"metadata": {}, "weight_map": index})
    (encoder / "model.safetensors.index.fp16.json").write_text(text)


GGUF = (
    ("shared.", "token_embd."), ("encoder.block.", "enc.blk."), ("encoder.final_layer_norm.", "enc.output_norm."),
    ("layer.0.SelfAttention.relative_attention_bias.", "attn_rel_b."), ("layer.0.SelfAttention.", "attn_"),
    ("layer.0.layer_norm.", "attn_norm."), ("layer.1.DenseReluDense.wi_0.", "ffn_gate."),
    ("layer.1.DenseReluDense.wi_1.", "ffn_up."), ("layer.1.DenseReluDense.wo.", "ffn_down."),
    ("layer.1.layer_norm.", "ffn_norm."),
)
U32, F32, STRING, ARRAY = 4, 6, 8, 9


def write_gguf(path, form, layers, noise):
    text = lambda value: struct.pack("<Q", len(value.encode())) + value.encode()
    number = lambda value: struct.pack("<II", U32, value)
    array = lambda kind, items: struct.pack("<IIQ", ARRAY, kind, len(items)) + b"".join(items)
    words = ["<pad>", "</s>", "<unk>", "▁"] + [f"▁word{n}" for n in range(VOCAB - 4)]
    metadata = {
        "general.architecture": struct.pack("<I", STRING) + text("t5encoder"),
        "t5encoder.embedding_length": number(D),
        "t5encoder.feed_forward_length": number(FF),
        "t5encoder.block_count": number(layers),
        "t5encoder.attention.head_count": number(HEADS),
        "t5encoder.attention.key_length": number(64),
        "t5encoder.attention.relative_buckets_count": number(32),
        "t5encoder.attention.layer_norm_rms_epsilon": struct.pack("<If", F32, 1e-6),
        "tokenizer.ggml.model": struct.pack("<I", STRING) + text("t5"),
        "tokenizer.ggml.tokens": array(STRING, [text(word) for word in words]),
        "tokenizer.ggml.scores": array(F32, [struct.pack("<f", -float(n)) for n in range(VOCAB)]),
        "tokenizer.ggml.token_type": array(U32, [struct.pack("<I", (3, 3, 2)[n] if n < 3 else 1) for n in range(VOCAB)]),
        "tokenizer.ggml.padding_token_id": number(0),
        "tokenizer.ggml.eos_token_id": number(1),
        "tokenizer.ggml.unknown_token_id": number(2),
    }
    table, plan, at = b"", [], 0
    for name, shape, spread in tensors(layers):
        for old, new in GGUF:
            name = name.replace(old, new)
        matrix = len(shape) == 2 and "rel_b" not in name
        kind, code, size = (form, 8, count(shape) // 32 * 34) if matrix else ("f", 0, count(shape) * 4)
        if matrix and form == "q4_k":
            code, size = 12, count(shape) // 256 * 144
        table += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *reversed(shape), code, at)
        plan.append((kind, shape, spread, size))
        at += size + -size % 32
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(plan), len(metadata))
    head += b"".join(text(key) + value for key, value in metadata.items()) + table
    with open(path, "wb") as file:
        file.write(head + b"\0" * (-len(head) % 32))
        for kind, shape, spread, size in plan:
            if spread is None:
                file.write(one(kind, count(shape)))
            else:
                noise.write(file, kind, spread, size)
            file.write(b"\0" * (-size % 32))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="a new folder outside the repository")
    parser.add_argument("--format", choices=("f16", "sharded", "fp8", "q8_0", "q4_k"), default="f16")
    parser.add_argument("--layers", type=int, default=24)
    given = parser.parse_args()
    given.folder.mkdir(parents=True)
    noise = Noise(180)
    if given.format.startswith("q"):
        write_gguf(given.folder / "t5.gguf", given.format, given.layers, noise)
    else:
        write_folder(given.folder, given.format, given.layers, noise)
    size = sum(path.stat().st_size for path in given.folder.rglob("*") if path.is_file())
    print(json.dumps({"format": given.format, "bytes": size}))


if __name__ == "__main__":
    main()
