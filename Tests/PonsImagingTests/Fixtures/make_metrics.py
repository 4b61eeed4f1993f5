#!/usr/bin/env python3
"""Writes metrics.txt beside this file: components, morphology, distances and scores of small masks, as scipy, MedPy, edt, cc3d, SimpleITK
and surface-distance have them. A name and its values a line; volumes are in C order [z, y, x], masks are hexadecimal with the first voxel in the highest bit.

Needs numpy, scipy, MedPy, edt, connected-components-3d, SimpleITK and surface-distance. The same values come out of every run.
"""
import os

import cc3d
import edt
import numpy as np
import SimpleITK as sitk
import surface_distance
from medpy.metric import binary as medpy
from scipy import ndimage

random = np.random.default_rng(11)
file = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "metrics.txt"), "w")


def put(name, values):
    file.write(name + " " + " ".join(f"{v:.12g}" for v in np.asarray(values).ravel()) + "\n")


def put_mask(name, mask):
    file.write(f"{name} {np.packbits(mask.ravel()).tobytes().hex()}\n")


def blob(shape, smoothing, threshold):
    """A random mask with structure of the size of `smoothing` voxels."""
    noise = ndimage.gaussian_filter(random.normal(size=shape), smoothing, mode="nearest")
    return noise > threshold * noise.std()


def number_by_first_voxel(labels):
    """cc3d numbers components in another order when asked for 18 or 26."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(np.where(labels.ravel()[first] == 0, -1, first)))
    offset = 0 if (labels == 0).any() else 1
    return (order + offset)[inverse].reshape(labels.shape)


def ball(radius, spacing):
    """Offsets [z, y, x] no further than the radius; spacing is that of z, y, x."""
    reach = [int(radius / s) for s in spacing]
    offsets = np.mgrid[tuple(slice(-r, r + 1) for r in reach)]
    squares = sum((o * s) ** 2 for o, s in zip(offsets, spacing))
    return squares <= radius**2 + 1e-9


# A row of 64 voxels fills a word, one of 70 needs two; an axis of length 1 has no neighbours.
shapes = [(5, 6, 7), (1, 7, 9), (6, 1, 5), (4, 5, 1), (2, 3, 64), (3, 2, 70)]
structures = {c: ndimage.generate_binary_structure(3, i + 1) for i, c in enumerate((6, 18, 26))}
put("cases", len(shapes))
for case, shape in enumerate(shapes):
    mask = random.random(shape) < (0.3, 0.6)[case % 2]
    put(f"{case}.size", shape[::-1])
    put_mask(f"{case}.mask", mask)
    for connectivity, structure in structures.items():
        labels, count = ndimage.label(mask, structure)
        again = number_by_first_voxel(cc3d.connected_components(mask, connectivity=connectivity))
        assert (labels == again).all()
        put(f"{case}.labels.{connectivity}", labels)
        put_mask(f"{case}.filled.{connectivity}", ndimage.binary_fill_holes(mask, structure))

    solid = blob(shape, 1, -0.6)
    put_mask(f"{case}.solid", solid)
    spacing = np.round(random.uniform(0.5, 3, 3), 3)  # z, y, x
    put(f"{case}.spacing", spacing[::-1])
    radius = float(np.round(spacing.min() * 1.7, 3))
    put(f"{case}.radius", radius)
    for name in ("dilation", "erosion", "opening", "closing"):
        apply = getattr(ndimage, "binary_" + name)
        for connectivity, structure in structures.items():
            put_mask(f"{case}.{name}.{connectivity}.1", apply(solid, structure))
            put_mask(f"{case}.{name}.{connectivity}.2", apply(solid, structure, iterations=2))
        put_mask(f"{case}.{name}.ball", apply(solid, ball(radius, spacing)))

    sparse = random.random(shape) < 0.05
    sparse[tuple(n // 2 for n in shape)] = True
    put_mask(f"{case}.sparse", sparse)
    distances = ndimage.distance_transform_edt(~sparse, sampling=spacing)
    assert np.allclose(distances, edt.edt(~sparse, anisotropy=spacing), rtol=1e-5)
    put(f"{case}.distances", np.round(distances, 4))
    bordered = ndimage.distance_transform_edt(np.pad(~sparse, 1), sampling=spacing)[(slice(1, -1),) * 3]
    assert np.allclose(bordered, edt.edt(~sparse, anisotropy=spacing, black_border=True), rtol=1e-5)
    put(f"{case}.bordered", np.round(bordered, 4))


def surface(mask):
    return mask ^ ndimage.binary_erosion(mask, structures[6])


def directed(a, b, spacing):
    return ndimage.distance_transform_edt(~surface(b), sampling=spacing)[surface(a)]


# Blobs near each other, blobs far apart in a wide grid, one slice, single voxels, and noise, which has all kinds of corners.
pairs = [((12, 14, 16), 2, 2), ((9, 20, 80), 2, 60), ((1, 12, 12), 2, 3), ((8, 8, 8), 0, 4),
         ((9, 9, 9), 0, 0)]
put("pairs", len(pairs))
for case, (shape, smoothing, shift) in enumerate(pairs):
    reference = blob(shape, smoothing, 1.1) if smoothing else np.zeros(shape, bool)
    prediction = np.roll(reference, shift, axis=2) ^ (blob(shape, 1, 2.4) if smoothing else False)
    if not smoothing and not shift:
        reference, prediction = random.random((2, *shape)) < 0.5
    elif not smoothing:
        reference[2, 3, 4] = prediction[6, 6, 1] = True
    if shift == 60:
        reference[:, :, 30:] = False
        prediction[:, :, :40] = False
    assert reference.any() and prediction.any()
    spacing = np.round(random.uniform(0.5, 3, 3), 3)
    # Of noise, every corner is near another.
    tolerance = 1.5 if shift else 0.2
    put(f"pair.{case}.tolerance", tolerance)
    put(f"pair.{case}.size", shape[::-1])
    put(f"pair.{case}.spacing", spacing[::-1])
    put_mask(f"pair.{case}.reference", reference)
    put_mask(f"pair.{case}.prediction", prediction)
    forth, back = directed(prediction, reference, spacing), directed(reference, prediction, spacing)
    pooled = np.concatenate([forth, back])
    assert np.isclose(np.percentile(pooled, 95), medpy.hd95(prediction, reference, spacing))
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(*(sitk.GetImageFromArray(m.astype(np.uint8)) for m in (reference, prediction)))
    assert np.isclose(overlap.GetDiceCoefficient(), medpy.dc(prediction, reference))
    elements = surface_distance.compute_surface_distances(reference, prediction, spacing)
    put(f"pair.{case}.scores", [
        medpy.dc(prediction, reference),
        max(np.percentile(forth, 95), np.percentile(back, 95)),
        medpy.hd95(prediction, reference, spacing),
        surface_distance.compute_surface_dice_at_tolerance(elements, tolerance),
        (pooled <= tolerance).mean(),
        medpy.hd(prediction, reference, spacing),
        pooled.mean(),
        prediction.sum() * spacing.prod() / 1000,
        reference.sum() * spacing.prod() / 1000,
    ])
