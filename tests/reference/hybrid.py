"""hybrid.safetensors: parts of the noise estimate from several prompts, and one part held to a real picture."""

import torch
import torch.nn.functional as F

from slots import Ddpm, Desk, File, as_tensor, blur, course_plan, draw, fresh, in_pairs, one, run, u8
from tensors import picture
from trajectories import SEED, same

SKULL, FALLS, VILLAGE = "a lithograph of a skull", "a lithograph of waterfalls", "an oil painting of a snowy mountain village"
GUIDANCE = 7.0


def grey(x):
    return x.mean(1, keepdim=True).expand_as(x)


# The parts of a picture [b, 3, h, w]; they sum to it. (kernel, σ): of low_mid_high the two σ, one kernel.
def low_high(x, kernel=33, sigma=2.0):
    low = blur(x, kernel, sigma)
    return [low, x - low]


def low_mid_high(x, kernel=25, sigma_1=1.0, sigma_2=2.0):
    fine, coarse = blur(x, kernel, sigma_1), blur(x, kernel, sigma_2)
    return [coarse, fine - coarse, x - fine]


def grey_colour(x):
    return [grey(x), x - grey(x)]


def motion(x, kernel=7, padding="reflect", turned=False):
    """Along the main diagonal: the filter is eye(k) / k, edges by reflection."""
    line = torch.eye(kernel) / kernel
    line = line.flip(1) if turned else line
    padded = F.pad(x, [kernel // 2] * 4, mode=padding)
    moved = F.conv2d(padded, line.expand(x.shape[1], 1, -1, -1), groups=x.shape[1])
    return [moved, x - moved]


def hybrid(lab, parts, prompts, guidance, labels=None, wrong=""):
    """Part i of what prompt i says; the variance is the plain mean."""

    def estimate(x, t, k):
        pairs = in_pairs(lab, [x] * len(prompts), t, [lab.texts[p] for p in prompts], guidance, labels=labels)
        if wrong == "parts_exchanged":
            pairs = [*pairs[1:], pairs[0]]
        output = sum(parts(o)[i] for i, (o, _) in enumerate(pairs))
        variances = [v for _, v in pairs]
        if wrong == "variance_in_parts":
            return output, sum(parts(v)[i] for i, v in enumerate(variances))
        if wrong == "variance_of_the_first":
            return output, variances[0]
        return output, torch.stack(variances).mean(0)

    return estimate


def hold(lab, parts, held, ref, g, wrong=""):
    """x ← part `held` of forward(ref, t') and the other parts of x."""

    def constraint(x, t):
        noise = torch.randn(x.shape, generator=g)
        noised = ref if wrong == "reference_not_noised" else lab.forward(ref, t, noise)
        return x - parts(x)[held] + parts(noised)[held]

    return constraint


def make(out):
    lab = Desk(out, "built-in", [SKULL, FALLS, VILLAGE])
    narrow = Desk(out, "narrow", [SKULL, FALLS])
    file = File(lab)

    def loop(plan, estimate, ref=None, parts=None, held=0, wrong="", seed=SEED, lab=lab):
        g = fresh(seed)
        x = draw(lab, g)
        constraint = None if ref is None else hold(lab, parts, held, ref, g, wrong)
        if wrong == "start_held_too":
            x = constraint(x, plan.entries[0])
        if wrong == "not_held":
            constraint = None
        if wrong == "held_at_t":
            inner, entries = constraint, iter(plan.entries)
            constraint = lambda x, t: inner(x, next(entries))
        return run(lab, plan, estimate, Ddpm(lab, plan, g), x, g, constraint=constraint)

    for name, parts, prompts, n, keep in [
        ("low_high", low_high, [SKULL, FALLS], 10, "x_t"),
        ("low_mid_high", low_mid_high, [SKULL, FALLS, VILLAGE], 5, "all"),
        ("grey_colour", grey_colour, [SKULL, FALLS], 5, "x_t"),
    ]:
        # Seed 180 doubles rounding at every step of this one.
        seed = 181 if name == "low_high" else SEED
        plan = course_plan(n)
        wrong = ["parts_exchanged", "variance_of_the_first"]
        made = {w: loop(plan, hybrid(lab, parts, prompts, GUIDANCE, wrong=w), seed=seed) for w in wrong}
        if name == "low_high":
            made["kernel_5"] = loop(plan, hybrid(lab, lambda x: low_high(x, 5), prompts, GUIDANCE), seed=seed)
        if name == "low_mid_high":
            other = lambda x: low_mid_high(x, 25, 2.0, 1.0)
            made["sigmas_exchanged"] = loop(plan, hybrid(lab, other, prompts, GUIDANCE))
        alone = loop(course_plan(2), one(lab, lab.texts[SKULL], GUIDANCE))
        same(loop(course_plan(2), hybrid(lab, parts, [SKULL] * len(prompts), GUIDANCE)), alone, 1e-4)
        file.add(name, loop(plan, hybrid(lab, parts, prompts, GUIDANCE), seed=seed), made, keep=keep)

    # On the small network: its 12 px are all that a kernel of 7 needs.
    plan, prompts = course_plan(10), [SKULL, FALLS]
    go = lambda parts=motion, wrong="": loop(plan, hybrid(narrow, parts, prompts, GUIDANCE, wrong=wrong), lab=narrow)
    made = {w: go(wrong=w) for w in ["parts_exchanged", "variance_of_the_first", "variance_in_parts"]}
    made["kernel_5"] = go(lambda x: motion(x, 5))
    made["padded_with_zeros"] = go(lambda x: motion(x, padding="constant"))
    made["other_diagonal"] = go(lambda x: motion(x, turned=True))
    file.add("narrow.motion", go(), made)

    file.t["picture"] = u8(picture(3, lab.size, lab.size, seed=15))
    ref, plan = as_tensor(file.t["picture"]), course_plan(5)
    for name, parts, estimate in [
        ("hold_low", low_high, hybrid(lab, low_high, [SKULL, FALLS], GUIDANCE)),
        ("hold_grey", grey_colour, one(lab, lab.texts[SKULL], GUIDANCE)),
    ]:
        go = lambda wrong="": loop(plan, estimate, ref, parts, 0, wrong)
        made = {w: go(w) for w in ["not_held", "held_at_t", "reference_not_noised"]}
        file.add(name, go(), made, keep="x_t", other={"start_held_too": go("start_held_too")})
    file.save(out / "hybrid.safetensors")
