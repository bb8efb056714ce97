#!/usr/bin/env python3
"""Writes the Unicode tables of Sources/IQText/Unicode.

The classes are not taken from the Unicode database but measured on the reference: each code point is given to the
pre-tokenisers and normalisers of Hugging Face's `tokenizers`, so that a tokeniser here cuts where that one cuts, whatever
Unicode version each of its parts was built with. Last run with tokenizers 0.23.3 and Python 3.11 (unicodedata 14.0, used
to propose combining classes and the pairs that compose, which are then checked against the reference).

    python3 Scripts/make-unicode-tables.py        (needs: pip install tokenizers)
"""

import os
import unicodedata

import tokenizers
from tokenizers import Regex, normalizers, pre_tokenizers

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Sources", "IQText", "Unicode")
CHARS = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def base36(n):
    digits = ""
    while True:
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[n % 36] + digits
        n //= 36
        if n == 0:
            return digits


def matching(pattern):
    found = set()
    for i in range(0, len(CHARS), 4096):
        text = "".join(CHARS[i : i + 4096])
        kept = pre_tokenizers.Split(Regex(pattern), "removed").pre_tokenize_str(text)
        found |= set(text) - set("".join(piece for piece, _ in kept))
    return found


def pieces_of(pre_tokenizer, count):
    return {c for c in CHARS if len(pre_tokenizer.pre_tokenize_str("a" + c + "a")) == count}


def removed_by(normalizer):
    return {c for c in CHARS if normalizer.normalize_str("a" + c + "a") == "aa"}


def bert(**on):
    return normalizers.BertNormalizer(
        **({"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False} | on)
    )


def write(name, comment, entries):
    lines, line = [], ""
    for entry in entries:
        if len(line) + len(entry) + 1 > 108:
            lines.append(line)
            line = ""
        line += (" " if line else "") + entry
    lines.append(line)
    path = os.path.join(OUT, name + ".swift")
    with open(path, "w") as out:
        out.write("// %s\n//\n// Written by Scripts/make-unicode-tables.py (tokenizers %s); do not edit.\n\n" % (
            comment, tokenizers.__version__))
        out.write("enum %s {\n    static let text: StaticString = \"\"\"\n" % name)
        out.writelines("        %s\n" % l for l in lines)
        out.write('        """\n}\n')
    print(name, len(entries), "entries", os.path.getsize(path), "bytes")


classes = [
    matching(r"\p{L}"),
    matching(r"\p{N}"),
    matching(r"\s"),
    pieces_of(pre_tokenizers.BertPreTokenizer(), 3),
    pieces_of(pre_tokenizers.Digits(True), 3),
    pieces_of(pre_tokenizers.Whitespace(), 1),
    removed_by(bert(clean_text=True)),
    removed_by(bert(strip_accents=True)),
    removed_by(normalizers.StripAccents()),
    matching(r"\p{P}"),
    matching(r"\p{S}"),
    matching(r"\p{M}"),
]
flags = {c: 0 for c in CHARS}
for bit, members in enumerate(classes):
    for c in members:
        flags[c] |= 1 << bit
runs = []
for c in range(0x110000):
    value = flags.get(chr(c), 0)
    if runs and runs[-1][1] == value:
        runs[-1][0] += 1
    else:
        runs.append([1, value])
write(
    "CharacterClassData",
    "Runs of code points with the same classes: length, flags (base 36).",
    ["%s %s" % (base36(n), base36(v)) for n, v in runs],
)

nfd, nfkd, nfc = normalizers.NFD(), normalizers.NFKD(), normalizers.NFC()
canonical, compatible, pairs = [], [], []
last_canonical = last_compatible = 0
for char in CHARS:
    c = ord(char)
    if 0xAC00 <= c < 0xD7A4:
        continue
    full, wide = nfd.normalize_str(char), nfkd.normalize_str(char)
    if full != char:
        canonical.append("%s %s" % (base36(c - last_canonical), ",".join(base36(ord(x)) for x in full)))
        last_canonical = c
    if wide != full:
        compatible.append("%s %s" % (base36(c - last_compatible), ",".join(base36(ord(x)) for x in wide)))
        last_compatible = c
    step = unicodedata.decomposition(char)
    if step and not step.startswith("<"):
        parts = [chr(int(x, 16)) for x in step.split()]
        if len(parts) == 2 and nfc.normalize_str("".join(parts)) == char:
            pairs.append("%s %s %s" % (base36(ord(parts[0])), base36(ord(parts[1])), base36(c)))
write("CanonicalDecompositionData", "Canonical decompositions: step from the last code point, code points (base 36).", canonical)
write(
    "CompatibilityDecompositionData",
    "Compatibility decompositions, where not canonical: step from the last code point, code points (base 36).",
    compatible,
)
write("CompositionData", "Pairs that compose: first, second, composite (base 36).", pairs)



def combining_class(char):
    """The class that the reference sorts by: the database's, or 0 for marks that its Unicode version does not know."""
    value = unicodedata.combining(char)
    if value == 0 or nfd.normalize_str(char) != char:
        return value
    if value < 240:
        return value if nfd.normalize_str("a\u0345" + char) == "a" + char + "\u0345" else 0
    return value if nfd.normalize_str("a" + char + "\u0334") == "a\u0334" + char else 0


combining, last = [], 0
start = None
for c in range(0x110000):
    value = 0 if 0xD800 <= c < 0xE000 else combining_class(chr(c))
    if start is not None and value != start[1]:
        combining.append("%s %s %s" % (base36(start[0] - last), base36(c - start[0]), base36(start[1])))
        last = start[0]
        start = None
    if value and start is None:
        start = (c, value)
write("CombiningClassData", "Canonical combining classes other than 0: step from the last run, length, class (base 36).", combining)
