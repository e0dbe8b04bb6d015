"""Stage II's condition: the small picture, enlarged and noised, as IF-II's pipeline makes it; and crops for training.

Small picture [b, 3, 64, 64] → bilinear to 256 with align_corners → noise at `level` by the same ᾱ → joins x_t as channels 3-5.
Training looks at 64 px crops: the network is convolutional but for its lowest levels, and a crop costs a sixteenth.
"""

import torch
import torch.nn.functional as F

TIMES = 4
CROP = 64
# Levels seen in training: the pipelines use 0 (inpainting) and 250; more than 500 hides the subject.
LEVELS = 500


def enlarged(small):
    return F.interpolate(small, scale_factor=TIMES, mode="bilinear", align_corners=True)


def crops(clean, objective, random):
    """Full pictures [b, 3, 256, 256]. Out: crops, their noised conditions [b, 3, 64, 64] each, and levels [b]."""
    condition = enlarged(F.avg_pool2d(clean, TIMES))
    levels = torch.randint(0, LEVELS, (len(clean),), generator=random)
    corners = torch.randint(0, clean.shape[-1] - CROP + 1, (len(clean), 2), generator=random).tolist()

    def cut(pictures):
        return torch.stack([picture[:, y : y + CROP, x : x + CROP] for picture, (y, x) in zip(pictures, corners, strict=True)])

    noise = torch.randn(len(clean), 3, CROP, CROP, generator=random)
    return cut(clean), objective.noised(cut(condition), noise, levels), levels
