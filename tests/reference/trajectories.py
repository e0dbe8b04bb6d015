"""trajectories-*.safetensors: whole loops, recorded from the real pipelines wherever those can run.

The loop written out below makes what no pipeline does (course stepping, 3 output channels, the wrong variants). It is
held to the pipeline's own recording, to rounding, for every network that both can run.
"""

import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler, IFPipeline, IFSuperResolutionPipeline
from diffusers.pipelines.deepfloyd_if.timesteps import smart27_timesteps
from safetensors.torch import save_file

import models
from networks import encode, folders, load_unet
from tensors import picture as smooth

PROMPT, NEGATIVE, SEED = "a rocket ship", "", 180


def course(n):
    """The strided list of n evaluations: n + 1 entries, halves rounded to even."""
    return [round(990 * (1 - i / n)) for i in range(n + 1)]


def generators(seeds):
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def draw(shape, given):
    """As diffusers' randn_tensor with a list: every picture from a generator of its own."""
    return torch.cat([torch.randn([1, *shape[1:]], generator=g) for g in given])


class Lab:
    """One model folder, loaded, with the embeddings of the two prompts."""

    def __init__(self, out, name):
        every = folders(out)
        self.name = name
        self.unet = load_unet(every[name])
        self.scheduler = DDPMScheduler.from_pretrained(every[name], subfolder="scheduler")
        self.text, self.negative = encode(every[name.removesuffix("/stage-2")], [PROMPT, NEGATIVE]).split(1)
        if name.endswith("stage-2"):
            self.noising = DDPMScheduler.from_pretrained(every[name], subfolder="image_noising_scheduler")

    def epsilon(self, output, x, t):
        """The composed output of the network (3 channels), as the noise it means."""
        a = self.scheduler.alphas_cumprod[t]
        kind = self.scheduler.config.prediction_type
        if kind == "v_prediction":
            return a**0.5 * output + (1 - a) ** 0.5 * x
        return (x - a**0.5 * output) / (1 - a) ** 0.5 if kind == "sample" else output

    def fresh_scheduler(self):
        return DDPMScheduler.from_config(self.scheduler.config)


def record(lab, pipe, **given):
    """Runs a pipeline and keeps what went into and came out of every scheduler step."""
    steps = []
    inner = pipe.scheduler.step

    # The pipeline hands its generator over only to a step that names it.
    def step(output, t, x, generator=None, return_dict=True):
        result = inner(output, t, x, generator=generator)
        steps.append((int(t), x, lab.epsilon(output[:, :3], x, t), result.pred_original_sample, result.prev_sample))
        return result.prev_sample, result.pred_original_sample

    pipe.scheduler.step = step
    pipe.set_progress_bar_config(disable=True)
    image = pipe(output_type="pt", **given).images
    assert torch.equal(image, steps[-1][4])
    return pack(lab, steps)


def pack(lab, steps):
    return {
        "timesteps": torch.tensor([s[0] for s in steps]),
        "x_t": torch.stack([s[1] for s in steps] + [steps[-1][4]]),
        "noise_pred": torch.stack([s[2] for s in steps]),
        "pred_original_sample": torch.stack([s[3] for s in steps]),
        "prompt_embeds": lab.text,
        "negative_prompt_embeds": lab.negative,
    }


def pipeline(lab, guidance, seeds, *, text=None, **steps):
    """IFPipeline. γ 0 is the pipeline without guidance on the negative prompt: only that branch is evaluated."""
    pipe = IFPipeline(None, None, lab.unet, lab.fresh_scheduler(), None, None, None, requires_safety_checker=False)
    text = lab.text if text is None else text
    n = len(seeds)
    return record(
        lab,
        pipe,
        prompt_embeds=text.repeat(n, 1, 1),
        negative_prompt_embeds=lab.negative.repeat(n, 1, 1),
        guidance_scale=guidance,
        generator=generators(seeds) if n > 1 else generators(seeds)[0],
        **steps,
    )


