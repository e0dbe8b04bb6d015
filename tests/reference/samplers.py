"""samplers.safetensors: DDIM and DPM-Solver++ 2M, single steps and whole loops, by diffusers' own schedulers."""

import torch
from diffusers import IFPipeline

from slots import Ddim, Desk, DpmSolver, File, Plan, course_plan, ddim, dpm_solver, draw, fresh, one, run, scheduler_plan
from trajectories import PROMPT, record, same

# DDIM without noise triples rounding at every thresholded step at γ 7.
GUIDANCE = {"scheduler": 2.0, "course": 7.0}
SINGLE = [990, 642, 500, 321, 20, 0]
LONG = [990, 940, 871, 800, 742, 690, 613, 545, 500, 421, 350, 297, 240, 163, 88, 20, 0]


def through_pipeline(lab, scheduler, guidance, **steps):
    pipe = IFPipeline(None, None, lab.unet, scheduler, None, None, None, requires_safety_checker=False)
    inner = scheduler.step

    def step(*given, eta=0.0, generator=None, **more):
        """Names η and generator where the scheduler takes them, and says what x̂_0 was."""
        if hasattr(scheduler, "model_outputs"):
            result = inner(*given)
            result.pred_original_sample = scheduler.model_outputs[-1]
            return result
        return inner(*given, eta=through_pipeline.eta, generator=generator)

    scheduler.step = step
    t = record(
        lab,
        pipe,
        prompt_embeds=lab.texts[PROMPT],
        negative_prompt_embeds=lab.negative,
        guidance_scale=guidance,
        generator=fresh(),
        **steps,
    )
    del t["prompt_embeds"], t["negative_prompt_embeds"]
    return t


def loop(lab, plan, make, guidance=None):
    g = fresh()
    x = draw(lab, g)
    guidance = GUIDANCE[plan.stepping] if guidance is None else guidance
    return run(lab, plan, one(lab, lab.texts[PROMPT], guidance), make(plan, g), x, g)


def make(out):
    lab = Desk(out, "narrow", [PROMPT])
    file = File(lab)
    for eta in [0.0, 0.5, 1.0]:
        case = f"ddim.eta_{eta:g}"

        def sampler(**config):
            return lambda plan, g: Ddim(lab, plan, g, eta, **config)

        plan = scheduler_plan(20)
        through_pipeline.eta = eta
        t = through_pipeline(lab, ddim(lab, plan), GUIDANCE["scheduler"], num_inference_steps=20)
        same(t, loop(lab, plan, sampler()))
        wrong = {
            "epsilon_rederived": loop(lab, plan, sampler(rederived=True)),
            "last_step_to_bar_0": loop(lab, plan, sampler(set_alpha_to_one=False)),
        }
        file.add(f"{case}.scheduler", t, wrong, keep="all" if eta == 0.5 else "x_t")
        plan = course_plan(20)
        wrong = {
            "thresholded": loop(lab, plan, sampler(thresholding=True)),
            "previous_by_division": loop(lab, plan, sampler(by_division=True)),
            "last_step_to_1": loop(
                lab, Plan("scheduler", plan.entries[:-1]), sampler(thresholding=False, clip_sample=False), GUIDANCE["course"]
            ),
        }
        t = loop(lab, plan, sampler())
        file.add(f"{case}.course", t, wrong, keep="all" if eta == 0.5 else "x_t")
        natively(lab, eta)

    def solver(**config):
        return lambda plan, g: DpmSolver(lab, plan, **config)

    for n in [20, 10]:
        plan = scheduler_plan(n)
        t = through_pipeline(lab, dpm_solver(lab, plan), GUIDANCE["scheduler"], timesteps=plan.entries)
        same(t, loop(lab, plan, solver()))
        wrong = {
            "first_order": loop(lab, plan, solver(solver_order=1)),
            "last_step_to_bar_0": loop(lab, plan, solver(final_sigmas_type="sigma_min")),
        }
        if n == 20:
            # Its own list is another than the one of DDPM.
            other = dpm_solver(lab, plan, lambda_min_clipped=-5.1)
            other.set_timesteps(20)
            wrong["own_list"] = loop(lab, Plan("scheduler", other.timesteps.tolist()), solver())
        file.add(f"dpm.scheduler.{n}", t, wrong, keep="all" if n == 20 else "x_t")
        plan = course_plan(n)
        t = through_pipeline(lab, dpm_solver(lab, plan), GUIDANCE["course"], timesteps=plan.entries[:-1])
        same(t, loop(lab, plan, solver()))
        # From 15 steps on the last one to ᾱ_0 is of second order.
        order = {"euler_at_final": True} if n == 20 else {"lower_order_final": False}
        wrong = {
            "last_step_of_order_1" if n == 20 else "last_step_of_order_2": loop(lab, plan, solver(**order)),
            "last_step_to_1": loop(lab, plan, solver(final_sigmas_type="zero")),
            "first_order": loop(lab, plan, solver(solver_order=1)),
            "thresholded": loop(lab, plan, solver(thresholding=True)),
        }
        file.add(f"dpm.course.{n}", t, wrong, keep="all" if n == 20 else "x_t")
    single(lab, file)
    file.save(out / "samplers.safetensors")


