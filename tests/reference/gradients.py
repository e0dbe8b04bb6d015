"""gradients.safetensors: PyTorch's gradients of the layers that a network of DeepFloyd's shape is made of, and of one whole.

Layers are on maps of odd sizes. The loss is Σ y·dy with a random dy, so that dL/dy is dy. The whole network is models/narrow
on one batch of two prompts with a mean squared error, as training has it; in its wrong variant both pictures are told the
first prompt.
"""

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

import networks


def randn(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def keep(t, key, inputs, output, seed):
    """Inputs, output, dL/dy and the gradient by each input, under `key`."""
    dy = randn(seed, *output.shape)
    gradients = torch.autograd.grad((output * dy).sum(), list(inputs.values()))
    t[f"{key}.output"], t[f"{key}.dy"] = output.detach(), dy
    for (name, value), gradient in zip(inputs.items(), gradients):
        t[f"{key}.{name}"], t[f"{key}.gradient.{name}"] = value.detach(), gradient


def leaves(seed, **shapes):
    return {name: randn(seed + i, *shape).requires_grad_() for i, (name, shape) in enumerate(shapes.items())}


def norms(t):
    for key, activation in [("plain", lambda x: x), ("gelu", F.gelu), ("silu", F.silu)]:
        v = leaves(10, x=(2, 12, 5, 7), weight=(12,), bias=(12,), both=(2, 24))
        z = F.group_norm(v["x"], 3, v["weight"], v["bias"], 1e-5)
        scale, shift = v["both"][:, :, None, None].chunk(2, 1)
        # Wrong: the scale without its 1.
        wrong = (activation(z * scale + shift) * randn(20, *z.shape)).sum()
        t[f"norm.{key}.wrong.x"] = torch.autograd.grad(wrong, v["x"], retain_graph=True)[0]
        keep(t, f"norm.{key}", v, activation(z * (1 + scale) + shift), 20)


def attentions(t):
    """Image tokens that look at text and at each other, in three heads of five channels."""
    c, heads = 15, 3
    v = leaves(30, q=(2, c, 6, 9), k=(2, c, 6, 9), v=(2, c, 6, 9), text_k=(2, 7, c), text_v=(2, 7, c))

    def split(x):
        return x.reshape(2, -1, heads, c // heads).transpose(1, 2)

    def tokens(x):
        return x.flatten(2).transpose(1, 2)

    k = torch.cat([v["text_k"], tokens(v["k"])], 1)
    value = torch.cat([v["text_v"], tokens(v["v"])], 1)
    y = F.scaled_dot_product_attention(split(tokens(v["q"])), split(k), split(value))
    keep(t, "attention", v, y.transpose(1, 2).reshape(2, -1, c).transpose(1, 2).reshape(2, c, 6, 9), 40)


def others(t):
    v = leaves(50, x=(3, 10, 4, 6), weight=(17, 10), bias=(17,))
    keep(t, "linear", v, F.linear(v["x"].permute(0, 2, 3, 1), v["weight"], v["bias"]).permute(0, 3, 1, 2), 60)
    v = leaves(70, x=(2, 5, 6, 7))
    keep(t, "down", v, F.avg_pool2d(v["x"], 2), 80)
    keep(t, "up", v, F.interpolate(v["x"], scale_factor=2.0, mode="nearest"), 81)
    v = leaves(90, a=(2, 5, 6, 7), b=(2, 5, 6, 7))
    keep(t, "sum", v, (v["a"] + v["b"]) / 1.5, 91)


def network(t, out):
    unet = networks.load_unet(out / "models" / "narrow").train()
    text, x, target = randn(101, 2, 7, 32), randn(102, 2, 3, 12, 12), randn(103, 2, 6, 12, 12)
    t["unet.text"], t["unet.x"], t["unet.target"] = text, x, target

    def gradients(text):
        unet.zero_grad()
        loss = F.mse_loss(unet(x, torch.tensor(500), text).sample, target)
        loss.backward()
        return loss.detach(), {name: p.grad.clone() for name, p in unet.named_parameters() if p.grad is not None}

    t["unet.loss"], right = gradients(text)
    t |= {f"unet.gradient.{name}": gradient for name, gradient in right.items()}
    # Wrong: both pictures are told the first prompt.
    t |= {f"unet.wrong.{name}": g for name, g in gradients(text[[0, 0]])[1].items() if name in ("conv_in.weight", "conv_out.weight")}
    print(f"  {len(right)} gradients of a loss of {t['unet.loss']:.4f}")


def make(out):
    t = {}
    with torch.enable_grad():
        norms(t)
        attentions(t)
        others(t)
        network(t, out)
    save_file({k: v.clone().contiguous() for k, v in sorted(t.items())}, out / "gradients.safetensors")
