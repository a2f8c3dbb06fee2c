#!/usr/bin/env python3
"""The stored words, quantiles and orders of this folder's tests, by a second implementation.

Made with Python 3.11 and NumPy 2.4.6; run it again to check or to extend them.
"""

import math
import statistics

import numpy

MASK = 2**64 - 1


def words(seed, stream, count):
    key = numpy.array([seed, stream], dtype=numpy.uint64)
    return [int(word) for word in numpy.random.Philox(key=key).random_raw(count)]


def residue(value, bound):
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & MASK
    return (value ^ value >> 31) * bound >> 64


def permuted(count, seed, index):
    width = math.isqrt(count - 1) + 1
    height = -(-count // width)
    keys = words(seed, 0x5065726D75746531, 16)
    while True:
        left, right = divmod(index, height)
        for turn in range(0, 16, 2):
            left = (left + residue(right ^ keys[turn], width)) % width
            right = (right + residue(left ^ keys[turn + 1], height)) % height
        index = left * height + right
        if index < count:
            return index


for seed, stream in [(0, 0), (1, 0), (0, 1), (42, 7), (MASK, MASK)]:
    print(seed, stream, [f"0x{word:016x}" for word in words(seed, stream, 6)])

normal = statistics.NormalDist()
for p in [
    2.0**-53, 1e-15, 1e-11, 1e-6, 0.01, 0.07499, 0.075, 0.3, 0.5, 0.75, 0.95, 0.999, 1 - 2.0**-53,
]:
    print(f"({p!r}, {normal.inv_cdf(p)!r}),")

for count, seed in [
    (1, 0), (2, 0), (3, 0), (10, 1), (1000, 2), (1 << 20, 3), (2**63 - 1, 4), (257, MASK),
]:
    print(count, seed, [permuted(count, seed, place) for place in range(min(count, 8))])
