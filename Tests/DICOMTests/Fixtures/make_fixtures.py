#!/usr/bin/env python3
"""Makes the series that DICOMTests reads, and what is in them.

usage: make_fixtures.py     (needs numpy, pydicom, pylibjpeg with its plugins, and DCMTK's tools)

Each series is a folder with a few slices of 16 x 12 pixels (40 x 33 where the encoder wants more). expected.json has, for each volume of a series, its shape
[z, y, x], its voxels (index into "voxels") and its affine (RAS+, row by row). Voxels are what was put in; for lossy codecs, what
pydicom's decoders make of the file. Affines are computed here from the geometry that goes into the headers, not read from them.
"""
import copy, io, json, os, shutil, struct, subprocess, tempfile
import libjpeg
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import generate_frames
from pydicom.uid import (
    CTImageStorage, DeflatedExplicitVRLittleEndian, EnhancedMRImageStorage, ExplicitVRLittleEndian,
    ImplicitVRLittleEndian, JPEG2000, JPEG2000Lossless, MRImageStorage, PositronEmissionTomographyImageStorage,
    generate_uid)

HERE = os.path.dirname(os.path.abspath(__file__))
ROWS, COLUMNS, SLICES = 12, 16, 5
PYDICOM_LACKS = ["1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.55"]  # spectral selection, progressive
LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def uid(*names):
    return generate_uid(prefix="1.2.826.0.1.3680043.8.498.", entropy_srcs=[str(name) for name in names])


class Geometry:
    def __init__(self, orientation=(1, 0, 0, 0, 1, 0), pixel=(0.75, 1.25), step=(0, 0, 2.5), first=(-20.5, 30.25, -7)):
        self.orientation, self.pixel = orientation, pixel
        self.step, self.first = np.array(step, float), np.array(first, float)

    def position(self, index):
        return [f"{value:.8g}" for value in self.first + index * self.step]

    def affine(self):
        affine = np.eye(4)
        affine[:3, 0] = np.array(self.orientation[:3]) * self.pixel[1]
        affine[:3, 1] = np.array(self.orientation[3:]) * self.pixel[0]
        affine[:3, 2], affine[:3, 3] = self.step, self.first
        return (LPS_TO_RAS @ affine).ravel().tolist()


def voxels(low, high, dtype, slices=SLICES, seed=1, rows=ROWS, columns=COLUMNS):
    """A smooth pattern with some noise: compressible, and different everywhere."""
    z, y, x = np.mgrid[:slices, :rows, :columns]
    wave = np.sin(x / 3 + z) + np.cos(y / 2.5 - z / 2) + np.random.default_rng(seed).normal(0, 0.1, z.shape)
    return np.rint(low + (high - low) * (np.clip(wave, -2, 2) + 2) / 4).astype(dtype)


def header(name, number, sop_class=MRImageStorage, modality="MR"):
    d = Dataset()
    d.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    d.SOPClassUID, d.SOPInstanceUID = sop_class, uid(name, "image", number)
    d.Modality, d.Manufacturer = modality, "PONS"
    d.PatientName, d.PatientID = "Nobody^Known", "ID0815"
    d.StudyInstanceUID, d.SeriesInstanceUID = uid(name, "study"), uid(name, "series")
    d.SeriesNumber, d.InstanceNumber = 1, number + 1
    d.FrameOfReferenceUID = uid(name, "frame")
    d.SliceThickness = "2.5"
    return d


def put_pixels(d, pixels, stored=None, signed=None):
    allocated = pixels.dtype.itemsize * 8
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.Rows, d.Columns = pixels.shape[-2:]
    d.BitsAllocated, d.BitsStored = allocated, stored or allocated
    d.HighBit = d.BitsStored - 1
    d.PixelRepresentation = int(pixels.dtype.kind == "i") if signed is None else int(signed)
    d.PixelData = np.ascontiguousarray(pixels).tobytes()
    d["PixelData"].VR = "OW" if allocated > 8 else "OB"