def loop(lab, timesteps, stepping, guidance, seeds, wrong=""):
    """The loop in full. `timesteps` of `course` has one more entry than evaluations. `wrong` breaks one thing."""
    scheduler = lab.fresh_scheduler()
    scheduler.set_timesteps(timesteps=list(timesteps))
    if wrong == "other_fixed_variance":
        scheduler.register_to_config(variance_type="fixed_large")
        scheduler.variance_type = "fixed_large"
    if wrong == "not_the_lists_previous":
        scheduler.previous_timestep = lambda t: t - 1000 // len(timesteps)
    given = generators(seeds)
    size = lab.unet.config.sample_size
    shape = [len(seeds), 3, size, size]
    if wrong == "one_generator_for_all":
        given = generators(seeds[:1])
        noise = lambda: torch.randn(shape, generator=given[0])
    else:
        noise = lambda: draw(shape, given)
    text = torch.cat([lab.negative.repeat(len(seeds), 1, 1), lab.text.repeat(len(seeds), 1, 1)])
    if wrong == "branches_exchanged":
        text = text.flip(0)
    x, steps = noise(), []
    evaluated = list(timesteps)[: -1 if stepping == "course" else None]
    for at in evaluated:
        t = torch.tensor(at)
        output = lab.unet(torch.cat([x, x]), t, text).sample
        u, c = output.chunk(2)
        composed = u[:, :3] + guidance * (c[:, :3] - u[:, :3])
        v = (u if wrong == "unconditional_variance" else c)[:, 3:]
        if stepping == "scheduler":
            both = torch.cat([composed, v], dim=1)
            g = given if len(given) > 1 else given[0]
            result = scheduler.step(both, t, x, generator=g)
            after, clean = result.prev_sample, result.pred_original_sample
        else:
            a, p = scheduler.alphas_cumprod[t], scheduler.alphas_cumprod[scheduler.previous_timestep(t)]
            alpha = a / p
            beta = 1 - alpha
            kind = scheduler.config.prediction_type
            if kind == "v_prediction":
                clean = a**0.5 * x - (1 - a) ** 0.5 * composed
            elif kind == "sample":
                clean = composed
            else:
                clean = (x - (1 - a) ** 0.5 * composed) / a**0.5
            if wrong == "thresholded":
                clean = scheduler._threshold_sample(clean)
            mean = p**0.5 * beta / (1 - a) * clean + alpha**0.5 * (1 - p) / (1 - a) * x
            variance = scheduler._get_variance(t, predicted_variance=v)
            learned = scheduler.variance_type == "learned_range"
            deviation = torch.exp(0.5 * variance) if learned else variance**0.5
            last = at == evaluated[-1]
            after = mean if wrong == "no_noise_in_the_last_step" and last else mean + deviation * noise()
        steps.append((at, x, lab.epsilon(composed, x, t), clean, after))
        x = after
    return pack(lab, steps)


def same(a, b, most=1e-5):
    for key in ["timesteps", "x_t", "noise_pred", "pred_original_sample"]:
        worst = ((a[key] - b[key]).abs().max() / b[key].abs().max().clamp(min=1)).item()
        assert worst <= most, (key, worst)


def save_with(out, name, t, variants):
    """Writes one recording with the last x_t of every wrong variant, and says how far from the right one each ends."""
    largest = t["x_t"].abs().max().clamp(min=1)
    said = []
    for wrong, made in variants.items():
        apart = ((made["x_t"][-1] - t["x_t"][-1]).abs().max() / largest).item()
        assert apart > 9e-4, (name, wrong, apart)  # Three times what a right loop may be off.
        said.append(f"{wrong} {apart:.2g}")
        t[f"wrong.{wrong}.x_last"] = made["x_t"][-1]
    print(f"  {name}: largest {largest:.3g}; " + ", ".join(said))
    save_file({k: v.contiguous() for k, v in sorted(t.items())}, out / f"trajectories-{name}.safetensors")


