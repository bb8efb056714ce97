"""Trains in PyTorch on the very batches that `interest-query train supervised` trained on, and writes the same metrics.

    pytorch_curve.py --model FOLDER --batches FILE --metrics FILE --out FILE [--held-out FILE] [--threads N]

--batches and --held-out are what --dump-batches wrote, JSON Lines: {"step", "micro_batch", "tokens": [ids], "starts": [first
token of each sequence], "loss_mask": [1 for a token that is learnt]}. A learnt token is predicted from the tokens before
it in its sequence; the loss of a step is the mean over all learnt tokens of its batches. --metrics is our metrics.jsonl,
for the learning rate of each step. The result has {"step", "loss"} a step, and {"step", "validation_loss"} before
the first step and after the last.

Sequences run one by one, so there is no padding and no mask that could differ from ours.
"""

import argparse
import json
import sys

# As in AdamWOptions.swift; matrices decay, norms and biases do not.
BETAS = (0.9, 0.999)
EPSILON = 1e-8


def records(file: str) -> list[dict]:
    with open(file) as lines:
        return [json.loads(line) for line in lines if line.strip()]


def sequences(batches: list[dict]) -> list[tuple[list[int], list[int]]]:
    """Tokens and masks of all sequences of some batches."""
    found = []
    for batch in batches:
        ends = batch["starts"][1:] + [len(batch["tokens"])]
        for start, end in zip(batch["starts"], ends):
            found.append((batch["tokens"][start:end], batch["loss_mask"][start:end]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True, help="a Hugging Face folder")
    parser.add_argument("--batches", required=True, help="the batches of all steps")
    parser.add_argument("--held-out", help="batches to measure on")
    parser.add_argument("--metrics", required=True, help="our metrics, for the learning rates")
    parser.add_argument("--out", required=True, help="the metrics to write")
    parser.add_argument("--weight-decay", type=float, default=0.01)
    parser.add_argument("--clip", type=float, default=1.0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()

    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(options.threads)
    rates = {line["step"]: line["learning_rate"] for line in records(options.metrics) if "learning_rate" in line}
    steps: dict[int, list[dict]] = {}
    for batch in records(options.batches):
        steps.setdefault(batch["step"], []).append(batch)
    held_out = sequences(records(options.held_out)) if options.held_out else []

    model = transformers.AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32)
    model.config.use_cache = False
    model.eval()  # no dropout
    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in parameters if p.dim() > 1], "weight_decay": options.weight_decay},
            {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0},
        ],
        lr=0.0,
        betas=BETAS,
        eps=EPSILON,
    )

    def loss_sum(tokens: list[int], mask: list[int]):
        """Sum of the cross-entropies of a sequence's learnt tokens."""
        identifiers = torch.tensor([tokens])
        is_learnt = torch.tensor(mask[1:], dtype=torch.bool)
        logits = model(input_ids=identifiers).logits[0, :-1][is_learnt]
        return torch.nn.functional.cross_entropy(logits, identifiers[0, 1:][is_learnt], reduction="sum")

    with open(options.out, "w") as metrics:

        def write(values: dict) -> None:
            metrics.write(json.dumps(values) + "\n")
            metrics.flush()

        def validate(step: int) -> None:
            if held_out:
                with torch.no_grad():
                    total = sum(loss_sum(tokens, mask).item() for tokens, mask in held_out)
                write({"step": step, "validation_loss": total / sum(sum(mask[1:]) for _, mask in held_out)})

        validate(0)
        for step, batches in sorted(steps.items()):
            learnt = sequences(batches)
            count = sum(sum(mask[1:]) for _, mask in learnt)
            total = 0.0
            for tokens, mask in learnt:
                loss = loss_sum(tokens, mask) / count
                loss.backward()
                total += loss.item()
            torch.nn.utils.clip_grad_norm_(parameters, options.clip)
            for group in optimizer.param_groups:
                group["lr"] = rates[step]
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            write({"step": step, "loss": total})
            print(f"PyTorch: step {step} of {len(steps)}, loss {total:.4f}", file=sys.stderr, flush=True)
        validate(max(steps, default=0))


if __name__ == "__main__":
    main()
