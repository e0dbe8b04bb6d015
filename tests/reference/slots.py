"""The loop of every experiment, written out once with its slots: start, estimate, sampler, constraint.

Whatever a pipeline of diffusers can run is recorded from that pipeline and this loop is held to it (`same` in
trajectories.py). Estimates return the composed output of the network in its own terms and the composed variance.
"""

import torch
import torchvision.transforms.functional as TF
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler
from safetensors.torch import save_file

from networks import encode, folders
from trajectories import SEED, Lab, course

LEADING = list(range(950, -1, -50))


class Desk(Lab):
    """A model folder with the embeddings of the prompts of a file, and of the empty one."""

    def __init__(self, out, name, prompts):
        super().__init__(out, name)
        home = folders(out)[name.removesuffix("/stage-2")]
        self.prompts = prompts
        self.texts = dict(zip(prompts, encode(home, prompts).split(1), strict=True))
        self.size = self.unet.config.sample_size

    def see(self, inputs, t, texts, labels=None):
        """One batched forward: [1, c_in, h, w] each, with its text; the outputs, each [1, 6, h, w]."""
        if labels is not None:
            labels = torch.tensor([labels] * len(inputs))
        return self.unet(torch.cat(inputs), torch.tensor(t), torch.cat(texts), class_labels=labels).sample.split(1)

    def bar(self, t):
        """ᾱ_t; past the list's end 1."""
        return torch.tensor(1.0) if t is None else self.scheduler.alphas_cumprod[t]

    def forward(self, picture, t, noise):
        a = self.bar(t)
        return a**0.5 * picture + (1 - a) ** 0.5 * noise


class Plan:
    """A list and how its last entry is taken. `course` arrives there; `scheduler` evaluates it and goes to ᾱ = 1."""

    def __init__(self, stepping, entries):
        self.stepping, self.entries = stepping, list(entries)
        self.evaluations = len(self.entries) - (stepping == "course")

    def at(self, i):
        return self.entries[i] if i < len(self.entries) else None


def course_plan(n):
    return Plan("course", course(n))


