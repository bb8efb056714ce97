#!/usr/bin/env python3
"""Writes Tests/IQTextTests/Resources: small tokenizers of every kind and what Hugging Face's `tokenizers` makes of many strings.

The vocabularies are trained on the strings below and on the help topics of Python's standard library. Last run with
tokenizers 0.23.3 on Python 3.11.

    python3 Scripts/make-tokenizer-references.py        (needs: pip install tokenizers)
"""

import json
import os
import random

import tokenizers
from pydoc_data import topics
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Tests", "IQTextTests", "Resources")
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace("{1,3}", "")
HEAD = [
    "", " ", "  ", "a", "Hello world", "Hello, world!  It's   fine.\n\n\nNext\tline\r\n  indented",
    "I'm you're HE'LL they'Ve don'T 's\u017f '\u017f x'S", "don\u2019t l\u2019\u00e9t\u00e9", "1234567 12 3.14 \u2460\u2461 \u00bd \u0663\u0664\u0665 \u4e00\u4e8c\u4e09 \u2163",
    "日本語のテキストです。中文文本，测试。한국어 텍스트", "Привет мир, как дела?", "مرحبا بالعالم ۱۲۳", "שלום עולם", "नमस्ते दुनिया क्षि", "สวัสดีชาวโลก",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 family \U0001f44d\U0001f3fd \U0001f1e9\U0001f1ea \u2764\ufe0f",
    "e\u0301 cafe\u0301 A\u030a \u1100\u1161\u11a8 \uac01", "x\u0301\u0323\u0302 \u0344\u0374 \u0f73\u0f71",
    "\u00a0nbsp\u2003em\u3000ideo\u200bzw\u200dzwj\u2028ls\u2029ps\u0085nel\u180e", "\x00\x01\x02\x1f\x7f\x80\x9f", "\ufeffbom \ufffd \ufffe",
    "  leading", "trailing  ", "\n", "\r\n\r\n", " \n \n ", "\t\t\tx", "   \n   x", "!!!???...", "a!b?c", "$100.00 €5 ¥6",
    "foo_bar __init__ camelCase", "https://example.org/path?q=1&r=2#frag", "<|start|>user\nhi<|end|>\n", "<|start|>", "<|sta", "a<|end|>b  <|end|>",
    "keep whole keepwhole KEEP keep", " mask  <mask>  mask<mask>", "word stem wordstem stem", "[CLS] x [SEP] [MASK] [UNK]", "ﬁ ﬂ ㎏ Å ſ İstanbul ıI ΑΣ ǅ ẞß",
    "a" * 130, " " * 40, "ab" * 60, "12345678901234567890", "𝓗𝓮𝓵𝓵𝓸 𝟙𝟚𝟛", "ᾳ ᾼ ２３ ＡＢＣ ㍿", "''' ''s 's 't're", " 's", "'", "#tag @user C++ C# .NET", "…—–-",
    "\u2581x ▁▁", "▁", "a ▁ b", "<0x0A> <0x41>", "zażółć gęślą jaźń", "Ünïcödé", "\u202eRTL\u202c ⓐⒷ x²y³", "Queries about news: elections, markets, football.",
    "Wahlen und Wetter in Köln", "Élections à Paris, météo à Montréal", "選挙と天気のニュース", "The quick brown fox didn't jump over the lazy dog's 12 bones.",
]
POOLS = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x300, 0x36F), (0x370, 0x5FF), (0x600, 0x6FF), (0x900, 0x97F), (0xE00, 0xE7F), (0x1100, 0x11FF), (0x1E00, 0x1FFF),
    (0x2000, 0x206F), (0x2100, 0x24FF), (0x3000, 0x30FF), (0x4E00, 0x4EFF), (0xAC00, 0xACFF), (0xFB00, 0xFDFF), (0x1F300, 0x1F6FF), (0x1D400, 0x1D7FF),
    (0x20000, 0x200FF), (0, 0x1F), (0xFE00, 0xFFEF),
]


def noise(rng, length):
    text = ""
    for _ in range(length):
        kind = rng.random()
        if kind < 0.25:
            text += rng.choice(" \n\t'  ")
        elif kind < 0.5:
            text += chr(rng.randint(0x21, 0x7E))
        else:
            text += chr(rng.randint(*rng.choice(POOLS)))
    return text


rng = random.Random(20)
STRINGS = HEAD + [noise(rng, rng.randint(1, 24)) for _ in range(170)]
CORPUS = [topics.topics[key] for key in sorted(topics.topics)][:25] + HEAD * 3


def added(tokenizer):
    tokenizer.add_special_tokens([AddedToken("<|start|>", special=True, normalized=False), AddedToken("<|end|>", special=True, normalized=False)])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, rstrip=True, special=True, normalized=False)])
    tokenizer.add_tokens([AddedToken("keep whole", normalized=False), AddedToken("keep"), AddedToken("stem", single_word=True)])
    return tokenizer


def byte_level(size, pre, **options):
    tokenizer = Tokenizer(models.BPE(**options))
    tokenizer.pre_tokenizer = pre
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def gpt2():
    tokenizer = added(byte_level(2000, pre_tokenizers.ByteLevel(add_prefix_space=True)))
    ends = [("<|end|>", tokenizer.token_to_id("<|end|>")), ("<|start|>", tokenizer.token_to_id("<|start|>"))]
    tokenizer.post_processor = processors.RobertaProcessing(*ends)
    return tokenizer


