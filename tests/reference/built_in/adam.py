"""The optimiser's step with its clipping and the mean over steps (EMA): torch's, or over one stretch of memory (steps.c).

Either way checkpoints hold what torch.optim.AdamW makes of its state.
"""

import math

import torch

import workers
from native import call
from products import layers

BETAS, EPSILON = (0.9, 0.99), 1e-8
MOST_NORM = 1.0
LANES = 16


def aligned(count):
    """f32 zeros [count] that begin at 64 bytes, as PyTorch's memory does."""
    made = torch.zeros(count)
    assert made.data_ptr() % 64 == 0
    return made


class Adam:
    """AdamW without decay on `network`; `ema` follows it."""

    def __init__(self, network, ema):
        self.network, self.ema = network, ema
        self.weights = list(network.parameters())
        self.torch = torch.optim.AdamW(self.weights, betas=BETAS, eps=EPSILON, weight_decay=0.0, fused=True)
        self.stretch = None

    def join(self):
        """Everything into one stretch a kind, when own kernels are there. Weights, state and EMA keep their values."""
        self.stretch = Stretch(self.network, self.ema, self.torch)

    def clear(self):
        if self.stretch is None:
            self.torch.zero_grad(set_to_none=True)
        else:
            self.stretch.clear()

    def step(self, rate, keep):
        """`keep`: the share of the EMA that stays. Out: the gradient's norm before clipping."""
        for group in self.torch.param_groups:
            group["lr"] = rate
        if self.stretch is not None:
            return self.stretch.step(rate, keep)
        workers.average_gradients(self.weights)
        norm = torch.nn.utils.clip_grad_norm_(self.weights, MOST_NORM)
        self.torch.step()
        torch._foreach_lerp_(list(self.ema.parameters()), [p.detach() for p in self.weights], 1 - keep)
        return norm

    def state(self):
        return self.torch.state_dict()

    def resume(self, state):
        self.torch.load_state_dict(state)


class Stretch:
    """Weights, gradients, moments and EMA, each one tensor f32 [count] that the networks' and the optimiser's own are views of.

    First what layers write into their gradients themselves, then what autograd adds up, which alone is to be cleared.
    """

    def __init__(self, network, ema, optimiser):
        self.layers = [*layers(network), *layers(ema)]
        written = {parameter for module in layers(network) for parameter in module.parameters(recurse=False)}
        weights, means = list(network.parameters()), list(ema.parameters())
        order = sorted(range(len(weights)), key=lambda i: weights[i] not in written)
        places, count = {}, 0
        for i in order:
            places[i] = count
            count += -(-weights[i].numel() // LANES) * LANES
        self.added_from = min((places[i] for i in order if weights[i] not in written), default=count)
        self.weight, self.gradient, self.first, self.second, self.mean = (aligned(count) for _ in range(5))
        self.steps = torch.zeros(len(weights))
        for i, (weight, mean) in enumerate(zip(weights, means, strict=True)):
            state = optimiser.state[weight]
            if "step" in state:
                self.steps[i] = state["step"]
            moments = [self.view(self.first, places[i], weight), self.view(self.second, places[i], weight)]
            for kind, moment in zip(("exp_avg", "exp_avg_sq"), moments, strict=True):
                if kind in state:
                    moment.copy_(state[kind])
                state[kind] = moment
            state["step"] = self.steps[i]
            for parameter, whole in ((weight, self.weight), (mean, self.mean)):
                view = self.view(whole, places[i], parameter)
                view.copy_(parameter.data)
                parameter.data = view
            weight.grad = self.view(self.gradient, places[i], weight)

    def view(self, whole, place, like):
        part = whole[place : place + like.numel()]
        if like.dim() != 4:
            return part.view(like.shape)
        outs, channels, high, wide = like.shape
        return part.view(outs, high, wide, channels).permute(0, 3, 1, 2)

    def clear(self):
        self.gradient[self.added_from :].zero_()

    def step(self, rate, keep):
        workers.average(self.gradient)
        count = self.weight.numel()
        norm = math.sqrt(call("square_norm", self.gradient, count))
        self.steps += 1
        first, second = (1 - beta ** self.steps[0].item() for beta in BETAS)
        call(
            "adam", self.weight, self.gradient, self.first, self.second, self.mean, count, min(1.0, MOST_NORM / (norm + 1e-6)),
            rate / first, 1 / math.sqrt(second), *BETAS, EPSILON, 1 - keep,
        )
        for layer in self.layers:
            layer.packed.version = None
        return torch.tensor(norm)
