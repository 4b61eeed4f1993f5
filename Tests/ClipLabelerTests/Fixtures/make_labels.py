"""Makes labels.json: labels of slices and what smoothing makes of them, by a formula of its own.

For each labelled slice i (of the sorted list): the slices of the list at places i-each ... i+each but i, those of them with
|dz| <= reach; with more than `minimum` of them the most frequent label, of equally frequent ones the least.

    python make_labels.py
"""
import json

import numpy as np


def smooth(labels, each, reach, minimum):
    labels = np.asarray(labels)
    z = np.flatnonzero(labels >= 0)
    place = np.arange(len(z))
    result = labels.copy()
    near = (np.abs(place[:, None] - place) <= each) & (np.abs(z[:, None] - z) <= reach) & ~np.eye(len(z), dtype=bool)
    for row, slice_ in zip(near, z):
        if row.sum() > minimum:
            result[slice_] = np.bincount(labels[z[row]]).argmax()
    return result.tolist()


def main():
    generator = np.random.default_rng(7)
    cases = []
    for each, reach, minimum in [(5, 6, 8), (5, 6, 4), (2, 3, 2), (1, 1, 1), (3, 3, 4), (7, 20, 0)]:
        for classes in (2, 3):
            # Runs, so that there is something to smooth, with gaps and errors.
            labels = np.repeat(generator.integers(0, classes, 8), generator.integers(3, 12, 8))
            labels = np.where(generator.random(len(labels)) < 0.15, generator.integers(0, classes, len(labels)), labels)
            labels = np.where(generator.random(len(labels)) < 0.15, -1, labels)
            labels[20:25] = -1
            cases.append({"each": each, "reach": reach, "minimum": minimum, "labels": labels.tolist(),
                          "smoothed": smooth(labels, each, reach, minimum)})
    cases.append({"each": 5, "reach": 6, "minimum": 8, "labels": [-1] * 5, "smoothed": [-1] * 5})
    with open("labels.json", "w") as file:
        json.dump(cases, file, separators=(",", ":"))


main()
