"""What the peers of W1 to W4 and W8 share: the work, the protocol of contestants.py, and how a figure is taken.

A peer is a module with an `Engine` class and calls `run(Engine)`:

    Engine(options)                     loads the model that `options.model` names
    name, version                       for the table
    logits(passage, start, end)         after tokens start ..< end of a passage, read in this order: [end - start, V]
    prefill(prompt)                     reads a prompt; returns the next token
    decode(prompt, group, steps)        seconds of `steps` decoding steps behind the first token, and the tokens of one member
    serve(prompts, new_tokens)          writes so many tokens behind each prompt; returns the first prompt's. For W8.
    tune(prompts, new_tokens)           chooses how many prompts `serve` takes together. For W8.
    forget()                            forgets the prompts of earlier rounds, before the clock runs. For W8.
"""

import argparse
import json
import math
import sys
import time
from dataclasses import dataclass

import numpy


@dataclass(frozen=True)
class Work:
    """What `interest-query bench` does too: Sources/InterestQueryCommand/Commands/BenchGeneration.swift."""

    prompt_tokens: int
    group: int
    new_tokens: int  # of each member; 1 is the prefill alone


WORK = {
    "W1": Work(512, 1, 1),
    "W2": Work(8, 1, 128),
    "W3": Work(256, 8, 64),
    "W4": Work(256, 32, 64),
}

PASSAGE_STEP = 32  # tokens of a passage that are read together, as in PassageLoss.swift


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True, help="a model in the peer's own form")
    parser.add_argument("--workload", required=True, choices=[*WORK, "W8"])
    parser.add_argument("--format", required=True, help="what the model's numbers are called in the table")
    parser.add_argument("--precision", default="", help="the number format to compute in, where it can be chosen")
    parser.add_argument("--tokens", required=True, help="W1 to W4: a JSON list of tokens; W8: one such list a line")
    parser.add_argument("--passage", required=True, help="a JSON list of tokens whose perplexity is reported")
    parser.add_argument("--new-tokens", type=int, default=40, help="tokens of each list, for W8")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=1)
    return parser.parse_args()


def peak_resident_bytes() -> int:
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def passage_loss(engine, passage: list[int]) -> float:
    """The mean of -ln p of each token but the first, given those before it."""
    total = 0.0
    for start in range(0, len(passage) - 1, PASSAGE_STEP):
        end = min(start + PASSAGE_STEP, len(passage) - 1)
        logits = engine.logits(passage, start, end)
        logits = logits - logits.max(axis=1, keepdims=True)
        chosen = logits[numpy.arange(end - start), passage[start + 1 : end + 1]]
        total += float((numpy.log(numpy.exp(logits).sum(axis=1, dtype="f8")) - chosen).sum())
    return total / (len(passage) - 1)


def generation(engine, options):
    """A function that does the work once and returns its figure and the first tokens."""
    work = WORK[options.workload]
    prompt = json.load(open(options.tokens))[: work.prompt_tokens]
    if len(prompt) < work.prompt_tokens:
        raise SystemExit(f"{options.tokens} has {len(prompt)} tokens; {work.prompt_tokens} are needed")

    def once():
        if work.new_tokens == 1:
            start = time.perf_counter()
            token = engine.prefill(prompt)
            return len(prompt) / (time.perf_counter() - start), [token]
        steps = work.new_tokens - 1
        seconds, tokens = engine.decode(prompt, work.group, steps)
        return work.group * steps / seconds, tokens

    return once


def serving(engine, options):
    prompts = [json.loads(line) for line in open(options.tokens) if line.strip()]
    engine.tune(prompts, options.new_tokens)

    def once():
        engine.forget()  # nobody comes twice
        start = time.perf_counter()
        tokens = engine.serve(prompts, options.new_tokens)
        return len(prompts) / (time.perf_counter() - start), tokens

    return once


def run(make_engine) -> None:
    options = arguments()
    engine = make_engine(options)
    loss = passage_loss(engine, json.load(open(options.passage)))
    if options.workload == "W8":
        once = serving(engine, options)  # choosing warms up
    else:
        once = generation(engine, options)
        once()
    hello = {"name": f"{engine.name} {options.format}", "version": engine.version, "first_loss": loss}
    print(json.dumps({**hello, "perplexity": math.exp(loss)}), flush=True)
    for _ in sys.stdin:
        rates = []
        for _ in range(options.steps):
            rate, tokens = once()
            rates.append(rate)
        line = {"values": rates, "tokens": [int(token) for token in tokens[:16]]}
        print(json.dumps({**line, "peak_resident_bytes": peak_resident_bytes()}), flush=True)
