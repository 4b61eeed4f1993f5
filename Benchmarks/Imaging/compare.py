"""Work on masks against other libraries, call by call in turns: python compare.py IMAGING_BENCHMARK FOLDER [ROUNDS].

Prints the least time of each in milliseconds, and what share of the fastest other's time Pons needs. With one thread that is processor time,
which other programs disturb least; with more it is wall time.
"""

import os
import subprocess
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import cc3d
import edt
import numpy as np
import SimpleITK as sitk
import surface_distance
from scipy import ndimage

program, folder = sys.argv[1:3]
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 9
shape = (155, 240, 240)


def masks():
    """A tumour and its prediction, the size of a BraTS volume; many components, and very many."""
    random = np.random.default_rng(7)
    z, y, x = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in shape), indexing="ij")

    def noise(sigma):
        values = ndimage.gaussian_filter(random.standard_normal(shape, dtype=np.float32), sigma)
        return values / values.std()

    def ellipsoid(center, radii):
        return np.sqrt(sum(((v - c) / r) ** 2 for v, c, r in zip((x, y, z), center, radii)))

    coarse, fine = noise(6), noise(3)
    reference = ellipsoid((150, 130, 85), (34, 28, 24)) + 0.13 * coarse < 1
    prediction = ellipsoid((153, 128, 86), (33, 29, 23)) + 0.13 * coarse + 0.05 * fine < 1
    prediction |= ellipsoid((60, 70, 40), (4, 4, 4)) < 1
    return {"reference": reference, "prediction": prediction, "many": fine > 2.2,
            "salt": random.random(shape, dtype=np.float32) < 0.01}


def hd95_scipy():
    """What MedPy computes, within the box of both masks."""
    box = ndimage.find_objects((reference | prediction).astype(np.uint8))[0]
    a, b = np.pad(reference[box], 1), np.pad(prediction[box], 1)
    surfaces = [m ^ ndimage.binary_erosion(m) for m in (a, b)]
    fields = [ndimage.distance_transform_edt(~s) for s in surfaces]
    return np.percentile(np.concatenate([fields[0][surfaces[1]], fields[1][surfaces[0]]]), 95)


def hd95_surface_distance():
    """Weighs by area, so its result is a little different."""
    distances = surface_distance.compute_surface_distances(reference, prediction, (1, 1, 1))
    return surface_distance.compute_robust_hausdorff(distances, 95)


def resample(threads):
    image = sitk.GetImageFromArray(prediction.astype(np.float32) * 100)
    image.SetSpacing((0.9375, 0.90625, 1.1))

    def work():
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(threads)
        result = sitk.Resample(image, (225, 218, 171), sitk.Transform(), sitk.sitkLinear, (0, 0, 0), (1, 1, 1))
        return sitk.GetArrayViewFromImage(result).ravel()[::997].sum(dtype=np.float64)
    return work


def components(name):
    return lambda: cc3d.connected_components(data[name], connectivity=26, return_N=True)[1]


data = masks()
for name, mask in data.items():
    mask.astype(np.uint8).tofile(f"{folder}/{name}.u8")
reference, prediction = data["reference"], data["prediction"]
outside = ~reference
many_structure = np.ones((3, 3, 3))

# Operation, threads, goal as a share of the fastest other, and the others.
comparisons = [
    ("dice", 1, 1.0, {
        "numpy": lambda: 2 * np.count_nonzero(reference & prediction)
        / (np.count_nonzero(reference) + np.count_nonzero(prediction))}),
    ("hd95", 1, 0.2, {
        "scipy cropped": hd95_scipy, "surface-distance": hd95_surface_distance}),
    ("components-many", 1, 1.0, {
        "cc3d": components("many"),
        "scipy": lambda: ndimage.label(data["many"], many_structure)[1]}),
    ("components-salt", 1, 1.0, {"cc3d": components("salt")}),
    ("edt", 1, 1.0, {
        "edt": lambda: edt.edt(outside, parallel=1)[0, 0, 0]}),
    ("resample", 1, 0.5, {"SimpleITK": resample(1)}),
    ("resample", 2, 0.5, {"SimpleITK": resample(2)}),
    ("edt", 2, 1.0, {"edt": lambda: edt.edt(outside, parallel=2)[0, 0, 0]}),
]

pons = subprocess.Popen([program, folder, *map(str, reversed(shape))], text=True,
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def run_pons(operation, threads):
    pons.stdin.write(f"{operation} {threads}\n")
    pons.stdin.flush()
    wall, processor, result = map(float, pons.stdout.readline().split())
    return (processor if threads == 1 else wall), result


def run_other(work, threads):
    clock = time.process_time if threads == 1 else time.perf_counter
    start = clock()
    result = work()
    return (clock() - start) * 1e3, float(result)


for operation, threads, goal, others in comparisons:
    best = {}
    for _ in range(rounds):
        for name, work in {"pons": None, **others}.items():
            took, result = run_other(work, threads) if work else run_pons(operation, threads)
            best[name] = min(took, best.get(name, (np.inf,))[0]), result
    for name, (_, result) in best.items():
        if name != "surface-distance" and not np.isclose(result, best["pons"][1], rtol=1e-5):
            sys.exit(f"error: {operation}: pons says {best['pons'][1]}, {name} says {result}")
    fastest = min(others, key=lambda name: best[name][0])
    figures = ", ".join(f"{name} {took:.1f} ms" for name, (took, _) in best.items())
    print(f"{operation}, {threads} thread{'s'[:threads - 1]}: {figures}: "
          f"{best['pons'][0] / best[fastest][0]:.2f} of {fastest} (goal {goal:g})", flush=True)
pons.stdin.close()
pons.wait()
