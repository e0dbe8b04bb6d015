"""anagram.safetensors: several views of one picture, each with its prompt."""

import torch

from slots import Ddpm, Desk, File, course_plan, draw, fresh, in_pairs, one, run, scheduler_plan
from trajectories import same

MAN, FIRE, HAT = "an oil painting of an old man", "an oil painting of people around a campfire", "a man wearing a hat"
GUIDANCE = 7.0

# Name: what the network sees of x, back again. `negate` turns no variance.
VIEWS = {
    "identity": (lambda x: x, lambda x: x),
    "flip_vertical": (lambda x: x.flip(-2), lambda x: x.flip(-2)),
    "rotate_90": (lambda x: torch.rot90(x, 1, (-2, -1)), lambda x: torch.rot90(x, -1, (-2, -1))),
    "rotate_270": (lambda x: torch.rot90(x, -1, (-2, -1)), lambda x: torch.rot90(x, 1, (-2, -1))),
    "negate": (lambda x: -x, lambda x: -x),
}


def anagram(lab, views, prompts, guidance, weights=None, reduce="mean", labels=None, wrong=""):
    """`mean`: weights over their sum. `sum`: ε as weighted. `alternate`: view k mod n at evaluation k."""
    n = len(views)
    weights = [1.0] * n if weights is None else weights

    def estimate(x, t, k):
        chosen = range(n)
        if reduce == "alternate":
            chosen = [(k + (wrong == "starts_with_the_second")) % n]
        given = [VIEWS[views[c]][0](x) for c in chosen]
        pairs = in_pairs(lab, given, t, [lab.texts[prompts[c]] for c in chosen], guidance, labels=labels)
        outputs, variances = [], []
        for c, (o, v) in zip(chosen, pairs, strict=True):
            back = VIEWS[views[c]][1]
            outputs.append(o if wrong == "output_not_turned_back" else back(o))
            negated = views[c] == "negate" and wrong != "variance_negated"
            variances.append(v if negated or wrong == "variance_not_turned_back" else back(v))
        if reduce == "alternate":
            return outputs[0], variances[0]
        variance = torch.stack(variances).mean(0)
        w = torch.tensor(weights)
        if wrong == "weighted_variance":
            variance = sum(a * v for a, v in zip(w / w.sum(), variances, strict=True))
        if wrong == "variance_of_the_first":
            variance = variances[0]
        if reduce == "mean" or wrong == "weights_normalised":
            return sum(a * o for a, o in zip(w / w.sum(), outputs, strict=True)), variance
        total = sum(a * o for a, o in zip(w, outputs, strict=True))
        if lab.scheduler.config.prediction_type == "v_prediction" and wrong != "v_summed":
            # Σwε = √ᾱ Σwv + Σw √(1-ᾱ) x, as a v that means it.
            a = lab.bar(t)
            total = total + (w.sum() - 1) * ((1 - a) / a) ** 0.5 * x
        return total, variance

    return estimate


def laws(lab):
    """Identity views of one prompt are plain sampling, whatever their weights; every view has its inverse."""
    plan = course_plan(5)

    def go(estimate):
        g = fresh()
        x = draw(lab, g)
        return run(lab, plan, estimate, Ddpm(lab, plan, g), x, g)

    plain = go(one(lab, lab.texts[MAN], GUIDANCE))
    for views, more in [(["identity"] * 3, {"weights": [2.0, 1.0, 1.0]}), (["identity"], {"reduce": "sum"})]:
        same(go(anagram(lab, views, [MAN] * len(views), GUIDANCE, **more)), plain, 1e-4)
    same(go(anagram(lab, ["identity"] * 2, [MAN] * 2, GUIDANCE, [0.25, 0.75], "sum")), plain, 1e-4)
    for view, back in VIEWS.values():
        x = draw(lab, fresh())
        assert torch.equal(back(view(x)), x)


def make(out):
    lab = Desk(out, "narrow", [MAN, FIRE, HAT])
    file = File(lab)

    def case(name, plan, views, prompts, wrong, other=(), keep="all", **more):
        def go(wrong=""):
            g = fresh()
            x = draw(lab, g)
            estimate = anagram(lab, views, prompts, GUIDANCE, wrong=wrong, **more)
            return run(lab, plan, estimate, Ddpm(lab, plan, g), x, g)

        file.add(name, go(), {w: go(w) for w in wrong}, keep=keep, other={w: go(w) for w in other})

    two = ["identity", "flip_vertical"], [MAN, FIRE]
    three = ["rotate_90", "identity", "negate"], [MAN, FIRE, HAT]
    turned = ["output_not_turned_back", "variance_not_turned_back"]
    for stepping, plan in [("course", course_plan(20)), ("scheduler", scheduler_plan(20))]:
        keep = "all" if stepping == "course" else "x_t"
        case(f"flip.{stepping}", plan, *two, [*turned, "variance_of_the_first"], keep=keep)
        wrong = [*turned, "variance_negated"]
        case(f"three.{stepping}", plan, *three, wrong, ["weighted_variance"], keep, weights=[2.0, 1.0, 1.0])
        case(f"alternate.{stepping}", plan, *two, ["starts_with_the_second", *turned], keep="x_t", reduce="alternate")
    # The weights' sum is not 1: only thresholding keeps such a loop in bounds.
    case("sum.scheduler", scheduler_plan(20), *two, ["weights_normalised", "v_summed"], weights=[0.7, 0.6], reduce="sum")
    laws(lab)
    # Told from the right one, which turns the other way.
    g = fresh()
    x, plan = draw(lab, g), course_plan(20)
    views = ["rotate_270", "identity", "negate"]
    made = run(lab, plan, anagram(lab, views, three[1], GUIDANCE, [2.0, 1.0, 1.0]), Ddpm(lab, plan, g), x, g)
    file.t["three.course.wrong.clockwise.x_last"] = made["x_t"][-1]
    assert (made["x_t"][-1] - file.t["three.course.x_t"][-1]).abs().max() > 9e-3
    file.save(out / "anagram.safetensors")
