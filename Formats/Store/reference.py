#!/usr/bin/env python3
"""A second reader of the Reflux store format, written from SPEC.md (the section numbers below).

    python3 reference.py FILE ...

prints one JSON object per file: everything in a valid store, or the error by name. Exit status 0 if all
files are valid, 2 if one is not. Standard library only; made to be read, not to be fast.
"""

import json
import math
import os
import struct
import sys

MASK = (1 << 64) - 1


class StoreError(Exception):
    def __init__(self, error, block=None, reason=""):
        super().__init__(reason)
        self.error, self.block, self.reason = error, block, reason


# ---- XXH64 (xxHash specification)

P1, P2, P3, P4, P5 = (
    0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)


def rotate(value, bits):
    return (value << bits | value >> (64 - bits)) & MASK


def round64(lane, word):
    return rotate((lane + word * P2) & MASK, 31) * P1 & MASK


def xxh64(data, seed=0):
    offset, size = 0, len(data)
    if size >= 32:
        lanes = [seed + P1 + P2 & MASK, seed + P2 & MASK, seed & MASK, seed - P1 & MASK]
        while offset + 32 <= size:
            words = struct.unpack_from("<4Q", data, offset)
            lanes = [round64(lane, word) for lane, word in zip(lanes, words)]
            offset += 32
        value = sum(rotate(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18))) & MASK
        for lane in lanes:
            value = ((value ^ round64(0, lane)) * P1 + P4) & MASK
    else:
        value = seed + P5 & MASK
    value = value + size & MASK
    while offset + 8 <= size:
        word, = struct.unpack_from("<Q", data, offset)
        value = (rotate(value ^ round64(0, word), 27) * P1 + P4) & MASK
        offset += 8
    if offset + 4 <= size:
        word, = struct.unpack_from("<I", data, offset)
        value = (rotate(value ^ word * P1 & MASK, 23) * P2 + P3) & MASK
        offset += 4
    for byte in data[offset:]:
        value = rotate(value ^ byte * P5 & MASK, 11) * P1 & MASK
    value = (value ^ value >> 33) * P2 & MASK
    value = (value ^ value >> 29) * P3 & MASK
    return value ^ value >> 32


# ---- LZ4 block format

def lz4_decode(data, size):
    """The decoded bytes, or None if the data are invalid or do not decode to `size` bytes."""
    output, offset = bytearray(), 0

    def extended(length):
        nonlocal offset
        if length == 15:
            while True:
                byte = data[offset]
                offset += 1
                length += byte
                if byte != 255:
                    break
        return length

    try:
        while True:
            token = data[offset]
            offset += 1
            literals = extended(token >> 4)
            if offset + literals > len(data) or len(output) + literals > size:
                return None
            output += data[offset:offset + literals]
            offset += literals
            if offset == len(data):
                return bytes(output) if len(output) == size else None
            distance = data[offset] | data[offset + 1] << 8
            offset += 2
            length = extended(token & 15) + 4
            if not 1 <= distance <= len(output) or len(output) + length > size:
                return None
            for _ in range(length):
                output.append(output[-distance])
    except IndexError:
        return None


# ---- 3. Header

MAGIC = bytes.fromhex("895246580D0A1A0A")
END_MAGIC = bytes.fromhex("89524658454E440A")


def id_width(vocabulary):
    return 1 if vocabulary <= 1 << 8 else 2 if vocabulary <= 1 << 16 else 3 if vocabulary <= 1 << 24 else 4


def count_width(largest):
    return 1 if largest <= 255 else 2 if largest <= 65535 else 4


def align8(size):
    return (size + 7) // 8 * 8


