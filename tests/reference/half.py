"""A digit network's checkpoint in half precision, as `assets/digits` holds them; statistics' counts stay whole.

    python tests/reference/half.py CHECKPOINT.safetensors OUT.safetensors
"""

import sys

import numpy
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

tensors = load_file(sys.argv[1])
with safe_open(sys.argv[1], "numpy") as file:
    facts = file.metadata()
halved = {name: x.astype(numpy.float16) if x.dtype == numpy.float32 else x for name, x in tensors.items()}
lost = [name for name, x in halved.items() if not numpy.isfinite(x).all()]
assert not lost, f"beyond half precision: {lost}"
save_file(halved, sys.argv[2], facts)
