"""Steps of on-policy distillation in TRL, as a contestant of `compare`: workload W7.

    trl_distillation.py --model STUDENT --teacher FOLDER --tokens FILE --prompt-tokens N --precision f32|bf16 [--threads N]
                        [--warm-up N] [--steps N]

Does what `interest-query bench --workload W7` does: a completion of exactly 64 tokens for each prompt, the reverse KL over the
whole vocabulary, AdamW. It prints who it is after the warm-up steps, and then measures a round for every line on its standard
input (see `contestants.py`). The trainer's own loop runs; a callback waits between rounds.
"""

import argparse
import json
import os
import sys
import tempfile
import time

COMPLETION_TOKENS = 64


def peak_resident_bytes() -> int:
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True, help="the student, a Hugging Face folder")
    parser.add_argument("--teacher", required=True, help="a Hugging Face folder")
    parser.add_argument("--tokens", required=True, help="a JSON file: the prompts' token ids, one after another")
    parser.add_argument("--prompt-tokens", type=int, default=256, help="tokens of a prompt")
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32")
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
    tokenizer = transformers.AutoTokenizer.from_pretrained(options.model, padding_side="left")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    ids = json.load(open(options.tokens))
    prompts = [ids[start:start + options.prompt_tokens] for start in range(0, len(ids), options.prompt_tokens)]

    class Trainer(trl.DistillationTrainer):
        """The prompts in tokens: a piece of a text, written out and read again, need not give the same ones."""

        def _tokenize_prompts(self, texts):
            found = super()._tokenize_prompts(texts)
            return ([prompts[int(text)] for text in texts], *found[1:])

    def say(values: dict) -> None:
        print(json.dumps(values), file=figures, flush=True)

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
                say({"name": "TRL",
                     "version": f"trl {trl.__version__}, torch {torch.__version__}, transformers {transformers.__version__}"})
            elif self.done > options.warm_up:
                self.seconds.append(duration)
                if len(self.seconds) == options.steps:
                    say({"values": self.seconds, "peak_resident_bytes": peak_resident_bytes()})
                    self.seconds = []
            if self.done >= options.warm_up and not self.seconds and not sys.stdin.readline():
                control.should_training_stop = True
            return control

    def load(folder: str):
        return transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)

    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=load(options.model),
            teacher_model=load(options.teacher),
            processing_class=tokenizer,
            train_dataset=datasets.Dataset.from_dict({"prompt": [str(number) for number in range(len(prompts))]}),
            args=trl.DistillationConfig(
                output_dir=folder,
                use_cpu=True,
                bf16=options.precision == "bf16",
                per_device_train_batch_size=len(prompts),
                max_completion_length=COMPLETION_TOKENS,
                generation_kwargs={"min_new_tokens": COMPLETION_TOKENS},
                beta=1.0,
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
