"""GRPO steps in TRL, as a contestant of `compare`: workloads W6 and W6L.

    trl_grpo.py --model FOLDER --tokens FILE --precision f32|bf16 [--lora RANK] [--threads N] [--warm-up N] [--steps N]

Does what `interest-query bench --workload W6` does: one prompt, 8 completions of exactly 64 tokens, a reward that costs
nothing, Dr. GRPO's loss without a reference, AdamW. It prints who it is after the warm-up steps, and then measures a round for every
line on its standard input (see `contestants.py`). The trainer's own loop runs; a callback waits between rounds.
"""

import argparse
import json
import os
import sys
import tempfile
import time

GROUP_SIZE = 8
COMPLETION_TOKENS = 64


def peak_resident_bytes() -> int:
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True, help="a Hugging Face folder")
    parser.add_argument("--tokens", required=True, help="a JSON file: the prompt's token ids")
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32")
    parser.add_argument("--lora", type=int, help="train adapters of this rank on all linear layers")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--warm-up", type=int, default=1, help="steps before the first round")
    parser.add_argument("--steps", type=int, default=1, help="steps of a round")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    # Standard output carries figures only.
    figures = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    import datasets
    import torch
    import transformers
    import trl

    torch.set_num_threads(options.threads)
    tokenizer = transformers.AutoTokenizer.from_pretrained(options.model)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    ids = json.load(open(options.tokens))
    prompt = tokenizer.decode(ids)
    found = len(tokenizer(prompt)["input_ids"])
    if found != len(ids):
        sys.exit(f"the prompt has {len(ids)} tokens here and {found} in transformers")
    model = transformers.AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32)

    def say(values: dict) -> None:
        print(json.dumps(values), file=figures, flush=True)

    def vowels(completions, **_) -> list[float]:
        return [sum(letter in "aeiou" for letter in text) / max(1, len(text)) for text in completions]

    class Rounds(transformers.TrainerCallback):
        def __init__(self):
            self.done = 0
            self.seconds: list[float] = []
            self.start = 0.0

        def on_step_begin(self, *_, **__):
            self.start = time.perf_counter()

        def on_step_end(self, args, state, control, **_):
            duration = time.perf_counter() - self.start
            self.done += 1
            if self.done == options.warm_up:
                say({"name": "TRL" + (" + PEFT" if options.lora else ""),
                     "version": f"trl {trl.__version__}, torch {torch.__version__}, transformers {transformers.__version__}"})
            elif self.done > options.warm_up:
                self.seconds.append(duration)
                if len(self.seconds) == options.steps:
                    say({"values": self.seconds, "peak_resident_bytes": peak_resident_bytes()})
                    self.seconds = []
            if self.done >= options.warm_up and not self.seconds and not sys.stdin.readline():
                control.should_training_stop = True
            return control

    adapters = None
    if options.lora:
        import peft

        adapters = peft.LoraConfig(
            r=options.lora, lora_alpha=2 * options.lora, target_modules="all-linear", task_type="CAUSAL_LM"
        )
    with tempfile.TemporaryDirectory() as folder:
        trainer = trl.GRPOTrainer(
            model=model,
            processing_class=tokenizer,
            reward_funcs=vowels,
            train_dataset=datasets.Dataset.from_dict({"prompt": [prompt] * 8}),
            peft_config=adapters,
            args=trl.GRPOConfig(
                output_dir=folder,
                use_cpu=True,
                bf16=options.precision == "bf16",
                per_device_train_batch_size=GROUP_SIZE,
                num_generations=GROUP_SIZE,
                max_completion_length=COMPLETION_TOKENS,
                generation_kwargs={"min_new_tokens": COMPLETION_TOKENS},
                loss_type="dr_grpo",
                scale_rewards="none",
                beta=0.0,
                learning_rate=1e-6,
                weight_decay=0.0,
                max_steps=1_000_000,
                gradient_checkpointing=False,
                save_strategy="no",
                report_to=[],
                logging_steps=1_000_000,
                disable_tqdm=True,
            ),
        )
        trainer.add_callback(Rounds())
        trainer.train()


if __name__ == "__main__":
    main()
