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
from products import product, product_back

PLAIN_BLOCK = ResnetBlock2D.forward
PLAIN_ATTENTION = torch.nn.functional.scaled_dot_product_attention


def rows(x):
    """[n, channels, high, wide] as bf16 [n, high, wide, channels] in this order of memory, which it mostly has."""
    return x.permute(0, 2, 3, 1).to(torch.bfloat16).contiguous()


def planes(x):
    return x.permute(0, 3, 1, 2)


def normed(x, scale, shift, groups, eps):
    """gelu(group_norm(x) * scale + shift) of rows, scale and shift [n, channels] f32; and the groups' statistics."""
    n, high, wide, channels = x.shape
    assert channels % 16 == 0 and channels <= 1024 and high * wide % 2 == 0, f"kernels.c does not take {tuple(x.shape)}"
    y, statistics = torch.empty_like(x), torch.empty(n, groups, 2)
    call("norm_gelu", x, scale, shift, y, statistics, n, high * wide, channels, groups, float(eps))
    return y, statistics


def normed_back(x, dy, scale, shift, statistics, beside=None):
    """Gradients of x, with `beside` added, of scale and of shift."""
    n, high, wide, channels = x.shape
    dx, of_scale, of_shift = torch.empty_like(x), torch.empty_like(scale), torch.empty_like(shift)
    call(
        "norm_gelu_back", x, dy, scale, shift, statistics, beside, dx, of_scale, of_shift, n, high * wide, channels, statistics.shape[1],
    )
    return dx, of_scale, of_shift


class NormGelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale, shift, groups, eps):
        given = rows(x), scale.float().contiguous(), shift.float().contiguous()
        y, statistics = normed(*given, groups, eps)
        ctx.save_for_backward(*given, statistics)
        return planes(y)

    @staticmethod
    def backward(ctx, dy):
        x, scale, shift, statistics = ctx.saved_tensors
        dx, of_scale, of_shift = normed_back(x, rows(dy), scale, shift, statistics)
        return planes(dx), of_scale, of_shift, None, None


