"""Compares `pons run ingest` with other readers of DICOM, whole processes, in one run:
python compare.py PONS MANIFEST SERIES_FOLDER.

The programs take turns, so that what else the machine does meets all of them; the figures are medians, and the ratios those of the
medians. The caches are warm; everything that Pons does by default (hashing, its store) is on.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import nibabel
import numpy as np

pons, manifest, series = sys.argv[1:4]
python = sys.executable
newer = os.path.join(os.path.dirname(python), "dcm2niix")
here = os.path.dirname(os.path.abspath(__file__))
ROUNDS = int(os.environ.get("ROUNDS", "7"))


def programs(folder, out, suffix):
    """Command lines by name; `out` is an empty folder."""
    z = "y" if suffix == "nii.gz" else "n"
    return {
        "pons": [pons, "run", manifest, "--set", f"input={folder}", "--set", f"format={suffix}",
                 "--output", f"{out}/o", "--work", f"{out}/w", "--quiet"],
        "dcm2niix (Debian)": ["dcm2niix", "-z", z, "-b", "n", "-f", "v", "-o", out, folder],
        "dcm2niix (PyPI)": [newer, "-z", z, "-b", "n", "-f", "v", "-o", out, folder],
        "SimpleITK": [python, f"{here}/peers.py", "simpleitk", folder, f"{out}/v.{suffix}"],
        "pydicom": [python, f"{here}/peers.py", "pydicom", folder, f"{out}/v.{suffix}"],
    }


def images(out):
    return [os.path.join(d, f) for d, _, files in os.walk(out) for f in files
            if f.endswith((".nii", ".nii.gz")) and "/w/" not in d + "/"]


def measure(command, out):
    """Milliseconds, peak megabytes, and the image; None when it made none, or more than one."""
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    report = subprocess.run(
        [python, "-E", "-S", f"{here}/measure.py", *command], check=True, capture_output=True, text=True)
    took, peak = map(float, report.stdout.split())
    found = images(out)
    return took, peak / 1024, found[0] if len(found) == 1 else None


def is_right(path, truth):
    voxels = np.asarray(nibabel.load(path).dataobj).transpose(2, 1, 0)
    flips = [voxels[:, ::y, ::x] for y in (1, -1) for x in (1, -1)]
    return voxels.shape == truth.shape and any(np.array_equal(v, truth) for v in flips)


def compare(kind, suffix, truth, goal):
    with tempfile.TemporaryDirectory() as out:
        commands = programs(f"{series}/{kind}", f"{out}/x", suffix)
        times = {name: [] for name in commands}
        memory, wrong, size = {}, set(), {}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                if name in wrong:
                    continue
                took, peak, image = measure(command, f"{out}/x")
                if image is None or not times[name] and not is_right(image, truth):
                    wrong.add(name)
                    continue
                times[name].append(took)
                memory[name] = peak
                size[name] = os.path.getsize(image)
    median = {name: statistics.median(values) for name, values in times.items() if name not in wrong}
    own = median.get("pons")
    print(f"dicom read: {kind} to .{suffix}: "
          + ", ".join(f"{name} {median[name]:.0f} ms ({memory[name]:.0f} MB)" if name in median
                      else f"{name} fails or is wrong" for name in commands))
    peers = {name: value for name, value in median.items() if name.startswith("dcm2niix")}
    if own and peers:
        ratios = ", ".join(f"{own / value:.2f} of {name}" for name, value in peers.items())
        volume = truth.size * 2 / 2**20
        text = f"  pons is {ratios} (goal {goal}); its memory is {memory['pons'] / volume:.1f} volumes"
        if suffix == "nii.gz":
            text += f"; its file is {size['pons'] / min(size[name] for name in peers):.3f} of the smallest"
        print(text, flush=True)


truth = np.load(f"{series}/truth.npy")
for kind, goal in [("single-frame", 0.5), ("multi-frame", 0.5), ("jpeg-2000", 0.6), ("jpeg-ls", 0.6),
                   ("rle", 0.6)]:
    compare(kind, "nii", truth, goal)
compare("single-frame", "nii.gz", truth, 0.5)
