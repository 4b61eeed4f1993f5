#!/usr/bin/env python3
"""Writes geometry.txt, resampling.txt and intensity.txt beside this file: what nibabel, SimpleITK, scipy, scikit-image and
numpy make of small volumes. One value a line: a name, then numbers; volumes are in C order [z, y, x].

Needs numpy, scipy, nibabel, SimpleITK and scikit-image. The same numbers come out of every run.
"""
import os

import nibabel as nib
import numpy as np
import SimpleITK as sitk
from nibabel import orientations
from scipy import ndimage
from skimage import exposure

HERE = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(5)


class Table:
    def __init__(self, name):
        self.file = open(os.path.join(HERE, name), "w")

    def __call__(self, name, values, digits=None):
        values = np.asarray(values)
        if digits:
            values = np.round(values.astype(np.float64), digits)
        if values.dtype.kind in "US":
            text = [str(v) for v in np.atleast_1d(values)]
        else:
            text = [repr(v.item()) for v in values.ravel()]
        self.file.write(name + " " + " ".join(text) + "\n")


def rotation(angles):
    a, b, c = angles
    x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return x @ y @ z


def affine(matrix, origin):
    result = np.eye(4)
    result[:3, :3] = matrix
    result[:3, 3] = origin
    return result


def geometry():
    put = Table("geometry.txt")
    for number in range(16):
        matrix = rotation(random.uniform(-3, 3, 3)) @ np.diag(random.uniform(0.3, 4, 3))
        matrix = matrix @ np.diag(random.choice([-1, 1], 3))
        if number % 4 == 3:  # sheared, as by a tilted gantry
            matrix[:, 2] += 0.4 * matrix[:, 1]
        a = affine(matrix, random.uniform(-200, 200, 3))
        put(f"affine.{number}", a)
        put(f"inverse.{number}", np.linalg.inv(a))
        put(f"spacing.{number}", nib.affines.voxel_sizes(a))
        put(f"code.{number}", "".join(nib.aff2axcodes(a)))
    data = np.arange(60, dtype=np.int16).reshape(3, 4, 5)  # x, y, z
    a = affine(np.array([[0, 0.1, -2.0], [1.5, 0, 0.1], [0.1, -1.1, 0]]), [10, -20, 30.5])
    image = nib.Nifti1Image(data, a)
    put("turn.affine", a)
    put("turn.code", "".join(nib.aff2axcodes(a)))
    for code in ["RAS", "LPS", "SRA", "AIL", "PLI", "IRP"]:
        wanted = orientations.axcodes2ornt(code)
        change = orientations.ornt_transform(orientations.io_orientation(a), wanted)
        turned = image.as_reoriented(change)
        put(f"turned.{code}.affine", turned.affine)
        put(f"turned.{code}.voxels", np.asarray(turned.dataobj).T)
    put.file.close()


def in_itk(array, a):
    image = sitk.GetImageFromArray(array)
    spacing = nib.affines.voxel_sizes(a)
    image.SetSpacing([float(s) for s in spacing])
    image.SetOrigin([float(v) for v in a[:3, 3]])
    image.SetDirection([float(v) for v in (a[:3, :3] / spacing).ravel()])
    return image


def resampled(array, a, size, b, how):
    reference = in_itk(np.zeros(size[::-1], np.float32), b)
    result = sitk.Resample(in_itk(array, a), reference, sitk.Transform(), how, -7.0)
    return sitk.GetArrayFromImage(result)


