#!/usr/bin/env python3
"""Writes lungs.txt: the lung mask of a made-up chest by scipy's operations (numpy and scipy 1.x), as runs of equal voxels in C order
(first of 0). The chest is drawn by the same formulas in LungMaskTests.swift.
"""
import os

import numpy as np
from scipy import ndimage

SPACING = np.array([10.0, 8.0, 8.0])  # z, y, x
z, y, x = np.indices((20, 28, 36))
dz, dy, dx = 2.0 * z - 19, 2.0 * y - 27, 2.0 * x - 35
side = np.where(dx < 0, -1.0, 1.0)
ct = np.full(z.shape, -1000.0)
ct[(dx / 34) ** 2 + (dy / 26) ** 2 < 1] = 40
lung = ((dx - side * 16) / 12) ** 2 + (dy / 18) ** 2 + (dz / 17) ** 2 < 1
ct[lung] = -850
ct[lung & ((x * 7 + y * 5 + z * 3) % 11 == 0)] = 40
ct[(dx + 26) ** 2 + dy**2 + dz**2 < 16] = 40
ct[(np.abs(dx) < 3) & (np.abs(dy - 2) < 3) & (dz > 5)] = -990

air, count = ndimage.label(ct < -320)
outside = set(np.unique(np.concatenate([air[:, [0, -1], :].ravel(), air[:, :, [0, -1]].ravel()])))
sizes = {k: (air == k).sum() for k in range(1, count + 1) if k not in outside}
kept = [k for k in sizes if sizes[k] >= 0.1 * max(sizes.values())]
reach = 2
offsets = np.indices((2 * reach + 1,) * 3).reshape(3, -1).T - reach
ball = (np.linalg.norm(offsets * SPACING, axis=1) <= 17).reshape((2 * reach + 1,) * 3)
mask = ndimage.binary_closing(np.isin(air, kept), ball)
mask = ndimage.binary_fill_holes(mask).ravel()

changes = np.flatnonzero(np.diff(mask.astype(int))) + 1
runs = np.diff(np.concatenate([[0], changes, [mask.size]]))
assert not mask[0]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "lungs.txt"), "w") as file:
    file.write(" ".join(map(str, runs)) + "\n")
print(f"{mask.sum()} voxels, {mask.sum() * SPACING.prod() / 1000} ml, {len(kept)} of {len(sizes)} pieces")
