"""The same files through nibabel: python nibabel_read.py FOLDER (after nifti-read-benchmark FOLDER)."""

import json
import pathlib
import statistics
import sys
import time

import nibabel as nib
import numpy as np

for name in ("whole", "stripped"):
    path = pathlib.Path(sys.argv[1]) / f"benchmark-{name}.nii.gz"
    times = []
    for _ in range(7):
        start = time.perf_counter()
        np.asanyarray(nib.load(path).dataobj)
        times.append((time.perf_counter() - start) * 1e3)
    print(json.dumps({"benchmark": "nifti-read", "volume": name, "nibabel_ms": statistics.median(times)}))
