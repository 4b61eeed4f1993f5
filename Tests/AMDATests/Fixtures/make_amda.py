#!/usr/bin/env python3
"""Writes amda.txt beside this file: slices with something hidden, as numpy makes them with the random numbers of SplitMix64. A name and
its values a line; volumes are in C order [z, y, x].

Needs numpy. The same values come out of every run.
"""
import os

import numpy as np

random = np.random.default_rng(21)
file = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "amda.txt"), "w")


def put(name, values):
    file.write(" ".join([name] + [f"{v:.8g}" for v in np.asarray(values).ravel()]) + "\n")


class SplitMix64:
    """Steele, Lea and Flood, 2014."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    def below(self, limit):
        return (self.next() * limit) >> 64

    def unit(self):
        return (self.next() >> 11) / 2**53


def spot(heat, region, fraction):
    rows, columns = np.nonzero(region)
    if len(rows) == 0:
        return None
    box = np.zeros(region.shape, bool)
    box[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
    low, high = heat[box].min(), heat[box].max()
    mask = box & (heat > low + fraction * (high - low))
    return mask if mask.any() else None


def cells(brain, cell, ratio, generator):
    rows, columns = np.nonzero(brain)
    number = {(r // cell[1], c // cell[0]) for r, c in zip(rows, columns)}
    candidates = sorted(number)
    hidden = {c for c in candidates if generator.unit() < ratio}
    if not hidden:
        hidden = {candidates[generator.below(len(candidates))]}
    y, x = np.indices(brain.shape)
    inside = np.zeros(brain.shape, bool)
    for r, c in hidden:
        inside |= (y // cell[1] == r) & (x // cell[0] == c)
    return inside & brain


def moved(shape, brain, generator):
    target = np.flatnonzero(brain)[generator.below(int(brain.sum()))]
    rows, columns = np.nonzero(shape)
    dy = target // brain.shape[1] - (rows.min() + rows.max()) // 2
    dx = target % brain.shape[1] - (columns.min() + columns.max()) // 2
    mask = np.zeros(brain.shape, bool)
    for r, c in zip(rows + dy, columns + dx):
        if 0 <= r < brain.shape[0] and 0 <= c < brain.shape[1] and brain[r, c]:
            mask[r, c] = True
    return mask if mask.any() else None


settings = [
    # fill, negatives, cell size in mm, ratio, fraction, seed
    ("zero", "none", 10, 0.1, 0.8, 1),
    ("median", "shapes", 10, 0.1, 0.8, 2),
    ("noise", "cells", 3, 0.3, 0.5, 3),
    ("median", "cells", 4, 0.0, 0.8, 4),
    ("noise", "shapes", 5, 0.2, 0.9, 2**63 + 1),
]
shape, spacing = (9, 8, 9), (1.0, 1.5, 4.0)  # x, y, z
put("cases", len(settings))
put("shape", shape)
put("spacing", spacing)
for number, (fill, negatives, size, ratio, fraction, seed) in enumerate(settings):
    z, y, x = np.indices(shape)
    brain = (x - 4) ** 2 / 16 + (y - 4) ** 2 / 12 <= 1
    volume = np.where(brain, random.integers(20, 200, size=shape), 0)
    volume[8] = 7  # no brain: all of one value
    heat = random.integers(0, 65, size=shape) / 64  # exact in single precision
    region = (x - 4) ** 2 + (y - 3) ** 2 <= z % 4 * 2
    labels = np.array([1, 0, 1, 1, -1, 0, 1, 0, 0])
    region[2] = False  # positive without a region
    heat[6] = 0.5  # positive with nothing hotter than the rest
    if number == 4:
        labels[labels == 1] = -1  # no shapes: cells
    generator = SplitMix64(seed)
    cell = [max(1, int(np.floor(size / s + 0.5))) for s in spacing[:2]]
    spots = [spot(heat[k], region[k], fraction) if labels[k] == 1 else None for k in range(shape[0])]
    shapes = [s for s in spots if s is not None]
    images, kept, places = [], [], []
    for k in range(shape[0]):
        if labels[k] < 0 or (labels[k] == 0 and negatives == "none") or (labels[k] == 1 and spots[k] is None):
            continue
        image = volume[k].astype(np.float32)
        low, high = image.min(), image.max()
        image = (image - low) / (high - low) if high > low else np.zeros_like(image)
        inside = image > 0
        if not inside.any():
            continue
        if labels[k] == 1:
            mask = spots[k]
        elif negatives == "shapes" and shapes:
            mask = moved(shapes[generator.below(len(shapes))], inside, generator)
        else:
            mask = cells(inside, cell, ratio, generator)
        if mask is None:
            continue
        others = image[inside & ~mask]
        if fill == "zero":
            image[mask] = 0
        elif fill == "median":
            image[mask] = np.median(others)
        else:
            for place in np.flatnonzero(mask):
                image.ravel()[place] = others[generator.below(len(others))]
        images.append(image)
        kept.append(labels[k])
        places.append(k)
    name = str(number)
    file.write(f"{name}.fill {fill}\n{name}.negatives {negatives}\n{name}.seed {seed}\n")
    put(f"{name}.settings", [size, ratio, fraction])
    put(f"{name}.volume", volume)
    put(f"{name}.heat", heat)
    put(f"{name}.region", region)
    put(f"{name}.labels", labels)
    put(f"{name}.images", images)
    put(f"{name}.label", kept)
    put(f"{name}.z", places)
