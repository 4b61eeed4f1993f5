"""Makes the NIfTI files in this folder, and expected.json with what nibabel reads out of them.

    python -m venv /tmp/venv && /tmp/venv/bin/pip install nibabel==5.4.2 numpy==2.4.6
    /tmp/venv/bin/python make_fixtures.py

Voxels are expected as the packet has them: [z, y, x] or [c, z, y, x], little-endian; scaled ones as
stored * slope + intercept in float64, rounded to float32 when at most 16 bits are stored.
"""

import gzip
import json
import pathlib

import nibabel as nib
import numpy as np

HERE = pathlib.Path(__file__).parent
TYPES = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"]
SHEARED = np.array(
    [[0.9, 0.11, -0.3, -91.7], [0.05, 1.21, 0.2, 126.3], [0.17, -0.4, 3.3, -72.1], [0, 0, 0, 1]]
)
expected = {}


def values(shape, dtype, seed):
    """Random bytes over the whole range of an integer type, or floats with special values."""
    random = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        data = random.normal(0, 1000, shape).astype(dtype)
        data.flat[:4] = [np.nan, np.inf, -0.0, np.finfo(dtype).tiny / 2]
        return data
    limits = np.iinfo(dtype)
    data = random.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)
    data.flat[:2] = [limits.min, limits.max]
    return data


def header(version, dtype, shape, endian="<", **fields):
    kind = nib.Nifti2Header if version == 2 else nib.Nifti1Header
    made = kind(endianness=endian)
    made.set_data_dtype(dtype)
    made.set_data_shape(shape)
    made["pixdim"][1:4] = [1.25, 0.75, 3.5]
    made["xyzt_units"] = 10
    for name, value in fields.items():
        made[name] = value
    return made


def set_sform(made, affine, code=1):
    made["srow_x"], made["srow_y"], made["srow_z"] = np.float64(affine)[:3]
    made["sform_code"] = code


def save(name, made, data, extensions=(), note=None, affine=None, selection="all"):
    """Writes header, extensions and voxels byte by byte, so that nibabel changes nothing."""
    single = not name.endswith(".hdr")
    version = 2 if isinstance(made, nib.Nifti2Header) else 1
    front = b"\0\0\0\0"
    endian = made.endianness
    if extensions:
        front = b"\1\0\0\0"
        for code, content in extensions:
            size = (len(content) + 8 + 15) // 16 * 16
            front += np.array([size, code], endian + "i4").tobytes() + content.ljust(size - 8, b"\0")
    if single:
        made["vox_offset"] = made.sizeof_hdr + len(front)
    else:
        made["magic"] = b"ni2" if version == 2 else b"ni1"
        if version == 2:
            made["magic"] = b"ni2\0\r\n\x1a\n"
    voxels = data.astype(data.dtype.newbyteorder(endian)).tobytes(order="F")
    whole = made.binaryblock + front
    if single:
        whole += voxels
        if name.endswith(".gz"):
            whole = gzip.compress(whole, mtime=0)
        (HERE / name).write_bytes(whole)
    else:
        (HERE / name).write_bytes(whole)
        padding = int(made["vox_offset"])
        (HERE / name.replace(".hdr", ".img")).write_bytes(b"\xaa" * padding + voxels)
    read = nib.load(HERE / name)
    # Of `made`: nibabel takes the scaling out of the header of what it has read.
    slope, inter = made.get_slope_inter()
    scaled = slope is not None and (slope, inter) != (1.0, 0.0)
    if scaled:
        array = read.get_fdata(dtype=np.float64)
        if data.dtype.itemsize <= 2:
            array = array.astype(np.float32)
    else:
        array = np.asanyarray(read.dataobj)
    # [x, y, z, ...] to [..., z, y, x]; everything after the third axis becomes one.
    array = array.reshape(array.shape + (1,) * (3 - array.ndim), order="F")
    if array.ndim > 3:
        array = array.reshape(array.shape[:3] + (-1,), order="F")
        array = array[..., 0] if array.shape[3] == 1 else array
    array = np.ascontiguousarray(array.T)
    array = array.astype(array.dtype.newbyteorder("<"))
    affine = read.affine if affine is None else affine
    expected[name] = {
        "shape": list(array.shape),
        "type": array.dtype.name,
        "affine": [float(number) for number in np.asarray(affine).ravel()],
        "voxels": array.tobytes().hex(),
        "scaled": bool(scaled),
    }
    if note:
        expected[name]["note"] = note


