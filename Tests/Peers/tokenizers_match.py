"""Holds `reflux tokenize` against the tokenizers package over tokenizers and texts drawn at random.

Needs: Python 3.11, tokenizers 0.23.3, a built reflux.
Usage: tokenizers_match.py REFLUX [--seed 1] [--tokenizers 40] [--texts 200] [FILE ...]

Each FILE is a tokenizer.json that is tried too. Otherwise the references of RefluxTokensTests get
other normalizers, pre-tokenizers and added tokens with drawn flags: adjacent, nested, overlapping,
with white space, composed or not. Texts go through as JSON Lines, special tokens as text and as
themselves; then, joined to documents of over 2 MB, through the cuts of long documents. Prints each
difference and the counts; fails where there is one.
"""

import argparse
import importlib.util
import json
import pathlib
import random
import subprocess
import sys
import tempfile

from tokenizers import Tokenizer

REFERENCES = pathlib.Path(__file__).resolve().parents[1] / "RefluxTokensTests/References"
spec = importlib.util.spec_from_file_location(
    "make_added_reference", REFERENCES / "make_added_reference.py")
drawn = importlib.util.module_from_spec(spec)
spec.loader.exec_module(drawn)


def drawn_tokenizer(rng):
    file, members = rng.choice(drawn.BYTES + drawn.MARKS)
    root = json.loads((REFERENCES / file).read_text()) | members
    return drawn.drawn(rng, root, rng.choice([0, 1, 3, 8, 16]))


END = "<|the end of a document|>"


def documents(reflux, folder, name, parse, end):
    """The ids of each document as the command stores them, without the end of text."""
    store = folder / "store.rfx"
    run = subprocess.run(
        [reflux, "tokenize", name, "--output", store, "--tokenizer", "tokenizer.json", "--bos",
         "none", "--end-of-text", str(end), "--quiet"] + (["--parse-special"] if parse else []),
        cwd=folder, capture_output=True, text=True)
    if run.returncode:
        return run.stderr.strip()
    rows = subprocess.run([reflux, "cat", store], capture_output=True, text=True, check=True)
    found = [[]]
    for line in rows.stdout.splitlines():
        token = json.loads(line)["token"]
        if token == end:
            found.append([])
        else:
            found[-1].append(token)
    return found[:-1]


def compare(reflux, folder, tokenizer, texts, is_lines, counts):
    tokenizer.add_special_tokens([END])
    end = tokenizer.token_to_id(END)
    tokenizer.save(str(folder / "tokenizer.json"))
    for parse in (False, True):
        tokenizer.encode_special_tokens = not parse
        known = []
        for text in texts:
            try:
                known.append((text, tokenizer.encode(text, add_special_tokens=False).ids))
            except BaseException as error:  # the package stops at some overlaps
                assert "bad split" in str(error), error
                counts["stopped"] += 1
        if is_lines:
            name = "texts.jsonl"
            (folder / name).write_text(
                "".join(json.dumps({"text": text}) + "\n" for text, _ in known))
        else:
            name = "text.txt"
            (folder / name).write_bytes("".join(text for text, _ in known).encode())
        found = documents(reflux, folder, name, parse, end)
        if isinstance(found, str):
            counts["refused"] += 1
            print("refused:", found)
            return
        for (text, ids), own in zip(known, found, strict=True):
            counts["texts"] += 1
            if ids != own:
                counts["different"] += 1
                place = next((i for i, (a, b) in enumerate(zip(ids, own)) if a != b), -1)
                print("differs:", ascii(text[:200]), "parsed" if parse else "plain", "at", place,
                      ids[place:place + 8], own[place:place + 8])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("reflux", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("files", nargs="*")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tokenizers", type=int, default=40)
    parser.add_argument("--texts", type=int, default=200)
    options = parser.parse_args()
    rng, counts = random.Random(options.seed), dict(texts=0, different=0, refused=0, stopped=0)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        given = [Tokenizer.from_file(file) for file in options.files]
        for number in range(len(given) or options.tokenizers):
            if given:
                tokenizer = given[number]
                contents = [token.content for token in
                            tokenizer.get_added_tokens_decoder().values()][:40] or ["x"]
            else:
                tokenizer, contents = drawn_tokenizer(rng)
            texts = [text for _ in range(options.texts // 14 + 1)
                     for text in drawn.texts(rng, contents or ["x"])]
            compare(options.reflux, folder, tokenizer, texts, True, counts)
            if number % 8 == 0:
                joined = "".join(texts)
                whole = (joined * (2_200_000 // len(joined.encode()) + 1))
                compare(options.reflux, folder, tokenizer, [whole], False, counts)
    print(counts)
    sys.exit(1 if counts["different"] else 0)


if __name__ == "__main__":
    main()
