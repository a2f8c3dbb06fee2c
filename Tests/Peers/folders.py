"""Whether transformers takes Reflux's model folders as they are, and whether Reflux knows a tokenizer
again that transformers saved in other bytes.

Usage: python folders.py [--reflux .build/release/reflux] [--folder DIR] [TOKENIZER.json ...]
Needs torch, transformers and tokenizers; made with torch 2.13.0, transformers 4.57.6, tokenizers 0.22.2.

Students: fresh (own tokenizer), distilled (new weights, samples of a Hugging Face teacher) and
continued (the teacher itself, trained on). For each: AutoTokenizer's ids of a text are those of the
token store, nothing stands before them that training never saw, the loss of AutoModelForCausalLM over
held-out text is that of `reflux evaluate`, and `generate` stops at the end of a text.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import torch
import transformers
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM
from transformers import Qwen2Config, Qwen2ForCausalLM

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
REFERENCES = REPOSITORY / "Tests/RefluxTokensTests/References"
WINDOW = 64
TEXT = "public func encode(_ text: String) -> [UInt32] {\n    return 42 + naïve // ▁ \t done\n}\n"


def reflux(*arguments):
    run = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"{arguments}: {run.returncode}: {run.stderr}")
    return run.stdout, [line for line in run.stderr.splitlines() if line.startswith("reflux:")]


def facts(*arguments):
    return json.loads(reflux(*arguments, "--json")[0].splitlines()[-1])


def tokens_of(store, count):
    rows = reflux("cat", store, "--records", f"0..<{count}")[0].splitlines()
    return [json.loads(row)["token"] for row in rows]


def row(**values):
    print(json.dumps(values, ensure_ascii=False), flush=True)


# Tokenizers in other bytes


def resaved(path, name, folder):
    """Ways in which the tokenizer at `path` comes back from transformers and tokenizers."""
    classes = ["PreTrainedTokenizerFast", "LlamaTokenizerFast", "Qwen2TokenizerFast",
               "GPT2TokenizerFast", "GemmaTokenizerFast"]
    content = json.load(open(path))
    special = [t["content"] for t in content["added_tokens"] if t["special"]]
    eos = special[0] if special else None
    for kind in classes:
        for pad in [None, "<pad>"]:
            target = folder / f"{name}-{kind}-{pad is not None}"
            names = {"bos_token": eos, "eos_token": eos, "unk_token": eos, "pad_token": pad}
            if kind == "GemmaTokenizerFast" and pad is None:
                names["pad_token"] = eos
            try:
                tokenizer = getattr(transformers, kind)(tokenizer_file=str(path), **names)
                tokenizer.save_pretrained(target)
            except Exception as error:
                row(tokenizer=name, saved_by=kind, error=str(error)[:80])
                continue
            yield f"{kind}{' with a new pad token' if pad else ''}", target / "tokenizer.json"
    target = folder / f"{name}-ascii.json"
    target.write_text(json.dumps(content, ensure_ascii=True, indent=1))
    yield "json.dumps", target
    target = folder / f"{name}-plain.json"
    Tokenizer.from_file(str(path)).save(str(target), pretty=False)
    yield "tokenizers", target


def identity(path, folder):
    text, store = folder / "text.txt", folder / "identity.rfx"
    text.write_text(TEXT)
    reflux("tokenize", text, "--tokenizer", path, "--output", store, "--quiet")
    return facts("inspect", store)["tokenizer_hash"]


def compare_tokenizers(paths, folder):
    for path in paths:
        name, mine = path.stem, identity(path, folder)
        ids = Tokenizer.from_file(str(path)).encode(TEXT, add_special_tokens=False).ids
        for way, other in resaved(path, name, folder):
            theirs = Tokenizer.from_file(str(other)).encode(TEXT, add_special_tokens=False).ids
            run = subprocess.run(
                [PROGRAM, "tokenize", str(folder / "text.txt"), "--tokenizer", str(other), "--output",
                 str(folder / "identity.rfx"), "--quiet"], capture_output=True, text=True)
            if run.returncode:
                row(tokenizer=name, saved_by=way, refused=run.stderr.strip()[-120:])
                continue
            found = facts("inspect", folder / "identity.rfx")["tokenizer_hash"]
            row(tokenizer=name, saved_by=way, same_bytes=path.read_bytes() == other.read_bytes(),
                same_ids=ids == theirs, same_hash=found == mine,
                agrees=(ids == theirs) == (found == mine))


# Students


def corpus(folder):
    """Train and held-out text: the repository's own Swift files."""
    files = sorted((REPOSITORY / "Sources").rglob("*.swift"))
    for name, part in [("train", files[::2][:120]), ("held-out", files[1::2][:10])]:
        with open(folder / f"{name}.jsonl", "w") as out:
            for file in part:
                out.write(json.dumps({"text": file.read_text()}) + "\n")


