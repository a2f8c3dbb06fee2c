#!/usr/bin/env python3
"""Losses of links and scores of candidates by PyTorch 2.13.0 and NumPy 2.4.6 in float64, gradients by
autograd. Writes selection.json beside itself."""
import itertools, json, os
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(115)
out = {}

# LLP: 4 anchors with 12 context nodes, two of whose scores of the teacher lie within the margin.
teacher = torch.tensor(rng.uniform(.05, .95, (4, 12)))
teacher[:, 1] = teacher[:, 0] + .01
student = torch.tensor(rng.uniform(.05, .95, (4, 12)), requires_grad=True)
margin = .1
kl = F.kl_div(F.log_softmax(student, -1), F.softmax(teacher, -1), reduction="batchmean")
i, j = map(list, zip(*itertools.combinations(range(12), 2)))
gap = teacher[:, i] - teacher[:, j]
r = torch.where(gap > margin, 1., torch.where(gap < -margin, -1., 0.)).double()
rank = F.margin_ranking_loss(student[:, i], student[:, j], r, margin=margin)
edges = torch.tensor(rng.uniform(.02, .98, 9))
labels = torch.tensor(rng.integers(0, 2, 9)).double()
bce = F.binary_cross_entropy(edges, labels)
grad = lambda loss: torch.autograd.grad(loss, student, retain_graph=True)[0].tolist()
out["llp"] = {"student": student.tolist(), "teacher": teacher.tolist(), "margin": margin, "edges": edges.tolist(),
              "labels": [int(v) for v in labels], "llp_d": kl.item(), "llp_r": rank.item(), "bce": bce.item(),
              "loss": (.1 * bce + kl + rank).item(), "llp_d_gradient": grad(kl), "llp_r_gradient": grad(rank)}

# Scores of a pool: entropies, KL at T = 4 without its factor, and T.stddev of four groups of rows.
pool, own = torch.tensor(rng.normal(0, 2, (20, 11))), torch.tensor(rng.normal(0, 2, (20, 11)))
pool[3, 5] = -torch.inf
p, lp, lq = F.softmax(pool, -1), F.log_softmax(pool / 4, -1), F.log_softmax(own / 4, -1)
entropy = lambda z: torch.special.entr(F.softmax(z, -1)).sum(-1).tolist()
divergence = torch.where(lp > -torch.inf, lp.exp() * (lp.nan_to_num(neginf=0.) - lq), 0.).sum(-1)
means = p.reshape(4, 5, 11).mean(1)
out["pool"] = {"teacher": [[None if v == -torch.inf else v for v in row] for row in pool.tolist()], "student": own.tolist(),
               "entropy": entropy(pool), "student_entropy": entropy(own), "kl4": divergence.tolist(),
               "means": means.tolist(), "stddev": means.std(0, unbiased=True).mean().item()}
assert abs(np.std(means.numpy(), 0, ddof=1).mean() - out["pool"]["stddev"]) < 1e-15
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "selection.json")
json.dump(out, open(path, "w"), indent=1)
