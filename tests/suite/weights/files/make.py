"""Small PyTorch files for tests/suite/weights: made once with torch 2.11."""

import collections
import os
import pathlib

import torch

here = pathlib.Path(__file__).parent
a = torch.arange(24.0).reshape(2, 3, 4)
state = collections.OrderedDict(
    plain=a,
    transposed=a.transpose(0, 2),  # strides; shares storage
    sliced=a[1, :, 1::2],  # offset and strides
    half=torch.nn.Parameter(a[0].half()),
    bfloat=a[0].bfloat16(),
    double=a[0].double(),
    long=torch.tensor([-1, 2**40]),
    int=torch.tensor([-5, 6], dtype=torch.int32),
    short=torch.tensor([-5, 6], dtype=torch.int16),
    char=torch.tensor([-5, 6], dtype=torch.int8),
    byte=torch.tensor([5, 250], dtype=torch.uint8),
    bool=torch.tensor([True, False]),
    scalar=torch.tensor(2.5),
    empty=torch.zeros(0, 3),
    nan=torch.tensor([1.0, float("nan")]),
)
torch.save({"epoch": 3, "lr": 1e-4, "state_dict": state}, here / "nested.pth")
torch.save(state, here / "protocol_4.bin", pickle_protocol=4)
torch.save(state, here / "old.bin", _use_new_zipfile_serialization=False)
embeddings = {"": torch.full([1, 77, 4], 0.5).half(), "a rocket ship": torch.ones(77, 4), "pair ü 🚀": (torch.zeros(1, 77, 4), torch.ones(1, 77, 4))}
torch.save(embeddings, here / "prompt_embeds_dict.pth")


class Evil:
    def __reduce__(self):
        return os.system, ("true",)


torch.save({"weight": Evil()}, here / "evil.bin")
