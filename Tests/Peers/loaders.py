"""Rates of other loaders on the data of `reflux bench pipeline`, printed in one run with it.

Usage: python loaders.py [--reflux .build/release/reflux] [--windows 1024] [--window 2048]
Needs the packages numpy, torch, mosaicml-streaming and litdata; those that are missing are left out.

Data: windows of tokens alone, and of tokens with 12 ids and 12 counts each; local, uncompressed,
shuffled, batches of 32,768 tokens. Every loader delivers whole batches as arrays or tensors; its best
number of workers counts. One JSON object per row, as the command prints them.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np

IDS = 12


def arrays(windows, window):
    random = np.random.default_rng(0)
    tokens = random.integers(0, 50_257, (windows, window), dtype=np.uint16)
    ids = random.integers(0, 128_256, (windows, window, IDS), dtype=np.uint32)
    counts = random.integers(1, 50, (windows, window, IDS), dtype=np.uint8)
    return tokens, ids, counts


def report(loader, payload, window, workers, tokens, seconds):
    print(
        json.dumps({
            "bench": "feed", "loader": loader, "payload": payload, "order": "shuffled",
            "window": window, "page_cache": "warm", "workers": workers,
            "tokens_per_second": tokens / seconds}), flush=True)


def drain(batches, size):
    """The rate of an iterable of batches after its first one."""
    batches = iter(batches)
    next(batches)
    start, seen = time.perf_counter(), 0
    for batch in batches:
        seen += size(batch)
    return seen, time.perf_counter() - start


def numpy_memmap(folder, data, payload, window, batch):
    """The usual small trainer: a memmap, a permutation, rows stacked into int64."""
    tokens, ids, counts = data
    np.save(folder + "/t.npy", tokens)
    np.save(folder + "/i.npy", ids)
    np.save(folder + "/c.npy", counts)
    t, i, c = (np.load(folder + f"/{name}.npy", mmap_mode="r") for name in "tic")
    order = np.random.default_rng(1).permutation(len(t))

    def batches():
        for first in range(0, len(order) - batch + 1, batch):
            rows = order[first:first + batch]
            made = [t[rows].astype(np.int64)]
            if payload == "samples":
                made += [i[rows].astype(np.int64), c[rows].astype(np.float32) / 50]
            yield made

    seen, seconds = drain(batches(), lambda made: made[0].size)
    report("numpy memmap", payload, window, 0, seen, seconds)


def megatron_style(folder, data, payload, window, batch):
    """An index of samples into one flat token file, as Megatron's GPT data set reads it."""
    if payload == "samples":
        return
    import torch
    from torch.utils.data import DataLoader, Dataset

    path = folder + "/flat.bin"
    data[0].reshape(-1).tofile(path)

    class Flat(Dataset):
        def __init__(self):
            self.flat = np.memmap(path, dtype=np.uint16, mode="r")
            self.order = np.random.default_rng(1).permutation((len(self.flat) - 1) // window)

        def __len__(self):
            return len(self.order)

        def __getitem__(self, index):
            first = int(self.order[index]) * window
            text = torch.from_numpy(self.flat[first:first + window + 1].astype(np.int64))
            return {"tokens": text[:-1].contiguous(), "labels": text[1:].contiguous()}

    for workers in (0, 1, 2):
        loader = DataLoader(Flat(), batch_size=batch, num_workers=workers, drop_last=True)
        seen, seconds = drain(loader, lambda made: made["tokens"].numel())
        report("Megatron-style", payload, window, workers, seen, seconds)


def mds(folder, data, payload, window, batch):
    from streaming import MDSWriter, StreamingDataset
    from torch.utils.data import DataLoader

    tokens, ids, counts = data
    path = folder + "/mds-" + payload
    columns = {"tokens": f"ndarray:uint16:{window}"}
    if payload == "samples":
        columns |= {"ids": f"ndarray:uint32:{window},{IDS}", "counts": f"ndarray:uint8:{window},{IDS}"}
    with MDSWriter(out=path, columns=columns) as writer:
        for row in range(len(tokens)):
            item = {"tokens": tokens[row]}
            if payload == "samples":
                item |= {"ids": ids[row], "counts": counts[row]}
            writer.write(item)
    for workers in (0, 1, 2):
        dataset = StreamingDataset(local=path, shuffle=True, batch_size=batch)
        loader = DataLoader(dataset, batch_size=batch, num_workers=workers, drop_last=True)
        seen, seconds = drain(loader, lambda made: made["tokens"].numel())
        report("MDS", payload, window, workers, seen, seconds)


def litdata_sample(index):
    tokens, ids, counts = litdata_sample.data
    item = {"tokens": tokens[index].astype(np.int32)}
    if litdata_sample.payload == "samples":
        item |= {"ids": ids[index].astype(np.int32), "counts": counts[index]}
    return item


def litdata(folder, data, payload, window, batch):
    from litdata import StreamingDataLoader, StreamingDataset
    from litdata.streaming.writer import BinaryWriter

    litdata_sample.data, litdata_sample.payload = data, payload
    path = folder + "/lit-" + payload
    os.makedirs(path, exist_ok=True)
    writer = BinaryWriter(path, chunk_bytes=1 << 26)
    for row in range(len(data[0])):
        writer[row] = litdata_sample(row)
    writer.done()
    writer.merge()
    for workers in (0, 1, 2):
        dataset = StreamingDataset(path, shuffle=True, drop_last=True)
        loader = StreamingDataLoader(dataset, batch_size=batch, num_workers=workers)
        seen, seconds = drain(loader, lambda made: made["tokens"].numel())
        report("litdata", payload, window, workers, seen, seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reflux", help="the built command, run before and after the others")
    parser.add_argument("--windows", type=int, default=1024)
    parser.add_argument("--window", type=int, default=2048)
    options = parser.parse_args()
    batch = max(1, (1 << 15) // options.window)

    def ours():
        if options.reflux:
            subprocess.run(
                [options.reflux, "bench", "pipeline", "--only", "feed", "--json", "--quiet",
                 "--windows", str(options.window), "--runs", "5"], check=True)

    ours()
    data = arrays(options.windows, options.window)
    for payload in ("tokens", "samples"):
        for loader in (numpy_memmap, megatron_style, mds, litdata):
            folder = tempfile.mkdtemp()
            try:
                loader(folder, data, payload, options.window, batch)
            except ImportError as error:
                print(f"{loader.__name__}: left out ({error})", file=sys.stderr)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    ours()


if __name__ == "__main__":
    main()