def series(name, pixels, geometry=Geometry(), change=None, stored=None, signed=None, **kind):
    made = []
    for number, plane in enumerate(pixels):
        d = header(name, number, **kind)
        d.ImagePositionPatient = geometry.position(number)
        d.ImageOrientationPatient = [f"{value:.8g}" for value in geometry.orientation]
        d.PixelSpacing = [f"{value:.8g}" for value in geometry.pixel]
        put_pixels(d, plane, stored, signed)
        if change:
            change(d, number)
        made.append(d)
    return made


def enhanced(name, pixels, order, geometry=Geometry(), slope=None):
    """A multi-frame image whose frames are in the given order of slices."""
    d = header(name, 0, EnhancedMRImageStorage)
    put_pixels(d, np.stack([pixels[index] for index in order]), 12)
    d.NumberOfFrames = len(order)

    def item(**values):
        made = Dataset()
        for key, value in values.items():
            setattr(made, key, value)
        return made

    d.SharedFunctionalGroupsSequence = [item(
        PixelMeasuresSequence=[item(PixelSpacing=[str(v) for v in geometry.pixel], SliceThickness="2.5")],
        PlaneOrientationSequence=[item(ImageOrientationPatient=[str(v) for v in geometry.orientation])])]
    d.PerFrameFunctionalGroupsSequence = [item(
        PlanePositionSequence=[item(ImagePositionPatient=geometry.position(index))],
        PixelValueTransformationSequence=[item(
            RescaleSlope=str(slope(index)) if slope else "1", RescaleIntercept="0", RescaleType="US")])
        for index in order]
    return d


# Writing

def file_bytes(d, syntax=ExplicitVRLittleEndian):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = d.SOPClassUID, d.SOPInstanceUID
    meta.TransferSyntaxUID, meta.ImplementationClassUID = syntax, uid("pons")
    buffer = io.BytesIO()
    FileDataset(None, d, file_meta=meta, preamble=bytes(128)).save_as(
        buffer, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=True, enforce_file_format=True)
    return buffer.getvalue()


def tool(data, *command):
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/in", "wb") as file:
            file.write(data)
        subprocess.run([*command, f"{folder}/in", f"{folder}/out"], check=True, capture_output=True)
        with open(f"{folder}/out", "rb") as file:
            return file.read()


def by_pydicom(data, syntax, **options):
    d = pydicom.dcmread(io.BytesIO(data))
    d.compress(syntax, encoding_plugin="pylibjpeg", generate_instance_uid=False, **options)
    buffer = io.BytesIO()
    d.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def codestreams(data):
    d = pydicom.dcmread(io.BytesIO(data))
    return list(generate_frames(d.PixelData, number_of_frames=1))


def encapsulated(d, streams, syntax, pieces, table):
    """A file with compressed frames in several fragments each, with or without an offset table."""
    items, offsets, position = [], [], 0
    for stream in streams:
        offsets.append(position)
        size = (len(stream) // pieces + 2) & ~1
        for start in range(0, len(stream), size):
            piece = stream[start:start + size]
            piece += b"\0" * (len(piece) % 2)
            items.append(piece)
            position += 8 + len(piece)
    d = copy.deepcopy(d)
    del d.PixelData
    head = file_bytes(d, syntax)
    value = struct.pack(f"<{len(offsets)}I", *offsets) if table else b""
    body = b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(piece)) + piece for piece in [value, *items])
    return (head + struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF) + body
            + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0))


expected, stored_voxels = {}, []


def save(name, files, *volumes):
    folder = f"{HERE}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for number, data in enumerate(files):
        with open(f"{folder}/{number + 1}.dcm", "wb") as file:
            file.write(data)
    expected[name] = []
    for values, geometry in volumes:
        values = np.asarray(values)
        flat = values.astype(float).ravel().tolist()
        flat = [int(value) if value == int(value) else value for value in flat]
        if flat not in stored_voxels:
            stored_voxels.append(flat)
        expected[name].append(dict(
            shape=list(values.shape), voxels=stored_voxels.index(flat), affine=geometry.affine()))


