"""Puts the lines of nifti-read-benchmark and nibabel_read.py together: python report.py LINES."""

import json
import sys

volumes = {}
for line in open(sys.argv[1]):
    figures = json.loads(line)
    volumes.setdefault(figures["volume"], {}).update(figures)
for name, f in volumes.items():
    print(f"nii.gz read: {name}, {f['file_bytes'] / 1e6:.1f} MB: pons {f['pons_ms']:.1f} ms, "
          f"libdeflate alone {f['libdeflate_ms']:.1f} ms, nibabel {f['nibabel_ms']:.1f} ms: "
          f"{f['ratio']:.2f} of libdeflate (goal 1.2), {f['pons_ms'] / f['nibabel_ms']:.2f} of nibabel")