def resampling():
    put = Table("resampling.txt")
    volume = np.round(random.uniform(0, 100, (7, 8, 9)), 2).astype(np.float32)  # z, y, x
    turn = rotation([0.2, -0.4, 0.6])
    a = affine(turn @ np.diag([0.9, 1.1, 2.0]), [5, 6, 7])
    centre = a @ [4, 3.5, 3, 1]
    put("volume", volume)
    put("affine", a)

    def centred(matrix, size):
        middle = np.append((np.array(size) - 1) / 2, 0)
        result = affine(matrix, [0, 0, 0])
        result[:3, 3] = centre[:3] - (result @ middle)[:3]
        return result

    grids = {
        "finer": ((9, 9, 9), centred(turn @ np.diag([0.8, 0.8, 1.1]), (9, 9, 9))),
        "shifted": ((6, 5, 7), centred(turn @ np.diag([1.3, -1.1, 2.0]), (6, 5, 7))),
        "turned": ((8, 9, 7), centred(rotation([0.5, 0.1, -0.3]) @ np.diag([1.1, 1.0, 1.2]), (8, 9, 7))),
        "coarser": ((4, 5, 6), centred(turn @ np.diag([2.2, 1.9, 2.5]), (4, 5, 6))),
        "coarser_turned": ((4, 4, 5), centred(rotation([0.5, 0.1, -0.3]) * 2.4, (4, 4, 5))),
    }
    grids["shifted"][1][:3, 3] += turn @ [1.4, 0.3, -2.1]
    for name, (size, b) in grids.items():
        put(f"{name}.size", size)
        put(f"{name}.affine", b)
        for how, kind in [("nearest", sitk.sitkNearestNeighbor), ("linear", sitk.sitkLinear)]:
            put(f"{name}.{how}", resampled(volume, a, size, b, kind), 4)
        # Cubic: splines that are mirrored at the outermost voxels, where ITK's linear one is inside.
        grid = np.stack(np.meshgrid(*[np.arange(n) for n in size], indexing="ij"))
        m = np.linalg.inv(a) @ b
        places = np.tensordot(m[:3, :3], grid, 1) + m[:3, 3].reshape(3, 1, 1, 1)
        cubic = ndimage.map_coordinates(
            volume.transpose(2, 1, 0).astype(np.float64), places, order=3, mode="mirror").transpose(2, 1, 0)
        cubic[resampled(volume, a, size, b, sitk.sitkLinear) == -7] = -7
        put(f"{name}.cubic", cubic, 4)
        # Anti-aliasing: factor along each input axis, then a Gaussian as Cardoso et al. have it.
        factor = np.linalg.norm(m[:3, :3], axis=1)
        sigma = np.sqrt(np.maximum(factor**2 - 1, 0) / (8 * np.log(2)))
        sigma[factor < 1.01] = 0
        smooth = ndimage.gaussian_filter(volume.astype(np.float64), sigma[::-1], mode="nearest", truncate=4)
        put(f"{name}.smooth", resampled(smooth.astype(np.float32), a, size, b, sitk.sitkLinear), 4)
    put.file.close()


def intensity():
    put = Table("intensity.txt")
    percentages = [0, 0.1, 12.5, 50, 75, 99.9, 100]
    put("percentages", percentages)
    for kind in ["uint8", "int8", "uint16", "int16", "uint32", "int32", "int64", "float16", "float32", "float64"]:
        values = random.normal(20, 40, 150)
        if kind.startswith("u"):
            values = abs(values)
        values[::4] = 0
        values = np.clip(values, -128, 127).astype(kind)
        put(f"{kind}.values", values)
        wide = values.astype(np.float64)
        put(f"{kind}.percentiles", np.percentile(wide, percentages))
        put(f"{kind}.nonzero", np.percentile(wide[wide != 0], percentages))
        put(f"{kind}.moments", [np.mean(wide), np.std(wide), wide[wide != 0].mean(), wide[wide != 0].std()])
        # Wide integers have a bin for each value there, however many those are: not followed.
        if kind in ("uint8", "int8", "uint16", "int16", "float32", "float64"):
            put(f"{kind}.equalized", exposure.equalize_hist(values, nbins=32), 7)
            put(f"{kind}.equalized_nonzero", exposure.equalize_hist(values, nbins=32, mask=values != 0), 7)
    put.file.close()


geometry()
resampling()
intensity()
