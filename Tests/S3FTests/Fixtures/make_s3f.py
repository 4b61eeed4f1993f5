#!/usr/bin/env python3
"""Writes s3f.txt beside this file: Dice coefficients of small masks, and which of some similarities stay, as numpy has it. A name and its
values a line; masks are in C order [z, y, x].

Needs numpy. The same values come out of every run.
"""
import os
from fractions import Fraction
from math import ceil

import numpy as np

random = np.random.default_rng(3)
file = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "s3f.txt"), "w")


def put(name, values):
    file.write(" ".join([name] + [f"{v:.17g}" for v in np.asarray(values).ravel()]) + "\n")


def dice(a, b):
    both_empty = not a.any() and not b.any()
    return 1.0 if both_empty else 2 * np.sum(a & b) / (np.sum(a) + np.sum(b))


shape = (5, 7, 19)
put("shape", shape)
put("masks", 8)
slices = [1, 4]
put("slices", slices)
for case in range(8):
    a = random.random(shape) < (0.4, 0, 0, 0.4, 0.1, 0.9, 0.5, 0.02)[case]
    b = random.random(shape) < (0.4, 0, 0.3, 0, 0.1, 0.9, 0.2, 0.02)[case]
    put(f"mask.{case}.a", a)
    put(f"mask.{case}.b", b)
    put(f"mask.{case}.dice", dice(a, b))
    put(f"mask.{case}.dice_of_slices", dice(a[slices], b[slices]))

rules = [("1", 0), ("0.8", 0), ("0.5", 0), ("0.07", 0), ("0", 0), ("1", 0.5), ("0.8", 0.25), ("0.3", 0.75)]
put("rankings", len(rules))
for number, (fraction, minimum) in enumerate(rules):
    count = (5, 24, 7, 100, 4, 20, 10, 1)[number]
    # Few values, so that many cases tie.
    similarities = random.integers(0, 9, size=count) / 8
    order = np.lexsort((np.arange(count), -similarities))
    ranks = np.empty(count, dtype=int)
    ranks[order] = np.arange(count) + 1
    kept = (ranks <= ceil(Fraction(fraction) * count)) & (similarities >= minimum)
    put(f"ranking.{number}.fraction", float(fraction))
    put(f"ranking.{number}.minimum", minimum)
    put(f"ranking.{number}.similarities", similarities)
    put(f"ranking.{number}.ranks", ranks)
    put(f"ranking.{number}.kept", kept)
