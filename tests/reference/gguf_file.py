"""Tensors of a GGUF file in f32, by llama.cpp's formulas: F32, Q8_0 and Q4_K. For comparing with, not for strange files."""

import mmap
import struct

import numpy as np

F32, Q8_0, Q4_K = 0, 8, 12
# Type to bytes of a number in metadata.
NUMBERS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
STRING, ARRAY = 8, 9


def tensors(path):
    """Name of each tensor, and a function that reads it."""
    with open(path, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    magic, _, count, facts = struct.unpack_from("<4sIQQ", data, 0)
    assert magic == b"GGUF"
    at = 24

    def take(form):
        nonlocal at
        values = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return values if len(values) > 1 else values[0]

    def text():
        nonlocal at
        length = take("Q")
        at += length
        return data[at - length : at].decode()

    def skip(kind):
        nonlocal at
        if kind == STRING:
            text()
        elif kind == ARRAY:
            inner, length = take("IQ")
            for _ in range(length):
                skip(inner)
        else:
            at += NUMBERS[kind]

    for _ in range(facts):
        text()
        skip(take("I"))
    listed = []
    for _ in range(count):
        name, rank = text(), take("I")
        shape = struct.unpack_from(f"<{rank}Q", data, at)[::-1]
        at += 8 * rank
        listed.append((name, shape, *take("IQ")))
    start = at + -at % 32
    return [(name, reader(data, start + offset, shape, kind)) for name, shape, kind, offset in listed]


def reader(data, at, shape, kind):
    size = int(np.prod(shape))

    def rows(block, width):
        return np.frombuffer(data, np.uint8, size // block * width, at).reshape(-1, width)

    def half(raw, first):
        return raw[:, first : first + 2].copy().view(np.float16).astype(np.float32)

    def read():
        if kind == F32:
            return np.frombuffer(data, np.float32, size, at).reshape(shape).copy()
        if kind == Q8_0:
            raw = rows(32, 34)
            return (half(raw, 0) * raw[:, 2:].view(np.int8)).reshape(shape)
        assert kind == Q4_K, kind
        raw = rows(256, 144)
        six = raw[:, 4:16]
        # Eight scales and eight minima of six bits.
        low, high, both = six[:, :4], six[:, 4:8], six[:, 8:]
        scale = np.concatenate([low & 63, (both & 15) | (low >> 6 << 4)], 1).astype(np.float32) * half(raw, 0)
        least = np.concatenate([high & 63, (both >> 4) | (high >> 6 << 4)], 1).astype(np.float32) * half(raw, 2)
        nibbles = raw[:, 16:].reshape(-1, 4, 32)
        # 32 low halves, then the same bytes' 32 high halves.
        values = np.stack([nibbles & 15, nibbles >> 4], 2).reshape(-1, 8, 32)
        return (values * scale[:, :, None] - least[:, :, None]).astype(np.float32).reshape(shape)

    return read
