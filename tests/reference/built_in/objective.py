"""What is minimised: v-prediction's squared error, plus the variational bound for the learned variance.

Salimans & Ho 2022 for v = √ᾱ·n - √(1-ᾱ)·x₀; Nichol & Dhariwal 2021 for the hybrid loss and the variance's range: the second
three channels place the log-variance between the posterior's and β's. The bound reaches the variance alone (its mean is
detached); a mean over timesteps of bits a dimension is what their λ = 0.001 on the sum over 1000 steps amounts to.
"""

import math

import torch
from diffusers import DDPMScheduler

SCHEDULER = {
    "beta_schedule": "squaredcos_cap_v2",
    "prediction_type": "v_prediction",
    "variance_type": "learned_range",
}
# How x̂₀ is kept in range. Half of stage I's pictures stand on white, which must overshoot to come out white: clipping at 1
# leaves grain in it, and scaling x̂₀ back, as IF's dynamic thresholding does, makes it gray.
RANGE = {
    1: {"clip_sample": True, "clip_sample_range": 1.5},
    2: {"thresholding": True, "dynamic_thresholding_ratio": 0.95, "sample_max_value": 1.0},
}
# Stage I begins at 999, where nothing is left of the picture (Lin et al. 2024, "Common diffusion noise schedules and sample
# steps are flawed"). At 950, where 20 leading steps begin, 8 % of it is: of a white ground five times what pure noise says
# about the mean, which therefore means gray to the network. Stage II sees its ground in the condition.
TIMESTEP_SPACING = {1: "trailing", 2: "leading"}
TIMESTEPS = 1000


def scheduler(stage):
    return DDPMScheduler(num_train_timesteps=TIMESTEPS, timestep_spacing=TIMESTEP_SPACING[stage], **SCHEDULER, **RANGE[stage])


class Objective:
    """Tables by timestep, computed in f64 and kept in f32, and the two losses."""

    def __init__(self):
        betas = scheduler(1).betas.double()
        product = scheduler(1).alphas_cumprod.double()
        previous = torch.cat([torch.ones(1).double(), product[:-1]])
        posterior = betas * (1 - previous) / (1 - product)
        self.signal, self.noise = product.sqrt().float(), (1 - product).sqrt().float()
        self.of_x0 = (betas * previous.sqrt() / (1 - product)).float()
        self.least = torch.log(torch.cat([posterior[1:2], posterior[1:]])).float()
        self.most = torch.log(betas).float()

    def at(self, table, timesteps):
        return table[timesteps][:, None, None, None]

    def noised(self, clean, noise, timesteps):
        """x_t [b, 3, h, w]"""
        return self.at(self.signal, timesteps) * clean + self.at(self.noise, timesteps) * noise

    def losses(self, output, clean, noise, timesteps):
        """`output` [b, 6, h, w] f32. Out: squared error of v and bound in bits a dimension, each [b]."""
        v, place = output.chunk(2, dim=1)
        signal, spread = self.at(self.signal, timesteps), self.at(self.noise, timesteps)
        error = (v - (signal * noise - spread * clean)).square().mean((1, 2, 3))
        noisy = signal * clean + spread * noise
        guess = (signal * noisy - spread * v.detach()).clamp(-1, 1)
        apart = self.at(self.of_x0, timesteps) * (clean - guess)
        return error, self.bound(apart, place, timesteps, clean, guess)

    def bound(self, apart, place, timesteps, clean, guess):
        """KL between the true posterior and the model's step; at t = 0 the likelihood of the 8-bit picture."""
        share, least = (place + 1) / 2, self.at(self.least, timesteps)
        log_variance = share * self.at(self.most, timesteps) + (1 - share) * least
        divergence = 0.5 * (log_variance - least - 1 + torch.exp(least - log_variance) + apart.square() * torch.exp(-log_variance))
        # At t = 0 the posterior's mean is x₀ itself.
        likelihood = -eight_bit_log_likelihood(clean, guess, log_variance)
        first = (timesteps == 0)[:, None, None, None]
        return torch.where(first, likelihood, divergence).mean((1, 2, 3)) / math.log(2)


def eight_bit_log_likelihood(picture, mean, log_variance):
    """Log of the Gaussian's mass in the picture's 1/255 bin; the outermost bins reach to infinity."""
    scale = torch.exp(-0.5 * log_variance)
    above, below = cumulative(scale * (picture - mean + 1 / 255)), cumulative(scale * (picture - mean - 1 / 255))
    mass = torch.where(picture < -0.999, above, torch.where(picture > 0.999, 1 - below, above - below))
    return mass.clamp(min=1e-12).log()


def cumulative(x):
    return 0.5 * (1 + torch.erf(x / math.sqrt(2)))
