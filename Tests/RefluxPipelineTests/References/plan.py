#!/usr/bin/env python3
"""The stored orders of FeedPlanTests, by a second implementation.

Made with Python 3.11 and NumPy 2.4.6; run it again to check or to extend them.
"""

import math

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


def step(windows, batch, seed, number):
    epoch, turn = divmod(number, windows // batch)
    key = words(seed, 0x45706F6368000000 + epoch, 1)[0]
    return [permuted(windows, key, turn * batch + row) for row in range(batch)]


for first in [0, 250]:
    print(step(1000, 4, 42, first) + step(1000, 4, 42, first + 1))
