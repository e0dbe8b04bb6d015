"""digits.safetensors: part B's networks, training and sampling, by PyTorch at small D, on real MNIST."""

import gzip
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

from digits_unet import Classifier, UNet

D, T, BATCH = 4, 300, 6
SEED = 17
KINDS = ["denoiser", "noise-denoiser", "time", "class", "flow-time", "flow-class"]
ASSETS = pathlib.Path(__file__).resolve().parent.parent.parent / "assets/mnist"


def generator(seed):
    return torch.Generator().manual_seed(seed)


def idx(name, header):
    data = bytearray(gzip.decompress((ASSETS / f"{name}-ubyte.gz").read_bytes()))
    return torch.frombuffer(data, dtype=torch.uint8, offset=header)


def mnist(half, count):
    pictures = idx(f"{half}-images-idx3", 16).reshape(-1, 1, 28, 28)[:count].float() / 255
    return pictures, idx(f"{half}-labels-idx1", 8)[:count].long()


def fresh(kind, d=D, wrong=""):
    """A network with PyTorch's own initial weights after `torch.manual_seed(SEED)`, in training."""
    torch.manual_seed(SEED)
    return Classifier(d) if kind == "classifier" else UNet(kind, d, wrong)


betas = torch.linspace(1e-4, 0.02, T)
alphas = 1 - betas
# ᾱ_0 = 1, then ᾱ_1 … ᾱ_T.
alphas_cumprod = torch.cat([torch.ones(1), torch.cumprod(alphas, 0)])


def one_hot(c, keep=None):
    c = nn.functional.one_hot(c, 10).float()
    return c if keep is None else c * keep[:, None].float()


def loss_of(net, x, labels, g):
    """One batch's loss, with the draws in the program's order: time, noise, which classes are kept."""
    kind, b = net.kind, len(x)
    if kind == "denoiser":
        return (net(x + 0.5 * torch.randn(x.shape, generator=g)) - x).square().mean()
    if kind == "noise-denoiser":
        return (net(torch.randn(x.shape, generator=g)) - x).square().mean()
    if kind in ("time", "class"):
        t = torch.randint(1, T + 1, (b,), generator=g)
        eps = torch.randn(x.shape, generator=g)
        bar = alphas_cumprod[t][:, None, None, None]
        x_t, target, when = bar.sqrt() * x + (1 - bar).sqrt() * eps, eps, t / T
    else:
        when = torch.rand(b, generator=g)
        x_0 = torch.randn(x.shape, generator=g)
        t = when[:, None, None, None]
        x_t, target = (1 - t) * x_0 + t * x, x - x_0
    c = one_hot(labels, torch.rand(b, generator=g) >= 0.1) if kind.endswith("class") else None
    return (net(x_t, when, c) - target).square().mean()


def make(out):
    with torch.enable_grad():
        tensors = streams() | networks() | training() | curves() | sampling()
    save_file({k: v.detach().clone().contiguous() for k, v in tensors.items()}, out / "digits.safetensors")


def streams():
    t, g = {}, generator(SEED)
    t["stream.uniform"] = torch.empty(37).uniform_(-0.3, 0.3, generator=g)
    t["stream.randint"] = torch.randint(1, T + 1, (40,), generator=g)
    t["stream.randperm"] = torch.randperm(60, generator=g)
    t["stream.rand"] = torch.rand(20, generator=g)
    t["stream.randn"] = torch.randn(20, generator=g)
    t["stream.randperm_60000"] = torch.randperm(60000, generator=g)[:64]
    t["betas"], t["alphas_cumprod"] = betas, alphas_cumprod
    return t


def inputs(kind):
    g = generator(3)
    x = torch.randn(BATCH, 1, 28, 28, generator=g)
    when = torch.rand(BATCH, generator=g)
    c = one_hot(torch.tensor([3, 1, 4, 1, 5, 9]), torch.tensor([1, 1, 0, 1, 1, 1]))
    if kind in ("denoiser", "noise-denoiser"):
        return x, None, None
    return (x, when, c) if kind.endswith("class") else (x, when, None)


def networks():
    """Outputs in training, then in evaluation with the statistics that training left."""
    t = {}
    x, when, c = inputs("class")
    t["input.x"], t["input.t"], t["input.c"] = x, when, c
    for kind in ["denoiser", "time", "class", "flow-time", "flow-class"]:
        net = fresh(kind)
        t[f"{kind}.train"] = net(*inputs(kind))
        t[f"{kind}.evaluate"] = net.eval()(*inputs(kind))[:2]
    for kind, wrong in [("time", "t_the_other_way"), ("flow-time", "t_the_other_way"), ("class", "c_and_t_swapped"), ("class", "skip_first")]:
        t[f"wrong.{kind}.{wrong}"] = fresh(kind, wrong=wrong)(*inputs(kind))
    net = fresh("classifier")
    t["classifier.features"], t["classifier.logits"] = net(x)
    # Wrong: tanh's GELU.
    torch.nn.functional.gelu, erf = lambda v: erf(v, approximate="tanh"), torch.nn.functional.gelu
    t["wrong.class.gelu_tanh"] = fresh("class")(x, when, c)
    torch.nn.functional.gelu = erf
    for kind in ["class", "classifier"]:
        for name, value in fresh(kind).state_dict().items():
            t[f"initial.{kind}.{name}"] = value
    return t


