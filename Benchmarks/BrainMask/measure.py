"""How well preprocess.brain-mask does: python measure.py PONS [FOLDER]; needs numpy, scipy, nibabel, and Debian's mricron-data.

Makes heads from the Colin27 template, whole and skull-stripped, with noise, uneven coils, other contrasts, orientations and slices,
and things that are no heads; prints Dice and volume, or the refusal. The reference is the template's own brain (ch2bet), which is
an extraction by FSL's BET and not an expert's: 1 is not what an expert would give.
"""

import json
import os
import subprocess
import sys
import tempfile

import nibabel as nib
import numpy as np
from scipy import ndimage

TEMPLATES = "/usr/share/mricron/templates/"
pons = os.path.abspath(sys.argv[1])
folder = sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp()
os.makedirs(folder + "/heads", exist_ok=True)
random = np.random.default_rng(0)

source = nib.load(TEMPLATES + "ch2.nii.gz")
head = np.asarray(source.dataobj).astype(np.float32)
brain = np.asarray(nib.load(TEMPLATES + "ch2bet.nii.gz").dataobj) > 0
affine = source.affine
x, y, z = np.indices(head.shape).astype(np.float32)
truth = {}


def put(name, volume, mask=None, a=affine):
    nib.save(nib.Nifti1Image(volume.astype(np.float32), a), f"{folder}/heads/{name}.nii.gz")
    truth[name] = mask


def noisy(volume, sigma):
    return np.hypot(volume + random.normal(0, sigma, volume.shape), random.normal(0, sigma, volume.shape))


def sliced(name, volume, spacing, angle):
    """The volume on a turned grid of 230 mm."""
    c, s, c2, s2 = np.cos(angle), np.sin(angle), np.cos(angle / 2), np.sin(angle / 2)
    turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) @ np.array([[c2, -s2, 0], [s2, c2, 0], [0, 0, 1]])
    size = [int(230 / v) for v in spacing]
    grid = np.eye(4)
    grid[:3, :3] = turn @ np.diag(spacing)
    centre = affine @ np.append((np.array(head.shape) - 1) / 2, 1)
    grid[:3, 3] = centre[:3] - grid[:3, :3] @ ((np.array(size) - 1) / 2)
    m = np.linalg.inv(affine) @ grid
    cut = [ndimage.affine_transform(v, m[:3, :3], m[:3, 3], size, order=o)
           for v, o in ((volume, 1), (brain.astype(np.uint8), 0))]
    put(name, cut[0], cut[1] > 0, grid)


# Contrasts are turned around inside of the brain only: bone is dark in all of them.
t2 = np.where(brain, np.where(head > 0, 190 - head, 0), head).clip(0)
flair = np.where(brain, np.where(head > 60, 170 - head, head * 0.6), head * 0.8).clip(0)
coil = (0.6 + 0.8 * x / 180) * (0.8 + 0.4 * y / 216)
put("t1", head, brain)
put("t1_noise", noisy(head, 10), brain)
put("t1_more_noise", noisy(head, 20), brain)
put("t1_uneven", head * coil, brain)
put("t1_uneven_along_z", head * (1.4 - 0.9 * z / 180), brain)
put("t1_top_only", head[:, :, 40:], brain[:, :, 40:], affine @ np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 40], [0, 0, 0, 1]]))
put("t1_LSP", *(v[::-1].transpose(0, 2, 1)[:, :, ::-1] for v in (head, brain)),
    affine @ np.array([[-1, 0, 0, 180], [0, 0, -1, 216], [0, 1, 0, 0], [0, 0, 0, 1.0]]))
sliced("t1_5mm_slices", head, (1, 1, 5), 0)
sliced("t1_turned", head, (0.9, 0.9, 0.9), 0.35)
put("t2", t2, brain)
put("t2_dim_scalp", np.where(brain, t2, head * 0.6), brain)
put("t2_uneven_noise", noisy(t2 * coil, 10), brain)
sliced("t2_6mm_slices_turned", t2, (0.6, 0.6, 6), 0.2)
put("flair", flair, brain)
sliced("flair_4mm_slices_turned", flair, (0.5, 0.5, 4), 0.1)
put("stripped_t1", head * brain, brain)
put("stripped_t1_noise", noisy(head, 10) * brain, brain)
put("stripped_t2", t2 * brain, brain)
put("stripped_flair", flair * brain, brain)
sliced("stripped_turned", head * brain, (0.8, 2, 1.5), -0.3)

distance = np.sqrt((x - 90) ** 2 + (y - 108) ** 2 + (z - 90) ** 2)
hounsfield = np.where(head < 17, -1000, np.where(brain, random.normal(35, 4, head.shape), np.where(head < 50, 900, 40)))
put("no_ct", hounsfield)
put("no_ct_from_0", hounsfield + 1000)
put("no_ball_1770_ml", (distance < 75) * 100 + random.normal(0, 2, head.shape))
put("no_ball_380_ml", (distance < 45) * 100.0)
bottle = (np.hypot(x - 90, y - 108) < 70) & (abs(z - 90) < 80)
put("no_bottle_2460_ml_uneven", np.where(bottle, 100, 0) * (1 + 0.002 * (x - 90)) + random.normal(0, 3, head.shape))
put("no_neck", head[:, :, :50])
put("no_noise", abs(random.normal(0, 10, head.shape)))
put("no_zeros", head * 0)


def ellipsoid(centre, radii):
    return sum(((v - c) / r) ** 2 for v, c, r in zip(place, centre, radii)) < 1


place = np.indices((160, 120, 80)) * 2.5 - np.array([200, 150, 100]).reshape(3, 1, 1, 1)
pelvis = random.normal(0, 6, place.shape[1:])
pelvis[(place[0] / 190) ** 2 + (place[1] / 120) ** 2 < 1] += 200
pelvis[(place[0] / 165) ** 2 + (place[1] / 95) ** 2 < 1] -= 130
for side in (-100, 100):
    pelvis[ellipsoid((side, 0, -10), (27, 32, 57))] += 90
pelvis[ellipsoid((0, 30, 0), (45, 40, 35))] -= 40
put("no_pelvis", pelvis.clip(0), a=np.diag([2.5, 2.5, 2.5, 1]))

here = os.path.dirname(os.path.abspath(__file__))
subprocess.run([pons, "run", here + "/brain_mask.yaml", "--set", f"input={folder}/heads", "--output", folder + "/masks"],
               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
summary = json.load(open(folder + "/masks/summary.json"))
reasons = {case["case"]: case["reason"] for case in summary["cases"]}
for name, mask in truth.items():
    path = f"{folder}/masks/{name}/mask.nii.gz"
    if not os.path.exists(path):
        print(f"{name:26} {'-' if mask is None else 'MISSED'} {reasons.get(name, '')}")
        continue
    image = nib.load(path)
    found = np.asarray(image.dataobj) > 0
    ml = found.sum() * abs(np.linalg.det(image.affine[:3, :3])) / 1000
    if mask is None:
        print(f"{name:26} NOT REFUSED, {ml:.0f} ml")
    else:
        print(f"{name:26} Dice {2 * (found & mask).sum() / (found.sum() + mask.sum()):.3f}, {ml:.0f} ml")