def teacher(folder, tokenizer_file, kind):
    """A Hugging Face folder as its hub has them: random weights, tokenizer, chat template."""
    torch.manual_seed(0)
    content = json.load(open(tokenizer_file))
    size = len(content["model"]["vocab"])
    size = max([size] + [t["id"] + 1 for t in content["added_tokens"]])
    sizes = dict(vocab_size=size, hidden_size=64, intermediate_size=128, num_hidden_layers=2,
                 num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256)
    special = [t["content"] for t in content["added_tokens"] if t["special"]]
    ids = {t["content"]: t["id"] for t in content["added_tokens"]}
    eos, bos = special[0], special[-1]
    if kind == "llama":
        model = LlamaForCausalLM(LlamaConfig(
            **sizes, eos_token_id=ids[eos], bos_token_id=ids[bos], tie_word_embeddings=True))
        tokenizer = transformers.LlamaTokenizerFast(
            tokenizer_file=str(tokenizer_file), bos_token=bos, eos_token=eos, unk_token=None)
    else:
        model = Qwen2ForCausalLM(Qwen2Config(
            **sizes, eos_token_id=ids[eos], bos_token_id=None, tie_word_embeddings=True))
        tokenizer = transformers.PreTrainedTokenizerFast(
            tokenizer_file=str(tokenizer_file), eos_token=eos)
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    model.generation_config.temperature = 0.7
    model.generation_config.do_sample = True
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def with_beginning(source, target):
    """The tokenizer with a token that begins a text, which its class puts there."""
    content = json.loads(source.read_text())
    token = dict(content["added_tokens"][0], id=len(content["model"]["vocab"]), content="<bos>")
    content["added_tokens"].append(token)
    target.write_text(json.dumps(content))
    return target


def loss(model, ids):
    """Mean cross-entropy over windows that do not overlap, the last one shorter."""
    total = 0.0
    for start in range(0, len(ids) - 1, WINDOW):
        part = torch.tensor(ids[start : start + WINDOW + 1])
        with torch.no_grad():
            logits = model(part[None, :-1]).logits[0].float()
        total += torch.nn.functional.cross_entropy(logits, part[1:], reduction="sum").item()
    return total / (len(ids) - 1)


def check(name, folder, store, text, notes):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, torch_dtype=torch.float32)
    plain = tokenizer(text, add_special_tokens=False).input_ids
    ids = tokenizer(text).input_ids
    before = ids[: len(ids) - len(plain)]
    stored = tokens_of(store, len(plain))
    start = 1 if stored[0] != plain[0] else 0  # a store whose documents begin with an id
    found = facts("evaluate", "--model", folder, "--tokens", store, "--context", WINDOW,
                  "--precision", "float32", "--quiet")
    held_out = tokens_of(store, facts("inspect", store)["records"])
    eos = model.generation_config.eos_token_id
    prompt = tokenizer(text[:200], return_tensors="pt")
    with torch.no_grad():
        # Lifts the end of a text over all else, to see that generate stops there.
        answer = model.generate(**prompt, max_new_tokens=20, do_sample=False)
        end = eos if isinstance(eos, int) else eos[0]
        lift = lambda ids, scores: scores.index_fill(1, torch.tensor([end]), 1e4)
        ended = model.generate(
            **prompt, max_new_tokens=20, do_sample=False, logits_processor=[lift])
    row(student=name, tokenizer=type(tokenizer).__name__, model=type(model).__name__,
        ids_as_stored=stored[start:] == plain[: len(stored) - start], before=before,
        seen_before=stored[:start], eos_token=tokenizer.eos_token, config_eos=model.config.eos_token_id,
        generation_eos=eos, chat_template=tokenizer.chat_template is not None,
        generated=answer.shape[1] - prompt.input_ids.shape[1],
        stopped_after=ended.shape[1] - prompt.input_ids.shape[1],
        lm_loss=round(found["lm_loss"], 6), transformers_loss=round(loss(model, held_out), 6),
        notes=notes)