def training():
    """One step of each kind on real digits: loss, every gradient, statistics, and the weights after Adam."""
    t = {}
    x, labels = mnist("train", BATCH)
    for kind in ["denoiser", "class", "flow-class"]:
        net = fresh(kind)
        adam = torch.optim.Adam(net.parameters(), lr=1e-3)
        loss = loss_of(net, x, labels, generator(5))
        loss.backward()
        t[f"step.{kind}.loss"] = loss
        for name, p in net.named_parameters():
            t[f"step.{kind}.gradient.{name}"] = p.grad
        adam.step()
        if kind != "class":
            continue
        for name, p in net.named_parameters():
            t[f"step.{kind}.after.{name}"] = p
        for name, p in net.named_buffers():
            t[f"step.{kind}.after.{name}"] = p
            if name.endswith("running_var"):
                n = BATCH * 28 * 28 if name.startswith(("initial", "final", "up2")) else BATCH * 14 * 14
                n = BATCH * 7 * 7 if name.startswith(("down2", "unflatten")) else n
                # Wrong: the biased variance.
                t[f"wrong.step.{kind}.after.{name}"] = 0.9 + (p - 0.9) * (n - 1) / n
    net = fresh("classifier")
    loss = nn.functional.cross_entropy(net(x)[1], labels)
    loss.backward()
    t["step.classifier.loss"] = loss
    for name, p in net.named_parameters():
        t[f"step.classifier.gradient.{name}"] = p.grad
    # Wrong: AdamW's decay, as candle's own optimiser has it when nothing is said.
    net = fresh("class")
    adam = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.01)
    loss_of(net, x, labels, generator(5)).backward()
    adam.step()
    t["wrong.step.class.after.up1.up.conv.weight"] = net.up1.up.conv.weight
    return t


def curves():
    """Losses of 50 steps as the program takes them: 2 epochs of 100 digits in batches of 4, decay between."""
    t = {}
    x, labels = mnist("train", 100)
    for kind, lr in [("denoiser", 1e-3), ("class", 1e-3), ("flow-time", 1e-2)]:
        for wrong in ["", "no_decay"] if kind == "class" else [""]:
            torch.manual_seed(SEED)
            net = UNet(kind, 8)
            adam = torch.optim.Adam(net.parameters(), lr=lr)
            decay = torch.optim.lr_scheduler.ExponentialLR(adam, 1 if wrong else 0.1 ** (1 / 2))
            shuffle, draws = generator(SEED + 1), generator(SEED + 2)
            losses = []
            for _ in range(2):
                for batch in torch.randperm(len(x), generator=shuffle).split(4):
                    adam.zero_grad()
                    loss = loss_of(net, x[batch], labels[batch], draws)
                    loss.backward()
                    adam.step()
                    losses.append(loss.detach())
                decay.step()
            t[f"{'wrong.' if wrong else ''}curve.{kind}{'.' + wrong if wrong else ''}"] = torch.stack(losses)
    return t


@torch.no_grad()
def sampling():
    """Whole trajectories of two pictures by networks whose statistics have seen some digits."""
    t = {}
    x, labels = mnist("train", 64)
    for kind in ["time", "class", "flow-time", "flow-class"]:
        net = fresh(kind)
        with torch.enable_grad():
            adam = torch.optim.Adam(net.parameters(), lr=1e-2)
            g = generator(7)
            for _ in range(30):
                adam.zero_grad()
                loss_of(net, x, labels, g).backward()
                adam.step()
        net.eval()
        for name, value in net.state_dict().items():
            t[f"trained.{kind}.{name}"] = value
        runs = {"class": [(0.0, 20), (1.0, 20), (5.0, 20), (5.0, 300)], "flow-class": [(5.0, 20)]}.get(kind, [(1.0, 20)])
        for gamma, steps in runs:
            key = f"sample.{kind}.{gamma:g}.{steps}"
            t[key] = sample(net, gamma, steps)
            if (kind, gamma) == ("class", 5.0):
                for wrong in ["last_noise", "other_variance"]:
                    t[f"wrong.{key}.{wrong}"] = sample(net, gamma, steps, wrong)
    return t


def guided(net, x, when, gamma):
    when = torch.full((len(x),), when)
    if not hasattr(net, "c1"):
        return net(x, when)
    c = one_hot(torch.tensor([3, 8]))
    conditional, free = net(x, when, c), net(x, when, torch.zeros_like(c))
    return free + gamma * (conditional - free)


@torch.no_grad()
def sample(net, gamma, steps, wrong=""):
    """x after each quarter of the steps; seeds 180 and 181, a generator each. DDPM at all T timesteps is the course's
    loop; where some are skipped it has the posterior variance."""
    gs = [generator(180), generator(181)]
    noise = lambda: torch.stack([torch.randn(1, 28, 28, generator=g) for g in gs])
    x, kept = noise(), []
    entries = [round(T * (1 - i / steps)) for i in range(steps + 1)]
    for i, (t, arrives) in enumerate(zip(entries, entries[1:])):
        if net.kind.startswith("flow"):
            x = x + guided(net, x, i / steps, gamma) / steps
        else:
            eps = guided(net, x, t / T, gamma)
            bar, before = alphas_cumprod[t], alphas_cumprod[arrives]
            beta = betas[t - 1] if steps == T else 1 - bar / before
            x_0 = (x - (1 - bar).sqrt() * eps) / bar.sqrt()
            x = before.sqrt() * beta / (1 - bar) * x_0 + (1 - beta).sqrt() * (1 - before) / (1 - bar) * x
            if arrives > 0 or wrong == "last_noise":
                large = (steps == T) != (wrong == "other_variance")
                variance = beta if large or arrives == 0 else beta * (1 - before) / (1 - bar)
                x = x + variance.sqrt() * noise()
        kept.append(x)
    return torch.stack(kept[steps // 4 - 1 :: steps // 4])