def make(out):
    leading, trailing = list(range(950, -1, -50)), list(range(999, -1, -50))
    names = ["built-in", *models.STAGE_1]
    labs = {name: Lab(out, name) for name in names}
    for name, lab in labs.items():
        learned = lab.unet.config.out_channels == 6
        listed = trailing if lab.scheduler.config.timestep_spacing == "trailing" else leading
        plain = loop(lab, listed, "scheduler", 7.0, [SEED])
        if learned:
            t = pipeline(lab, 7.0, [SEED], num_inference_steps=20)
            same(t, plain)
        else:
            t = plain  # IFPipeline cannot run it: it splits 3 channels into two.
        broken = "unconditional_variance" if learned else "other_fixed_variance"
        save_with(out, f"{name}-scheduler", t, {broken: loop(lab, listed, "scheduler", 7.0, [SEED], broken)})
        if lab.scheduler.config.prediction_type == "epsilon":
            continue  # A random ε network without thresholding grows past all measure.
        t = loop(lab, course(20), "course", 7.0, [SEED])
        variants = {w: loop(lab, course(20), "course", 7.0, [SEED], w) for w in ["no_noise_in_the_last_step", broken]}
        save_with(out, f"{name}-course", t, variants)

    lab = labs["narrow"]
    t = pipeline(lab, 7.0, [180, 181], num_inference_steps=20)
    alone = pipeline(lab, 7.0, [180], num_inference_steps=20)
    worst = (t["x_t"][:, :1] - alone["x_t"]).abs().max().item()
    print(f"    a picture of a batch against itself alone: {worst:.3g}")
    broken = loop(lab, leading, "scheduler", 7.0, [180, 181], "one_generator_for_all")
    save_with(out, "narrow-batch", t, {"one_generator_for_all": broken})

    lab = labs["pickled"]
    t = pipeline(lab, 7.0, [SEED], timesteps=smart27_timesteps)
    same(t, loop(lab, smart27_timesteps, "scheduler", 7.0, [SEED]))
    broken = loop(lab, smart27_timesteps, "scheduler", 7.0, [SEED], "not_the_lists_previous")
    save_with(out, "pickled-smart27", t, {"not_the_lists_previous": broken})

    lab = labs["narrow"]
    t = pipeline(lab, 1.0, [SEED], num_inference_steps=20)
    broken = loop(lab, leading, "scheduler", 1.0, [SEED], "branches_exchanged")
    save_with(out, "narrow-guidance-1", t, {"branches_exchanged": broken})
    t = pipeline(lab, 1.0, [SEED], text=lab.negative, num_inference_steps=20)
    # Not wrong but other: ε from the unconditional branch, variance from the conditional one.
    kept = loop(lab, leading, "scheduler", 0.0, [SEED])
    t["conditional_variance.x_last"] = kept["x_t"][-1]
    broken = loop(lab, leading, "scheduler", 0.0, [SEED], "branches_exchanged")
    save_with(out, "narrow-guidance-0", t, {"branches_exchanged": broken})

    stage_2(out)


def stage_2(out):
    lab = Lab(out, "narrow/stage-2")
    small, size = lab.unet.config.sample_size // 4, lab.unet.config.sample_size
    # What a stage I leaves may lie outside [-1, 1].
    picture = 1.5 * smooth(3, small, small, seed=5)[None]

    def run(image, steps=3):
        pipe = IFSuperResolutionPipeline(
            None, None, lab.unet, lab.fresh_scheduler(), lab.noising, None, None, None, requires_safety_checker=False
        )
        return record(
            lab,
            pipe,
            prompt_embeds=lab.text,
            negative_prompt_embeds=lab.negative,
            image=image,
            num_inference_steps=steps,
            guidance_scale=4.0,
            noise_level=250,
            generator=torch.Generator().manual_seed(SEED),
        )

    t = run(picture)
    t["picture"] = picture
    # The conditioning, from the generator's second draw.
    g = torch.Generator().manual_seed(SEED)
    torch.randn([1, 3, size, size], generator=g)
    up = F.interpolate(picture, (size, size), mode="bilinear", align_corners=True)
    t["conditioning"] = lab.noising.add_noise(up, torch.randn(up.shape, generator=g), torch.tensor([250]))
    inner = F.interpolate

    def other_corners(*given, **more):
        if more.get("align_corners"):
            more["align_corners"] = False
        return inner(*given, **more)

    F.interpolate = other_corners
    try:
        corners = run(picture)
    finally:
        F.interpolate = inner
    save_with(out, "narrow-stage-2", t, {"align_corners_false": corners, "picture_clamped": run(picture.clamp(-1, 1))})
