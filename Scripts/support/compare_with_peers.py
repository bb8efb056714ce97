"""Compares what our command wrote and says with transformers and llama.cpp. Run by Scripts/check-interoperability.

    compare_with_peers.py COMMAND GOLDEN NAME=PATH...    PATH: a Hugging Face folder or a GGUF file written by us

Each engine continues the recorded prompts greedily from the very same file. Beside the two texts, our tokens are put
through the other engine: at every position our token may lie below its best by no more than a near tie. So a sum in
another order may decide a tie differently, and a text that then goes another way, but nothing else may.
"""

import json
import pathlib
import subprocess
import sys
from dataclasses import dataclass
from typing import Callable

import numpy

NEW_TOKENS = 48

# The largest difference of logits that counts as a tie. Where the other engine computes in f32 from the same weights it is
# the rule of Tests/Golden. With quantised weights llama.cpp also rounds the activations to 8 bits, which alone moves
# logits by tenths; there transformers, which expands the very same file to f32, is the exact judge.
EXACT_TIE = 0.05
ROUNDED_ACTIVATIONS_TIE = {"q8_0": 0.3, "q4_0": 0.5}


@dataclass
class Peer:
    """Another engine with a model loaded."""

    name: str
    encode: Callable[[str], list[int] | None]  # None: the file brings no tokenizer
    logits: Callable[[list[int]], numpy.ndarray]  # of every position, [tokens, vocabulary]
    greedy: Callable[[list[int]], list[int]]  # the engine's own continuation


def transformers_peer(path: pathlib.Path) -> Peer:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.manual_seed(0)
    folder = path if path.is_dir() else path.parent
    extra = {} if path.is_dir() else {"gguf_file": path.name}
    model, report = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True, **extra
    )
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if report.get(kind):
            raise SystemExit(f"{path}: transformers reports {kind}: {report[kind]}")
    model.eval()
    tokenizer = AutoTokenizer.from_pretrained(folder) if (folder / "tokenizer.json").exists() else None

    def logits(tokens: list[int]) -> numpy.ndarray:
        with torch.inference_mode():
            return model(torch.tensor([tokens])).logits[0].numpy()

    def encode(text: str) -> list[int] | None:
        return tokenizer.encode(text, add_special_tokens=False) if tokenizer else None

    def greedy(prompt: list[int]) -> list[int]:
        tokens: list[int] = []
        cache, step = None, prompt
        with torch.inference_mode():
            while len(tokens) < NEW_TOKENS:
                output = model(torch.tensor([step]), past_key_values=cache, use_cache=True)
                cache, step = output.past_key_values, [int(output.logits[0, -1].argmax())]
                tokens += step
        return tokens

    return Peer("transformers", encode, logits, greedy)


def llama_peer(file: pathlib.Path) -> Peer:
    import llama_cpp

    model = llama_cpp.Llama(
        # One thread: its workers wait by spinning, which on a busy machine takes minutes.
        str(file), n_ctx=256, n_batch=256, n_ubatch=256, n_threads=1, n_threads_batch=1, logits_all=True, verbose=False
    )
    width = model.n_vocab()

    def logits(tokens: list[int]) -> numpy.ndarray:
        model.reset()
        model.eval(tokens)
        return numpy.array(model.scores[: len(tokens), :width], copy=True)

    def encode(text: str) -> list[int]:
        return model.tokenize(text.encode(), add_bos=False, special=True)

    def greedy(prompt: list[int]) -> list[int]:
        tokens: list[int] = []
        model.reset()
        step = prompt
        while len(tokens) < NEW_TOKENS:
            model.eval(step)
            step = [int(model.scores[model.n_tokens - 1, :width].argmax())]
            tokens += step
        return tokens

    return Peer("llama.cpp", encode, logits, greedy)


def ours(command: str, model: pathlib.Path, prompt: str) -> list[int]:
    arguments = ["--model", str(model), "--prompt", prompt, "--max-tokens", str(NEW_TOKENS), "--json", "--ignore-end"]
    arguments.append("--special-tokens")
    result = subprocess.run([command, "complete", *arguments], capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit(f"{command} complete failed on {model}: {result.stderr.strip()}")
    return json.loads(result.stdout)["tokens"]


def gaps(peer: Peer, prompt: list[int], continuation: list[int]) -> numpy.ndarray:
    """By how much the peer prefers another token at each position of our continuation."""
    rows = peer.logits(prompt + continuation)[len(prompt) - 1 : -1]
    return rows.max(axis=1) - rows[numpy.arange(len(continuation)), continuation]


def compare(peer: Peer, name: str, tie: float, prompts: list[dict], continuations: list[list[int]]) -> bool:
    fine = True
    for number, (record, mine) in enumerate(zip(prompts, continuations), 1):
        prompt = record["ids"]
        encoded, theirs = peer.encode(record["prompt"]), peer.greedy(prompt)
        same = next((i for i, pair in enumerate(zip(mine, theirs)) if pair[0] != pair[1]), len(theirs))
        difference = gaps(peer, prompt, mine)
        largest = float(difference.max())
        problems = []
        if len(mine) != NEW_TOKENS:
            problems.append(f"we wrote {len(mine)} tokens")
        if encoded is not None and encoded != prompt:
            problems.append("prompt tokens differ")
        if largest > tie:
            position = int(difference.argmax())
            problems.append(f"at token {position} our choice {mine[position]} is no tie")
        fine = fine and not problems
        verdict = "FAILS: " + ", ".join(problems) if problems else "same" if same == NEW_TOKENS else "same but for a tie"
        print(f"{name:10} {peer.name:13} {number:6} {same:7} of {NEW_TOKENS} {largest:12.4f} {tie:6.2f}  {verdict}", flush=True)
    return fine


def peers(name: str, path: pathlib.Path) -> list[tuple[Peer, float]]:
    """Who reads this file, and what counts as a tie with them."""
    if path.is_dir():
        return [(transformers_peer(path), EXACT_TIE)]
    rounded = ROUNDED_ACTIVATIONS_TIE.get(name.removeprefix("gguf-"))
    if rounded is None:
        return [(llama_peer(path), EXACT_TIE)]
    return [(llama_peer(path), rounded), (transformers_peer(path), EXACT_TIE)]


def main(command: str, golden: str, models: list[str]) -> int:
    prompts = json.loads(pathlib.Path(golden).read_text())["prompts"]
    print(f"{'written as':10} {'read by':13} {'prompt':6} {'equal tokens':>13} {'largest gap':>12} {'tie':>6}  verdict")
    fine = True
    for model in models:
        name, path = model.split("=", 1)
        continuations = [ours(command, pathlib.Path(path), record["prompt"]) for record in prompts]
        for peer, tie in peers(name, pathlib.Path(path)):
            fine = compare(peer, name, tie, prompts, continuations) and fine
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
