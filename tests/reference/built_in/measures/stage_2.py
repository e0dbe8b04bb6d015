"""Stage II against bicubic enlargement, on frozen pictures shrunk to 64 px by the mean of 4 × 4.

Aims: PSNR and SSIM not below bicubic's, and 0.6 to 1.1 of the truth's energy above what 64 px can hold.
"""

import numpy as np
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from boards import grid
from measures.bench import bytes_of, tensor
from measures.frozen import PIXELS, frozen

TIMES = 4
SSIM = {"data_range": 255, "gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "channel_axis": 2}


def above(picture):
    """Energy of u8 [256, 256, 3]'s gray beyond the highest frequency of 64 px, in either direction."""
    tone = picture @ [0.299, 0.587, 0.114]
    waves = np.abs(np.fft.fft2(tone)) ** 2
    cycles = np.abs(np.fft.fftfreq(PIXELS) * PIXELS)
    return waves[np.maximum(cycles[:, None], cycles) > PIXELS / TIMES / 2].sum()


def scores(truth, made):
    """PSNR, SSIM, and energy above the limit over the truth's."""
    return peak_signal_noise_ratio(truth, made, data_range=255), structural_similarity(truth, made, **SSIM), above(made) / above(truth)


def stage_2(bench):
    if bench.given.painter is None:
        raise SystemExit("stage_2 needs --painter: twelve of its pictures are painted")
    rows, names, found = [], [], {}
    for group, name, picture, prompt in frozen(bench.given.painter, bench.given.few):
        truth = np.asarray(picture)
        small = picture.resize((PIXELS // TIMES, PIXELS // TIMES), Image.BOX)
        small.save(bench.folder / "small.png")
        asked = ("--image", bench.folder / "small.png", "--prompt", prompt, "--seed", 0)
        enlarged = bench.run("upscale", *asked, steps=None, stage_2="auto")[0]
        bicubic = np.asarray(small.resize((PIXELS, PIXELS), Image.BICUBIC))
        two = scores(truth, bicubic), scores(truth, bytes_of(enlarged))
        found.setdefault(group, []).append(two)
        told(f"{group}, {name}", two)
        nearest = small.resize((PIXELS, PIXELS), Image.NEAREST)
        rows += [tensor(nearest), tensor(Image.fromarray(bicubic)), enlarged, tensor(picture)]
        names.append(name)
    for group, those in found.items():
        told(f"mean of {len(those)} {group}", np.mean(those, 0))
    told("mean of all", np.mean([two for those in found.values() for two in those], 0))
    sheet = grid(rows, names, ["64 px", "bicubic", "stage II", "truth"], PIXELS, left=150)
    sheet.save(bench.folder / "stage-2.png")


def told(name, two):
    columns = [f"{label} {psnr:.2f} dB {ssim:.3f} energy {energy:.2f}" for label, (psnr, ssim, energy) in zip(("bicubic", "stage II"), two, strict=True)]
    print(f"{name:34} {'   '.join(columns)}", flush=True)
