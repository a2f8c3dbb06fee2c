"""Prints the expected digests of XXH64Tests.swift, computed by the reference library.

Made with libxxhash 0.8.1 (Debian package libxxhash0) through ctypes, Python 3.11.
Byte i of the input is (i * 7 + 3) mod 256.
"""

import ctypes

library = ctypes.CDLL("libxxhash.so.0")
library.XXH64.restype = ctypes.c_uint64
library.XXH64.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]

data = bytes((i * 7 + 3) % 256 for i in range(1000))
seeds = [0, 1, 0x9E3779B185EBCA8D]
for length in [0, 1, 3, 4, 7, 8, 11, 12, 31, 32, 33, 39, 63, 64, 65, 100, 255, 1000]:
    digests = [library.XXH64(data[:length], length, seed) for seed in seeds]
    words = [f"{digest:016X}" for digest in digests]
    groups = ["0x" + "_".join(word[i:i + 4] for i in (0, 4, 8, 12)) for word in words]
    print(f"    ({length}, [" + ", ".join(groups) + "]),")
