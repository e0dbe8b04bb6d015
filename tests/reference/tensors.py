"""tensors.safetensors: PyTorch's normal stream on the CPU, and the picture operations."""

import numpy as np
import torch
import torch.nn.functional as F
import torchvision.transforms.functional as TF
from PIL import Image
from safetensors.torch import save_file

SEEDS = [0, 180, 2**32 + 180, 12345]
SHAPES = {
    "1": [1],
    "15": [15],
    "16": [16],
    "17": [17],
    "20": [20],
    "4096": [4096],
    "1x3x32x32": [1, 3, 32, 32],
}
# Fewer than 16 values come in pairs whose second is kept for the next such draw, even past a large one.
SEQUENCES = {
    "small_large_small": [3, 20, 2],
    "odd_small": [1, 1, 1, 5, 2, 15, 1],
    "large_small_large": [4096, 1, 3072, 1, 17, 3],
    "two_large": [3072, 3072, 33],
}


def generator(seed):
    return torch.Generator().manual_seed(seed)


def picture(*shape, seed):
    """A smooth picture with some noise, in [-1, 1]."""
    c, h, w = shape
    y, x = torch.meshgrid(torch.linspace(0, 1, h), torch.linspace(0, 1, w), indexing="ij")
    waves = [torch.sin(7 * (k + 1) * x + 5 * y) * torch.cos(4 * y * (k + 1)) for k in range(c)]
    noise = torch.randn(shape, generator=generator(seed))
    return (0.8 * torch.stack(waves) + 0.15 * noise).clamp(-1, 1)


def make(out):
    t = {}
    for seed in SEEDS:
        for name, shape in SHAPES.items():
            t[f"randn.{seed}.{name}"] = torch.randn(shape, generator=generator(seed))
        for name, sizes in SEQUENCES.items():
            if seed in (0, 2**32 + 180) and max(sizes) > 1000:
                continue
            g = generator(seed)
            for i, n in enumerate(sizes):
                t[f"sequence.{seed}.{name}.{i}"] = torch.randn(n, generator=g)
    # Wrong: the kept second normal is thrown away by the large draw between.
    g = generator(180)
    for n in [3, 20, 1]:
        torch.randn(n, generator=g)
    t["wrong.sequence.180.small_large_small.2"] = torch.randn(2, generator=g)

    for name, shape, kernel, sigma in [
        ("kernel_5", (3, 32, 32), 5, 2.0),
        ("kernel_33", (3, 64, 64), 33, 2.0),
        ("odd", (3, 19, 27), 5, 2.0),
        ("wide", (1, 9, 40), 7, 1.3),
    ]:
        x = picture(*shape, seed=kernel)
        t[f"blur.{name}.input"] = x
        t[f"blur.{name}.output"] = TF.gaussian_blur(x, [kernel, kernel], [sigma, sigma])
        t[f"blur.{name}.kernel_sigma"] = torch.tensor([kernel, sigma])
    x = t["blur.kernel_5.input"]
    padded = F.pad(x[None], [2] * 4)
    t["wrong.blur_zero_padding"] = TF.gaussian_blur(padded[0], [5, 5], [2.0, 2.0])[:, 2:-2, 2:-2].contiguous()

    x = picture(3, 8, 8, seed=1)[None]
    t["interpolate.input"] = x
    for h, w in [(32, 32), (13, 27), (5, 11)]:
        for corners in [True, False]:
            key = f"interpolate.{h}x{w}.align_corners_{str(corners).lower()}"
            t[key] = F.interpolate(x, (h, w), mode="bilinear", align_corners=corners)

    # A u8 picture as Pillow resizes it: the short side to `size` by antialiased bilinear, then the centre.
    for name, (h, w), size in [("down", (75, 101), 32), ("tall", (90, 41), 32), ("up", (20, 27), 32), ("odd", (64, 47), 15)]:
        x = picture(3, h, w, seed=h)
        u8 = ((x + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).contiguous()
        image = Image.fromarray(u8.numpy())
        resized = TF.resize(image, size, TF.InterpolationMode.BILINEAR, antialias=True)
        cropped = TF.center_crop(resized, [size, size])
        t[f"resize.{name}.input"] = u8
        t[f"resize.{name}.resized"] = torch.from_numpy(np.array(resized))
        t[f"resize.{name}.cropped"] = torch.from_numpy(np.array(cropped))
        t[f"resize.{name}.tensor"] = torch.from_numpy(np.array(cropped)).permute(2, 0, 1).float().contiguous() / 127.5 - 1

    for n in [1, 2, 7, 8, 100, 101, 3072, 12288]:
        x = torch.randn(n, generator=generator(n)).abs()
        t[f"quantile.{n}.input"] = x
        t[f"quantile.{n}.output"] = torch.quantile(x, 0.95).reshape(1)
    t["quantile.q"] = torch.tensor([0.95])
    for n in [8, 3072]:
        x = t[f"quantile.{n}.input"].sort().values
        t[f"wrong.quantile.{n}.nearest"] = x[round(0.95 * (n - 1))].reshape(1)
    save_file({k: v.contiguous() for k, v in sorted(t.items())}, out / "tensors.safetensors")
