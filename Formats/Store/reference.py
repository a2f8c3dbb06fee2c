#!/usr/bin/env python3
"""A second reader of the Reflux store format, written from SPEC.md (the section numbers below).

    python3 reference.py STORE ...

prints one JSON object per store (a file, or a folder with a manifest): everything in a valid one, or the
error by name. Exit status 0 if all stores are valid, 2 if one is not. Standard library only; made to be
read, not to be fast.
"""

import json
import math
import os
import re
import struct
import sys

MASK = (1 << 64) - 1


class StoreError(Exception):
    def __init__(self, error, reason="", block=None):
        super().__init__(reason)
        self.error, self.reason, self.block, self.shard = error, reason, block, None


def checker(error, block=None):
    """A function that raises the error unless its first argument is true."""
    def require(condition, reason):
        if not condition:
            raise StoreError(error, reason, block)
    return require


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


# ---- 2. Conventions and 3. Header

MAGIC = bytes.fromhex("895246580D0A1A0A")
END_MAGIC = bytes.fromhex("89524658454E440A")
POSITION_LIMIT = 1 << 62
EXTRAS = ["mass", "logsum", "entropy", "label", "power"]
WEIGHTS = {(1, 4): "float32", (1, 2): "float16", (2, 1): "logarithm8"}


def id_width(vocabulary):
    return 1 if vocabulary <= 1 << 8 else 2 if vocabulary <= 1 << 16 else 3 if vocabulary <= 1 << 24 else 4


def count_width(largest):
    return 1 if largest <= 255 else 2 if largest <= 65535 else 4


def align8(size):
    return (size + 7) // 8 * 8


