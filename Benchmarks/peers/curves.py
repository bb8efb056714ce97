"""Compares the loss curves of two runs: JSON Lines with `step` and `loss` or `validation_loss`.

    curves.py OURS THEIRS [--limit 0.01]

Prints both curves beside each other and the largest relative difference. Fails if it is above the limit, if the curves
have different steps, or if the held-out loss of ours does not fall.
"""

import argparse
import json
import sys
from dataclasses import dataclass

KINDS = ("loss", "validation_loss")


@dataclass(frozen=True)
class Verdict:
    largest: float  # largest relative difference
    where: str
    problems: list[str]


def curves(lines: list[str]) -> dict[str, dict[int, float]]:
    """Of each kind, the value at each step; later lines of a step (of a resumed run) count."""
    found: dict[str, dict[int, float]] = {kind: {} for kind in KINDS}
    for line in lines:
        if not line.strip():
            continue
        record = json.loads(line)
        for kind in KINDS:
            if record.get(kind) is not None and "step" in record:
                found[kind][int(record["step"])] = float(record[kind])
    return found


def judge(ours: dict[str, dict[int, float]], theirs: dict[str, dict[int, float]], limit: float) -> Verdict:
    largest, where, problems = 0.0, "nowhere", []
    for kind in KINDS:
        missing = sorted(theirs[kind].keys() - ours[kind].keys()) + sorted(ours[kind].keys() - theirs[kind].keys())
        # Ours may measure the held-out loss more often.
        if kind == "validation_loss":
            missing = sorted(theirs[kind].keys() - ours[kind].keys())
        if missing:
            problems.append(f"only one of the curves of {kind} has step {missing[0]}")
        for step in sorted(ours[kind].keys() & theirs[kind].keys()):
            difference = abs(ours[kind][step] - theirs[kind][step]) / abs(theirs[kind][step])
            if difference != difference:  # not a number
                difference = float("inf")
            if difference > largest:
                largest, where = difference, f"{kind} of step {step}"
    if not ours["loss"] or not ours["validation_loss"]:
        problems.append("a curve is empty")
    else:
        held_out = ours["validation_loss"]
        first, last = held_out[min(held_out)], held_out[max(held_out)]
        if not last < first:
            problems.append(f"the held-out loss does not fall: {first:.4f} at first, {last:.4f} at last")
    if largest > limit:
        problems.append(f"the curves differ by {largest:.2%} ({where}), more than {limit:.2%}")
    return Verdict(largest, where, problems)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("ours")
    parser.add_argument("theirs")
    parser.add_argument("--limit", type=float, default=0.01)
    options = parser.parse_args()
    ours, theirs = (curves(open(file).readlines()) for file in (options.ours, options.theirs))
    print(f"{'step':>5}  {'kind':15}  {'ours':>9}  {'theirs':>9}  difference")
    for kind in KINDS:
        for step in sorted(ours[kind].keys() & theirs[kind].keys()):
            mine, other = ours[kind][step], theirs[kind][step]
            print(f"{step:5}  {kind:15}  {mine:9.5f}  {other:9.5f}  {abs(mine - other) / abs(other):.4%}")
    verdict = judge(ours, theirs, options.limit)
    print(f"largest relative difference {verdict.largest:.4%} ({verdict.where}), limit {options.limit:.2%}")
    for problem in verdict.problems:
        print(f"FAILS: {problem}")
    return 1 if verdict.problems else 0


if __name__ == "__main__":
    sys.exit(main())
