"""Writes npy.json and safetensors.json: files made by NumPy and by the safetensors library.

Made with Python 3.11.7, numpy 2.4.6, safetensors 0.8.0 and torch 2.13.0 (bfloat16 only).
Usage: make_reference.py   (writes beside itself)
"""

import io
import json
import pathlib

import numpy
import safetensors
import safetensors.torch
import torch

assert numpy.__version__ == "2.4.6", numpy.__version__
assert safetensors.__version__ == "0.8.0", safetensors.__version__
FOLDER = pathlib.Path(__file__).resolve().parent


def npy(name, array, version=None):
    out = io.BytesIO()
    numpy.lib.format.write_array(out, array, version=version, allow_pickle=True)
    values = array.ravel().tolist() if array.dtype.kind in "iu" else []
    return {"name": name, "descriptor": array.dtype.str, "shape": list(array.shape),
            "values": values, "hex": out.getvalue().hex()}


def arrays():
    for order in "<>":
        for kind in "iu":
            for width in (1, 2, 4, 8):
                top = 2 ** (8 * width - (kind == "i")) - 1
                values = [0, 1, 2, 127, min(top, 50256), min(top, 2 ** 24 - 1)]
                yield npy(f"{order}{kind}{width}", numpy.array(values, f"{order}{kind}{width}"))
    counting = numpy.arange(6, dtype="<u2")
    for version in ((1, 0), (2, 0), (3, 0)):
        yield npy(f"version {version[0]}", counting, version)
    yield npy("two axes", counting.reshape(2, 3))
    yield npy("a number", numpy.array(7, "<i8"))
    yield npy("empty", counting[:0])
    yield npy("one", counting[1:2])
    yield npy("fortran", numpy.asfortranarray(counting.reshape(2, 3)))
    yield npy("floats", numpy.zeros(3, "<f4"))
    yield npy("truth", numpy.zeros(3, "|b1"))
    yield npy("objects", numpy.array([None, 1], object))
    yield npy("structure", numpy.zeros(2, [("a", "<u2"), ("b", "<u4")]))
    yield npy("negative", numpy.array([3, -1], "<i4"))


def tensors():
    values = [0.0, -0.0, 1.0, -2.5, 0.1, 65504.0, 6e-8, 1e-5]
    return {
        "model.weight": torch.tensor(values, dtype=torch.float32).reshape(2, 4),
        "half": torch.tensor(values, dtype=torch.float16),
        "brain": torch.tensor(values, dtype=torch.bfloat16).reshape(2, 2, 2),
        "double": torch.tensor(values[:3], dtype=torch.float64),
        "ids": torch.tensor([1, -2, 3], dtype=torch.int64),
        "mask": torch.tensor([True, False, True]),
        "scalar": torch.tensor(3.5),
        "nothing": torch.zeros((0, 4)),
        "namn \u00e5 \"quoted\"": torch.tensor([7], dtype=torch.uint8),
    }


def main():
    (FOLDER / "npy.json").write_text(json.dumps(list(arrays()), indent=1))
    made = tensors()
    order = ["F64", "F32", "F16", "BF16", "I64", "BOOL", "U8"]
    names = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16",
             torch.bfloat16: "BF16", torch.int64: "I64", torch.bool: "BOOL", torch.uint8: "U8"}
    assert all(names[tensor.dtype] in order for tensor in made.values())
    facts = [
        {"name": name, "dtype": names[tensor.dtype], "shape": list(tensor.shape),
         "values": [float(value) for value in tensor.flatten()]}
        for name, tensor in made.items()
    ]
    (FOLDER / "safetensors.json").write_text(json.dumps({
        "metadata": {"format": "pt"},
        "tensors": facts,
        "hex": safetensors.torch.save(made, {"format": "pt"}).hex(),
    }, indent=1))


main()