def scheduler_plan(n):
    return Plan("scheduler", range((n - 1) * (1000 // n), -1, -(1000 // n)))


class Ddpm:
    """Learned range; draws where it adds noise: everywhere in `course`, at t > 0 in `scheduler`."""

    def __init__(self, lab, plan, g):
        self.lab, self.plan, self.g = lab, plan, g
        self.scheduler = lab.fresh_scheduler()
        self.scheduler.set_timesteps(timesteps=plan.entries)

    def step(self, i, output, v, x):
        t, p = torch.tensor(self.plan.entries[i]), self.plan.at(i + 1)
        if self.plan.stepping == "scheduler":
            result = self.scheduler.step(torch.cat([output, v], dim=1), t, x, generator=self.g)
            return result.prev_sample, result.pred_original_sample
        a, p = self.lab.bar(t), self.lab.bar(p)
        alpha = a / p
        beta = 1 - alpha
        if self.scheduler.config.prediction_type == "v_prediction":
            clean = a**0.5 * x - (1 - a) ** 0.5 * output
        else:
            clean = (x - (1 - a) ** 0.5 * output) / a**0.5
        mean = p**0.5 * beta / (1 - a) * clean + alpha**0.5 * (1 - p) / (1 - a) * x
        variance = self.scheduler._get_variance(t, predicted_variance=v)
        return mean + torch.exp(0.5 * variance) * torch.randn(x.shape, generator=self.g), clean


class Ddim:
    """diffusers' step, for one list entry to the next, whatever lies between."""

    def __init__(self, lab, plan, g, eta, **config):
        self.plan, self.g, self.eta = plan, g, eta
        self.rederived = config.pop("rederived", False)
        self.by_division = config.pop("by_division", False)
        self.scheduler = ddim(lab, plan, **config)

    def step(self, i, output, v, x):
        t, p = self.plan.entries[i], self.plan.at(i + 1)
        # The step goes to t - num_train_timesteps // num_inference_steps, and below 0 to the final ᾱ.
        gap = t - (-1 if p is None else p)
        if self.by_division:
            gap = 1000 // self.plan.evaluations
        self.scheduler.num_inference_steps = 1
        self.scheduler.register_to_config(num_train_timesteps=gap)
        result = self.scheduler.step(
            output, t, x, eta=self.eta, generator=self.g, use_clipped_model_output=self.rederived
        )
        return result.prev_sample, result.pred_original_sample


def ddim(lab, plan, **config):
    """`course` neither thresholds nor clips. Its last step goes to ᾱ_0, an entry of the list."""
    limit = {} if plan.stepping == "scheduler" else {"thresholding": False, "clip_sample": False}
    scheduler = DDIMScheduler.from_config(lab.scheduler.config, **{**limit, **config})
    # Kept from DDPM's config though DDIM does not know it; at learned_range the pipeline would hand v over.
    scheduler.register_to_config(variance_type="fixed_small")
    return scheduler


class DpmSolver:
    def __init__(self, lab, plan, **config):
        self.scheduler = dpm_solver(lab, plan, **config)
        self.scheduler.set_timesteps(timesteps=plan.entries[: plan.evaluations])
        self.plan = plan

    def step(self, i, output, v, x):
        after = self.scheduler.step(output, self.plan.entries[i], x).prev_sample
        return after, self.scheduler.model_outputs[-1]


def dpm_solver(lab, plan, **config):
    """`sigma_min` is the σ of t = 0: the course's last step to ᾱ_0."""
    assert max(plan.entries) <= 995
    limit = {} if plan.stepping == "scheduler" else {"thresholding": False, "final_sigmas_type": "sigma_min"}
    given = {"algorithm_type": "dpmsolver++", "solver_order": 2, **limit, **config}
    scheduler = DPMSolverMultistepScheduler.from_config(lab.scheduler.config, **given)
    scheduler.register_to_config(variance_type="fixed_small")
    return scheduler


def guided(u, c, guidance):
    """Guidance of two outputs: the composed one and the conditional branch's variance. γ 1 is the conditional one."""
    return c[:, :3] if guidance == 1 else u[:, :3] + guidance * (c[:, :3] - u[:, :3]), c[:, 3:]


def in_pairs(lab, inputs, t, texts, guidance, negative=None, labels=None):
    """Every input guided by its text."""
    negative = lab.negative if negative is None else negative
    outputs = lab.see(
        [x for x in inputs for _ in range(2)], t, [branch for text in texts for branch in (negative, text)], labels
    )
    return [guided(u, c, guidance) for u, c in zip(outputs[::2], outputs[1::2])]


def one(lab, text, guidance, **more):
    """The estimate by one prompt."""
    return lambda x, t, k: in_pairs(lab, [x], t, [text], guidance, **more)[0]


def blur(x, kernel, sigma):
    return TF.gaussian_blur(x, [kernel, kernel], [sigma, sigma])


def jump(lab, plan, i, j, x, g):
    """RePaint's re-noising from entry i to entry i - j, in one draw."""
    a = lab.bar(plan.at(i - j)) / lab.bar(plan.at(i))
    return a**0.5 * x + (1 - a) ** 0.5 * torch.randn(x.shape, generator=g)


def run(lab, plan, estimate, sampler, x, g, first=0, constraint=None, repaint=None, conditioning=None):
    """All steps from entry `first` on. `constraint(x, t')` comes after each; `repaint` is (r, j)."""
    r, j = repaint or (1, len(plan.entries))
    jumps = {left: r - 1 for left in range(0, len(plan.entries) - j, j)}
    i, steps, after_jumps = first, [], []
    while i < plan.evaluations:
        t = plan.entries[i]
        given = x if conditioning is None else torch.cat([x, conditioning], dim=1)
        output, v = estimate(given, t, len(steps))
        after, clean = sampler.step(i, output, v, x)
        if constraint:
            after = constraint(after, plan.at(i + 1))
        steps.append((t, x, lab.epsilon(output, x, t), clean, after))
        x, i = after, i + 1
        left = plan.evaluations - i
        if jumps.get(left, 0) > 0:
            jumps[left] -= 1
            x, i = jump(lab, plan, i, j, x, g), i - j
            after_jumps.append((len(steps), x))
    t = {
        "timesteps": torch.tensor([s[0] for s in steps]),
        "x_t": torch.stack([steps[0][1]] + [s[4] for s in steps]),
        "noise_pred": torch.stack([s[2] for s in steps]),
        "pred_original_sample": torch.stack([s[3] for s in steps]),
    }
    if after_jumps:
        t["jump.before_step"] = torch.tensor([at for at, _ in after_jumps])
        t["jump.x"] = torch.stack([x for _, x in after_jumps])
    return t


def fresh(seed=SEED):
    return torch.Generator().manual_seed(seed)


def draw(lab, g):
    return torch.randn([1, 3, lab.size, lab.size], generator=g)


def u8(picture):
    """[c, h, w] in [-1, 1] as a file holds it, [h, w, c]."""
    return ((picture + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).contiguous()


def as_tensor(u8):
    return u8.permute(2, 0, 1)[None].float() / 127.5 - 1


class File:
    """A file of several cases, each with what it must be told from."""

    def __init__(self, lab):
        self.t = {"prompt_embeds": torch.cat(list(lab.texts.values())), "negative_prompt_embeds": lab.negative}

    def add(self, name, t, wrong, keep="all", other=None):
        """`keep`: of a trajectory all, its `x_t` alone, or the `ends` of that. `other`: neither right nor wrong."""
        largest = t["x_t"].abs().max().clamp(min=1)
        said = []
        for meaning, made in wrong.items():
            last = made["x_t"][-1] if isinstance(made, dict) else made
            apart = ((last - t["x_t"][-1]).abs().max() / largest).item()
            assert not apart <= 9e-4, (name, meaning, apart)
            said.append(f"{meaning} {apart:.2g}")
            self.t[f"{name}.wrong.{meaning}.x_last"] = last
        for meaning, made in (other or {}).items():
            apart = ((made["x_t"][-1] - t["x_t"][-1]).abs().max() / largest).item()
            said.append(f"(other: {meaning} {apart:.2g})")
            self.t[f"{name}.other.{meaning}.x_last"] = made["x_t"][-1]
        print(f"  {name}: largest {largest:.3g}; " + ", ".join(said))
        if keep != "all":
            t = {k: v for k, v in t.items() if k not in ("noise_pred", "pred_original_sample")}
        if keep == "ends":
            t["x_t"] = t["x_t"][[0, -1]]
        for key, value in t.items():
            self.t[f"{name}.{key}"] = value

    def save(self, path):
        save_file({k: v.clone().contiguous() for k, v in sorted(self.t.items())}, path)