def main():
    shape = (5, 4, 3)
    for seed, dtype in enumerate(TYPES):
        for version, endian, suffix in [(1, "<", "nii"), (1, ">", "nii.gz"), (2, "<", "nii.gz"), (2, ">", "nii")]:
            made = header(version, dtype, shape, endian)
            set_sform(made, SHEARED)
            order = "le" if endian == "<" else "be"
            save(f"type_{dtype}_v{version}_{order}.{suffix}", made, values(shape, dtype, seed))

    data = values(shape, "i2", 100)
    random = np.random.default_rng(5)
    for version in (1, 2):
        for index in range(4):
            quaternion = random.normal(size=4)
            quaternion /= np.linalg.norm(quaternion) * np.sign(quaternion[0])
            made = header(
                version, "i2", shape, qform_code=1 + index % 2,
                quatern_b=quaternion[1], quatern_c=quaternion[2], quatern_d=quaternion[3],
                qoffset_x=-80.3, qoffset_y=99.125, qoffset_z=1e-3,
            )
            made["pixdim"][0] = -1 if index % 2 else 1
            save(f"qform_{index}_v{version}.nii", made, data)
    made = header(1, "i2", shape, qform_code=1, quatern_c=1.0, qoffset_x=12)
    made["pixdim"][0] = -1
    save("qform_half_turn.nii", made, data)
    made = header(1, "i2", shape, qform_code=1, quatern_d=np.float32(np.sqrt(0.5)), quatern_c=np.float32(np.sqrt(0.5)))
    made["pixdim"][0] = 1
    save("qform_half_turn_rounded.nii", made, data)
    made = header(1, "i2", shape, qform_code=2, quatern_b=0.5, qoffset_y=3)
    made["pixdim"][0] = 1
    set_sform(made, SHEARED, 4)
    save("both_forms_differ.nii.gz", made, data)
    made = header(1, "i2", shape)
    save("no_form.nii", made, data, note="method 1 of the standard; nibabel centres and flips",
         affine=np.diag([1.25, 0.75, 3.5, 1]))
    for code, factor, name in [(1, 1000, "metres"), (3, 0.001, "micrometres"), (0, 1, "unknown")]:
        made = header(1, "i2", shape, xyzt_units=code)
        set_sform(made, SHEARED)
        affine = np.float64(np.float32(SHEARED)) * factor
        affine[3, 3] = 1
        save(f"units_{name}.nii", made, data, note="millimetres", affine=affine)

    scalings = {
        "int16": ("i2", 2.0, -1024.0), "int16_odd": ("i2", 0.0123456, 7.7), "uint8": ("u1", 0.1, 0.0),
        "int8": ("i1", -1.5, 0.25), "uint16": ("u2", 1e-4, -1.0), "int32": ("i4", 0.5, 3.0), "float32": ("f4", 3.0, 0.5),
        "int64": ("i8", 1e-9, 1.0), "inter_only": ("i2", 1.0, 7.0), "slope_0": ("i2", 0.0, 5.0),
        "slope_nan": ("i2", np.nan, np.nan), "slope_inf": ("i2", np.inf, 2.0), "one": ("i2", 1.0, 0.0),
    }
    for seed, (name, (dtype, slope, inter)) in enumerate(scalings.items()):
        made = header(1, dtype, shape, ">" if seed % 2 else "<", scl_slope=slope, scl_inter=inter)
        set_sform(made, SHEARED)
        save(f"scale_{name}.nii", made, values(shape, dtype, 200 + seed))

    for name, shape4 in [("4d", (5, 4, 3, 4)), ("4d_single", (5, 4, 3, 1)), ("5d", (5, 4, 3, 1, 3)), ("2d", (5, 4)), ("1d", (5,))]:
        made = header(1, "i2", shape4)
        made["pixdim"][4] = 2.5
        set_sform(made, SHEARED)
        save(f"{name}.nii.gz", made, values(shape4, "i2", 300))

    made = header(1, "u2", shape)
    set_sform(made, SHEARED)
    save("pair.hdr", made, values(shape, "u2", 400))
    made = header(1, "f4", shape, ">", vox_offset=32)
    set_sform(made, SHEARED)
    save("pair_offset.hdr", made, values(shape, "f4", 401))

    for name, endian in [("extensions.nii.gz", "<"), ("extensions_be.nii", ">")]:
        made = header(
            1, "i2", shape, endian, descrip=b"made up, no patient", aux_file=b"none.txt", intent_code=1007,
            intent_name=b"shift", cal_max=400, cal_min=-100, slice_duration=0.5, slice_end=2, slice_code=1, toffset=9,
            dim_info=54, qform_code=1, quatern_b=0.25, qoffset_x=4,
        )
        made["pixdim"][0] = -1
        set_sform(made, SHEARED, 2)
        save(name, made, data, extensions=[(6, b"a comment"), (44, bytes(range(40)))])

    text = json.dumps(expected, indent=0, sort_keys=True)
    (HERE / "expected.json").write_text(text + "\n")


main()
