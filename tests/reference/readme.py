"""Runs README's PyTorch script on a checkpoint, and holds the network to the one in digits_unet.py.

    python tests/reference/readme.py CHECKPOINT.safetensors OUT.safetensors
"""

import pathlib
import re
import sys

import torch
from safetensors.torch import load_file

from digits_unet import UNet as Reference

root = pathlib.Path(__file__).resolve().parent.parent.parent
script = re.search(r"```python\n(.*?)```", (root / "README.md").read_text(), re.S).group(1)
found = {}
exec(compile(script, "README.md", "exec"), found)
facts, net = found["facts"], found["net"]
reference = Reference(facts["kind"], int(facts["hidden"])).eval()
reference.load_state_dict(load_file(sys.argv[1]))
x, t, c = torch.randn(2, 1, 28, 28), torch.rand(2), torch.eye(10)[:2]
with torch.no_grad():
    apart = (net(x, t, c) - reference(x, t, c)).abs().max().item()
assert apart < 1e-5, apart
assert pathlib.Path(sys.argv[1]).stat().st_size > 0 and load_file(sys.argv[2]).keys() == load_file(sys.argv[1]).keys()
print(f"{facts}: the script's network and the reference's differ by {apart:.1e}")