def resized(name, x, factor):
    """Sums of 2x2 pixels ("halve") or each pixel four times ("twice"), times factor."""
    n, high, wide, channels = x.shape
    y = torch.empty(n, *((high // 2, wide // 2) if name == "halve" else (2 * high, 2 * wide)), channels, dtype=x.dtype)
    call(name, x, y, n, high, wide, channels, factor)
    return y


# By what a block does: the factor, what its gradient goes through, and that one's factor.
RESIZED = {"halve": (0.25, "twice", 0.25), "twice": (1.0, "halve", 1.0)}


class Block(torch.autograd.Function):
    """A whole ResnetBlock2D: norm, resizing, convolution, norm, convolution, and what goes past them."""

    @staticmethod
    def forward(ctx, x, scale, shift, time_scale, time_shift, block):
        first, second = block.norm1, block.norm2
        name = "twice" if block.up else "halve" if block.down else None
        x, maps = rows(x), [each.float().contiguous() for each in (scale, shift, time_scale, time_shift)]
        h, statistics = normed(x, *maps[:2], first.num_groups, first.eps)
        past = x
        if name is not None:
            factor = RESIZED[name][0]
            past, h = (resized(name, each, factor) for each in (x, h))
        between = product(h, block.conv1.packed)
        last, time_statistics = normed(between, *maps[2:], second.num_groups, second.eps)
        seen = past
        if block.conv_shortcut is not None:
            past = product(seen, block.conv_shortcut.packed)
        ctx.name, ctx.block = name, block
        ctx.save_for_backward(x, h, between, last, seen, *maps, statistics, time_statistics)
        return planes(product(last, block.conv2.packed, past, 1 / block.output_scale_factor))

    @staticmethod
    def backward(ctx, dy):
        x, h, between, last, seen, scale, shift, time_scale, time_shift, statistics, time_statistics = ctx.saved_tensors
        block, dy = ctx.block, rows(dy)
        past = torch.empty_like(dy)
        call("scaled", dy, past, dy.numel(), 1 / block.output_scale_factor)
        d_last = product_back(last, past, block.conv2.packed)
        d_between, *of_time = normed_back(between, d_last, time_scale, time_shift, time_statistics)
        dh = product_back(h, d_between, block.conv1.packed)
        if block.conv_shortcut is not None:
            past = product_back(seen, past, block.conv_shortcut.packed)
        if ctx.name is not None:
            _, back, factor = RESIZED[ctx.name]
            past, dh = (resized(back, each, factor) for each in (past, dh))
        dx, *of_maps = normed_back(x, dh, scale, shift, statistics, past)
        return planes(dx), *of_maps, *of_time, None


def block(self, x, temb, *_, **__):
    """ResnetBlock2D.forward as IF has it: time scales and shifts the second norm."""
    first, second, n = self.norm1, self.norm2, x.shape[0]
    scale, shift = self.time_emb_proj(temb).float().chunk(2, dim=1)
    scale = 1 + scale
    maps = first.weight.expand(n, -1), first.bias.expand(n, -1), second.weight * scale, second.bias * scale + shift
    return Block.apply(x, *maps, self)


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
    mine, reference = ([each.clone().to(kind).requires_grad_() for each in (x, scale, shift)] for kind in (None, torch.double))
    norm = function.group_norm(reference[0], 8, eps=1e-6)
    wanted = function.gelu(norm * reference[1][:, :, None, None] + reference[2][:, :, None, None])
    compare("norm_gelu", NormGelu.apply(*mine, 8, 1e-6), wanted, mine, reference, 2**-8)
    for changed in ({}, {"out_channels": 64}, {"up": True}, {"down": True}):
        check_block(x, changed)
    for layer in [torch.nn.Conv2d(48, 80, 3, padding=1), torch.nn.Conv2d(3, 32, 3, padding=1), torch.nn.Conv2d(48, 6, 1), torch.nn.Linear(48, 96)]:
        check_product(layer, torch.randn(n, 48, 9, 5).bfloat16())
    check_adam()
    ours = gradients(True)
    print(f"a step's gradients from f32's: {apart(ours, true):.3f}, PyTorch's own bf16 {apart(plain, true):.3f}")
    assert apart(ours, true) < 1.2 * apart(plain, true)


def compare(name, y, wanted, mine, reference, most):
    """Results and gradients of ours and of the reference in f64."""
    y.backward(gradient := torch.randn(y.shape).bfloat16())
    wanted.backward(gradient.double())
    errors = [apart(y, wanted)] + [apart(a.grad, b.grad) for a, b in zip(mine, reference, strict=True) if b.grad is not None]
    print(name, *(f"{error:.1e}" for error in errors))
    assert max(errors) < most, name


def rounded(layer):
    for module in products.layers(layer):
        module.weight.data = module.weight.data.bfloat16().float()


def check_product(layer, x):
    x = x[:, : layer.weight.shape[1]] if layer.weight.dim() == 4 else x.permute(0, 2, 3, 1)
    rounded(layer)
    reference = copy.deepcopy(layer).double()
    products.hasten(layer)
    given, wanted = x.clone().requires_grad_(), x.double().requires_grad_()
    compare(reference, layer(given), reference(wanted), [given, *layer.parameters()], [wanted, *reference.parameters()], 2**-8)


def check_block(x, changed):
    """Several roundings to bf16 one after the other."""
    given = {"in_channels": 48, "temb_channels": 32, "groups": 8, "non_linearity": "gelu", "time_embedding_norm": "scale_shift"}
    ours = ResnetBlock2D(**given, skip_time_act=True, output_scale_factor=1.4, **changed)
    rounded(ours)
    reference, temb = copy.deepcopy(ours).double(), torch.randn(len(x), 32).bfloat16()
    products.hasten(ours)
    mine, theirs = (x.clone().requires_grad_(), temb), (x.double().requires_grad_(), temb.double())
    pairs = [mine[0], *ours.parameters()], [theirs[0], *reference.parameters()]
    compare(f"block {changed}", ours(*mine), PLAIN_BLOCK(reference, *theirs), *pairs, 2**-6)


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
