"""Makes DICOM series of one head in several transfer syntaxes: python make_series.py FOLDER.

The head is Colin27 (Debian's mricron-data), resampled to 240 x 240 x 155 voxels of 1 mm with noise of a magnitude image, 12
bits: the size of a brain scan, and as hard to compress as one. Every run writes the same pixels.
"""

import io
import os
import sys

import nibabel
import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    EnhancedMRImageStorage, ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless, MRImageStorage,
    RLELossless, generate_uid)
from scipy import ndimage

SHAPE = (155, 240, 240)  # z, y, x
TEMPLATE = "/usr/share/mricron/templates/ch2.nii.gz"


def voxels():
    """The head, [z, y, x], rows from the right of the patient, columns from the front."""
    image = nibabel.load(TEMPLATE)
    head = np.asarray(image.dataobj, np.float32).transpose(2, 1, 0)[:, ::-1, ::-1]
    offset = [(have - want) / 2 for have, want in zip(head.shape, SHAPE)]
    grid = ndimage.affine_transform(head, np.eye(3), offset, output_shape=SHAPE, order=1) * 14
    random = np.random.default_rng(1)
    noise = [random.normal(0, 14, SHAPE).astype(np.float32) for _ in range(2)]
    magnitude = np.sqrt((grid + noise[0]) ** 2 + noise[1] ** 2)
    return np.clip(np.rint(magnitude), 0, 4095).astype(np.uint16)


def uid(*words):
    return generate_uid(entropy_srcs=["pons benchmark", *map(str, words)])


def dataset(sop_class, series):
    """What single- and multi-frame images have in common."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    d = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    d.SOPClassUID = sop_class
    d.PatientName, d.PatientID, d.PatientBirthDate, d.PatientSex = "Synthetic^Benchmark", "B1", "", "O"
    d.StudyInstanceUID, d.SeriesInstanceUID = uid("study"), uid("series", series)
    d.FrameOfReferenceUID = uid("frame of reference")
    d.StudyDate, d.StudyTime, d.StudyID, d.AccessionNumber = "20240101", "120000", "1", ""
    d.ReferringPhysicianName, d.PositionReferenceIndicator = "", ""
    d.Modality, d.Manufacturer, d.SeriesNumber, d.SeriesDescription = "MR", "Pons", 1, "t1"
    d.PatientPosition = "HFS"
    d.ImageType = ["ORIGINAL", "PRIMARY", "M", "NONE"]
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.Rows, d.Columns = SHAPE[1], SHAPE[2]
    d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = 16, 12, 11, 0
    return d


def position(z):
    return [-119.5, -119.5, z - 77.0]


def single_frames(volume):
    for z in range(SHAPE[0]):
        d = dataset(MRImageStorage, "single")
        d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = uid("slice", z)
        d.ScanningSequence, d.SequenceVariant, d.ScanOptions = "GR", "SP", ""
        d.MRAcquisitionType, d.RepetitionTime, d.EchoTime, d.EchoTrainLength = "3D", "2300", "3", 1
        d.InstanceNumber, d.ImagePositionPatient = z + 1, position(z)
        d.ImageOrientationPatient, d.PixelSpacing = [1, 0, 0, 0, 1, 0], [1, 1]
        d.SliceThickness = "1"
        d.PixelData = volume[z].tobytes()
        d["PixelData"].VR = "OW"
        yield d


def item(**values):
    d = pydicom.Dataset()
    for name, value in values.items():
        setattr(d, name, value)
    return Sequence([d])


def multi_frame(volume):
    d = dataset(EnhancedMRImageStorage, "multi")
    d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = uid("multi")
    d.InstanceNumber, d.NumberOfFrames = 1, SHAPE[0]
    shared = pydicom.Dataset()
    shared.PixelMeasuresSequence = item(PixelSpacing=[1, 1], SliceThickness=1)
    shared.PlaneOrientationSequence = item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    shared.PixelValueTransformationSequence = item(
        RescaleSlope=1, RescaleIntercept=0, RescaleType="US")
    d.SharedFunctionalGroupsSequence = Sequence([shared])
    frames = []
    for z in range(SHAPE[0]):
        frame = pydicom.Dataset()
        frame.FrameContentSequence = item(StackID="1", InStackPositionNumber=z + 1)
        frame.PlanePositionSequence = item(ImagePositionPatient=position(z))
        frames.append(frame)
    d.PerFrameFunctionalGroupsSequence = Sequence(frames)
    d.PixelData = volume.tobytes()
    d["PixelData"].VR = "OW"
    return d


def save(d, path, syntax=None, plugin=""):
    if syntax is not None:
        buffer = io.BytesIO()
        d.save_as(buffer, enforce_file_format=True)
        buffer.seek(0)
        d = pydicom.dcmread(buffer)
        d.compress(syntax, encoding_plugin=plugin, generate_instance_uid=False)
    d.save_as(path, enforce_file_format=True)


def main(folder):
    volume = voxels()
    kinds = {
        "single-frame": (None, ""), "jpeg-ls": (JPEGLSLossless, "pyjpegls"),
        "jpeg-2000": (JPEG2000Lossless, "pylibjpeg"), "rle": (RLELossless, "pylibjpeg")}
    for name, (syntax, plugin) in kinds.items():
        os.makedirs(f"{folder}/{name}", exist_ok=True)
        for z, d in enumerate(single_frames(volume)):
            save(d, f"{folder}/{name}/IM{z + 1:04d}.dcm", syntax, plugin)
    os.makedirs(f"{folder}/multi-frame", exist_ok=True)
    save(multi_frame(volume), f"{folder}/multi-frame/IM0001.dcm")
    np.save(f"{folder}/truth.npy", volume)


main(sys.argv[1])
