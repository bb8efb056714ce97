#!/usr/bin/env python3
"""Records tiny random models and their outputs, computed by transformers, as fixtures of the tests.

    python3 Scripts/record-model-fixtures.py Tests/IQModelTests/Fixtures

Needs torch, transformers and safetensors. They complement Tests/Golden with what is not recorded there: Mistral's sliding
window, the Llama 3 rotary scaling, and the classification heads of BERT and RoBERTa with their gradients.
"""

import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import save_file
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    RobertaConfig,
    RobertaForSequenceClassification,
)


def randomize(model: torch.nn.Module) -> None:
    """Gives norms and biases values of their own, so that a forgotten one shows."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 1:
                noise = torch.randn(parameter.shape, generator=generator) * 0.2
                parameter.copy_(noise + (1.0 if "norm" in name.lower() and "bias" not in name else 0.0))
            else:
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.15)


def save(model: torch.nn.Module, folder: pathlib.Path, expected: dict) -> None:
    model.save_pretrained(folder, safe_serialization=True)
    expected["made_with"] = {"torch": torch.__version__, "transformers": transformers.__version__}
    (folder / "expected.json").write_text(json.dumps(expected))
    for extra in folder.glob("generation_config.json"):
        extra.unlink()


def decoder(kind, configuration, folder: pathlib.Path) -> None:
    torch.manual_seed(0)
    model = kind(configuration).eval()
    randomize(model)
    ids = torch.randint(3, configuration.vocab_size, (1, 24), generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        logits = model(ids).logits[0]
    save(model, folder, {"input_ids": ids[0].tolist(), "logits": [[round(v, 7) for v in row] for row in logits.tolist()]})


def classifier(kind, configuration, folder: pathlib.Path) -> None:
    torch.manual_seed(0)
    model = kind(configuration).eval()
    randomize(model)
    generator = torch.Generator().manual_seed(3)
    items = []
    for length in (1, 2, 5, 9):
        ids = torch.randint(4, configuration.vocab_size, (1, length), generator=generator)
        with torch.no_grad():
            output = model(ids, output_hidden_states=True)
        items.append(
            {
                "input_ids": ids[0].tolist(),
                "scores": output.logits[0].tolist(),
                "hidden": [[round(v, 7) for v in row] for row in output.hidden_states[-1][0].tolist()],
            }
        )
    save(model, folder, {"items": items, **gradients(model, [item["input_ids"] for item in items], folder)})


def gradients(model, sequences: list, folder: pathlib.Path) -> dict:
    """Mean cross-entropy of a labelled batch and its gradients; and those of the mean-pooled hidden states, weighted."""
    folder.mkdir(parents=True, exist_ok=True)
    labels = [index % model.config.num_labels for index in range(len(sequences))]
    model.zero_grad()
    losses = [
        model(torch.tensor([ids]), labels=torch.tensor([label])).loss for ids, label in zip(sequences, labels)
    ]
    loss = torch.stack(losses).mean()
    loss.backward()
    recorded = {name: parameter.grad for name, parameter in model.named_parameters() if parameter.grad is not None}

    model.zero_grad()
    weights = torch.randn((len(sequences), model.config.hidden_size), generator=torch.Generator().manual_seed(5))
    pooled = [
        model(torch.tensor([ids]), output_hidden_states=True).hidden_states[-1][0].mean(0) for ids in sequences
    ]
    (torch.stack(pooled) * weights).sum().backward()
    for name, parameter in model.named_parameters():
        if parameter.grad is not None and parameter.grad.any():
            recorded["pooled." + name] = parameter.grad
    recorded["pooled_weights"] = weights
    save_file({name: tensor.contiguous() for name, tensor in recorded.items()}, folder / "gradients.safetensors")
    return {"labels": labels, "loss": loss.item()}


def main() -> None:
    root = pathlib.Path(sys.argv[1])
    shape = dict(
        vocab_size=61, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64,
    )
    decoder(MistralForCausalLM, MistralConfig(sliding_window=5, head_dim=8, **shape), root / "mistral")
    scaling = dict(
        rope_type="llama3", rope_theta=500000.0, factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=16,
    )
    decoder(
        LlamaForCausalLM,
        LlamaConfig(rope_parameters=scaling, attention_bias=True, mlp_bias=True, tie_word_embeddings=False, **shape),
        root / "llama3_scaling_bias",
    )
    encoder = dict(
        vocab_size=61, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=20, hidden_act="gelu", id2label={0: "noise", 1: "news", 2: "search"},
        label2id={"noise": 0, "news": 1, "search": 2},
    )
    classifier(BertForSequenceClassification, BertConfig(type_vocab_size=2, **encoder), root / "bert_classifier")
    classifier(
        RobertaForSequenceClassification,
        RobertaConfig(type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2, **encoder),
        root / "roberta_classifier",
    )


if __name__ == "__main__":
    main()
