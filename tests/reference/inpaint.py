"""inpaint.safetensors: the course's re-noising, RePaint's resampling, and diffusers' un-noised surroundings."""

import torch
from diffusers import IFInpaintingPipeline

import slots
from slots import Ddpm, Desk, File, as_tensor, course_plan, draw, fresh, one, run, scheduler_plan, u8
from tensors import picture
from trajectories import PROMPT

GUIDANCE = 7.0


def masks(size):
    """[1, 1, h, w], 1 = new. The hard one is 0 or 255 of a file, the soft one any grey."""
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    s = size / 12
    hard = ((y >= 3 * s) & (y < 9 * s) & (x >= 2 * s) & (x < 8 * s)).float()
    soft = (1.4 - ((y - 5 * s) ** 2 + (x - 6 * s) ** 2).float().sqrt() / (4 * s)).clamp(0, 1)
    return {name: (m * 255).round().to(torch.uint8) for name, m in [("hard", hard), ("soft", soft)]}


def paste(lab, m, x_0, g, wrong=""):
    """x ← m·x + (1 - m)·forward(x_0, t'), every time with a draw, at ᾱ = 1 too."""

    def constraint(x, t):
        if wrong == "no_draw_at_bar_1" and t is None:
            return m * x + (1 - m) * x_0
        noise = torch.randn(x.shape, generator=g)
        if wrong == "no_noise_at_the_last" and t in (None, 0):
            noise = 0 * noise
        return m * x + (1 - m) * lab.forward(x_0, t, noise)

    return constraint


def inpaint(lab, plan, m, x_0, estimate, repaint=None, wrong="", conditioning=None):
    g = fresh()
    x = draw(lab, g)
    if conditioning:
        conditioning = conditioning(g)
    constraint = paste(lab, m, x_0, g, wrong)
    if wrong == "pasted_at_t":
        # One step noisier than x is.
        inner, entries = constraint, iter(plan.entries)
        constraint = lambda x, t: inner(x, next(entries))
    if wrong == "draws_exchanged":
        return exchanged(lab, plan, m, x_0, estimate, x, g)
    if wrong == "mask_turned":
        constraint = paste(lab, 1 - m, x_0, g)
    if wrong == "mask_thresholded":
        constraint = paste(lab, (m >= 0.5).float(), x_0, g)
    return run(lab, plan, estimate, Ddpm(lab, plan, g), x, g, constraint=constraint, repaint=repaint, conditioning=conditioning)


def exchanged(lab, plan, m, x_0, estimate, x, g):
    """The paste's noise drawn before the sampler's."""
    kept = []

    class Late(Ddpm):
        def step(self, *given):
            kept.append(torch.randn(x.shape, generator=g))
            return super().step(*given)

    def constraint(x, t):
        return m * x + (1 - m) * lab.forward(x_0, t, kept[-1])

    return run(lab, plan, estimate, Late(lab, plan, g), x, g, constraint=constraint)


def through_pipeline(lab, m, x_0):
    """What goes into every step, and the result; x̂_0 and ε as the step had them."""
    pipe = IFInpaintingPipeline(
        None, None, lab.unet, lab.fresh_scheduler(), None, None, None, requires_safety_checker=False
    )
    steps = []
    inner = pipe.scheduler.step

    def step(output, t, x, generator=None, return_dict=True):
        result = inner(output, t, x, generator=generator)
        steps.append((int(t), x, lab.epsilon(output[:, :3], x, t), result.pred_original_sample))
        return result.prev_sample, result.pred_original_sample

    pipe.scheduler.step = step
    pipe.set_progress_bar_config(disable=True)
    image = pipe(
        prompt_embeds=lab.texts[PROMPT],
        negative_prompt_embeds=lab.negative,
        image=x_0,
        mask_image=m.clone(),
        strength=1.0,
        num_inference_steps=20,
        guidance_scale=GUIDANCE,
        generator=fresh(),
        output_type="pt",
    ).images
    return {
        "timesteps": torch.tensor([s[0] for s in steps]),
        "x_t": torch.stack([s[1] for s in steps] + [image]),
        "noise_pred": torch.stack([s[2] for s in steps]),
        "pred_original_sample": torch.stack([s[3] for s in steps]),
    }


def finished(right, m, x_0):
    right["finished"] = m * right["x_t"][-1] + (1 - m) * x_0
    return right


def make(out):
    lab = Desk(out, "narrow", [PROMPT])
    file = File(lab)
    t = file.t
    t["picture"] = u8(picture(3, lab.size, lab.size, seed=14))
    x_0 = as_tensor(t["picture"])
    estimate = one(lab, lab.texts[PROMPT], GUIDANCE)
    for name, grey in masks(lab.size).items():
        t[f"mask.{name}"] = grey
        m = grey[None, None].float() / 255

        def go(plan, wrong="", **more):
            return inpaint(lab, plan, m, x_0, estimate, wrong=wrong, **more)

        def case(label, plan, wrong, keep, **more):
            file.add(
                f"{name}.{label}",
                finished(go(plan, **more), m, x_0),
                {w: go(plan, w, **more) for w in wrong},
                keep=keep,
            )

        wrong = ["pasted_at_t", "draws_exchanged", "mask_turned"]
        case("course", course_plan(20), wrong + ["no_noise_at_the_last"] + ["mask_thresholded"] * (name == "soft"), "all")
        if name == "hard":
            case("scheduler", scheduler_plan(20), wrong, "x_t")
            right = through_pipeline(lab, m, x_0)
            file.add("hard.diffusers", finished(right, m, x_0), {"renoised": go(scheduler_plan(20))})
        else:
            # The same pipeline thresholds a soft mask at 0.5.
            right = through_pipeline(lab, m, x_0)
            file.add("soft.diffusers", right, {"renoised": go(scheduler_plan(20))}, keep="ends")
            for label, plan, more in [("course", course_plan(10), []), ("scheduler", scheduler_plan(10), ["no_draw_at_bar_1"])]:
                right = finished(go(plan, repaint=(2, 3)), m, x_0)
                wrong = {
                    "no_jump_from_the_end": without_jump_from_the_end(lab, plan, m, x_0, estimate),
                    "steps_of_one_entry": single_draws(lab, plan, m, x_0, estimate),
                    "no_repaint": go(plan),
                    **{w: go(plan, w, repaint=(2, 3)) for w in more},
                }
                file.add(f"soft.repaint.{label}", right, wrong)
                print("   ", right["timesteps"].tolist())
    right = finished(inpaint(lab, course_plan(10), m, x_0, estimate, repaint=(3, 3)), m, x_0)
    file.add("soft.repaint.course.r_3", right, {"r_2": go(course_plan(10), repaint=(2, 3))}, keep="x_t")
    file.save(out / "inpaint.safetensors")


def without_jump_from_the_end(lab, plan, m, x_0, estimate):
    """Wrong: what the loop had when it first arrived at its end."""
    whole = inpaint(lab, plan, m, x_0, estimate, repaint=(2, 3))
    return whole["x_t"][int(whole["jump.before_step"][-1])]


def single_draws(lab, plan, m, x_0, estimate):
    """Wrong: a jump as single entries, each with a draw of its own."""
    original = slots.jump

    def jump(lab, plan, i, j, x, g):
        for at in range(i, i - j, -1):
            x = original(lab, plan, at, 1, x, g)
        return x

    slots.jump = jump
    try:
        return inpaint(lab, plan, m, x_0, estimate, repaint=(2, 3))
    finally:
        slots.jump = original
