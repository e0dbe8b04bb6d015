"""Convolutions and linear layers through products.c: bf16 rows of channels in and out, f32 weights, and gradients that are written
where they belong instead of being handed to autograd.
"""

import torch

from native import call


class Packed:
    """A layer's weight as products.c wants it, for y and for the gradient of x; made anew when the weight has changed."""

    def __init__(self, weight, bias):
        self.weight, self.bias, self.version, self.taps = weight, bias, None, weight[0, 0].numel()
        self.outs, self.channels = weight.shape[:2]
        room = -(-self.outs // 32) * -(-self.channels // 32) * 32 * 32 * self.taps
        self.forth, self.back = torch.empty(2, room, dtype=torch.bfloat16)

    def current(self):
        if self.version != self.weight._version:
            self.version = self.weight._version
            call("pack", self.weight, self.forth, self.back, self.outs, self.taps, self.channels)
        return self


def room_for_gradient(parameter):
    if parameter is not None and parameter.grad is None:
        parameter.grad = torch.empty_like(parameter)
    return None if parameter is None else parameter.grad


def product(x, packed, beside=None, factor=1.0):
    """x [n, high, wide, channels] bf16, 3x3 pixels to one or one to one: [n, high, wide, outs], (product + beside) * factor."""
    y = torch.empty(*x.shape[:-1], packed.outs, dtype=x.dtype)
    call("convolve", x, packed.current().forth, packed.bias, beside, factor, y, *x.shape, packed.outs, packed.taps)
    return y


def product_back(x, dy, packed, wanted=True):
    """The gradient of x, if wanted. Those of weight and bias replace what their `grad` held."""
    dx = torch.empty_like(x) if wanted else None
    dw, db = room_for_gradient(packed.weight), room_for_gradient(packed.bias)
    call("convolve_back", x, dy, packed.back, dx, dw, db, *x.shape, packed.outs, packed.taps)
    return dx


class Product(torch.autograd.Function):
    """`weight` is given so that autograd comes here at all."""

    @staticmethod
    def forward(ctx, x, weight, packed):
        x, ctx.packed = x.to(torch.bfloat16).contiguous(), packed
        ctx.save_for_backward(x)
        return product(x, packed)

    @staticmethod
    def backward(ctx, dy):
        (x,), dy = ctx.saved_tensors, dy.to(torch.bfloat16).contiguous()
        return product_back(x, dy, ctx.packed, ctx.needs_input_grad[0]), None, None


def convolution(self, x):
    return Product.apply(x.permute(0, 2, 3, 1), self.weight, self.packed).permute(0, 3, 1, 2)


def linear(self, x):
    return Product.apply(x.reshape(-1, 1, 1, x.shape[-1]), self.weight, self.packed).reshape(*x.shape[:-1], -1)


FORWARDS = {torch.nn.Conv2d: convolution, torch.nn.Linear: linear}


def layers(network):
    return [module for module in network.modules() if type(module) in FORWARDS]


def hasten(network):
    """From here on its convolutions, of stride 1 and unchanged size, and its linear layers go through products.c."""
    for layer in layers(network):
        if layer.weight.dim() == 4:
            layer.weight.data = layer.weight.data.contiguous(memory_format=torch.channels_last)
        layer.packed = Packed(layer.weight, layer.bias)
        layer.forward = FORWARDS[type(layer)].__get__(layer)
