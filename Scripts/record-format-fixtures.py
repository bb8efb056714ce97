#!/usr/bin/env python3
"""Records blocks of every number format and what the `gguf` package reads from them, as fixtures of the tests.

    python3 Scripts/record-format-fixtures.py Tests/IQTensorTests/Fixtures/formats.txt

Needs numpy and gguf. A line is `expand FORMAT BYTES VALUES` or `round FORMAT VALUES BYTES`, all in hexadecimal; values are
little-endian f32.
"""

import sys

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Format

NAMES = ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"]
ROUNDED = ["F16", "BF16", "Q8_0", "Q4_0"]
# Where a block has its half-precision scales.
SCALES = {"Q4_1": [0, 2], "Q5_1": [0, 2], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208]}


def blocks(name: str, generator: np.random.Generator) -> np.ndarray:
    """Random bytes whose scales are finite: large, small, subnormal and negative ones."""
    length, size = gguf.GGML_QUANT_SIZES[Format[name]]
    count = 40 if length == 1 else 6 if length == 32 else 2
    raw = generator.integers(0, 256, (count, size), dtype=np.uint8)
    if name == "F32":
        return generator.standard_normal(count).astype(np.float32).view(np.uint8).reshape(count, 4)
    if name in ("F16", "BF16"):
        raw[:, 1] &= 0xBF
        return raw
    scales = np.array([0.0123, -0.5, 3.1e-7, 1000, 0, -6e-8], dtype=np.float16).view(np.uint8).reshape(6, 2)
    for block in range(count):
        for place, at in enumerate(SCALES.get(name, [0])):
            raw[block, at : at + 2] = scales[(block + 3 * place) % 6]
    return raw


def values_to_round(generator: np.random.Generator) -> np.ndarray:
    """Rows of 32: plain ones, ties of both roundings, equal magnitudes of both signs, zeros, tiny and huge ones."""
    rows = generator.standard_normal((12, 32)).astype(np.float32)
    rows[1] *= 1e-6
    rows[2] *= 3e4
    rows[3] = 0
    rows[4] = generator.integers(-127, 128, 32) / np.float32(2)
    rows[4, 5] = 127
    rows[5] = generator.integers(-16, 17, 32) / np.float32(2)
    rows[5, 7] = -8
    rows[6] = np.where(np.arange(32) % 2 == 0, 1.0, -1.0)
    rows[7] = np.where(np.arange(32) % 2 == 0, -1.0, 1.0)
    rows[8] = -0.0
    rows[8, 31] = 2.0**-24
    rows[9] = 2.0**-25 * np.arange(32)
    rows[10] = 1 + 2.0**-11 * np.arange(32)
    return rows


def main(path: str) -> None:
    generator = np.random.default_rng(20260)
    lines = []
    for name in NAMES:
        raw = blocks(name, generator)
        values = gguf.quants.dequantize(raw, Format[name]).astype(np.float32)
        lines.append(f"expand {name.lower()} {raw.tobytes().hex()} {values.tobytes().hex()}")
    values = values_to_round(generator)
    for name in ROUNDED:
        raw = np.ascontiguousarray(gguf.quants.quantize(values, Format[name]))
        lines.append(f"round {name.lower()} {values.tobytes().hex()} {raw.tobytes().hex()}")
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")


main(sys.argv[1])