def decoded(files):
    def frame(data):
        d = pydicom.dcmread(io.BytesIO(data))
        if d.file_meta.TransferSyntaxUID in PYDICOM_LACKS:
            return libjpeg.decode(codestreams(data)[0])
        return d.pixel_array
    return np.stack([frame(data) for data in files])


def main():
    plain = Geometry()
    twelve = voxels(0, 4000, "<u2")
    eight = voxels(0, 250, "u1")
    signed = voxels(-2000, 2000, "<i2")
    full = np.random.default_rng(3).integers(0, 65536, (SLICES, ROWS, COLUMNS)).astype("<u2")

    def raw(name, pixels, **options):
        return [file_bytes(d) for d in series(name, pixels, **options)]

    # Native
    save("explicit", raw("explicit", twelve, stored=12), (twelve, plain))
    save("implicit", [file_bytes(d, ImplicitVRLittleEndian) for d in series("implicit", signed)], (signed, plain))
    save("big", [tool(data, "dcmconv", "+tb") for data in raw("big", twelve, stored=12)], (twelve, plain))
    save("deflated", [file_bytes(d, DeflatedExplicitVRLittleEndian) for d in series("deflated", twelve, stored=12)],
         (twelve, plain))
    for number, (bits, dtype) in enumerate([(8, "u1"), (8, "i1"), (16, "<i2"), (32, "<u4"), (32, "<i4")]):
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if "i" in dtype else (0, (1 << bits) - 1)
        values = np.random.default_rng(number).integers(low, high + 1, (2, ROWS, COLUMNS)).astype(dtype)
        save(f"bits_{dtype[-2:]}", raw(dtype, values), (values, plain))
    odd = eight[:2, :11, :15]

    def words(d, _):
        d["PixelData"].VR = "OW"
        d.PixelData += b"\0"

    save("big_words_of_bytes",
         [tool(data, "dcmconv", "+tb") for data in raw("words", odd, change=words)], (odd, plain))
    overlays = (signed.astype("<u2") & 0xFFF) | (np.arange(SLICES, dtype="<u2")[:, None, None] << 12)
    save("overlay_bits", raw("overlay", overlays, stored=12, signed=True), (signed, plain))

    def high_bit(d, _):
        d.HighBit = 15

    save("high_bit", raw("high", twelve << 4 | 5, stored=12, change=high_bit), (twelve, plain))

    # Codecs
    def transcoded(name, pixels, *command, **options):
        return [tool(data, *command) for data in raw(name, pixels, **options)]

    save("jpeg_lossless", transcoded("jll", full, "dcmcjpeg", "+e1"), (full, plain))
    save("jpeg_lossless_14", transcoded("jl14", twelve, "dcmcjpeg", "+el", stored=12), (twelve, plain))
    for name, option, pixels, stored in [
        ("jpeg_baseline", "+eb", eight, 8), ("jpeg_extended", "+ee", twelve, 12),
        ("jpeg_spectral", "+es", twelve, 12), ("jpeg_progressive", "+ep", twelve, 12)]:
        files = transcoded(name, pixels, "dcmcjpeg", option, stored=stored)
        save(name, files, (decoded(files), plain))
    save("jpeg_ls", transcoded("jls", full, "dcmcjpls", "+el"), (full, plain))
    near = transcoded("near", twelve, "dcmcjpls", "+en", "+md", "3", stored=12)
    save("jpeg_ls_near", near, (decoded(near), plain))
    save("rle", transcoded("rle", full, "dcmcrle"), (full, plain))
    save("rle_8", transcoded("rle8", eight, "dcmcrle"), (eight, plain))
    wide = voxels(0, 4000, "<u2", 2, rows=33, columns=40)
    wide_signed = voxels(-2000, 2000, "<i2", 2, rows=33, columns=40)
    j2k = [by_pydicom(data, JPEG2000Lossless) for data in raw("j2k", wide, stored=12)]
    save("j2k", j2k, (wide, plain))
    save("j2k_signed", [by_pydicom(data, JPEG2000Lossless) for data in raw("j2ks", wide_signed)], (wide_signed, plain))
    lossy = [by_pydicom(data, JPEG2000, j2k_cr=[4]) for data in raw("j2kl", wide, stored=12)]
    save("j2k_lossy", lossy, (decoded(lossy), plain))

    # Fragments
    frames = {"1.2.840.10008.1.2.4.90": j2k}
    frames["1.2.840.10008.1.2.4.80"] = transcoded("f80", twelve, "dcmcjpls", "+el", stored=12)
    frames["1.2.840.10008.1.2.4.70"] = transcoded("f70", twelve, "dcmcjpeg", "+e1", stored=12)
    for syntax, files in frames.items():
        streams = [codestreams(data)[0] for data in files]
        values = wide if files is j2k else twelve
        for name, pieces, table in [("one", 1, False), ("table", 3, True), ("pieces", 3, False)]:
            full_name = f"frames_{syntax[-2:]}_{name}"
            save(full_name, [encapsulated(enhanced(full_name, values, range(len(values))), streams, syntax, pieces, table)],
                 (values, plain))

    # Geometry and rescaling
    save("tilted", raw("tilted", twelve, stored=12, geometry=Geometry(step=(0, 0.8, 2.5))),
         (twelve, Geometry(step=(0, 0.8, 2.5))))
    sagittal = Geometry((0, 1, 0, 0, 0, -1), step=(-3, 0, 0))
    save("sagittal", raw("sagittal", twelve, stored=12, geometry=sagittal), (twelve, sagittal))
    axis = np.array([0.48, 0.64, 0.6])  # row x column of the next line, exactly
    row, column = np.array([0.8, -0.6, 0]), np.array([0.36, 0.48, -0.8])
    oblique = Geometry(tuple(row) + tuple(column), step=tuple(axis * 2))
    save("oblique", raw("oblique", twelve, stored=12, geometry=oblique), (twelve, oblique))
    shuffled = [3, 0, 4, 1, 2]
    save("enhanced", [file_bytes(enhanced("enhanced", twelve, shuffled))], (twelve, plain))
    save("enhanced_slopes", [file_bytes(enhanced("slopes", twelve, shuffled, slope=lambda k: 0.5 + k))],
         (twelve * (0.5 + np.arange(SLICES))[:, None, None], plain))

    def rescaled(slope, intercept):
        def change(d, number):
            d.RescaleSlope, d.RescaleIntercept = str(slope(number)), str(intercept)
        return change

    save("hounsfield", raw("ct", twelve, stored=12, change=rescaled(lambda _: 1, -1024),
                           sop_class=CTImageStorage, modality="CT"), (twelve.astype(int) - 1024, plain))
    slopes = [0.31, 1.7, 2.9, 0.0012, 44]
    activity = (twelve.astype(float) * np.array(slopes)[:, None, None]).astype(np.float32)
    save("activity", raw("pet", twelve, stored=12, change=rescaled(lambda k: slopes[k], 0),
                         sop_class=PositronEmissionTomographyImageStorage, modality="PT"), (activity, plain))

    def real(keyword, dtype):
        values = (twelve * 0.37 - 100).astype(dtype)

        def change(d, number):
            for key in ("PixelData", "BitsStored", "HighBit", "PixelRepresentation"):
                delattr(d, key)
            d.BitsAllocated = values.dtype.itemsize * 8
            setattr(d, keyword, values[number].tobytes())
        return [file_bytes(d) for d in series(keyword, twelve, change=change)], values

    for name, keyword, dtype in [("float", "FloatPixelData", "<f4"), ("double", "DoubleFloatPixelData", "<f8")]:
        files, values = real(keyword, dtype)
        save(name, files[:2], (values[:2], plain))

    with open(f"{HERE}/expected.json", "w") as file:
        lines = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in sorted(expected.items())]
        values = [f"    {json.dumps(flat, separators=(',', ':'))}" for flat in stored_voxels]
        file.write("{\n  \"voxels\": [\n" + ",\n".join(values) + "\n  ],\n" + ",\n".join(lines) + "\n}\n")


main()
