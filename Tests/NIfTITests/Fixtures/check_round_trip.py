"""Compares files that Pons has read and written again with the originals, through nibabel.

    PONS_NIFTI_ROUND_TRIP=/tmp/out swift test --filter RoundTripTests
    python check_round_trip.py /tmp/out
"""

import pathlib
import sys

import nibabel as nib
import numpy as np

HERE = pathlib.Path(__file__).parent
FIELDS = ["dim", "pixdim", "xyzt_units", "sform_code", "qform_code", "srow_x", "srow_y", "srow_z", "quatern_b",
          "quatern_c", "quatern_d", "qoffset_x", "qoffset_y", "qoffset_z", "intent_code", "intent_p1", "intent_name",
          "descrip", "aux_file", "cal_max", "cal_min", "slice_start", "slice_end", "slice_code", "slice_duration",
          "toffset", "dim_info"]
written = pathlib.Path(sys.argv[1])
count = 0
for original in sorted(path for path in HERE.iterdir() if path.suffix in (".nii", ".gz", ".hdr")):
    for suffix in ("nii", "nii.gz"):
        a = nib.load(original)
        b = nib.load(written / f"{original.name}.{suffix}")
        for field in FIELDS:
            left, right = np.asarray(a.header[field]), np.asarray(b.header[field])
            assert left.astype(left.dtype.newbyteorder("<")).tobytes() == right.tobytes(), (original.name, field)
        assert np.array_equal(a.affine, b.affine), original.name
        assert [(e.get_code(), e.content if isinstance(e.content, bytes) else e.get_content()) for e in
                a.header.extensions] == [(e.get_code(), e.content if isinstance(e.content, bytes) else
                e.get_content()) for e in b.header.extensions], original.name
        x, y = a.get_fdata(), b.get_fdata()
        if y.dtype != np.asanyarray(b.dataobj).dtype and np.asanyarray(b.dataobj).dtype == np.float32:
            x = x.astype(np.float32)
        assert np.array_equal(x.reshape(y.shape), y, equal_nan=True), original.name
        if np.array_equal([a.dataobj.slope, a.dataobj.inter], [1, 0]):
            assert a.get_data_dtype().newbyteorder("<") == b.get_data_dtype().newbyteorder("<"), original.name
        count += 1
assert count >= 150
print(f"{count} files are equal")
