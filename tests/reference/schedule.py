"""schedule.safetensors: diffusers' DDPM schedules, timestep lists and single steps."""

import numpy as np
import torch
from diffusers import DDPMScheduler
from diffusers.pipelines.deepfloyd_if import timesteps as named
from safetensors.torch import save_file

SCHEDULES = {
    "squaredcos_cap_v2": {},
    "linear": {"beta_start": 1e-4, "beta_end": 0.02},
    "scaled_linear": {"beta_start": 0.00085, "beta_end": 0.012},
    "rescaled": {"beta_schedule": "linear", "rescale_betas_zero_snr": True},
    "trained": {"trained_betas": [0.01 * (1 + i % 5) for i in range(40)]},
}
NAMED = ["fast27", "smart27", "smart50", "smart100", "smart185", "super27", "super40", "super100"]
STEP_LIST = [999, 642, 500, 321, 20, 0]
STEP_AT = [999, 500, 20, 0]
LIMITS = {
    "threshold": {"thresholding": True, "dynamic_thresholding_ratio": 0.95, "sample_max_value": 1.5},
    "clip": {"thresholding": False, "clip_sample": True},
    "plain": {"thresholding": False, "clip_sample": False},
}


def scheduler(**given):
    return DDPMScheduler(**{"beta_schedule": "squaredcos_cap_v2", **given})


def make(out):
    t = {}
    for name, given in SCHEDULES.items():
        s = scheduler(**({} if "trained_betas" in given else {"beta_schedule": name}) | given)
        t[f"{name}.betas"] = s.betas
        t[f"{name}.alphas_cumprod"] = s.alphas_cumprod
    # Wrong: the product kept in f32 from entry to entry.
    alphas = (1 - t["squaredcos_cap_v2.betas"]).numpy()
    t["wrong.alphas_cumprod_f32_product"] = torch.from_numpy(np.array(np.cumprod(alphas, dtype=np.float32)))

    for spacing, offset in [("leading", 0), ("leading", 1), ("linspace", 0), ("trailing", 0)]:
        s = scheduler(timestep_spacing=spacing, steps_offset=offset)
        for n in [1, 5, 20, 27, 40, 50, 100]:
            s.set_timesteps(n)
            t[f"timesteps.{spacing}.offset_{offset}.{n}"] = s.timesteps.clone()
    for name in NAMED:
        t[f"timesteps.named.{name}"] = torch.tensor(getattr(named, name + "_timesteps"))
    for n in [10, 20, 33]:
        t[f"timesteps.course.{n}"] = torch.tensor([round(990 * (1 - i / n)) for i in range(n + 1)])
    # Wrong: halves rounded away from zero, where Python and numpy round them to even.
    t["wrong.timesteps_course_20_half_up"] = torch.tensor([int(990 * (1 - i / 20) + 0.5) for i in range(21)])

    shape = [2, 3, 6, 6]
    g = torch.Generator().manual_seed(7)
    sample = torch.randn(shape, generator=g)
    output = torch.randn([2, 6, 6, 6], generator=g)
    t["step.sample"], t["step.model_output"] = sample, output
    t["step.noise"] = torch.randn(shape, generator=torch.Generator().manual_seed(180))
    t["step.timesteps"] = torch.tensor(STEP_LIST)
    for prediction in ["epsilon", "v_prediction", "sample"]:
        for variance in ["learned_range", "fixed_small", "fixed_large"]:
            for limit, given in LIMITS.items():
                s = scheduler(prediction_type=prediction, variance_type=variance, **given)
                s.set_timesteps(timesteps=STEP_LIST)
                given_output = output if variance == "learned_range" else output[:, :3]
                for at in STEP_AT:
                    g = torch.Generator().manual_seed(180)
                    result = s.step(given_output, torch.tensor(at), sample, generator=g)
                    key = f"step.{prediction}.{variance}.{limit}.{at}"
                    t[key + ".prev_sample"] = result.prev_sample
                    t[key + ".pred_original_sample"] = result.pred_original_sample
    # Wrong: p = t - 1000 // n instead of the next entry of the list.
    s = scheduler(variance_type="learned_range", **LIMITS["threshold"])
    s.set_timesteps(len(STEP_LIST))
    s.custom_timesteps = False
    s.previous_timestep = lambda at: at - 1000 // len(STEP_LIST)
    result = s.step(output, torch.tensor(500), sample, generator=torch.Generator().manual_seed(180))
    t["wrong.step.epsilon.learned_range.threshold.500.prev_sample"] = result.prev_sample

    clean = torch.randn(shape, generator=torch.Generator().manual_seed(8)).clamp(-1, 1)
    t["add_noise.original"], t["add_noise.noise"] = clean, t["step.noise"].clone()
    for at in [0, 250, 500, 750, 999]:
        t[f"add_noise.{at}"] = scheduler().add_noise(clean, t["step.noise"], torch.tensor([at, at]))
    save_file({k: v.contiguous() for k, v in sorted(t.items())}, out / "schedule.safetensors")
