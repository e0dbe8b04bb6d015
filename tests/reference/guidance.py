"""guidance.safetensors: a negative prompt, rescaling, an interval and a schedule of γ."""

import math

import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import rescale_noise_cfg

from slots import Ddpm, Desk, File, course_plan, draw, fresh, guided, run, scheduler_plan
from trajectories import PROMPT

NEGATIVE = "a lithograph of waterfalls"
GUIDANCE, RESCALE, LO, HI = 7.0, 0.7, 300, 700
SCHEDULES = {
    "constant": lambda u: 1.0,
    "linear": lambda u: u,
    "cosine": lambda u: (1 - math.cos(math.pi * u)) / 2,
}


def scheduled(guidance, schedule, k, n):
    """γ of evaluation k of n: from 1 up to γ."""
    return 1 + (guidance - 1) * SCHEDULES[schedule](k / (n - 1) if n > 1 else 1.0)


def estimate_with(lab, n, negative=None, rescale=0.0, interval=(0, 999), schedule="constant", wrong=""):
    negative = lab.negative if negative is None else negative
    lo, hi = interval

    def estimate(x, t, k):
        u, c = lab.see([x, x], t, [negative, lab.texts[PROMPT]])
        guidance = scheduled(GUIDANCE, schedule, n - 1 - k if wrong == "falling" else k, n)
        if wrong == "from_0":
            guidance = guidance - 1 + SCHEDULES[schedule](k / (n - 1))
        inside = lo < t < hi if wrong == "ends_excluded" else lo <= t <= hi
        if not inside:
            guidance = 0.0 if wrong == "unconditional_outside" else 1.0
        output, v = guided(u, c, guidance)
        if rescale:
            if wrong == "on_v":
                return rescale_noise_cfg(output, c[:, :3], rescale), v
            noise, text = lab.epsilon(output, x, t), lab.epsilon(c[:, :3], x, t)
            if wrong == "std_of_the_unconditional":
                text = lab.epsilon(u[:, :3], x, t)
            # ε back to v in f64: at small ᾱ the difference cancels.
            a = lab.bar(t).double()
            noise = rescale_noise_cfg(noise, text, rescale).double()
            output = ((noise - (1 - a) ** 0.5 * x.double()) / a**0.5).float()
        return output, v

    return estimate


def make(out):
    lab = Desk(out, "narrow", [PROMPT, NEGATIVE])
    file = File(lab)

    def case(name, plan, wrong, keep="x_t", exchanged=False, **more):
        def go(wrong="", **changed):
            g = fresh()
            x = draw(lab, g)
            estimate = estimate_with(lab, plan.evaluations, wrong=wrong, **{**more, **changed})
            return run(lab, plan, estimate, Ddpm(lab, plan, g), x, g)

        made = {w: go(w) for w in wrong}
        if "negative" in more:
            made["empty_negative"] = go(negative=None)
        if "rescale" in more:
            made["not_rescaled"], made["fully_rescaled"] = go(rescale=0.0), go(rescale=1.0)
        file.add(name, go(), made, keep=keep)

    for stepping, plan in [("course", course_plan(20)), ("scheduler", scheduler_plan(20))]:
        case(f"negative.{stepping}", plan, [], negative=lab.texts[NEGATIVE])
        case(f"rescale.{stepping}", plan, ["on_v", "std_of_the_unconditional"], "all", rescale=RESCALE)
        # 300 and 700 are entries of the scheduler's list.
        wrong = ["unconditional_outside"] + ["ends_excluded"] * (stepping == "scheduler")
        case(f"interval.{stepping}", plan, wrong, interval=(LO, HI))
        for schedule in ["linear", "cosine"]:
            case(f"schedule_{schedule}.{stepping}", plan, ["falling", "from_0"], schedule=schedule)
    more = {"negative": lab.texts[NEGATIVE], "rescale": RESCALE, "interval": (LO, HI), "schedule": "cosine"}
    case("everything.course", course_plan(20), ["falling"], **more)
    n = 20
    for schedule in SCHEDULES:
        file.t[f"schedule_{schedule}.guidance"] = torch.tensor([scheduled(GUIDANCE, schedule, k, n) for k in range(n)])
    file.save(out / "guidance.safetensors")
