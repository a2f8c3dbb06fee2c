"""Writes the reference that RefluxTokens is judged against: Hugging Face's own words and ids.

Made with Python 3.11.7 and tokenizers 0.23.3.
Usage: make_reference.py [FOLDER]   (the script's own folder by default)

corpus.txt      a small corpus, seeded, with many pairs of equal count
trained.json    the tokenizer that BpeTrainer learns from it, as the library saves it
llama3.json, qwen2.json, digits.json
                the same merges behind other pre-tokenizers; llama3.json has ignore_merges, half of
                the merges in the old "a b" form, a post-processor and added tokens of its own
pieces.json     merges over characters with marks for spaces, learned word by word, bytes beside them
crossing.json   the same learned across words, so that tokens hold spaces within
encodings.json  hard texts with their ids by each tokenizer, random texts with their words' lengths
"""

import json
import pathlib
import random
import sys

import tokenizers
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

assert tokenizers.__version__ == "0.23.3", tokenizers.__version__
FOLDER = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
FOLDER = FOLDER if FOLDER.is_dir() else FOLDER.parent
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
          r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN2 = LLAMA3.replace("{1,3}", "")


def byte_level(use_regex):
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=use_regex)


def split(pattern):
    return pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(pattern), "isolated"), byte_level(False)])


PRE_TOKENIZERS = {
    "gpt2": byte_level(True),
    "llama3": split(LLAMA3),
    "qwen2": split(QWEN2),
    "digits": pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), byte_level(True)]),
}


def corpus():
    rng = random.Random(2024)
    starts, middles, ends = "b d f k l m n r s t sh st".split(), "a e i o u ea ou".split(), \
        "n r s t ng st ly".split()
    words = ["".join(rng.choice(part) for part in (starts, middles, ends)) for _ in range(120)]
    words += ["naïve", "Straße", "日本語", "москва", "don't", "we'll", "I'm", "they've", "self.x"]
    code = ["let {0} = {1}({2})\n", "  return {0} + {1} // {2}\n", "func {0}(_ {1}: Int) {{\n",
            "\t#define {0} 0x{1:04X}\n", "{0} {1}, {2}. ", "{0}'s {1} – {2}? "]
    parts = []
    for _ in range(900):
        form = rng.choice(code)
        fill = [rng.choice(words) for _ in range(3)]
        if "04X" in form:
            fill[1] = rng.randrange(65536)
        parts.append(form.format(*fill))
    return "".join(parts)


HARD = [
    "", " ", "  ", "\n", "a", "Hello, world!", "Hello  world   !", "  leading", "trailing  ",
    "don't won't I'm they're we've she'll he'd it's", "DON'T IT'S WE'LL I'M THEY'RE WE'VE HE'D",
    "'s's 't'", "'", "''", "'l 'll 'lll 'r 're 'v 've", "'\u017f x'\u017f y 'S", "a's1 1's",
    "1234567890 12 3.14 1e-9 0xFF 007", "a1b2c3", " 1 22  333\t4444", "x  1", "x \n 1", "٣٤٥ Ⅻ ½ ²",
    "tab\ttab\t\ttab", "a\n\nb\r\nc\r\r\nd", "line \n  indented\n\tmore \n\n\n", " \n x", "\r\n",
    "a\u00a0b \u2003c\u3000d\u2028e\u0085f\u200bg\ufeffh", "  \u00a0 x", "\x1c\x1d\x1e\x1f",
    "naïve café Straße ÅÄÖ", "e\u0301 n\u0303o a\u0308\u0323", "\u0301x \u0301",
    "日本語の文章です。 中文，测试！ 한국어 문장", "москва Ελλάδα עברית العربية हिन्दी ไทย",
    "😀 👩\u200d👩\u200d👧\u200d👦 🇸🇪 👍🏽 ❤️", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐍈 🂡", "\U0010ffff\ue000\ufffd",
    "\x00\x01\x7f control \x1b[0m", "a_b_c __init__ $x @y #z %w ^v &u *t", "...!!!??? --- ===",
    "if (x != 0) { return x->y[3]; } // done\n", "  let x = [1, 2, 3].map { $0 * 2 }\n\n",
    "<|endoftext|> as text", "a" * 300, " " * 70 + "x", "\n" * 60, "ab" * 100, "!" * 90, "9" * 55,
    "shan ngst stea shan shan's", "return souly + bat // x",
]
ALPHABET = list("aaZ1'  \n\r\t.,") + [
    "'s", "'LL", "'re", "é", "\u0301", "日", "٣", "½", "\u00a0", "\u2028", "😀", "ſ", "'ſ", "\u0085"]


MARK = "\u2581"
REPLACE = {"type": "Replace", "pattern": {"String": " "}, "content": MARK}
UNMARK = {"type": "Replace", "pattern": {"String": MARK}, "content": " "}
STRIP = {"type": "Strip", "content": " ", "start": 1, "stop": 0}


def metaspace(scheme, split):
    return {"type": "Metaspace", "replacement": MARK, "prepend_scheme": scheme, "split": split}


# normalizer, pre-tokenizer, whether decoding strips a space: Llama 2's file, two of later
# conversions, Gemma's.
PIECES = {
    "prepend": ({"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": MARK}, REPLACE]}, None, True),
    "first": (None, metaspace("first", False), True),
    "split": (None, metaspace("always", True), True),
    "never": (REPLACE, {"type": "Split", "pattern": {"String": " "},
                        "behavior": "MergedWithPrevious", "invert": False}, False),
}
PIECE_TEXTS = ["a\u2581b", "\u2581\u2581 x", "\u2581\u0301", "</s> as text <0x41>", " \u2581 ",
               "x" * 40 + "\u2581" * 9 + "  y", "don't  stop\n  now"]