def natively(lab, eta):
    """The course's list of 33 is evenly spaced: there DDIM's own t - 1000 // 33 is the list's next entry."""
    plan = course_plan(33)
    g = fresh()
    x, scheduler = draw(lab, g), ddim(lab, plan)
    scheduler.num_inference_steps = 33
    scheduler.timesteps = torch.tensor(plan.entries[:-1])
    estimate = one(lab, lab.texts[PROMPT], GUIDANCE["course"])
    for t in scheduler.timesteps:
        x = scheduler.step(estimate(x, int(t), 0)[0], int(t), x, eta=eta, generator=g).prev_sample
    made = loop(lab, plan, lambda plan, g: Ddim(lab, plan, g, eta))["x_t"][-1]
    assert (made - x).abs().max() < 1e-5


def single(lab, file):
    """Steps without a network."""
    g = fresh(7)
    t = file.t
    sample, output, noise = (torch.randn([1, 3, 12, 12], generator=g) for _ in range(3))
    t["step.sample"], t["step.model_output"], t["step.noise"] = sample, output, noise
    t["step.timesteps"] = torch.tensor(SINGLE)
    for prediction in ["epsilon", "v_prediction"]:
        for limit in ["threshold", "plain"]:
            plan = Plan("scheduler", SINGLE)
            for eta in [0.0, 0.5, 1.0]:
                for i in [0, 2, 4, 5]:
                    config = {"prediction_type": prediction, "thresholding": limit == "threshold", "clip_sample": False}
                    key = f"step.ddim.{prediction}.{limit}.eta_{eta:g}.{SINGLE[i]}"

                    def go(**more):
                        sampler = Ddim(lab, plan, None, eta, **config, **more)
                        # The noise is given, not drawn.
                        inner = sampler.scheduler.step
                        sampler.scheduler.step = lambda *a, generator, **k: inner(*a, variance_noise=noise, **k)
                        return sampler.step(i, output, None, sample)

                    t[f"{key}.prev_sample"], t[f"{key}.pred_original_sample"] = go()
                    if (prediction, limit, eta, i) == ("v_prediction", "threshold", 0.5, 2):
                        t[f"{key}.wrong.epsilon_rederived.prev_sample"] = go(rederived=True)[0]
    # DPM-Solver++ remembers: one sequence of outputs, step after step.
    outputs = torch.randn([len(LONG), 1, 3, 12, 12], generator=g)
    t["sequence.sample"], t["sequence.model_outputs"] = sample, outputs
    t["sequence.timesteps.long"], t["sequence.timesteps.short"] = torch.tensor(LONG), torch.tensor(SINGLE)
    for stepping in ["scheduler", "course"]:
        for name, entries in [("long", LONG), ("short", SINGLE)]:
            plan = Plan(stepping, entries)

            def go(**config):
                # v: at 990 an ε of order 1 would make x̂_0 of order 70.
                sampler, x, made = DpmSolver(lab, plan, prediction_type="v_prediction", **config), sample, []
                for i in range(plan.evaluations):
                    x, _ = sampler.step(i, outputs[i], None, x)
                    made.append(x)
                return torch.stack(made)

            t[f"sequence.{stepping}.{name}.prev_sample"] = right = go()
            wrong = go(solver_order=1)
            assert (wrong[1] - right[1]).abs().max() > 9e-3
            t[f"sequence.{stepping}.{name}.wrong.first_order.prev_sample"] = wrong