class Header:
    def __init__(self, data):
        if not data:
            raise StoreError("empty")
        if data[:8] != MAGIC:
            converted = data.startswith(MAGIC[:4]) or data.startswith(b"\x09RF")
            raise StoreError("converted_line_ends" if converted else "not_a_store")
        self.require(len(data) >= 96, "too short")
        version, kind, field_count, self.size = struct.unpack_from("<HBBI", data, 8)
        if version != 1:
            raise StoreError("unsupported_version")
        self.require(96 <= self.size <= 16384 and self.size % 8 == 0, "header length")
        self.require(self.size <= len(data), "header beyond the file")
        checksum, = struct.unpack_from("<Q", data, self.size - 8)
        self.require(checksum == xxh64(data[:self.size - 8]), "header checksum")
        (self.file_id, self.per_block, self.record_bytes, self.vocabulary, features, self.tokenizer_hash,
         self.tokens_hash, self.rounds, self.context, self.tau, self.seed, self.stride, teacher,
         estimator) = struct.unpack_from("<QIIIIQQIIdQIHH", data, 16)
        if features != 0:
            raise StoreError("unsupported_features")
        self.require(kind in (1, 2), "record kind")
        self.kind = "tokens" if kind == 1 else "samples"
        self.read_texts(data, field_count, teacher, estimator)
        self.read_fields(data, field_count)
        self.check_numbers()

    @staticmethod
    def require(condition, reason):
        if not condition:
            raise StoreError("damaged_header", reason=reason)

    def read_texts(self, data, field_count, teacher, estimator):
        self.require(1 <= field_count <= 8, "field count")
        self.require(teacher <= 4096 and estimator <= 4096, "name length")
        start = 88 + 16 * field_count
        end = start + teacher + estimator
        self.require(self.size == align8(end) + 8, "header length")
        self.require(not any(data[end:self.size - 8]), "reserved")
        try:
            self.teacher = data[start:start + teacher].decode("utf-8")
            self.estimator = data[start + teacher:end].decode("utf-8")
        except UnicodeDecodeError:
            raise StoreError("damaged_header", reason="names") from None

    def read_fields(self, data, field_count):
        fields = []
        for index in range(field_count):
            name, width, kind, reserved, count = struct.unpack_from("<8sBBHI", data, 88 + 16 * index)
            self.require(reserved == 0 and kind <= 1, "field")
            fields.append((name, width, kind, count))
        self.capacity, self.weighted = 1, False
        if self.kind == "tokens":
            expected = [(b"id", id_width(self.vocabulary), 0, 1)]
        else:
            self.require(field_count == 3, "fields")
            self.capacity = fields[1][3]
            self.weighted = fields[2][0].rstrip(b"\0") == b"weights"
            value = (b"weights", 4, 1, self.capacity) if self.weighted else (
                b"counts", count_width(self.rounds), 0, self.capacity)
            expected = [(b"length", count_width(self.capacity), 0, 1),
                        (b"ids", id_width(self.vocabulary), 0, self.capacity), value]
        expected = [(name.ljust(8, b"\0"), width, kind, count) for name, width, kind, count in expected]
        self.require(fields == expected, "fields")
        self.fields = [(width, count) for _, width, _, count in fields]

    def check_numbers(self):
        limit = 1 << 31 if self.kind == "tokens" else 1 << 24
        self.require(1 <= self.vocabulary <= limit, "vocabulary")
        self.require(max(self.rounds, self.context, self.stride) < 1 << 31, "a number above 2^31 - 1")
        self.require(math.isfinite(self.tau), "tau")
        if self.kind == "samples":
            least = 1 if self.weighted else min(self.rounds, self.vocabulary)
            self.require(self.weighted or self.rounds >= 1, "rounds")
            self.require(max(1, least) <= self.capacity <= self.vocabulary, "capacity")
        size = sum(width * count for width, count in self.fields)
        self.require(size == self.record_bytes <= 1 << 24, "record bytes")
        self.require(1 <= self.per_block <= 65536, "records per block")
        self.require(self.per_block * size <= max(65536, size), "records per block")


# ---- 7. Trailer and 6. index