def pieces_file(name, text, crosses):
    """A tokenizer over characters: control tokens, bytes, then what the trainer learned."""
    learner = Tokenizer(models.BPE())
    if crosses:
        learner.normalizer = normalizers.Replace(" ", MARK)
        learner.pre_tokenizer = pre_tokenizers.Split("\n", "isolated")
    else:
        learner.pre_tokenizer = pre_tokenizers.Metaspace(MARK, "always", True)
    learner.train_from_iterator(text.split("\n"), trainers.BpeTrainer(
        vocab_size=420, min_frequency=2, show_progress=False))
    learned = json.loads(learner.to_str())["model"]
    control = ["<unk>", "<s>", "</s>"]
    spelled = control + [f"<0x{byte:02X}>" for byte in range(256)]
    spelled += sorted(learned["vocab"], key=learned["vocab"].get)
    facts = {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": id, "content": content, "single_word": False, "lstrip": False,
                          "rstrip": False, "normalized": False, "special": True}
                         for id, content in enumerate(control)],
        "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None,
        "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>",
                  "continuing_subword_prefix": None, "end_of_word_suffix": None,
                  "fuse_unk": True, "byte_fallback": True, "ignore_merges": False,
                  "vocab": {token: id for id, token in enumerate(spelled)},
                  "merges": learned["merges"]},
    }
    normalizer, before, strips = PIECES["prepend"]
    facts.update(normalizer=normalizer, pre_tokenizer=before, decoder=piece_decoder(strips))
    (FOLDER / name).write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
    return facts


def piece_decoder(strips):
    parts = [UNMARK, {"type": "ByteFallback"}, {"type": "Fuse"}] + ([STRIP] if strips else [])
    return {"type": "Sequence", "decoders": parts}


def pieces(text):
    result = {"texts": HARD + PIECE_TEXTS, "forms": {}, "ids": {}, "decoded": {}}
    for file, crosses in (("pieces", False), ("crossing", True)):
        facts = pieces_file(file + ".json", text, crosses)
        for form, (normalizer, before, strips) in PIECES.items():
            facts.update(normalizer=normalizer, pre_tokenizer=before, decoder=piece_decoder(strips))
            judge = Tokenizer.from_str(json.dumps(facts))
            judge.encode_special_tokens = True
            name = f"{file}-{form}"
            ids = [judge.encode(t, add_special_tokens=False).ids for t in result["texts"]]
            result["forms"][form] = {
                key: facts[key] for key in ("normalizer", "pre_tokenizer", "decoder")}
            result["ids"][name] = ids
            result["decoded"][name] = [judge.decode(i, skip_special_tokens=False) for i in ids]
    return result


def lengths(pre_tokenizer, text):
    # The byte-level letters are one for each byte, so a piece's length is its number of bytes.
    return [len(piece) for piece, _ in pre_tokenizer.pre_tokenize_str(text)]


def main():
    text = corpus()
    (FOLDER / "corpus.txt").write_text(text, encoding="utf-8")
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = PRE_TOKENIZERS["gpt2"]
    trained.decoder = decoders.ByteLevel()
    trained.train_from_iterator([text], trainers.BpeTrainer(
        vocab_size=640, min_frequency=2, special_tokens=["<|endoftext|>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    trained.save(str(FOLDER / "trained.json"))
    judges = {"gpt2": trained}
    for name in ("llama3", "qwen2", "digits"):
        judge = Tokenizer.from_str(trained.to_str())
        judge.pre_tokenizer = PRE_TOKENIZERS[name]
        facts = json.loads(judge.to_str())
        if name == "llama3":
            facts["added_tokens"].append({**facts["added_tokens"][0], "id": 640,
                                          "content": "<|héllo there|>"})
            facts["model"]["ignore_merges"] = True
            merges = facts["model"]["merges"]
            facts["model"]["merges"] = [" ".join(pair) for pair in merges[: len(merges) // 2]]
            facts["post_processor"] = {
                "type": "TemplateProcessing",
                "single": [{"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}},
                           {"Sequence": {"id": "A", "type_id": 0}}],
                "pair": [{"Sequence": {"id": "A", "type_id": 0}},
                         {"Sequence": {"id": "B", "type_id": 1}}],
                "special_tokens": {"<|endoftext|>": {
                    "id": "<|endoftext|>", "ids": [0], "tokens": ["<|endoftext|>"]}}}
        (FOLDER / f"{name}.json").write_text(
            json.dumps(facts, ensure_ascii=False), encoding="utf-8")
        judges[name] = Tokenizer.from_file(str(FOLDER / f"{name}.json"))
    for judge in judges.values():
        # Added tokens inside a text are ordinary text to Reflux; so the judge must not know them.
        judge.encode_special_tokens = True
    rng = random.Random(7)
    randoms = ["".join(rng.choice(ALPHABET) for _ in range(rng.randrange(1, 24)))
               for _ in range(250)]
    encodings = {
        "versions": {"tokenizers": tokenizers.__version__, "python": sys.version.split()[0]},
        "texts": HARD,
        "ids": {name: [judge.encode(text, add_special_tokens=False).ids for text in HARD]
                for name, judge in judges.items()},
        "randoms": randoms,
        "words": {name: [lengths(pre_tokenizer, text) for text in randoms]
                  for name, pre_tokenizer in PRE_TOKENIZERS.items()},
        "pieces": pieces(text),
    }
    (FOLDER / "encodings.json").write_text(
        json.dumps(encodings, ensure_ascii=True, separators=(",", ":")), encoding="utf-8")


main()
