"""Trains on batches that `interest-query train supervised --dump-batches` wrote, in PyTorch, and writes the same metrics.

    pytorch_curve.py --model FOLDER --batches FILE --out METRICS [--lora FOLDER] [--threads N]

FILE has JSON objects, one a line:

    {"kind": "settings", "beta1", "beta2", "epsilon", "weight_decay", "decays_norms_and_biases", "clipping_norm" or null}
    {"kind": "validation", "sequences": [...]}                              the held-out pairs, at most one such line
    {"kind": "step", "step": 1, "learning_rate", "sequences": [...]}        in the order of training

A sequence is {"tokens": [ids], "targets": [0 or 1]}: token i counts in the loss where targets[i] is 1, and is predicted
from the tokens before it in its sequence alone. The loss of a step is the mean over all its targets. METRICS gets
{"step", "loss"} a step and {"step", "validation_loss"} before the first step and after the last one.

Sequences run one by one, so there is no padding and no mask that could differ from ours.
"""

import argparse
import json
import sys


def parameter_groups(model, settings: dict) -> list[dict]:
    """Matrices decay; norms and biases, which are vectors, only where the settings say so."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    decayed = [p for p in trained if p.dim() > 1 or settings["decays_norms_and_biases"]]
    others = [p for p in trained if p.dim() <= 1 and not settings["decays_norms_and_biases"]]
    return [{"params": decayed, "weight_decay": settings["weight_decay"]}, {"params": others, "weight_decay": 0.0}]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True, help="a Hugging Face folder")
    parser.add_argument("--batches", required=True, help="what --dump-batches wrote")
    parser.add_argument("--out", required=True, help="the metrics to write, JSON Lines")
    parser.add_argument("--lora", help="a PEFT folder with the adapter that training starts from")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()

    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    with open(options.batches) as lines:
        records = [json.loads(line) for line in lines if line.strip()]
    settings = next(record for record in records if record["kind"] == "settings")
    validation = [record for record in records if record["kind"] == "validation"]
    steps = [record for record in records if record["kind"] == "step"]

    model = transformers.AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32)
    model.config.use_cache = False
    if options.lora:
        import peft

        model = peft.PeftModel.from_pretrained(model, options.lora, is_trainable=True)
    # No dropout: its random numbers could not be the same.
    model.eval()
    optimizer = torch.optim.AdamW(
        parameter_groups(model, settings),
        lr=0.0,
        betas=(settings["beta1"], settings["beta2"]),
        eps=settings["epsilon"],
    )

    def targets(record: dict) -> int:
        return sum(sum(sequence["targets"][1:]) for sequence in record["sequences"])

    def loss_sum(sequence: dict):
        """Sum of the cross-entropies of a sequence's targets."""
        tokens = torch.tensor([sequence["tokens"]])
        is_target = torch.tensor(sequence["targets"][1:], dtype=torch.bool)
        logits = model(input_ids=tokens).logits[0, :-1][is_target]
        return torch.nn.functional.cross_entropy(logits, tokens[0, 1:][is_target], reduction="sum")

    with open(options.out, "w") as metrics:

        def write(values: dict) -> None:
            metrics.write(json.dumps(values) + "\n")
            metrics.flush()

        def validate(step: int) -> None:
            for record in validation:
                with torch.no_grad():
                    total = sum(loss_sum(sequence).item() for sequence in record["sequences"])
                write({"step": step, "validation_loss": total / targets(record)})

        validate(0)
        for record in steps:
            count = targets(record)
            total = 0.0
            for sequence in record["sequences"]:
                loss = loss_sum(sequence) / count
                loss.backward()
                total += loss.item()
            if settings["clipping_norm"] is not None:
                torch.nn.utils.clip_grad_norm_(model.parameters(), settings["clipping_norm"])
            for group in optimizer.param_groups:
                group["lr"] = record["learning_rate"]
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            write({"step": record["step"], "loss": total})
            print(f"PyTorch: step {record['step']} of {len(steps)}, loss {total:.4f}", file=sys.stderr, flush=True)
        validate(steps[-1]["step"] if steps else 0)


if __name__ == "__main__":
    main()