def llama3():
    cut = pre_tokenizers.Split(Regex(LLAMA3), "isolated")
    tokenizer = byte_level(900, pre_tokenizers.Sequence([cut, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]))
    # Without its last merges the model depends on whole pieces being taken as they are.
    data = json.loads(tokenizer.to_str())
    data["model"]["merges"] = data["model"]["merges"][:500]
    data["model"]["ignore_merges"] = True
    tokenizer = added(Tokenizer.from_str(json.dumps(data)))
    template = processors.TemplateProcessing("<|start|> $A", special_tokens=[("<|start|>", tokenizer.token_to_id("<|start|>"))])
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(), template])
    return tokenizer


def qwen2():
    cut = pre_tokenizers.Split(Regex(QWEN2), "removed", invert=True)
    tokenizer = byte_level(900, pre_tokenizers.Sequence([cut, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]))
    tokenizer.normalizer = normalizers.NFC()
    return added(tokenizer)


def smollm():
    parts = [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    return added(byte_level(900, pre_tokenizers.Sequence(parts)))


def sentence_piece(normalizer, decoder, **options):
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True, **options))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    bytes_first = ["<unk>"] + ["<0x%02X>" % byte for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=1400, special_tokens=bytes_first, limit_alphabet=150, show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    data = json.loads(tokenizer.to_str())
    data["added_tokens"] = data["added_tokens"][:1]
    data["pre_tokenizer"] = None
    tokenizer = Tokenizer.from_str(json.dumps(data))
    tokenizer.decoder = decoder
    return added(tokenizer)


def gemma():
    decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer = sentence_piece(normalizers.Replace(" ", "▁"), decoder)
    tokenizer.post_processor = processors.TemplateProcessing("<|start|> $A <|end|>", special_tokens=[
        (name, tokenizer.token_to_id(name)) for name in ("<|start|>", "<|end|>")])
    return tokenizer


def llama2():
    decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    return sentence_piece(normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]), decoder)


def metaspace():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase(), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.Digits(False), pre_tokenizers.Metaspace(prepend_scheme="first")])
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=["<unk>"], limit_alphabet=80, show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="first")
    return added(tokenizer)


def word_piece(normalizer, pre, decoder, size):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, pre
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=names, limit_alphabet=300, show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.decoder = decoder
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", tokenizer.token_to_id("[SEP]")), ("[CLS]", tokenizer.token_to_id("[CLS]")))
    return tokenizer


def bert():
    return word_piece(normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer(), decoders.WordPiece(cleanup=True), 1200)


def plain_words():
    steps = [normalizers.NFKD(), normalizers.StripAccents(), normalizers.NFD(), normalizers.Replace("ab", "ba")]
    return added(word_piece(normalizers.Sequence(steps), pre_tokenizers.Whitespace(), None, 600))


def no_decoder_words():
    steps = [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split("e", "merged_with_previous"), pre_tokenizers.Punctuation("merged_with_next")]
    return word_piece(normalizers.BertNormalizer(lowercase=False, strip_accents=False), pre_tokenizers.Sequence(steps), decoders.WordPiece(cleanup=False), 600)


def dump(name, value):
    with open(os.path.join(OUT, name), "w") as out:
        json.dump(value, out, separators=(",", ":"))
        out.write("\n")


dump("strings.json", STRINGS)
forms = {form: getattr(normalizers, form)() for form in ("NFC", "NFD", "NFKC", "NFKD")}
dump("normalization.json", {name: [form.normalize_str(text) for text in STRINGS] for name, form in forms.items()})
for make in (gpt2, llama3, qwen2, smollm, gemma, llama2, metaspace, bert, plain_words, no_decoder_words):
    tokenizer = make()
    tokenizer = Tokenizer.from_str(tokenizer.to_str())
    rng = random.Random(5)
    size = tokenizer.get_vocab_size()
    cases = []
    for text in STRINGS:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        tokenizer.encode_special_tokens = True
        plain = tokenizer.encode(text, add_special_tokens=False).ids
        tokenizer.encode_special_tokens = False
        cases.append({
            "ids": ids,
            "plain": plain if plain != ids else None,
            "special": tokenizer.encode(text).ids if len(cases) < 20 else None,
            "decoded": tokenizer.decode(ids, skip_special_tokens=False),
            "skipped": tokenizer.decode(ids, skip_special_tokens=True) if len(cases) < 80 else None,
        })
    runs = [[rng.randrange(min(size, 300) if i % 2 else size) for _ in range(rng.randint(1, 16))] for i in range(150)]
    decoded = [{"ids": ids, "text": tokenizer.decode(ids, skip_special_tokens=False)} for ids in runs]
    name = make.__name__.replace("_", "-")
    dump(name + ".tokenizer.json", json.loads(tokenizer.to_str()))
    dump(name + ".expected.json", {"tokenizers": tokenizers.__version__, "cases": cases, "decoding": decoded})
    print(name, size)
