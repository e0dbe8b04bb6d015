"""stage-2.safetensors: anagram, inpainting and hybrid through a stage II."""

import torch
import torch.nn.functional as F

from anagram import FIRE, MAN, anagram
from hybrid import hybrid, low_high
from inpaint import finished, inpaint, masks
from slots import Ddpm, Desk, File, as_tensor, draw, fresh, one, run, scheduler_plan, u8
from tensors import picture
from trajectories import PROMPT

GUIDANCE, LEVEL = 4.0, 250


def conditioned(lab, small, g):
    """The generator's second draw, after x_T."""
    up = F.interpolate(small, (lab.size, lab.size), mode="bilinear", align_corners=True)
    return lab.noising.add_noise(up, draw(lab, g), torch.tensor([LEVEL]))


def make(out):
    lab = Desk(out, "narrow/stage-2", [PROMPT, MAN, FIRE])
    file = File(lab)
    t = file.t
    # What a stage I leaves may lie outside [-1, 1].
    t["small"] = small = 1.5 * picture(3, lab.size // 4, lab.size // 4, seed=16)[None]
    g = fresh()
    draw(lab, g)
    t["conditioning"] = conditioned(lab, small, g)
    plan = scheduler_plan(3)

    def loop(estimate):
        g = fresh()
        x = draw(lab, g)
        return run(lab, plan, estimate, Ddpm(lab, plan, g), x, g, conditioning=conditioned(lab, small, g))

    views = ["identity", "flip_vertical"]
    right = loop(anagram(lab, views, [MAN, FIRE], GUIDANCE, labels=LEVEL))

    def picture_alone(x, at, k):
        """Wrong: the conditioning stays upright in every view."""
        upright = x[:, 3:]
        inner = lab.see
        lab.see = lambda inputs, *rest: inner([torch.cat([i[:, :3], upright], 1) for i in inputs], *rest)
        try:
            return anagram(lab, views, [MAN, FIRE], GUIDANCE, labels=LEVEL)(x, at, k)
        finally:
            del lab.see

    wrong = {"conditioning_not_viewed": loop(picture_alone)}
    wrong["variance_of_the_first"] = loop(anagram(lab, views, [MAN, FIRE], GUIDANCE, labels=LEVEL, wrong="variance_of_the_first"))
    file.add("anagram", right, wrong)

    t["picture"] = u8(picture(3, lab.size, lab.size, seed=17))
    x_0 = as_tensor(t["picture"])
    t["mask"] = masks(lab.size)["soft"]
    m = t["mask"][None, None].float() / 255
    estimate = one(lab, lab.texts[PROMPT], GUIDANCE, labels=LEVEL)

    def painted(wrong=""):
        return inpaint(lab, plan, m, x_0, estimate, wrong=wrong, conditioning=lambda g: conditioned(lab, small, g))

    wrong = {"pasted_at_t": painted("pasted_at_t"), "no_constraint": loop(estimate)}
    file.add("inpaint", finished(painted(), m, x_0), wrong, keep="x_t")

    # Stage I's kernel 5 and σ 1, four times as large: 5·4 + 5 mod 2 = 21 and 4.
    right = loop(hybrid(lab, lambda x: low_high(x, 21, 4.0), [MAN, FIRE], GUIDANCE, labels=LEVEL))
    wrong = {"blur_of_stage_1": loop(hybrid(lab, lambda x: low_high(x, 5, 1.0), [MAN, FIRE], GUIDANCE, labels=LEVEL))}
    file.add("hybrid", right, wrong, keep="x_t")
    file.save(out / "stage-2.safetensors")
