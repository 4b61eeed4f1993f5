#!/usr/bin/env python3
"""Writes prompts.txt beside this file: boxes and points that numpy makes of small volumes and regions, by the rules of CLISC. A name and
its values a line; volumes are in C order [z, y, x], of whole numbers; masks are 0 and 1.

Needs numpy. The same values come out of every run.
"""
import os

import numpy as np

random = np.random.default_rng(5)
file = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "prompts.txt"), "w")


def put(name, values):
    file.write(" ".join([name] + [f"{v:.12g}" for v in np.asarray(values).ravel()]) + "\n")


def prompts(volume, region, spacing, growth, unit, brightness, background, step):
    """Spacing is that of x, y, z."""
    boxes, points = [], []
    filled = [z for z in range(len(region)) if region[z].any()]
    for number, z in enumerate(filled):
        if number % step != 0 and number != len(filled) - 1:
            continue
        rows, columns = np.nonzero(region[z])
        # Half up, as the margins are positive.
        margin = [int(np.floor((growth if unit == "px" else growth / s) + 0.5)) for s in spacing[:2]]
        x0, x1 = max(0, columns.min() - margin[0]), min(region.shape[2], columns.max() + 1 + margin[0])
        y0, y1 = max(0, rows.min() - margin[1]), min(region.shape[1], rows.max() + 1 + margin[1])
        boxes.append([z, x0, y0, x1, y1])
        image = volume[z].astype(np.float64)
        low, high = image.min(), image.max()
        value = (image - low) / (high - low) if high > low else np.zeros_like(image)
        inside = np.flatnonzero(region[z])
        bright = value.ravel()[inside]
        candidates = inside[bright >= brightness * bright.max()]
        n = len(candidates)
        picked = candidates[[0, n // 3, n // 2, 2 * n // 3, n - 1]]
        for place in dict.fromkeys(picked.tolist()):
            points.append([z, place % region.shape[2], place // region.shape[2], 1])
        if background:
            for place in dict.fromkeys((y, x) for y in (y0, y1 - 1) for x in (x0, x1 - 1)):
                if not region[z][place]:
                    points.append([z, place[1], place[0], 0])
    return boxes, points


settings = [
    ((1, 1, 1), 10, "mm", 0.6, False, 1),
    ((0.9, 1.3, 5), 3, "mm", 0.6, True, 1),
    ((2, 2, 2), 0, "mm", 0.9, True, 2),
    ((1, 1, 3), 2, "px", 0, False, 3),
    ((0.4, 0.4, 1), 1, "mm", 1, True, 1),
]
put("cases", len(settings))
for case, (spacing, growth, unit, brightness, background, step) in enumerate(settings):
    shape = (7, 13, 17)
    # Few values, so that brightness meets its limit exactly, and candidates are many or one.
    volume = random.integers(-3, 8, size=shape)
    z, y, x = np.indices(shape)
    region = (x - random.integers(4, 12)) ** 2 + (y - random.integers(3, 9)) ** 2 <= 3 * (z % 4) ** 2
    region &= random.random(shape) < 0.8
    volume[1] = 4  # a slice of one value
    region[1, 5, 5:7] = True
    region[2] = False
    region[3] = False
    region[3, 6, 16] = True  # a region of one voxel, at the border
    put(f"{case}.shape", shape)
    put(f"{case}.spacing", spacing)
    put(f"{case}.growth", [growth])
    file.write(f"{case}.unit {unit}\n")
    put(f"{case}.brightness", [brightness])
    put(f"{case}.background", [background])
    put(f"{case}.step", [step])
    put(f"{case}.volume", volume)
    put(f"{case}.region", region)
    boxes, points = prompts(volume, region, spacing, growth, unit, brightness, background, step)
    put(f"{case}.boxes", boxes)
    put(f"{case}.points", points)
