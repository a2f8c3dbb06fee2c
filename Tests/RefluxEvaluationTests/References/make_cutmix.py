#!/usr/bin/env python3
"""Boxes of CutMix and mixed images, in NumPy 2.4.6 as the paper's code has them (its np.int is int since
NumPy 1.24; columns and rows in the order of the axes). Writes cutmix.json beside itself."""
import json, os
import numpy as np

rng = np.random.default_rng(20221)


def rand_bbox(height, width, lam, cx, cy):
    ratio = np.sqrt(1. - lam)
    w, h = int(width * ratio), int(height * ratio)
    x1, x2 = np.clip(cx - w // 2, 0, width), np.clip(cx + w // 2, 0, width)
    y1, y2 = np.clip(cy - h // 2, 0, height), np.clip(cy + h // 2, 0, height)
    return [int(v) for v in (x1, y1, x2, y2)]


boxes = [{"height": 24, "width": 40, "lambda": .51, "center": [33, 4]}]
for _ in range(60):
    height, width = (int(v) for v in rng.integers(1, 50, 2))
    boxes.append({"height": height, "width": width, "lambda": float(rng.uniform()),
                  "center": [int(rng.integers(width)), int(rng.integers(height))]})
for b in boxes:
    b["box"] = rand_bbox(b["height"], b["width"], b["lambda"], *b["center"])
    x1, y1, x2, y2 = b["box"]
    b["kept"] = 1 - (x2 - x1) * (y2 - y1) / (b["height"] * b["width"])
assert boxes[0]["box"] == [19, 0, 40, 12] and boxes[0]["kept"] == .7375

images = rng.integers(0, 1000, (2, 3, 4, 5))
x1, y1, x2, y2 = 1, 0, 4, 3
mixed = images[0].copy()
mixed[:, y1:y2, x1:x2] = images[1][:, y1:y2, x1:x2]
mix = {"images": images.reshape(2, -1).tolist(), "box": [x1, y1, x2, y2], "mixed": mixed.ravel().tolist()}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cutmix.json")
json.dump({"boxes": boxes, "mix": mix}, open(path, "w"), indent=1)
