"""The training step without what PyTorch's processor kernels lose on it: norm, affine map and GELU are one pass (kernels.c),
pixels stay in channels_last, convolutions and linear layers are products of our own (products.py), and attention's few rows are
plain products. The same numbers to bf16.

    python kernels.py           checks every kernel against PyTorch in f64, and a whole step's gradients against f32
"""

import copy
import math
import sys

import torch
from diffusers.models.resnet import ResnetBlock2D

import adam
import products
from native import call, load

PLAIN_ATTENTION = torch.nn.functional.scaled_dot_product_attention


def pixels_last(x):
    return x.to(torch.bfloat16).contiguous(memory_format=torch.channels_last)


class NormGelu(torch.autograd.Function):
    """gelu(group_norm(x) * scale + shift), scale and shift [n, channels]."""

    @staticmethod
    def forward(ctx, x, scale, shift, groups, eps):
        x, scale, shift = pixels_last(x), scale.float().contiguous(), shift.float().contiguous()
        n, channels, high, wide = x.shape
        assert channels % 16 == 0 and channels <= 1024 and high * wide % 2 == 0, f"kernels.c does not take {tuple(x.shape)}"
        y, statistics = torch.empty_like(x), torch.empty(n, groups, 2)
        call("norm_gelu", x, scale, shift, y, statistics, n, high * wide, channels, groups, float(eps))
        ctx.save_for_backward(x, scale, shift, statistics)
        return y

    @staticmethod
    def backward(ctx, dy):
        x, scale, shift, statistics = ctx.saved_tensors
        n, channels, high, wide = x.shape
        dx, of_scale, of_shift = torch.empty_like(x), torch.empty_like(scale), torch.empty_like(shift)
        call(
            "norm_gelu_back", x, pixels_last(dy), scale, shift, statistics, dx, of_scale, of_shift,
            n, high * wide, channels, statistics.shape[1],
        )
        return dx, of_scale, of_shift, None, None


