"""The tokenizer hash of Formats/Store/SPEC.md, section 8.2, straight from a tokenizer.json.

Usage: python fingerprint.py FILE ...
Needs nothing but Python 3: XXH64 is that of Formats/Store/reference.py. A second implementation: it
shares no code with the Swift one, and reads the file's own words for settings.
"""

import json
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "Formats/Store"))
from reference import xxh64  # noqa: E402

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"


def parts(value, key):
    """The parts of a member, sequences within it laid out flat."""
    if not value:
        return []
    if value["type"] != "Sequence":
        return [value]
    return [part for inner in value[key] for part in parts(inner, key)]


def lacking_bytes(model):
    """What stands for bytes without a token, or nothing where all have one."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    letters = [chr(byte) for byte in printable] + [chr(0x100 + index) for index in range(68)]
    if all(letter in model["vocab"] for letter in letters):
        return None
    found = {}
    if model.get("unk_token") is not None:
        found["unknown"] = model["vocab"][model["unk_token"]]
    return found | {name: True for name, key in (("fused", "fuse_unk"), ("spelled", "byte_fallback"))
                    if model.get(key)}


def settings(root):
    model, before = root["model"], parts(root.get("pre_tokenizer"), "pretokenizers")
    normalizers = parts(root.get("normalizer"), "normalizers")
    is_composed = any(part["type"] == "NFC" for part in normalizers)
    normalizers = [part for part in normalizers if part["type"] != "NFC"]
    found, lacking = {}, None
    if model.get("byte_fallback") and not (before and before[-1]["type"] == "ByteLevel"):
        if any(part["type"] == "Prepend" for part in normalizers):
            found["spaces"] = "always"
        elif normalizers:
            found["spaces"] = "never"
        else:
            meta = before[0]
            scheme = meta.get(
                "prepend_scheme", "always" if meta.get("add_prefix_space", True) else "never")
            found["spaces"] = {"never": "never", "always": "unless-marked",
                               "first": "first-unless-marked"}[scheme]
            if meta.get("split", True):
                found["splits_marks"] = True
    else:
        first, lacking = before[0], lacking_bytes(model)
        expression = first.get("pattern", {}).get("Regex", "")
        if first["type"] == "Digits":
            found["words"] = "digits"
        elif not expression.startswith(CONTRACTIONS):
            found["words"] = "gpt2"
        else:
            found["words"] = "llama3" if "{1,3}" in expression else "qwen2"
    if model.get("ignore_merges"):
        found["ignore_merges"] = True
    if is_composed:
        found["normalizer"] = "nfc"
    if lacking is not None:
        found["lacking_bytes"] = lacking
    return json.dumps(found, separators=(",", ":"))


def text(value):
    data = value.encode()
    return struct.pack("<I", len(data)) + data


def tokenizer_hash(root):
    vocabulary, added = root["model"]["vocab"], sorted(root["added_tokens"], key=lambda t: t["id"])
    special = {token["id"] for token in added if token["special"]}
    tokens = sorted((id, word) for word, id in vocabulary.items() if id not in special)
    out = text(settings(root)) + struct.pack("<I", len(tokens))
    for id, word in tokens:
        out += struct.pack("<I", id) + text(word)
    merges = [m.split(" ") if isinstance(m, str) else m for m in root["model"]["merges"]]
    out += struct.pack("<I", len(merges))
    for left, right in merges:
        out += struct.pack("<II", vocabulary[left], vocabulary[right])
    plain = [token for token in added if not token["special"]]
    out += struct.pack("<I", len(plain))
    for token in plain:
        names = ["single_word", "lstrip", "rstrip", "normalized"]
        flags = sum(1 << bit for bit, name in enumerate(names) if token[name])
        out += struct.pack("<II", token["id"], flags) + text(token["content"])
    return xxh64(out)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        with open(name, encoding="utf-8") as file:
            print(f"{tokenizer_hash(json.load(file)):016x}  {name}")
