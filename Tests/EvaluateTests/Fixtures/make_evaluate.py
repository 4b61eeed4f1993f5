#!/usr/bin/env python3
"""Writes evaluate.txt beside this file: scores of small masks, rates of slice classes and bootstrap intervals, as numpy and scipy have
them. A name and its values a line; masks are in C order [z, y, x].

Needs numpy and scipy. The same values come out of every run.
"""
import os

import numpy as np
from scipy import ndimage

random = np.random.default_rng(9)
file = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "evaluate.txt"), "w")


def put(name, values):
    file.write(" ".join([name] + [f"{v:.17g}" for v in np.asarray(values).ravel()]) + "\n")


def surface(mask):
    return mask & ~ndimage.binary_erosion(mask)


def directed(a, b, spacing):
    """Distances from the surface of a to that of b."""
    return ndimage.distance_transform_edt(~surface(b), sampling=spacing)[surface(a)]


shape, spacing = (6, 9, 11), (3.0, 0.8, 1.25)  # z, y, x
voxel = np.prod(spacing) / 1000
diagonal = np.sqrt(sum((n * s) ** 2 for n, s in zip(shape, spacing)))
put("shape", shape)
put("spacing", spacing[::-1])
put("masks", 6)
for case in range(6):
    z, y, x = np.indices(shape)
    ball = lambda cz, cy, cx, r: ((z - cz) * 3) ** 2 + (y - cy) ** 2 + (x - cx) ** 2 <= r * r
    a = ball(2, 4, 5, (4, 0, 0, 3, 3.5, 4)[case])
    b = ball(3, 5, 5, (4, 0, 3, 0, 3, 2)[case])
    if case in (1, 2):
        a[:] = False
    if case in (1, 3):
        b[:] = False
    if case == 5:
        b[0, 0, 0] = True  # far away: the percentile leaves it out or not
    put(f"mask.{case}.prediction", a)
    put(f"mask.{case}.truth", b)
    if not a.any() and not b.any():
        scores = [1, 0, 0, 1]
    elif not a.any() or not b.any():
        scores = [0, diagonal, diagonal, 0]
    else:
        forth, back = directed(a, b, spacing), directed(b, a, spacing)
        dice = 2 * (a & b).sum() / (a.sum() + b.sum())
        hd95 = max(np.percentile(forth, 95), np.percentile(back, 95))
        # The surface Dice by area has its reference in the tests of PonsImaging.
        scores = [dice, hd95, np.percentile(np.concatenate([forth, back]), 95), np.nan]
    put(f"mask.{case}.scores", scores)
    put(f"mask.{case}.volumes", [a.sum() * voxel, b.sum() * voxel])

put("slices.shape", (12, 3, 4))
put("slices", 4)
with np.errstate(invalid="ignore"):
    for case in range(4):
        truth = random.random((12, 3, 4)) < 0.15
        positive = truth.sum(axis=(1, 2)) >= 2
        # Right in most slices, wrong in some, nothing in others.
        labels = random.choice([1, 0, -1], p=[0.6, 0.2, 0.2], size=12)
        labels = np.where(labels == -1, -1, np.where(labels == 1, positive, ~positive))
        if case == 2:
            truth[:] = False
        if case == 3:
            labels[:] = -1
        positive = truth.sum(axis=(1, 2)) >= 2
        known = labels >= 0
        tp, fp = np.sum(positive & (labels == 1)), np.sum(~positive & (labels == 1))
        tn, fn = np.sum(~positive & (labels == 0)), np.sum(positive & (labels == 0))
        put(f"slices.{case}.truth", truth)
        put(f"slices.{case}.labels", labels)
        put(f"slices.{case}.counts", [12, known.sum(), tp, fp, tn, fn, np.sum(positive & ~known)])
        put(f"slices.{case}.rates", [
            known.mean(), np.float64(tp + tn) / known.sum(), np.float64(tp) / (tp + fp), np.float64(tp) / (tp + fn),
            np.float64(tp) / positive.sum()])


class SplitMix64:
    """Steele, Lea and Flood, 2014."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return ((z ^ (z >> 31)) * limit) >> 64


def bootstrap(patients, resamples, confidence, seed):
    generator = SplitMix64(seed)
    means, medians = [], []
    for _ in range(resamples):
        drawn = np.concatenate([patients[generator.below(len(patients))] for _ in patients])
        means.append(np.mean(drawn))
        medians.append(np.median(drawn))
    values = np.concatenate(patients)
    tails = [50 - 50 * confidence, 50 + 50 * confidence]
    return [np.mean(values), *np.percentile(means, tails), np.median(values), *np.percentile(medians, tails)]


cohorts = [(8, 1, 2000, 0.95, 7), (5, 3, 500, 0.9, 11), (1, 1, 100, 0.95, 1), (24, 2, 1000, 0.99, 2**63 + 5)]
put("cohorts", len(cohorts))
for number, (count, most, resamples, confidence, seed) in enumerate(cohorts):
    patients = [random.random(random.integers(1, most + 1)).round(3) for _ in range(count)]
    put(f"cohort.{number}.sizes", [len(p) for p in patients])
    put(f"cohort.{number}.values", np.concatenate(patients))
    put(f"cohort.{number}.settings", [resamples, confidence])
    file.write(f"cohort.{number}.seed {seed}\n")
    put(f"cohort.{number}.estimates", bootstrap(patients, resamples, confidence, seed))
