"""One training step of a decoder in PyTorch, as a contestant of `compare`: workload W5.

    pytorch_training.py --model FOLDER --tokens FILE --precision f32|bf16 [--lora RANK] [--compile]
                        [--threads N] [--warm-up N] [--steps N]

Loads a Hugging Face folder in f32, takes the warm-up steps, prints one line of JSON that says who it is, and then
measures one round for every line on its standard input, with one line of JSON each (see `contestants.py`).

A step is what `interest-query bench --workload W5` does too: one sequence, next-token cross-entropy over all of it,
backward, gradients clipped to norm 1, AdamW. bf16 is autocast over f32 weights.
"""

import argparse
import json
import sys
import time
import warnings

LEARNING_RATE = 1e-5
WEIGHT_DECAY = 0.01
CLIPPING_NORM = 1.0


def peak_resident_bytes() -> int:
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True, help="a Hugging Face folder")
    parser.add_argument("--tokens", required=True, help="a JSON file: a list of token ids")
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32")
    parser.add_argument("--lora", type=int, help="train adapters of this rank on all linear layers")
    parser.add_argument("--compile", action="store_true", help="torch.compile")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--warm-up", type=int, default=2, help="steps before the first round")
    parser.add_argument("--steps", type=int, default=5, help="steps of a round")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    warnings.filterwarnings("ignore", category=FutureWarning)
    import torch
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    versions = [f"torch {torch.__version__}", f"transformers {transformers.__version__}"]

    model = transformers.AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32)
    model.config.use_cache = False
    if options.lora:
        import peft

        versions.append(f"peft {peft.__version__}")
        # Rank, alpha = 2 x rank and no dropout, as in our own benchmark.
        model = peft.get_peft_model(
            model,
            peft.LoraConfig(
                r=options.lora,
                lora_alpha=2 * options.lora,
                lora_dropout=0.0,
                target_modules="all-linear",
                task_type="CAUSAL_LM",
            ),
        )
    model.train()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    # The fused optimiser is the fastest that PyTorch has on a CPU.
    optimizer = torch.optim.AdamW(trained, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=True)
    tokens = torch.tensor([json.load(open(options.tokens))])
    forward = torch.compile(model) if options.compile else model

    def step() -> float:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bf16"):
            loss = forward(input_ids=tokens, labels=tokens).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, CLIPPING_NORM)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.item()

    def say(values: dict) -> None:
        print(json.dumps(values), flush=True)

    first_loss = 0.0
    for number in range(max(1, options.warm_up)):
        loss = step()
        first_loss = loss if number == 0 else first_loss
    say(
        {
            "name": "PyTorch" + (" + PEFT" if options.lora else "") + (" compiled" if options.compile else ""),
            "version": ", ".join(versions),
            "first_loss": first_loss,
            "trained_parameters": sum(parameter.numel() for parameter in trained),
        }
    )
    for _ in sys.stdin:
        seconds = []
        for _ in range(options.steps):
            start = time.perf_counter()
            loss = step()
            seconds.append(time.perf_counter() - start)
        say(
            {
                "values": [tokens.numel() / duration for duration in seconds],
                "last_loss": loss,
                "peak_resident_bytes": peak_resident_bytes(),
            }
        )


if __name__ == "__main__":
    main()