def students(folder, tokenizer_file, kind):
    corpus(folder)
    config = dict(model_type="llama", hidden_size=64, intermediate_size=128, num_hidden_layers=2,
                  num_attention_heads=2, max_position_embeddings=256, tie_word_embeddings=True)
    text = json.loads(open(folder / "held-out.jsonl").readline())["text"]
    short = ["--steps", "20", "--batch", "8", "--window", WINDOW, "--quiet"]

    reflux("tokenize", folder / "train.jsonl", "--train-tokenizer", "1000", "--output",
           folder / "own/train.rfx", "--quiet")
    reflux("tokenize", folder / "held-out.jsonl", "--tokenizer", folder / "own/tokenizer.json",
           "--output", folder / "own/held-out.rfx", "--quiet")
    (folder / "own.json").write_text(json.dumps(dict(config, vocab_size=1000)))
    _, notes = reflux("train", "--student", folder / "own.json", "--tokens", folder / "own/train.rfx",
                      "--loss", "ce", "--output", folder / "fresh", *short)
    check("fresh", folder / "fresh", folder / "own/held-out.rfx", text, notes)

    hub = folder / f"hub-{kind}"
    teacher(hub, tokenizer_file, kind)
    for name in ["train", "held-out"]:
        reflux("tokenize", folder / f"{name}.jsonl", "--tokenizer", hub / "tokenizer.json",
               "--output", folder / f"{kind}-{name}.rfx", "--quiet")
    reflux("cache", "--teacher", hub, "--tokens", folder / f"{kind}-train.rfx", "--output",
           folder / f"{kind}-samples.rfx", "--context", WINDOW, "--rounds", "12", "--quiet")
    size = json.load(open(hub / "config.json"))["vocab_size"]
    (folder / "new.json").write_text(json.dumps(dict(config, vocab_size=size)))
    data = ["--tokens", folder / f"{kind}-train.rfx", "--samples", folder / f"{kind}-samples.rfx"]
    for name, student in [("distilled", folder / "new.json"), ("continued", hub)]:
        output = folder / f"{kind}-{name}"
        _, notes = reflux("train", "--student", student, *data, "--loss", "rskd", "--output", output,
                          *short)
        check(f"{name} ({kind})", output, folder / f"{kind}-held-out.rfx", text, notes)


parser = argparse.ArgumentParser()
parser.add_argument("--reflux", default=str(REPOSITORY / ".build/release/reflux"))
parser.add_argument("--folder")
parser.add_argument("--only", choices=["tokenizers", "students"])
parser.add_argument("tokenizers", nargs="*", type=pathlib.Path)
options = parser.parse_args()
PROGRAM = options.reflux
torch.set_num_threads(1)
transformers.logging.set_verbosity_error()
work = pathlib.Path(options.folder or tempfile.mkdtemp())
shutil.rmtree(work, ignore_errors=True)
(work / "own").mkdir(parents=True)
own = [REFERENCES / f"{name}.json" for name in ["trained", "llama3", "qwen2", "digits", "pieces"]]
if options.only != "students":
    compare_tokenizers([p for p in own if p.exists()] + options.tokenizers, work)
if options.only != "tokenizers":
    students(work, with_beginning(REFERENCES / "trained.json", work / "with-bos.json"), "llama")
    students(work, REFERENCES / "qwen2.json", "qwen2")
