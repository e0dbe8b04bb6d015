"""The digit networks of part B as the course's PyTorch code has them. README shows a shorter reader of checkpoints."""

import torch
from torch import nn


class ConvBnGelu(nn.Module):
    def __init__(self, conv, channels):
        super().__init__()
        self.conv = conv
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x):
        return nn.functional.gelu(self.bn(self.conv(x)))


def conv(i, o):
    return ConvBnGelu(nn.Conv2d(i, o, 3, 1, 1), o)


class ConvBlock(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv1, self.conv2 = conv(i, o), conv(o, o)

    def forward(self, x):
        return self.conv2(self.conv1(x))


class DownBlock(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.down = ConvBnGelu(nn.Conv2d(i, o, 3, 2, 1), o)
        self.block = ConvBlock(o, o)

    def forward(self, x):
        return self.block(self.down(x))


class UpBlock(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.up = ConvBnGelu(nn.ConvTranspose2d(i, o, 4, 2, 1), o)
        self.block = ConvBlock(o, o)

    def forward(self, x):
        return self.block(self.up(x))


class FcBlock(nn.Module):
    def __init__(self, i, m, o):
        super().__init__()
        self.linear1, self.linear2 = nn.Linear(i, m), nn.Linear(m, o)

    def forward(self, x):
        return self.linear2(nn.functional.gelu(self.linear1(x)))


def spread(v):
    return v[:, :, None, None]


class UNet(nn.Module):
    """`wrong` names a plausible mistake, for the variants that the tests must refuse."""

    def __init__(self, kind, d, wrong=""):
        super().__init__()
        self.kind, self.wrong = kind, wrong
        self.initial, self.down1, self.down2 = ConvBlock(1, d), DownBlock(d, d), DownBlock(d, 2 * d)
        self.unflatten = ConvBnGelu(nn.ConvTranspose2d(2 * d, 2 * d, 7, 7), 2 * d)
        self.up1, self.up2, self.final = UpBlock(4 * d, d), UpBlock(2 * d, d), ConvBlock(2 * d, d)
        self.out = nn.Conv2d(d, 1, 3, 1, 1)
        if kind in ("time", "class", "flow-time", "flow-class"):
            self.t1, self.t2 = FcBlock(1, 2 * d, 2 * d), FcBlock(1, d, d)
        if kind in ("class", "flow-class"):
            self.c1, self.c2 = FcBlock(10, 2 * d, 2 * d), FcBlock(10, d, d)

    def condition(self, x, place, t, c):
        if not hasattr(self, "t1"):
            return x
        t = spread((self.t1, self.t2)[place](t[:, None]))
        if hasattr(self, "c1"):
            c = spread((self.c1, self.c2)[place](c))
            return c + x * t if self.wrong == "c_and_t_swapped" else c * x + t
        added = self.kind == "time"
        return x + t if added != (self.wrong == "t_the_other_way") else x * t

    def forward(self, x, t=None, c=None):
        cat = (lambda a, b: torch.cat([b, a], 1)) if self.wrong == "skip_first" else (lambda a, b: torch.cat([a, b], 1))
        first = self.initial(x)
        half = self.down1(first)
        quarter = self.down2(half)
        flat = nn.functional.gelu(nn.functional.avg_pool2d(quarter, 7))
        up = self.condition(self.unflatten(flat), 0, t, c)
        up = self.condition(self.up1(cat(up, quarter)), 1, t, c)
        up = self.up2(cat(up, half))
        return self.out(self.final(cat(up, first)))


class Classifier(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.initial, self.down1, self.down2 = ConvBlock(1, d), DownBlock(d, d), DownBlock(d, 2 * d)
        self.head = FcBlock(2 * d, 2 * d, 10)

    def forward(self, x):
        x = self.down2(self.down1(self.initial(x)))
        features = nn.functional.gelu(nn.functional.avg_pool2d(x, 7).flatten(1))
        return features, self.head(features)
