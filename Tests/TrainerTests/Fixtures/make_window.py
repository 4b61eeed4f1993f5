"""Makes window.safetensors with numpy: pip install numpy safetensors, then run this script here.

A volume, and what blending overlapping windows with Gaussian weights gives when the "network" answers, for each voxel of a window,
[value, value * (1 + index of x in the window), index of z in the window]: answers of different windows differ, so that the weights matter.
"""
import pathlib

import numpy as np
from safetensors.numpy import save_file

rng = np.random.default_rng(1)
tensors = {}
for name, shape, window, overlap in [("large", (7, 9, 12), (4, 6, 6), 0.5), ("small", (3, 9, 5), (4, 6, 8), 0.25)]:
    volume = rng.normal(size=shape).astype(np.float32)
    fill = -2.0
    before = [max(0, w - s) // 2 for w, s in zip(window, shape)]
    after = [max(0, w - s) - b for w, s, b in zip(window, shape, before)]
    padded = np.pad(volume, list(zip(before, after)), constant_values=fill).astype(np.float64)
    axes = [np.exp(-((np.arange(w) - (w - 1) / 2) ** 2) / (2 * (w / 8) ** 2)) for w in window]
    weights = np.maximum(np.einsum("i,j,k->ijk", *axes) / np.einsum("i,j,k->ijk", *axes).max(), 1e-6)
    places = []
    for s, w in zip(padded.shape, window):
        step = max(1, int(np.floor(w * (1 - overlap))))
        places.append([0] if s <= w else list(range(0, s - w, step)) + [s - w])
    total, sums = np.zeros(padded.shape), np.zeros((3,) + padded.shape)
    for z in places[0]:
        for y in places[1]:
            for x in places[2]:
                at = np.s_[z : z + window[0], y : y + window[1], x : x + window[2]]
                part = padded[at]
                answer = np.stack([
                    part, part * (1 + np.arange(window[2]))[None, None, :],
                    np.broadcast_to(np.arange(window[0], dtype=float)[:, None, None], part.shape)])
                sums[(slice(None),) + at] += answer * weights
                total[at] += weights
    result = sums / total
    inner = tuple(slice(b, b + s) for b, s in zip(before, shape))
    tensors |= {f"{name}.volume": volume, f"{name}.logits": result[(slice(None),) + inner].copy()}
save_file(tensors, pathlib.Path(__file__).parent / "window.safetensors")
