"""Writes added.json: what Hugging Face's library makes of texts with added tokens and normalizers.

Made with Python 3.11.7 and tokenizers 0.23.3.
Usage: make_added_reference.py [FOLDER]   (the script's own folder by default)

Each case is a file of this folder with other members, texts, and their ids with special tokens as
ordinary text (`plain`) and as themselves (`parsed`). The contents overlap, nest, hold white space,
and are composed or not; the flags are drawn. gaps.json is a byte-level file that lacks bytes.
"""

import json
import pathlib
import random
import sys

import tokenizers
from tokenizers import AddedToken, Tokenizer

assert tokenizers.__version__ == "0.23.3", tokenizers.__version__
FOLDER = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
FOLDER = FOLDER if FOLDER.is_dir() else FOLDER.parent
MEMBERS = ("added_tokens", "normalizer", "pre_tokenizer")
WORDS = "<a> <ab> <a ab the cat s 's 1 12 ! . é ▁ ▁▁ ▁the <s> </s> <|end|> 日本 ſ Å"
CONTENTS = WORDS.split() + [
    "  ", "   ", "\n\n", "\t\t", " x", "x ", " <a>", "<a> ", "\u00a0", "the cat", "a b", "e\u0301",
    "\u0301", "\u1100\u1161", "\uac00", "\u212b", "a\u0323", "\u0915\u093c", "\u200d", "\r\n"]
FRAGMENTS = "a b e x the cat don't we'll 'S ! ? ... 1 23 é 日本 語 москва < <a <ab <| s> _ ſ".split() + [
    " ", "  ", "   ", "\n", "\n\n", "\t", "\r\n", " \n", "e\u0301", "\u0301", "\u0323",
    "\u0301\u0323", "\u1100", "\u1161", "\u11a8", "\uac00", "\uac00\u11a8", "\u212b", "\u2126",
    "\uf900", "\U0002f800", "👩\u200d👧", "\u200d", "\ufe0f", "\u00a0", "\u3000", "▁", "▁ ",
    "\u0958", "\u0344", "\u1e0a\u0323", "\ufb1d", "\u05d0\u05b8\u05bc", "\U0001d15e", "\u0967",
    "\U00011131\U00011127", "\U00011382\U000113c9", "\u08d3\u0334", "\u1b05\u1b35"]
NFC, PREPEND = {"type": "NFC"}, {"type": "Prepend", "prepend": "▁"}
REPLACE = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}


def sequence(*parts):
    return {"type": "Sequence", "normalizers": list(parts)}


def metaspace(scheme, split):
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split}


BYTES = [(file, {"normalizer": normalizer})
         for file in ("trained.json", "llama3.json", "qwen2.json", "digits.json")
         for normalizer in (None, NFC, sequence(), sequence(sequence(NFC), sequence()))]
MARKS = [(file, {"normalizer": normalizer, "pre_tokenizer": before})
         for file in ("pieces.json", "crossing.json")
         for normalizer, before in (
             (sequence(PREPEND, REPLACE), None), (REPLACE, None),
             (sequence(NFC, PREPEND, REPLACE), None),
             (None, metaspace("first", False)), (None, metaspace("always", True)),
             (NFC, metaspace("always", False)), (sequence(), metaspace("never", True)))]


def texts(rng, contents):
    pool = FRAGMENTS + contents * (len(FRAGMENTS) // (2 * len(contents)))
    return ["".join(rng.choice(pool) for _ in range(rng.randrange(2, 12))) for _ in range(14)]


def drawn(rng, root, count):
    """The file with so many added tokens, as it is read back, and their contents.

    Tokens that the normalizer makes equal are drawn again: which of them the library finds is by
    chance. What is read back differs from what was made where a token was there already.
    """
    tokenizer = Tokenizer.from_str(json.dumps(root))
    normalize = tokenizer.normalizer.normalize_str if tokenizer.normalizer else str
    while True:
        contents = rng.sample(CONTENTS, count)
        if len({normalize(content) for content in contents}) == count:
            break
    tokenizer.add_tokens([
        AddedToken(content, single_word=rng.random() < .25, lstrip=rng.random() < .25,
                   rstrip=rng.random() < .25, normalized=rng.random() < .5,
                   special=rng.random() < .3) for content in contents])
    return Tokenizer.from_str(tokenizer.to_str()), contents


def case(rng, file, members):
    tokenizer, contents = drawn(rng, json.loads((FOLDER / file).read_text()) | members, 8)
    root = json.loads(tokenizer.to_str())
    result = {"file": file, "members": {key: root[key] for key in MEMBERS},
              "texts": texts(rng, contents)}
    for name, plain in (("plain", True), ("parsed", False)):
        tokenizer.encode_special_tokens = plain
        result[name] = [tokenizer.encode(text, add_special_tokens=False).ids
                        for text in result["texts"]]
    return result


def gaps(rng):
    """trained.json without some bytes, the merges that need them, and with ids without holes."""
    root = json.loads((FOLDER / "trained.json").read_text())
    lacking = set("zqZÿĊÃ!")
    model = root["model"]
    kept = [token for token in model["vocab"] if not lacking & set(token) or token[0] == "<"][:400]
    extra = ["<unk>", "<0xC4>", "<0x8A>"]
    model["vocab"] = {token: index for index, token in enumerate(kept + extra)}
    model["merges"] = [pair for pair in model["merges"]
                       if all(part in model["vocab"] for part in (*pair, "".join(pair)))]
    root["decoder"] = None
    (FOLDER / "gaps.json").write_text(json.dumps(root, ensure_ascii=False))
    lines = texts(rng, ["z", "\n", "q!", "é\n", "Zz", "the", "!"])
    rows = []
    for unknown in (None, "<unk>"):
        for fuse in (False, True):
            for fallback in (False, True):
                settings = {"unk_token": unknown, "fuse_unk": fuse, "byte_fallback": fallback}
                judge = Tokenizer.from_str(json.dumps(root | {"model": model | settings}))
                rows.append(settings | {"ids": [
                    judge.encode(text, add_special_tokens=False).ids for text in lines]})
    return {"texts": lines, "settings": rows}


def main():
    cases = []
    for number, (file, members) in enumerate(BYTES + MARKS):
        seed = 100 * number
        while True:
            # The library stops at some overlaps of tokens that take in white space.
            try:
                cases.append(case(random.Random(seed), file, members))
                break
            except BaseException as error:
                if "bad split" not in str(error):
                    raise
                seed += 1
    result = {"cases": cases, "gaps": gaps(random.Random(7))}
    (FOLDER / "added.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
    print(len(cases), "cases")


if __name__ == "__main__":
    main()
