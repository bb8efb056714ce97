#!/usr/bin/env python3
"""Records low-rank adapters made by PEFT over a tiny recorded model, with the logits and gradients that PyTorch computes.

    python3 Scripts/record-adapter-fixtures.py Tests/Golden/llama_tied Tests/IQModelTests/Fixtures/adapters

Needs torch, transformers, peft and safetensors. Each folder is an adapter as PEFT saves it, and `expected.safetensors`:
logits of the recorded batch, and the gradients of the mean cross-entropy in A and B under PEFT's names.

    python3 Scripts/record-adapter-fixtures.py --check BASE ADAPTER LOGITS

loads an adapter that this library has written and compares PEFT's logits with those in the safetensors file LOGITS
(`input_ids` [B, T] int32 as f32, `logits` [B, T, V]).
"""

import json
import pathlib
import shutil
import sys

import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

VARIANTS = {
    "all_linear": dict(r=4, lora_alpha=6, target_modules="all-linear"),
    "list_rank_stabilized": dict(r=3, lora_alpha=5.5, target_modules=["q_proj", "v_proj"], use_rslora=True, lora_dropout=0.1),
    "regular_expression": dict(r=2, lora_alpha=8, target_modules=r"model\.layers\.1\.(self_attn\.o_proj|mlp\..*_proj)"),
    "one_layer": dict(r=2, lora_alpha=4, target_modules=["k_proj", "down_proj"], layers_to_transform=[1]),
}


def base_model(folder: str):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


def record(base: pathlib.Path, root: pathlib.Path) -> None:
    golden = json.loads((base / "golden.json").read_text())
    ids = torch.tensor(golden["input_ids"])
    for name, options in VARIANTS.items():
        torch.manual_seed(0)
        model = get_peft_model(base_model(str(base)), LoraConfig(task_type="CAUSAL_LM", **options)).eval()
        generator = torch.Generator().manual_seed(4)
        with torch.no_grad():
            for key, parameter in model.named_parameters():
                if "lora_" in key:
                    parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.3)
        output = model(ids, labels=ids)
        output.loss.backward()
        folder = root / name
        shutil.rmtree(folder, ignore_errors=True)
        model.save_pretrained(folder, safe_serialization=True)
        (folder / "README.md").unlink(missing_ok=True)
        configuration = json.loads((folder / "adapter_config.json").read_text())
        # Paths of the machine that recorded this mean nothing elsewhere.
        configuration["base_model_name_or_path"] = "llama_tied"
        if isinstance(configuration["target_modules"], list):
            configuration["target_modules"].sort()
        (folder / "adapter_config.json").write_text(json.dumps(configuration, indent=2, sort_keys=True) + "\n")
        expected = {"logits": output.logits.detach().contiguous(), "loss": output.loss.detach().reshape(1)}
        for key, parameter in model.named_parameters():
            if parameter.grad is not None:
                expected[key.replace(".default", "")] = parameter.grad.contiguous()
        versions = {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__}
        save_file(expected, folder / "expected.safetensors", metadata=versions)


def check(base: str, adapter: str, logits: str) -> None:
    recorded = load_file(logits)
    model = PeftModel.from_pretrained(base_model(base), adapter).eval()
    with torch.no_grad():
        found = model(recorded["input_ids"].long()).logits
    difference = (found - recorded["logits"]).abs().max().item()
    print(f"largest difference of logits {difference:.3g} (largest logit {found.abs().max().item():.3g})")
    sys.exit(0 if difference < 1e-4 else 1)


if __name__ == "__main__":
    if sys.argv[1] == "--check":
        check(*sys.argv[2:5])
    else:
        record(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
