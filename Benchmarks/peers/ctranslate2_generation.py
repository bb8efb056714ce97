"""CTranslate2 as a contestant of W1 to W4. See generation_peer.py.

    ctranslate2_generation.py convert --weights FOLDER --out FOLDER      makes its form of a Hugging Face folder, in f32
"""

import json
import os
import sys
import time

import ctranslate2
import numpy

import generation_peer


class Engine:
    name = "CTranslate2"

    def __init__(self, options):
        self.version = f"ctranslate2 {ctranslate2.__version__}"
        self.generator = ctranslate2.Generator(
            options.model, device="cpu", compute_type=options.precision, intra_threads=options.threads, inter_threads=1
        )
        # It is spoken to in words: those of the model's vocabulary, by number.
        with open(os.path.join(options.model, "vocabulary.json"), encoding="utf-8") as file:
            self.words = json.load(file)
        self.numbers = {word: number for number, word in enumerate(self.words)}

    def generate(self, prompt, group, new_tokens):
        """The tokens of one member, and when each step ended."""
        ends = {}

        def note(result):
            ends[result.step] = time.perf_counter()
            return False

        words = [self.words[token] for token in prompt]
        results = self.generator.generate_batch(
            [words] * group,
            max_length=new_tokens,
            min_length=new_tokens,
            include_prompt_in_result=False,
            end_token=[],
            callback=note,
        )
        return [self.numbers[word] for word in results[0].sequences[0]], [ends[step] for step in sorted(ends)]

    def logits(self, passage, start, end):
        """It cannot go on from tokens read before, so all are read at once."""
        if start == 0:
            self.read = numpy.array(self.generator.forward_batch([passage]))[0]
        return self.read[start:end]

    def prefill(self, prompt) -> int:
        return self.generate(prompt, 1, 1)[0][0]

    def decode(self, prompt, group, steps):
        tokens, ends = self.generate(prompt, group, steps + 1)
        return ends[-1] - ends[0], tokens


def convert(weights: str, out: str) -> None:
    from ctranslate2.converters import TransformersConverter

    TransformersConverter(weights).convert(out, quantization="float32")


if __name__ == "__main__":
    if sys.argv[1:2] == ["convert"]:
        convert(sys.argv[3], sys.argv[5])
    else:
        generation_peer.run(Engine)
