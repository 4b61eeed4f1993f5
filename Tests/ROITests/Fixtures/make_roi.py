#!/usr/bin/env python3
"""Writes roi.txt beside this file: regions of small heatmaps, as numpy and scipy make them. A name and its values a line; volumes are in C
order [z, y, x], heat in 64ths.

Needs numpy and scipy. The same values come out of every run.
"""
import os

import numpy as np
from scipy import ndimage

random = np.random.default_rng(13)
file = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "roi.txt"), "w")


def put(name, values):
    file.write(" ".join([name] + [f"{v:.12g}" for v in np.asarray(values).ravel()]) + "\n")


full = np.ones((3, 3, 3), bool)
settings = [
    ("none", 0.27, True, 1 / 3),
    ("slice", 0.5, True, 1 / 3),
    ("volume", 0.4, False, 1 / 3),
    ("slice", 0.3, False, 0),
    ("none", 0.5, False, 1),
]
put("cases", len(settings))
for case, (scale, threshold, opening, keep) in enumerate(settings):
    shape = (7, 12, 13)
    heat = ndimage.gaussian_filter(random.random(shape), 1.2)
    heat = np.round((heat - heat.min()) / (heat.max() - heat.min()) * 60 + 2) / 64
    heat[3] = 0.25  # a slice of one value
    axes = {"none": None, "slice": (1, 2), "volume": (0, 1, 2)}[scale]
    if axes is None:
        limit = threshold
    else:
        low, high = heat.min(axis=axes, keepdims=True), heat.max(axis=axes, keepdims=True)
        limit = low + threshold * (high - low)
    mask = heat > limit
    if opening:
        mask = ndimage.binary_opening(mask, full)
    labels, count = ndimage.label(mask, full)
    sizes = np.bincount(labels.ravel())[1:]
    kept = [k + 1 for k in range(count) if 3 * sizes[k] >= sizes.max()] if keep == 1 / 3 else [
        k + 1 for k in range(count) if sizes[k] >= keep * sizes.max()]
    put(f"{case}.shape", shape)
    file.write(f"{case}.scale {scale}\n")
    put(f"{case}.settings", [threshold, opening, keep])
    put(f"{case}.heat", heat * 64)
    put(f"{case}.region", np.isin(labels, kept))
    put(f"{case}.components", [count, len(kept)])


def components(mask, keep):
    labels, count = ndimage.label(mask, full)
    sizes = np.bincount(labels.ravel())[1:]
    kept = [k + 1 for k in range(count) if sizes[k] >= keep * sizes.max()]
    # Of equally large ones the first stays.
    return np.isin(labels, kept[:1] if keep == 1 else kept)


bright = [(95, 0, False, 0), (60, 3, True, 1), (55, 2, True, 0.25)]
put("bright", len(bright))
for case, (percentile, smoothing, opening, keep) in enumerate(bright):
    shape, spacing = (9, 14, 12), (3, 2, 1.5)  # z, y, x
    image = np.round(ndimage.gaussian_filter(random.random(shape), 1.5) * 4096)
    brain = np.zeros(shape, bool)
    brain[1:-1, 1:-1, 2:-1] = True
    smooth = image.astype(float)
    if smoothing:
        smooth = ndimage.gaussian_filter(
            smooth, [smoothing / s for s in spacing], mode="nearest", truncate=4)
    mask = brain & (smooth > np.percentile(smooth[brain], percentile))
    if opening:
        mask = ndimage.binary_opening(mask, full)
    put(f"bright.{case}.shape", shape)
    put(f"bright.{case}.settings", [percentile, smoothing, opening, keep])
    put(f"bright.{case}.image", image)
    put(f"bright.{case}.brain", brain)
    put(f"bright.{case}.region", components(mask, keep))
