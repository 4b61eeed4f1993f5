#!/usr/bin/env python3
"""Compares series that dicom.write made with the NIfTI images that they were made of, by two other readers.

usage: read_back.py SERIES_FOLDER IMAGE.nii.gz [TOLERANCE]

SimpleITK (GDCM) reads the series as a volume, pydicom each file. Voxels may differ by TOLERANCE (default 0: exact), the
affine by 1e-4 mm, which is what SimpleITK's rounding of directions leaves. Needs numpy, nibabel, SimpleITK and pydicom.
"""
import glob
import sys

import nibabel
import numpy
import pydicom
import SimpleITK

TO_RAS = numpy.diag([-1.0, -1.0, 1.0, 1.0])


def by_simpleitk(folder):
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(folder))
    image = reader.Execute()
    affine = numpy.eye(4)
    directions = numpy.array(image.GetDirection()).reshape(3, 3)
    affine[:3, :3] = directions @ numpy.diag(image.GetSpacing())
    affine[:3, 3] = image.GetOrigin()
    return SimpleITK.GetArrayFromImage(image).transpose(2, 1, 0).astype(float), TO_RAS @ affine


def by_pydicom(folder):
    files = [pydicom.dcmread(name) for name in glob.glob(folder + "/*.dcm")]
    row, column = numpy.array(files[0].ImageOrientationPatient, float).reshape(2, 3)
    normal = numpy.cross(row, column)
    files.sort(key=lambda f: numpy.dot(numpy.array(f.ImagePositionPatient, float), normal))
    slices = [
        f.pixel_array.T * float(f.get("RescaleSlope", 1)) + float(f.get("RescaleIntercept", 0))
        for f in files
    ]
    first, last = (numpy.array(f.ImagePositionPatient, float) for f in (files[0], files[-1]))
    affine = numpy.eye(4)
    affine[:3, 0] = row * float(files[0].PixelSpacing[1])
    affine[:3, 1] = column * float(files[0].PixelSpacing[0])
    if len(files) > 1:
        affine[:3, 2] = (last - first) / (len(files) - 1)
    affine[:3, 3] = first
    return numpy.stack(slices, 2), TO_RAS @ affine


def main():
    folder, image = sys.argv[1], nibabel.load(sys.argv[2])
    tolerance = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0
    voxels, affine = numpy.asanyarray(image.dataobj).astype(float), image.affine
    failed = False
    for name, read in (("SimpleITK", by_simpleitk), ("pydicom", by_pydicom)):
        found, place = read(folder)
        expected, at = voxels, affine
        # Readers sort slices along their normal; a left-handed image is the same with its slices the other way round.
        if numpy.dot(place[:3, 2], at[:3, 2]) < 0:
            expected = expected[:, :, ::-1]
            at = at @ numpy.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, -1, voxels.shape[2] - 1], [0, 0, 0, 1.0]])
        off = numpy.abs(found - expected).max() if found.shape == expected.shape else numpy.inf
        moved = numpy.abs(place - at).max()
        failed |= bool(off > tolerance or moved > 1e-4)
        print(f"{name}: voxels differ by {off:.6g}, the affine by {moved:.3g}")
    sys.exit(failed)


main()