def resized(name, x, factor):
    x = pixels_last(x)
    n, channels, high, wide = x.shape
    shape = (high // 2, wide // 2) if name == "halve" else (2 * high, 2 * wide)
    y = torch.empty(n, channels, *shape, dtype=x.dtype, memory_format=torch.channels_last)
    call(name, x, y, n, high, wide, channels, factor)
    return y


# What each one's gradient goes through, and the factor of both.
RESIZED = {"halve": ("twice", 0.25), "twice": ("halve", 1.0)}


class Resize(torch.autograd.Function):
    """Means of 2x2 pixels ("halve") or each pixel four times ("twice")."""

    @staticmethod
    def forward(ctx, x, name):
        ctx.name = name
        return resized(name, x, RESIZED[name][1])

    @staticmethod
    def backward(ctx, dy):
        back, factor = RESIZED[ctx.name]
        return resized(back, dy, factor), None


class Sum(torch.autograd.Function):
    """(x + h) * factor"""

    @staticmethod
    def forward(ctx, x, h, factor):
        x, h = pixels_last(x), pixels_last(h)
        y, ctx.factor = torch.empty_like(x), factor
        call("sum", x, h, y, x.numel(), factor)
        return y

    @staticmethod
    def backward(ctx, dy):
        dy = pixels_last(dy)
        dx = torch.empty_like(dy)
        call("scaled", dy, dx, dy.numel(), ctx.factor)
        return dx, dx, None


def block(self, x, temb, *_, **__):
    """ResnetBlock2D.forward as IF has it: time scales and shifts the second norm."""
    first, second, n = self.norm1, self.norm2, x.shape[0]
    h = NormGelu.apply(x, first.weight.expand(n, -1), first.bias.expand(n, -1), first.num_groups, first.eps)
    if self.up or self.down:
        name = "twice" if self.up else "halve"
        x, h = Resize.apply(x, name), Resize.apply(h, name)
    h = self.conv1(h)
    scale, shift = self.time_emb_proj(temb).float().chunk(2, dim=1)
    scale = 1 + scale
    h = NormGelu.apply(h, second.weight * scale, second.bias * scale + shift, second.num_groups, second.eps)
    h = self.conv2(h)
    if self.conv_shortcut is not None:
        x = self.conv_shortcut(x)
    return Sum.apply(x, h, 1 / self.output_scale_factor)


class LastNorm(torch.nn.Module):
    """The norm before the last convolution with its activation, under the norm's own name."""

    def __init__(self, norm):
        super().__init__()
        self.weight, self.bias, self.groups, self.eps = norm.weight, norm.bias, norm.num_groups, norm.eps

    def forward(self, x):
        n = x.shape[0]
        return NormGelu.apply(x, self.weight.expand(n, -1), self.bias.expand(n, -1), self.groups, self.eps)


def attention(q, k, v, attn_mask=None, **options):
    """scaled_dot_product_attention, [b, heads, rows, d]. IF's UNet gives no mask; whoever does is served by PyTorch."""
    if attn_mask is not None:
        return PLAIN_ATTENTION(q, k, v, attn_mask=attn_mask, **options)
    b, heads, rows, d = q.shape
    q, k, v = (each.reshape(b * heads, -1, d) for each in (q / math.sqrt(d), k, v))
    share = torch.bmm(q, k.transpose(1, 2)).float().softmax(-1)
    return torch.bmm(share.to(q.dtype), v).reshape(b, heads, rows, d)


def hasten(networks):
    """From here on these UNets, and every other ResnetBlock2D, go through the kernels, in bf16. False where `native` cannot be loaded."""
    if not load():
        return False
    ResnetBlock2D.forward = block
    torch.nn.functional.scaled_dot_product_attention = attention
    for network in networks:
        products.hasten(network)
        network.conv_norm_out, network.conv_act = LastNorm(network.conv_norm_out), torch.nn.Identity()
    return True


def apart(found, wanted):
    return ((found.double() - wanted.double()).norm() / wanted.double().norm()).item()


def check():
    from networks import unet

    torch.manual_seed(0)
    torch.set_num_threads(1)
    network, n = unet(1), 4
    given = torch.randn(n, 3, 64, 64), torch.randint(0, 1000, (n,)), torch.randn(n, 77, 256)

    def gradients(autocast):
        network.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            output = network(*given).sample.float()
        output.square().mean().backward()
        return torch.cat([parameter.grad.flatten() for parameter in network.parameters()])

    true, plain = gradients(False), gradients(True)
    assert hasten([network]), "this processor has no AVX-512 with bf16"
    x, weight = torch.randn(n, 48, 16, 16).bfloat16(), torch.randn(n, 48, 16, 16).bfloat16()
    scale, shift = torch.randn(n, 48), torch.randn(n, 48)
    function = torch.nn.functional
    plainly = lambda x, a, b: function.gelu(function.group_norm(x, 8, eps=1e-6) * a[:, :, None, None] + b[:, :, None, None])
    pairs = [
        ("norm_gelu", lambda x, a, b: NormGelu.apply(x, a, b, 8, 1e-6), plainly),
        ("halve", lambda x, *_: Resize.apply(x, "halve"), lambda x, *_: function.avg_pool2d(x, 2)),
        ("twice", lambda x, *_: Resize.apply(x, "twice"), lambda x, *_: function.interpolate(x, scale_factor=2)),
        ("sum", lambda x, *_: Sum.apply(x, 2 * x, 0.7), lambda x, *_: 0.7 * (x + 2 * x)),
    ]
    for name, ours, theirs in pairs:
        mine = [each.clone().requires_grad_() for each in (x, scale, shift)]
        reference = [each.double().requires_grad_() for each in (x, scale, shift)]
        y, wanted = ours(*mine), theirs(*reference)
        y.backward(gradient := torch.randn(y.shape).bfloat16())
        wanted.backward(gradient.double())
        errors = [apart(y, wanted)] + [apart(a.grad, b.grad) for a, b in zip(mine, reference, strict=True) if b.grad is not None]
        print(name, *(f"{error:.1e}" for error in errors))
        assert max(errors) < 2**-8, name  # bf16 keeps eight bits
    for layer in [torch.nn.Conv2d(48, 80, 3, padding=1), torch.nn.Conv2d(3, 32, 3, padding=1), torch.nn.Conv2d(48, 6, 1), torch.nn.Linear(48, 96)]:
        check_product(layer, torch.randn(n, 48, 9, 5).bfloat16())
    check_adam()
    ours = gradients(True)
    print(f"a step's gradients from f32's: {apart(ours, true):.3f}, PyTorch's own bf16 {apart(plain, true):.3f}")
    assert apart(ours, true) < 1.2 * apart(plain, true)


def check_product(layer, x):
    x = x[:, : layer.weight.shape[1]] if x.dim() == layer.weight.dim() else x.permute(0, 2, 3, 1)
    layer.weight.data = layer.weight.data.bfloat16().float()
    reference = copy.deepcopy(layer).double()
    products.hasten(layer)
    given, wanted = x.clone().requires_grad_(), x.double().requires_grad_()
    y, truth = layer(given), reference(wanted)
    y.backward(gradient := torch.randn(y.shape).bfloat16())
    truth.backward(gradient.double())
    pairs = [(y, truth), (given.grad, wanted.grad), (layer.weight.grad, reference.weight.grad), (layer.bias.grad, reference.bias.grad)]
    errors = [apart(ours, theirs) for ours, theirs in pairs]
    print(reference, *(f"{error:.1e}" for error in errors))
    assert max(errors[:2]) < 2**-8 and max(errors[2:]) < 1e-5, reference


def check_adam():
    """Five steps beside torch's, resumed after two; large gradients, so that they are clipped."""
    make = lambda: torch.nn.Sequential(torch.nn.Conv2d(32, 48, 3), torch.nn.GroupNorm(8, 48), torch.nn.Linear(7, 5))
    plain, kept = make(), [make() for _ in range(3)]
    for each in kept:
        each.load_state_dict(plain.state_dict())
    network, mean, plain_mean = kept[0], kept[1].requires_grad_(False), kept[2].requires_grad_(False)
    gradients = [[torch.randn_like(p) for p in plain.parameters()] for _ in range(5)]
    products.hasten(network), products.hasten(mean)
    ours, theirs = adam.Adam(network, mean), adam.Adam(plain, plain_mean)
    for i, step in enumerate(gradients):
        if i == 2:
            ours.resume(theirs.state())
            ours.join()
        for optimiser in (ours, theirs):
            optimiser.clear()
            for weight, gradient in zip(optimiser.weights, step, strict=True):
                weight.grad = (torch.empty_like(weight) if weight.grad is None else weight.grad).copy_(gradient)
            optimiser.norm = optimiser.step(1e-2, 0.9)
    assert abs(ours.norm / theirs.norm - 1) < 1e-5
    numbers = lambda optimiser: [*optimiser.weights, *optimiser.ema.parameters(), *(v for each in optimiser.state()["state"].values() for v in each.values())]
    errors = [apart(a.detach(), b.detach()) for a, b in zip(numbers(ours), numbers(theirs), strict=True)]
    print("adam", f"{max(errors):.1e}")
    assert max(errors) < 1e-5


if __name__ == "__main__":
    sys.exit(check())
