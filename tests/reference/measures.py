"""measures.safetensors: PSNR and SSIM of pairs of pictures."""

import numpy as np
import torch
from safetensors.torch import save_file
from scipy.signal import convolve2d
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from tensors import generator, picture


def psnr(a, b):
    """Both clamped to [0, 1], peak 1; of two equal pictures it is infinite."""
    error = (a.double().clamp(0, 1) - b.double().clamp(0, 1)).square().mean()
    return (-10 * torch.log10(error)).float().reshape(1)


def ssim(a, b, sigma=1.5, reach=5, mode="valid", peak=1.0):
    """Wang 2004, written out in f64: the mean over the valid region and the channels."""
    at = np.arange(-reach, reach + 1)
    line = np.ones(len(at)) if sigma is None else np.exp(-(at**2) / (2 * sigma**2))
    window = np.outer(line, line) / line.sum() ** 2
    found = []
    for x, y in zip(a.double().clamp(0, 1).numpy(), b.double().clamp(0, 1).numpy(), strict=True):

        def blur(z):
            return convolve2d(z, window, mode=mode, boundary="symm")

        mx, my = blur(x), blur(y)
        vx, vy, both = (blur(p) - q for p, q in [(x * x, mx * mx), (y * y, my * my), (x * y, mx * my)])
        c1, c2 = (0.01 * peak) ** 2, (0.03 * peak) ** 2
        found.append(((2 * mx * my + c1) * (2 * both + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))).mean())
    return torch.tensor([np.mean(found)], dtype=torch.float32)


def by_skimage(a, b):
    given = {"data_range": 1.0, "gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "channel_axis": 0}
    a, b = a.double().clamp(0, 1).numpy(), b.double().clamp(0, 1).numpy()
    return structural_similarity(a, b, **given)


def make(out):
    t = {}
    base = picture(3, 24, 31, seed=3) / 2 + 0.5
    noise = torch.randn(base.shape, generator=generator(4))
    pairs = {
        "noisy": (base, base + 0.1 * noise),  # Past [0, 1].
        "dark": (base, 0.6 * base),
        "inverted": (base, 1 - base),
        "identical": (base, base.clone()),
        "smallest": (base[:, :11, :11], (base + 0.05 * noise)[:, :11, :11]),
        "square": (picture(3, 64, 64, seed=8) / 2 + 0.5, picture(3, 64, 64, seed=9) / 2 + 0.5),
        "flat": (torch.full([3, 16, 16], 0.5), torch.full([3, 16, 16], 0.75)),
    }
    for name, (a, b) in pairs.items():
        t[f"{name}.a"], t[f"{name}.b"] = a, b
        t[f"{name}.psnr"], t[f"{name}.ssim"] = psnr(a, b), ssim(a, b)
        assert abs(t[f"{name}.ssim"].item() - by_skimage(a, b)) < 1e-6
        if name != "identical":
            theirs = peak_signal_noise_ratio(a.double().clamp(0, 1).numpy(), b.double().clamp(0, 1).numpy(), data_range=1)
            assert abs(t[f"{name}.psnr"].item() - theirs) < 1e-5
        print(f"  {name}: PSNR {t[f'{name}.psnr'].item():.3f} dB, SSIM {t[f'{name}.ssim'].item():.4f}")
    a, b = pairs["noisy"]
    wrong = {
        "ssim.even_window": ssim(a, b, sigma=None, reach=3),
        "ssim.edges_too": ssim(a, b, mode="same"),
        "ssim.peak_2": ssim(a, b, peak=2.0),
        "psnr.unclamped": (-10 * torch.log10((a - b).square().mean())).reshape(1),
        "psnr.peak_2": psnr(a, b) + 6.0206,
    }
    for meaning, value in wrong.items():
        right = t["noisy." + meaning.split(".")[0]]
        assert (value - right).abs() > 9e-4, (meaning, value, right)
        t[f"noisy.wrong.{meaning}"] = value
        print(f"    {meaning}: {value.item():.4f}")
    save_file({k: v.clone().contiguous() for k, v in sorted(t.items())}, out / "measures.safetensors")
