#!/usr/bin/env python3
"""Compares a segmentation that dicom.write-seg made with the NIfTI mask that it was made of, by highdicom.

usage: read_back.py SEGMENTATION.dcm MASK.nii.gz SERIES_FOLDER

Voxels must be equal, and the affine by 1e-4 mm, both as a volume (highdicom builds it of the frames' positions) and image by image
(it follows the references to the source images, or frames, whose positions are read from SERIES_FOLDER). Needs numpy, nibabel, pydicom and
highdicom 0.24 or later.
"""
import glob
import sys

import highdicom
import nibabel
import numpy
import pydicom

TO_RAS = numpy.diag([-1.0, -1.0, 1.0, 1.0])


def as_volume(segmentation, mask):
    """How many voxels differ, and how far the affines are apart, when the object is read as a volume."""
    volume = segmentation.get_volume(combine_segments=True)
    found = TO_RAS @ volume.affine
    # highdicom counts (slice, row, column); NIfTI (column, row, slice).
    array = numpy.asarray(volume.array).transpose(2, 1, 0)
    found = found[:, [2, 1, 0, 3]]
    inside = numpy.zeros(mask.shape, bool)
    # Slices without a frame are not in the volume: look up where each voxel of it lies.
    moved = 0.0
    for k in range(array.shape[2]):
        place = numpy.linalg.inv(mask.affine) @ found @ [0, 0, k, 1]
        z = int(round(place[2]))
        moved = max(moved, numpy.abs(mask.affine @ [0, 0, z, 1] - found @ [0, 0, k, 1]).max())
        inside[:, :, z] = True
        array_slice = numpy.asarray(mask.dataobj)[:, :, z]
        if not numpy.array_equal(array[:, :, k], array_slice):
            return numpy.inf, moved
    moved = max(moved, numpy.abs(numpy.abs(found[:3, :2]) - numpy.abs(mask.affine[:3, :2])).max())
    return int(numpy.count_nonzero(numpy.asarray(mask.dataobj)[~inside])), moved


def places(file):
    """Centers of the first pixels of a file's frames, LPS."""
    if "NumberOfFrames" not in file:
        return [file.ImagePositionPatient]
    groups = file.PerFrameFunctionalGroupsSequence
    return [group.PlanePositionSequence[0].ImagePositionPatient for group in groups]


def by_images(segmentation, mask, folder):
    """How many voxels differ when the frames of each image are asked for."""
    files = [pydicom.dcmread(name) for name in glob.glob(folder + "/**/*.dcm", recursive=True)]
    known = {file.SOPInstanceUID: file for file in files}
    names = [uid for _, _, uid in segmentation.get_source_image_uids()]
    options = {"combine_segments": True, "assert_missing_frames_are_empty": True}
    wrong = 0
    for name in names:
        positions = places(known[name])
        if len(positions) == 1:
            arrays = segmentation.get_pixels_by_source_instance(
                [name], ignore_spatial_locations=True, **options)
        else:
            arrays = segmentation.get_pixels_by_source_frame(
                name, list(range(1, len(positions) + 1)), ignore_spatial_locations=True, **options)
        for position, array in zip(positions, arrays):
            index = numpy.linalg.inv(mask.affine) @ TO_RAS @ [*map(float, position), 1]
            if numpy.abs(index[:3] - numpy.round(index[:3])).max() > 1e-4:
                return numpy.inf
            expected = numpy.asarray(mask.dataobj)[:, :, int(round(index[2]))]
            wrong += int(numpy.count_nonzero(array.T != expected))
    return wrong


def main():
    segmentation = highdicom.seg.segread(sys.argv[1])
    mask = nibabel.load(sys.argv[2])
    try:
        off, moved = as_volume(segmentation, mask)
    except RuntimeError as error:
        # highdicom has no volumes with a gantry tilt.
        print(f"not as a volume: {error}")
        off, moved = 0, 0.0
    images = by_images(segmentation, mask, sys.argv[3])
    labels = ", ".join(
        f"{d.segment_number} {d.segment_label} ({d.segmented_property_type.meaning})"
        for d in map(segmentation.get_segment_description, segmentation.segment_numbers))
    count = numpy.count_nonzero(numpy.asarray(mask.dataobj))
    print(f"{count} of {numpy.prod(mask.shape)} voxels, {segmentation.NumberOfFrames} frames; {labels}")
    print(f"as a volume: {off} voxels differ, the affine by {moved:.3g} mm; by images: {images}")
    sys.exit(bool(off or moved > 1e-4 or images))


main()