class Trailer:
    def __init__(self, data, header):
        start = len(data) - 80
        if start < header.size or data[-8:] != END_MAGIC:
            raise StoreError("unsealed")
        (self.records, self.blocks, self.documents, self.compressed, self.index, index_bytes,
         self.fingerprint, size, checksum) = struct.unpack_from("<9Q", data, start)
        self.require(checksum == xxh64(data[start:start + 64], header.file_id), "checksum")
        self.require(size == len(data), "file size")
        self.require(header.size <= self.index <= start, "index offset")
        self.require(self.blocks <= (self.index - header.size) // 40, "blocks")
        self.require(self.blocks == -(-self.records // header.per_block), "records")
        most = self.records if header.kind == "tokens" else 0
        self.require(min(1, most) <= self.documents <= most, "documents")
        self.require(self.compressed <= self.blocks, "compressed blocks")
        expected = 24 + 8 * (self.blocks + self.documents) + 8
        self.require(index_bytes == expected == start - self.index, "index length")

    @staticmethod
    def require(condition, reason):
        if not condition:
            raise StoreError("damaged_trailer", reason=reason)


def read_index(data, header, trailer):
    def require(condition, reason):
        if not condition:
            raise StoreError("damaged_index", reason=reason)

    index = data[trailer.index:len(data) - 80]
    checksum, = struct.unpack_from("<Q", index, len(index) - 8)
    require(checksum == xxh64(index[:-8], header.file_id), "checksum")
    magic, reserved, blocks, documents = struct.unpack_from("<4sIQQ", index, 0)
    require((magic, reserved) == (b"RFXI", 0), "magic")
    require((blocks, documents) == (trailer.blocks, trailer.documents), "counts")
    offsets = list(struct.unpack_from(f"<{blocks}Q", index, 24)) + [trailer.index]
    require(offsets[0] == header.size, "first block")
    for before, after in zip(offsets, offsets[1:]):
        require(before + 40 <= after and after % 8 == 0, "block offset")
    starts = list(struct.unpack_from(f"<{documents}Q", index, 24 + 8 * blocks))
    require(not starts or starts[0] == 0, "first document")
    require(all(a < b for a, b in zip(starts, starts[1:])), "document order")
    require(not starts or starts[-1] < trailer.records, "document beyond the end")
    return offsets, starts


# ---- 4. Blocks

def read_block(data, header, trailer, number, start, end):
    """The decoded payload, its number of records and its codec."""
    def require(condition, reason):
        if not condition:
            raise StoreError("damaged_block", number, reason)

    magic, records, block, stored, raw, codec, reserved, checksum = struct.unpack_from(
        "<4sIQIIB7sQ", data, start)
    require(magic == b"RFXB", "magic")
    require(codec in (0, 1) and not any(reserved), "codec or reserved")
    require(start + 40 + align8(stored) == end, "stored bytes")
    require(stored == raw if codec == 0 else stored < raw, "stored bytes")
    body = data[start:start + 32] + data[start + 40:end]
    require(checksum == xxh64(body, header.file_id + number & MASK), "checksum")
    require(block == number, "block number")
    expected = min(header.per_block, trailer.records - number * header.per_block)
    require(records == expected, "record count")
    starts = raw - records * header.record_bytes
    most = 4 * records if header.kind == "tokens" else 0
    require(0 <= starts <= most and starts % 4 == 0, "raw bytes")
    payload = data[start + 40:start + 40 + stored]
    if codec == 1:
        payload = lz4_decode(payload, raw)
        require(payload is not None, "LZ4 data")
    return payload, records, codec


def columns(header, payload, records):
    """Each field as a list of records x count unsigned numbers (4.4), and where they end."""
    result, offset = [], 0
    for width, count in header.fields:
        total = records * count
        low_width = 2 if width == 3 else width
        values = struct.unpack_from(f"<{total}{'?BH?I'[low_width]}", payload, offset)
        offset += total * low_width
        if width == 3:
            high = payload[offset:offset + total]
            values = [low | top << 16 for low, top in zip(values, high)]
            offset += total
        result.append(list(values))
    return result, offset


def read_tokens(header, payload, records, number):
    def require(condition, reason):
        if not condition:
            raise StoreError("damaged_block", number, reason)

    (ids,), end = columns(header, payload, records)
    require(all(token < header.vocabulary for token in ids), "id")
    slots = [slot for slot, in struct.iter_unpack("<I", payload[end:])]
    require(all(a < b for a, b in zip(slots, slots[1:])), "document order")
    require(not slots or slots[-1] < records, "document beyond the block")
    require(number > 0 or slots[:1] == [0], "first document")
    return ids, slots


def read_samples(header, payload, records, number):
    def require(condition, reason):
        if not condition:
            raise StoreError("damaged_block", number, reason)

    (lengths, all_ids, all_values), _ = columns(header, payload, records)
    capacity, samples = header.capacity, []
    for slot, length in enumerate(lengths):
        require(length <= capacity, "length")
        row = slot * capacity
        ids, values = all_ids[row:row + length], all_values[row:row + length]
        require(not any(all_ids[row + length:row + capacity]), "unused id")
        require(not any(all_values[row + length:row + capacity]), "unused value")
        require(all(token < header.vocabulary for token in ids), "id")
        require(all(a < b for a, b in zip(ids, ids[1:])), "order")
        if header.weighted:
            weights = [struct.unpack("<f", struct.pack("<I", bits))[0] for bits in values]
            require(all(math.isfinite(weight) and weight >= 0 for weight in weights), "weight")
            samples.append(({"ids": ids, "weights": weights}, values))
        else:
            require(all(values) and sum(values) == header.rounds, "counts")
            samples.append(({"ids": ids, "counts": values}, values))
    return samples


# ---- The whole file

def read_store(data):
    header = Header(data)
    trailer = Trailer(data, header)
    offsets, documents = read_index(data, header, trailer)
    tokens, samples, starts, compressed, content = [], [], [], 0, bytearray()
    for number in range(trailer.blocks):
        payload, records, codec = read_block(
            data, header, trailer, number, offsets[number], offsets[number + 1])
        compressed += codec
        if header.kind == "tokens":
            ids, slots = read_tokens(header, payload, records, number)
            tokens += ids
            starts += [number * header.per_block + slot for slot in slots]
            content += struct.pack(f"<{len(ids)}I", *ids)
        else:
            for sample, values in read_samples(header, payload, records, number):
                samples.append(sample)
                numbers = [len(values)] + sample["ids"] + values
                content += struct.pack(f"<{len(numbers)}I", *numbers)
    if trailer.fingerprint != xxh64(bytes(content)):
        raise StoreError("damaged_trailer", reason="fingerprint")
    if trailer.compressed != compressed:
        raise StoreError("damaged_trailer", reason="compressed blocks")
    if starts != documents:
        raise StoreError("damaged_index", reason="documents")
    return describe(header, trailer, documents, tokens, samples)


def describe(header, trailer, documents, tokens, samples):
    result = {
        "kind": header.kind,
        "format_version": 1,
        "records": trailer.records,
        "vocabulary_size": header.vocabulary,
        "records_per_block": header.per_block,
        "blocks": trailer.blocks,
        "compressed_blocks": trailer.compressed,
        "fingerprint": f"{trailer.fingerprint:016x}",
        "provenance": {
            "tokenizer_hash": f"{header.tokenizer_hash:016x}",
            "tokens_hash": f"{header.tokens_hash:016x}",
            "teacher": header.teacher,
            "estimator": header.estimator,
            "rounds": header.rounds,
            "tau": header.tau,
            "seed": header.seed,
            "context_length": header.context,
            "stride": header.stride,
        },
    }
    if header.kind == "tokens":
        return result | {"documents": documents, "tokens": tokens}
    return result | {"capacity": header.capacity, "samples": samples}


def main(paths):
    status = 0
    for path in paths:
        name = os.path.basename(path)
        try:
            with open(path, "rb") as file:
                row = {"file": name} | read_store(file.read())
        except StoreError as error:
            row = {"file": name, "error": error.error, "reason": error.reason}
            if error.block is not None:
                row["block"] = error.block
            status = 2
        print(json.dumps(row))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
