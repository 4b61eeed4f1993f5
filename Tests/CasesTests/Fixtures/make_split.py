#!/usr/bin/env python3
"""Writes split.txt beside this file: which part each of some cases is in, with the hash written out again. A name and its values a line.

Needs nothing beside Python. The same values come out of every run.
"""
import os

file = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "split.txt"), "w")
MASK = (1 << 64) - 1


def hash_of(name, salt):
    value = 0xCBF29CE484222325  # FNV-1a
    for byte in salt.encode() + b"\0" + name.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & MASK  # as SplitMix64 ends
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & MASK
    return value ^ value >> 31


names = [f"c-{number:016x}" for number in range(0, 40 * 977, 977)]
file.write("names " + " ".join(names) + "\n")
for number, (test, validation, salt) in enumerate([(0.2, 0.1, ""), (0.3, 0, "x"), (0.5, 0.5, "fold2")]):
    ordered = sorted(names, key=lambda name: hash_of(name, salt))
    first, second = round(test * len(names)), round((test + validation) * len(names))
    exact = {n: "test" if i < first else "validation" if i < second else "train" for i, n in enumerate(ordered)}
    hashed = {}
    for name in names:
        place = hash_of(name, salt) / 2**64
        hashed[name] = "test" if place < test else "validation" if place < test + validation else "train"
    file.write(f"{number}.fractions {test} {validation}\n{number}.salt /{salt}\n")
    file.write(f"{number}.exact " + " ".join(exact[n] for n in names) + "\n")
    file.write(f"{number}.hashed " + " ".join(hashed[n] for n in names) + "\n")
