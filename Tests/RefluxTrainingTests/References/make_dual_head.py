#!/usr/bin/env python3
"""Make dual_head.json: what torch makes of two models that learn with a second head in ten steps.

    python3 make_dual_head.py            # writes the file beside this script

Needs what make_reference.py needs, whose models, data, rates and plain functions these are; all in
float64. The gradients are torch's, the optimiser is torch.optim.AdamW.

The second head is a matrix of the size of the model's own (or of its embedding, where both are one)
and begins as a copy of it. With h the hidden states, z = h W^T, s = h S^T and t the teacher's logits,
over the rows of a step:

    L = mean of -log softmax(z)[label] + weight tau^2 mean of sum_j log cosh((s_j - t_j) / (2 tau))

`no` descends along the gradient of L. `yes` takes the gradients a of the first part and b of the second
by all parameters, and descends along a + b, or a + b - (a . b) / |a|^2 a where a . b < 0. Norms are
those of what is descended along, before it is clipped.

Stored, by model and `yes` or `no`: losses, gradient_norms, products (a . b), and changes[tensor] =
{norm, probe} of (final - initial) weights, as in reference.json.
"""

import json

import torch

import make_reference as base

WEIGHT, TAU = 0.05, 2.0


def hidden(name, weights, tokens):
    """What the head reads: the logits of a head that changes nothing."""
    c = base.MODELS[name]
    unit = torch.eye(c["hidden_size"], dtype=torch.float64)
    return base.truth(c, weights | {"lm_head.weight": unit}, tokens)


def merged(a, b, aligns):
    """The gradient that is descended along, and a . b."""
    product = sum((x * y).sum() for x, y in zip(a, b)).item()
    square = sum((x * x).sum() for x in a).item()
    against = product / square if aligns and product < 0 else 0.0
    return [x + y - against * x for x, y in zip(a, b)], product


def run(name, initial, teacher, tokens, aligns):
    steps = (base.STEPS, base.BATCH, base.WINDOW)
    inputs, labels = tokens[:-1].view(steps), tokens[1:].view(steps)
    weights = {key: value.double().requires_grad_() for key, value in initial.items()}
    own = "lm_head.weight" if "lm_head.weight" in weights else "model.embed_tokens.weight"
    second = weights[own].detach().clone().requires_grad_()
    everything = [*weights.values(), second]
    groups = [
        {"params": [w for w in everything if w.dim() == 2], "weight_decay": base.DECAY},
        {"params": [w for w in everything if w.dim() == 1], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, betas=base.BETAS, eps=base.EPSILON, foreach=False)
    result = {"losses": [], "gradient_norms": [], "products": []}
    for step in range(base.STEPS):
        h = hidden(name, weights, inputs[step]).reshape(base.BATCH * base.WINDOW, -1)
        t = base.truth(base.MODELS["teacher"], teacher, inputs[step]).reshape(len(h), -1)
        ce = base.loss_of("ce", h @ weights[own].T, labels[step], None)
        gap = (h @ second.T - t) / (2 * TAU)
        kd = WEIGHT * TAU**2 * torch.log(torch.cosh(gap)).sum(-1).mean()
        a, b = (
            torch.autograd.grad(
                loss, everything, retain_graph=True, allow_unused=True, materialize_grads=True)
            for loss in (ce, kd)
        )
        gradient, product = merged(a, b, aligns)
        norm = torch.sqrt(sum((g * g).sum() for g in gradient)).item()
        for w, g in zip(everything, gradient):
            w.grad = g * min(1.0, base.CLIP / norm)
        for group in optimiser.param_groups:
            group["lr"] = base.learning_rate(step)
        optimiser.step()
        result["losses"].append((ce + kd).item())
        result["gradient_norms"].append(norm)
        result["products"].append(product)
    result["changes"] = {
        key: base.summary(w.detach() - initial[key].double()) for key, w in weights.items()
    }
    return result


def main():
    torch.set_num_threads(1)
    weights = {
        "grouped": base.initial_weights(base.MODELS["grouped"], 11, 0.2),
        "plain": base.initial_weights(base.MODELS["plain"], 12, 0.5),
        "teacher": base.initial_weights(base.MODELS["teacher"], 13, 0.6),
    }
    tokens = base.make_data(weights["teacher"])[0]["tokens"].long()
    teacher = {key: value.double() for key, value in weights["teacher"].items()}
    document = {"torch": torch.__version__, "weight": WEIGHT, "tau": TAU, "runs": {}}
    for name in ("grouped", "plain"):
        document["runs"][name] = {}
        for word in ("yes", "no"):
            found = run(name, weights[name], teacher, tokens, word == "yes")
            document["runs"][name][word] = found
            print(name, word, *(f"{x:.4f}" for x in found["losses"]))
            print("  products", *(f"{x:.4f}" for x in found["products"]))
    (base.HERE / "dual_head.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