class Header:
    def __init__(self, data):
        require = self.require = checker("damaged_header")
        if not data:
            raise StoreError("empty")
        require(len(data) >= 8 or not MAGIC.startswith(data), "shorter than the magic")
        if data[:8] != MAGIC:
            converted = data.startswith(MAGIC[:4]) or data.startswith(b"\x09RF")
            raise StoreError("converted_line_ends" if converted else "not_a_store")
        require(len(data) >= 128, "too short")
        version, self.kind, self.field_count, self.size = struct.unpack_from("<HBBI", data, 8)
        if version != 1:
            raise StoreError("unsupported_version")
        require(128 <= self.size <= 65536 and self.size % 8 == 0, "header length")
        require(self.size <= len(data), "header beyond the file")
        checksum, = struct.unpack_from("<Q", data, self.size - 8)
        require(checksum == xxh64(data[:self.size - 8]), "header checksum")
        (self.file_id, self.first, self.per_block, self.record_bytes, self.vocabulary, self.known,
         features, self.dictionary_bytes, self.tokenizer_hash, self.tokens_hash, self.teacher_hash,
         self.seed, self.tau, self.rounds, self.context, self.stride, text_bytes,
         self.created) = struct.unpack_from("<QQ6I4Qd4IQ", data, 16)
        if features > 1:
            raise StoreError("unsupported_features")
        require(self.kind in (1, 2), "record kind")
        self.is_tokens = self.kind == 1
        self.read_fields(data)
        self.read_texts(data, text_bytes)
        self.check_numbers()
        self.read_target(features)

    def read_fields(self, data):
        """3.1 and 3.2."""
        self.require(1 <= self.field_count <= 8, "field count")
        self.require(120 + 16 * self.field_count + 8 <= self.size, "field count")
        fields = []
        for index in range(self.field_count):
            name, width, kind, reserved, count = struct.unpack_from("<8sBBHI", data, 120 + 16 * index)
            self.require(reserved == 0, "field reserved")
            fields.append((name, width, kind, count))
        self.capacity, self.values, self.extras = 1, None, []
        if self.is_tokens:
            expected = [(b"id", id_width(self.vocabulary), 0, 1)]
        else:
            self.require(self.field_count >= 3, "fields")
            self.capacity = fields[1][3]
            name, width, kind, _ = fields[2]
            if name == b"weights\0":
                self.require((kind, width) in WEIGHTS, "weights")
                self.values = WEIGHTS[kind, width]
                third = (b"weights", width, kind, self.capacity)
            else:
                self.values = "counts"
                third = (b"counts", count_width(self.rounds), 0, self.capacity)
            names = [field[0].rstrip(b"\0") for field in fields[3:]]
            self.extras = [extra for extra in EXTRAS if extra.encode() in names]
            expected = [(b"length", count_width(self.capacity), 0, 1),
                        (b"ids", id_width(self.vocabulary), 0, self.capacity), third]
            expected += [(extra.encode(), 4, 1, 1) for extra in self.extras]
        expected = [(name.ljust(8, b"\0"), width, kind, count) for name, width, kind, count in expected]
        self.require(fields == expected, "fields")
        self.widths = [width for _, width, _, _ in fields]
        self.weighted = self.values not in (None, "counts")
        self.full_bytes = sum(width * count for _, width, _, count in fields)

    def read_texts(self, data, text_bytes):
        """3.3."""
        start = 120 + 16 * self.field_count
        end = start + text_bytes
        self.require(self.size == align8(end) + 8, "header length")
        self.require(not any(data[end:self.size - 8]), "filling")
        self.texts, last = {}, ""
        while start < end:
            self.require(end - start >= 4, "texts")
            key_size, reserved, size = struct.unpack_from("<BBH", data, start)
            start += 4
            self.require(reserved == 0 and 1 <= key_size <= 64 and 1 <= size <= 4096, "texts")
            self.require(key_size + size <= end - start, "texts")
            try:
                key = data[start:start + key_size].decode("ascii")
                text = data[start + key_size:start + key_size + size].decode("utf-8")
            except UnicodeDecodeError:
                raise StoreError("damaged_header", "texts") from None
            self.require(re.fullmatch("[a-z0-9.-]+", key) and key > last, "key")
            self.texts[key] = text
            start, last = start + key_size + size, key

    def read_target(self, features):
        """3.5. What binds is taken out of the texts."""
        require, self.target = self.require, {}
        if features == 1:
            require(not self.is_tokens, "target in a token store")
            if "target" in self.texts:
                require(self.texts["target"] == "tempered", "target")
                require(not self.weighted and self.tau > 0 and self.tau != 1, "tempered")
                self.target["target"] = self.texts.pop("target")
            if "temperature" in self.texts:
                number = self.target["temperature"] = self.number("temperature")
                require(0.01 <= number <= 100 and number != 1, "temperature")
            require(self.target, "neither target nor temperature")
        if "power" in self.extras:
            require("gamma" in self.texts, "gamma")
            number = self.target["gamma"] = self.number("gamma")
            require(0.01 <= number <= 8, "gamma")

    def number(self, key):
        """The number that a text is."""
        text = self.texts.pop(key)
        self.require(re.fullmatch("[0-9]+([.][0-9]+)?", text), key)
        number = float(text)
        self.require(math.isfinite(number) and repr(number).removesuffix(".0") == text, key)
        return number

    def check_numbers(self):
        require = self.require
        limit = 1 << 31 if self.is_tokens else 1 << 24
        require(1 <= self.vocabulary <= limit, "vocabulary")
        require(1 <= self.known <= self.vocabulary, "known ids")
        require(max(self.rounds, self.context, self.stride) < 1 << 31, "a number above 2^31 - 1")
        require(max(self.first, self.created) < POSITION_LIMIT, "first position or creation time")
        require(math.isfinite(self.tau), "tau")
        if not self.is_tokens:
            least = 1 if self.weighted else min(self.rounds, self.vocabulary)
            require(self.weighted or self.rounds >= 1, "rounds")
            require(max(1, least) <= self.capacity <= self.vocabulary, "capacity")
        require(self.full_bytes == self.record_bytes <= 1 << 24, "record bytes")
        require(1 <= self.per_block <= 65536, "records per block")
        require(self.per_block * self.full_bytes <= max(65536, self.full_bytes), "records per block")
        dictionary = align8((self.vocabulary + 1) // 2) + 8
        require(self.dictionary_bytes in ([0] if self.is_tokens else [0, dictionary]), "dictionary length")
        self.first_block = self.size + self.dictionary_bytes


# ---- 4. Dictionary

def read_dictionary(data, header):
    """The id of every rank, or None."""
    require = checker("damaged_dictionary")
    if header.dictionary_bytes == 0:
        return None
    end = header.first_block
    require(end <= len(data), "cut")
    checksum, = struct.unpack_from("<Q", data, end - 8)
    require(checksum == xxh64(data[header.size:end - 8], header.file_id - 1 & MASK), "checksum")
    nibbles = [half for byte in data[header.size:end - 8] for half in (byte & 15, byte >> 4)]
    require(not any(nibbles[header.vocabulary:]), "filling")
    return sorted(range(header.vocabulary), key=lambda identifier: (nibbles[identifier], identifier))


# ---- 8. Trailer and 7. Index

class Trailer:
    def __init__(self, data, header):
        require = checker("damaged_trailer")
        start = len(data) - 80
        if start < header.first_block or data[-8:] != END_MAGIC:
            raise StoreError("unsealed")
        (self.records, self.blocks, self.documents, self.compressed, self.index, index_bytes,
         self.fingerprint, size, checksum) = struct.unpack_from("<9Q", data, start)
        require(checksum == xxh64(data[start:start + 64], header.file_id), "checksum")
        require(size == len(data), "file size")
        require(header.first_block <= self.index <= start, "index offset")
        require(index_bytes == start - self.index, "index length")
        require(self.blocks <= (self.index - header.first_block) // 48, "blocks")
        require(self.documents <= index_bytes // 8, "documents")
        require(self.blocks == -(-self.records // header.per_block), "records")
        most = self.records if header.is_tokens else 0
        require((min(1, most) if header.first == 0 else 0) <= self.documents <= most, "documents")
        require(self.compressed <= self.blocks, "compressed blocks")
        numbers = self.blocks + self.documents
        require(index_bytes == 8 * numbers + 8 * -(-numbers // 511), "index length")


def read_index(data, header, trailer):
    """Where each block starts and the last one ends, and the document starts."""
    require = checker("damaged_index")
    numbers, place, page = [], trailer.index, 0
    while len(numbers) < trailer.blocks + trailer.documents:
        count = min(511, trailer.blocks + trailer.documents - len(numbers))
        *found, checksum = struct.unpack_from(f"<{count + 1}Q", data, place)
        seed = header.file_id + (1 << 62) + page & MASK
        require(checksum == xxh64(data[place:place + 8 * count], seed), "checksum")
        numbers, place, page = numbers + found, place + 8 * count + 8, page + 1
    offsets = numbers[:trailer.blocks] + [trailer.index]
    require(offsets[0] == header.first_block, "first block")
    for before, after in zip(offsets, offsets[1:]):
        require(before + 48 <= after and after % 8 == 0, "block offset")
    starts = numbers[trailer.blocks:]
    require(not starts or header.first > 0 or starts[0] == 0, "first document")
    require(all(a < b for a, b in zip(starts, starts[1:])), "document order")
    require(not starts or starts[-1] < trailer.records, "document beyond the end")
    return offsets, starts


# ---- 5. Blocks

class Block:
    def __init__(self, data, header, trailer, number, start, end):
        """Checks what 5.2 says, up to the payload."""
        require = self.require = checker("damaged_block", number)
        self.number = number
        (magic, self.records, block, stored, self.raw, self.codec, reserved, tokens_sum,
         checksum) = struct.unpack_from("<4sIQIIB7sQQ", data, start)
        require(magic == b"RFXB", "magic")
        require(self.codec in (0, 1, 2) and not any(reserved), "codec or reserved")
        require(start + 48 + align8(stored) == end, "stored bytes")
        require([stored == self.raw, stored < self.raw, stored >= 28][self.codec], "stored bytes")
        body = data[start:start + 40] + data[start + 48:end]
        require(checksum == xxh64(body, header.file_id + number & MASK), "checksum")
        require(block == number, "block number")
        first = number * header.per_block
        require(self.records == min(header.per_block, trailer.records - first), "record count")
        require(header.first + first + self.records <= POSITION_LIMIT, "position")
        many = not header.weighted and header.rounds > 65535
        require(self.codec != 2 or header.dictionary_bytes > 0 and not many, "codec")
        require(tokens_sum == 0 or header.tokens_hash != 0, "sum of the tokens")
        self.check_raw_bytes(header)
        self.payload = data[start + 48:start + 48 + stored]
        if self.codec == 1:
            self.payload = lz4_decode(self.payload, self.raw)
            require(self.payload is not None, "LZ4 data")

    def check_raw_bytes(self, header):
        if header.is_tokens:
            rest = self.raw - self.records * header.record_bytes
            self.require(rest % 4 == 0 and 0 <= rest <= 4 * self.records, "raw bytes")
            return
        fixed = header.widths[0] + 4 * len(header.extras)
        pair = header.widths[1] + header.widths[2]
        rest = self.raw - self.records * fixed
        self.require(rest % pair == 0 and 0 <= rest // pair <= self.records * header.capacity, "raw bytes")
        self.pairs = rest // pair


def column(payload, offset, width, count):
    """5.3: a column of unsigned numbers, and where it ends."""
    low = 2 if width == 3 else width
    values = list(struct.unpack_from(f"<{count}{'?BH?I'[low]}", payload, offset))
    offset += low * count
    if width == 3:
        values = [value | top << 16 for value, top in zip(values, payload[offset:offset + count])]
        offset += count
    return values, offset


def read_tokens(header, block):
    require, records = block.require, block.records
    ids, end = column(block.payload, 0, header.widths[0], records)
    require(all(token < header.vocabulary for token in ids), "id")
    slots = [slot for slot, in struct.iter_unpack("<I", block.payload[end:])]
    require(all(a < b for a, b in zip(slots, slots[1:])), "document order")
    require(not slots or slots[-1] < records, "document beyond the block")
    require(block.number > 0 or header.first > 0 or slots[:1] == [0], "first document")
    return ids, slots


# ---- 5.4 Packed sets

class Bits:
    """Bits from the lowest of each byte on."""
    def __init__(self, data, require):
        self.data, self.value, self.place, self.require = data, int.from_bytes(data, "little"), 0, require

    def take(self, count):
        self.require(self.place + count <= 8 * len(self.data), "bits beyond the end")
        result = self.value >> self.place & (1 << count) - 1
        self.place += count
        return result

    def end(self):
        self.require((self.place + 7) // 8 == len(self.data), "end of the bits")
        self.require(self.value >> self.place == 0, "unused bits")


class PrefixCode:
    def __init__(self, lengths, require):
        used = [length for length in lengths if length]
        require(max(lengths) <= 11, "code length")
        self.single, self.symbols = None, {}
        if len(used) == 1:
            require(used == [1], "the length of a single code")
            self.single = lengths.index(1)
        elif used:
            require(sum(1 << 11 - length for length in used) == 1 << 11, "complete code")
        code = 0
        for length in range(1, 12):
            for symbol, own in enumerate(lengths):
                if own == length:
                    self.symbols[length, code] = symbol
                    code += 1
            code <<= 1

    def read(self, bits):
        if self.single is not None:
            return self.single
        code, length = 0, 0
        while (length, code) not in self.symbols:
            code, length = code << 1 | bits.take(1), length + 1
        return self.symbols[length, code]


def read_packed(header, block, ids_of_ranks):
    """The sets as (ids, values) in the order of their ranks, and where the optional fields start."""
    require, payload, records, pairs = block.require, block.payload, block.records, block.pairs
    steps, counts, width, reserved = payload[:4]
    require(1 <= steps <= 25 and 1 <= counts <= (1 if header.weighted else 16), "classes")
    require(width <= 25 and reserved == 0, "length bits or reserved")
    sizes = struct.unpack_from("<4I", payload, 4)
    code_bytes, length_bytes = (steps * counts + 1) // 2, (records * width + 7) // 8
    value_width = header.widths[2] if header.weighted else 0
    extras = 20 + code_bytes + length_bytes + sum(sizes) + pairs * value_width
    require(extras + 4 * records * len(header.extras) + 8 == len(payload), "sizes")
    require(not any(payload[-8:]), "reserved end")
    halves = [half for byte in payload[20:20 + code_bytes] for half in (byte & 15, byte >> 4)]
    require(not any(halves[steps * counts:]), "unused half")
    code = PrefixCode(halves[:steps * counts], require)
    require(pairs > 0 or not any(halves), "a code for nothing")
    require(pairs == 0 or any(halves), "no code")
    place = 20 + code_bytes
    bits = Bits(payload[place:place + length_bytes], require)
    lengths = [bits.take(width) for _ in range(records)]
    bits.end()
    require(sum(lengths) == pairs and max(lengths) <= header.capacity, "lengths")
    place += length_bytes
    found, share = [], (pairs + 3) // 4
    for stream, size in enumerate(sizes):
        bits = Bits(payload[place:place + size], require)
        for _ in range(min(stream * share, pairs), min((stream + 1) * share, pairs)):
            step, count = divmod(code.read(bits), counts)
            step_value = 1 << step | bits.take(step)
            found.append((step_value, 1 << count | bits.take(count)))
        bits.end()
        place += size
    values = [count for _, count in found]
    if header.weighted:
        values, _ = column(payload, place, value_width, pairs)
    sets, pair = [], 0
    for length in lengths:
        rank, ids = -1, []
        for step, _ in found[pair:pair + length]:
            rank += step
            require(rank < header.vocabulary, "rank")
            ids.append(ids_of_ranks[rank])
        sets.append((ids, values[pair:pair + length]))
        pair += length
    return sets, extras


# ---- 6. Records

def read_columns(header, block):
    """The sets of plain columns, and where the optional fields start."""
    require, payload = block.require, block.payload
    lengths, end = column(payload, 0, header.widths[0], block.records)
    require(sum(lengths) == block.pairs and max(lengths) <= header.capacity, "lengths")
    ids, end = column(payload, end, header.widths[1], block.pairs)
    values, end = column(payload, end, header.widths[2], block.pairs)
    sets, pair = [], 0
    for length in lengths:
        row = ids[pair:pair + length]
        require(all(a < b for a, b in zip(row, row[1:])), "order")
        sets.append((row, values[pair:pair + length]))
        pair += length
    return sets, end


def single(value):
    """The nearest 32-bit float."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


def weight(header, bits):
    if header.values == "float32":
        return struct.unpack("<f", struct.pack("<I", bits))[0]
    if header.values == "float16":
        return struct.unpack("<e", struct.pack("<H", bits))[0]
    return single(2 ** ((bits - 255) / 16)) if bits else 0.0


def is_allowed(value):
    return math.isfinite(value) and math.copysign(1, value) > 0


def read_samples(header, block, ids_of_ranks, first):
    """The sets in ascending order of their ids, and their part of the fingerprint."""
    require = block.require
    sets, place = read_packed(header, block, ids_of_ranks) if block.codec == 2 else read_columns(header, block)
    extras = {}
    for name in header.extras:
        extras[name] = struct.unpack_from(f"<{block.records}f", block.payload, place)
        place += 4 * block.records
        accepted = math.isfinite if name == "logsum" else is_allowed
        require(all(accepted(value) for value in extras[name]), name)
    samples, fingerprint = [], 0
    for slot, (ids, values) in enumerate(sets):
        order = sorted(range(len(ids)), key=lambda index: ids[index])
        ids, values = [ids[index] for index in order], [values[index] for index in order]
        require(all(token < header.vocabulary for token in ids), "id")
        content = struct.pack(f"<{1 + len(ids)}I", len(ids), *ids)
        sample = {"ids": ids}
        if header.weighted:
            values = [weight(header, bits) for bits in values]
            require(all(is_allowed(value) for value in values), "weight")
            sample["weights"] = values
            content += struct.pack(f"<{len(values)}f", *values)
        else:
            require(all(values) and sum(values) == header.rounds, "counts")
            sample["counts"] = values
            content += struct.pack(f"<{len(values)}I", *values)
        if extras:
            sample["extras"] = {name: extras[name][slot] for name in header.extras}
            content += struct.pack(f"<{len(extras)}f", *sample["extras"].values())
        samples.append(sample)
        fingerprint += xxh64(content, first + slot)
    return samples, fingerprint & MASK


# ---- 8.1 Fingerprint

def mix(value):
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & MASK
    return value ^ value >> 31


def token_sum(ids, first):
    golden = 0x9E3779B97F4A7C15
    return sum(mix((first + index + 1) * golden + token & MASK) for index, token in enumerate(ids)) & MASK


# ---- A whole file

class Store:
    def __init__(self, data):
        header = self.header = Header(data)
        ids_of_ranks = read_dictionary(data, header)
        trailer = self.trailer = Trailer(data, header)
        offsets, self.documents = read_index(data, header, trailer)
        self.tokens, self.samples, starts, compressed, fingerprint = [], [], [], 0, 0
        for number in range(trailer.blocks):
            block = Block(data, header, trailer, number, offsets[number], offsets[number + 1])
            compressed += block.codec != 0
            first = number * header.per_block
            if header.is_tokens:
                ids, slots = read_tokens(header, block)
                self.tokens += ids
                starts += [first + slot for slot in slots]
                fingerprint += token_sum(ids, header.first + first)
            else:
                samples, part = read_samples(header, block, ids_of_ranks, header.first + first)
                self.samples += samples
                fingerprint += part
        require = checker("damaged_trailer")
        require(trailer.fingerprint == fingerprint & MASK, "fingerprint")
        require(trailer.compressed == compressed, "compressed blocks")
        checker("damaged_index")(starts == self.documents, "documents")


# ---- 9. Folders

def same_store(a, b):
    """Whether two headers agree in all that shards must agree in."""
    def facts(header):
        texts = {key: text for key, text in header.texts.items() if key != "software"}
        return (header.kind, header.widths, header.values, header.extras, header.capacity,
                header.vocabulary, header.known, header.tokenizer_hash, header.tokens_hash,
                header.teacher_hash, header.seed, header.tau, header.rounds, header.context,
                header.stride, header.target, texts)
    return facts(a) == facts(b)


def read_folder(path):
    require = checker("manifest")
    with open(os.path.join(path, "manifest.json"), "rb") as file:
        try:
            manifest = json.loads(file.read().decode("utf-8"))
        except ValueError:
            raise StoreError("manifest", "no JSON") from None
    require(isinstance(manifest, dict), "no object")
    require(manifest.get("format") == "reflux-manifest-1", "format")
    require(manifest.get("kind") in ("tokens", "samples"), "kind")
    entries = manifest.get("shards")
    require(isinstance(entries, list) and entries, "shards")
    stores, position = [], 0
    for entry in entries:
        require(isinstance(entry, dict), "shard")
        name = entry.get("file")
        require(isinstance(name, str) and name not in ("", ".", "..") and "/" not in name, "name")
        try:
            with open(os.path.join(path, name), "rb") as file:
                store = Store(file.read())
        except (StoreError, OSError) as error:
            failure = error if isinstance(error, StoreError) else StoreError("file", str(error))
            failure.shard = name
            raise failure
        stores.append(store)
    for entry, store in zip(entries, stores):
        header, trailer = store.header, store.trailer
        if manifest["kind"] != ("tokens" if header.is_tokens else "samples"):
            raise StoreError("wrong_kind")
        facts = (header.first, trailer.records, f"{trailer.fingerprint:016x}", f"{header.file_id:016x}")
        require(facts == tuple(entry.get(key) for key in ("first", "records", "fingerprint", "file_id")),
                "facts of a shard")
        require(header.first == position, "position")
        position += trailer.records
        require(same_store(header, stores[0].header), "different stores")
    total = sum(store.trailer.fingerprint for store in stores) & MASK
    require(manifest.get("records") == position, "records")
    require(manifest.get("fingerprint") == f"{total:016x}", "fingerprint")
    return stores


# ---- Printing

def describe(stores):
    header = stores[0].header
    texts = dict(header.texts)
    known = {key: texts.pop(key, "") for key in ("teacher", "estimator", "packing", "software")}
    result = {
        "kind": "tokens" if header.is_tokens else "samples",
        "format_version": 1,
        "files": len(stores),
        "records": sum(store.trailer.records for store in stores),
        "first_position": header.first,
        "vocabulary_size": header.vocabulary,
        "known_vocabulary": header.known,
        "records_per_block": header.per_block,
        "blocks": sum(store.trailer.blocks for store in stores),
        "compressed_blocks": sum(store.trailer.compressed for store in stores),
        "fingerprint": f"{sum(store.trailer.fingerprint for store in stores) & MASK:016x}",
        "provenance": known | header.target | {
            "tokenizer_hash": f"{header.tokenizer_hash:016x}",
            "tokens_hash": f"{header.tokens_hash:016x}",
            "teacher_hash": f"{header.teacher_hash:016x}",
            "rounds": header.rounds,
            "tau": header.tau,
            "seed": header.seed,
            "context_length": header.context,
            "stride": header.stride,
            "created": header.created,
            "notes": texts,
        },
    }
    if not header.is_tokens:
        samples = [sample for store in stores for sample in store.samples]
        return result | {"capacity": header.capacity, "values": header.values, "samples": samples}
    documents, start = [], 0
    for store in stores:
        documents += [start + document for document in store.documents]
        start += store.trailer.records
    return result | {
        "documents": documents, "tokens": [token for store in stores for token in store.tokens]}


def read(path):
    if os.path.isdir(path):
        return read_folder(path)
    with open(path, "rb") as file:
        return [Store(file.read())]


def main(paths):
    status = 0
    for path in paths:
        name = os.path.basename(path.rstrip("/"))
        try:
            row = {"file": name} | describe(read(path))
        except (StoreError, OSError) as error:
            failure = error if isinstance(error, StoreError) else StoreError("file", str(error))
            row = {"file": name, "error": failure.error, "reason": failure.reason}
            for key in ("block", "shard"):
                if getattr(failure, key) is not None:
                    row[key] = getattr(failure, key)
            status = 2
        print(json.dumps(row))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
