"""edit.safetensors: the forward process, denoising and SDEdit, from a picture as a file holds it."""

import torch
from diffusers import IFImg2ImgPipeline

from measures import psnr, ssim
from slots import Ddpm, Desk, File, Plan, as_tensor, blur, course_plan, draw, fresh, one, run, scheduler_plan, u8
from tensors import picture
from trajectories import PROMPT, record, same

PLAIN = "a high quality photo"
GUIDANCE = 7.0


def edit(lab, plan, x_0, first, guidance=GUIDANCE, prompt=PROMPT, wrong=""):
    """The generator's first draw noises the picture to entry `first`; the steps draw after it."""
    g = fresh()
    entry = plan.entries[first + (wrong == "noised_to_the_next_entry")]
    x = lab.forward(x_0, entry, draw(lab, g))
    if wrong == "stream_anew_for_the_steps":
        g = fresh()
    return run(lab, plan, one(lab, lab.texts[prompt], guidance), Ddpm(lab, plan, g), x, g, first=first)


WRONG = ["noised_to_the_next_entry", "stream_anew_for_the_steps"]


def make(out):
    lab = Desk(out, "narrow", [PROMPT, PLAIN])
    file = File(lab)
    t = file.t
    t["picture"] = u8(picture(3, lab.size, lab.size, seed=12))
    x_0 = as_tensor(t["picture"])
    for n, first in [(20, 10), (20, 5), *((33, first) for first in [1, 3, 5, 7, 10, 20])]:
        plan = course_plan(n)
        file.add(
            f"edit.course.{n}.i_start_{first}",
            edit(lab, plan, x_0, first),
            {wrong: edit(lab, plan, x_0, first, wrong=wrong) for wrong in WRONG},
            keep="all" if (n, first) == (20, 10) else "x_t",
        )

    # `scheduler` from entry 10 of 20 is IFImg2ImgPipeline at strength 0.5.
    plan = scheduler_plan(20)
    pipe = IFImg2ImgPipeline(None, None, lab.unet, lab.fresh_scheduler(), None, None, None, requires_safety_checker=False)
    right = record(
        lab,
        pipe,
        prompt_embeds=lab.texts[PROMPT],
        negative_prompt_embeds=lab.negative,
        image=x_0,
        strength=0.5,
        num_inference_steps=20,
        guidance_scale=GUIDANCE,
        generator=fresh(),
    )
    del right["prompt_embeds"], right["negative_prompt_embeds"]
    same(right, edit(lab, plan, x_0, 10))
    file.add("edit.scheduler.20.i_start_10", right, {wrong: edit(lab, plan, x_0, 10, wrong=wrong) for wrong in WRONG})

    # The forward process: every t from a fresh generator.
    for at in [250, 500, 750]:
        t[f"forward.{at}"] = lab.forward(x_0, at, draw(lab, fresh()))
    g = fresh()
    draw(lab, g)
    t["forward.wrong.one_stream_for_all.500"] = lab.forward(x_0, 500, draw(lab, g))

    # Denoising: blur, one step and the loop from the same x_t.
    plan = course_plan(33)
    for name, plan, first in [
        ("i_start_10", plan, 10),
        ("t_500", Plan("course", [500] + [e for e in plan.entries if e < 500]), 0),
    ]:
        right = edit(lab, plan, x_0, first, 1.0, PLAIN)
        wrong = {
            "guided": edit(lab, plan, x_0, first, GUIDANCE, PLAIN),
            "unconditional": edit(lab, plan, x_0, first, 0.0, PLAIN),
        }
        if first == 0:
            wrong["from_the_list"] = edit(lab, course_plan(33), x_0, 16, 1.0, PLAIN)
        file.add(f"denoise.{name}", right, wrong, keep="x_t")
        x_t, clean = right["x_t"][0], right["pred_original_sample"][0]
        blurred = blur(x_t, 5, 2.0)
        t[f"denoise.{name}.blur"], t[f"denoise.{name}.one_step"] = blurred, clean
        shown = [(y[0] + 1) / 2 for y in (blurred, clean, right["x_t"][-1])]
        truth = (x_0[0] + 1) / 2
        t[f"denoise.{name}.psnr"] = torch.cat([psnr(y, truth) for y in shown])
        t[f"denoise.{name}.ssim"] = torch.cat([ssim(y, truth) for y in shown])
    # The blur of the clean picture instead.
    t["denoise.i_start_10.wrong.blur_of_the_picture"] = blur(x_0, 5, 2.0)

    built_in = Desk(out, "built-in", [PROMPT])
    t["built-in.picture"] = u8(picture(3, built_in.size, built_in.size, seed=13))
    x_0 = as_tensor(t["built-in.picture"])
    for first in [10, 5]:
        plan = course_plan(20)
        right = edit(built_in, plan, x_0, first)
        wrong = {w: edit(built_in, plan, x_0, first, wrong=w) for w in WRONG}
        file.add(f"built-in.edit.course.20.i_start_{first}", right, wrong, keep="ends")
    file.save(out / "edit.safetensors")
