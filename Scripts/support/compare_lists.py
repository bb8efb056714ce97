"""Writes the most probable list of each person here and in llama.cpp, from one GGUF file, and compares them. Run by Scripts/check-student.

    compare_lists.py COMMAND MODEL PEOPLE [--limit N] [--style S] [--prompt-tokens N] [--max-signals N] [--max-tokens N]
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

SHARE = 0.95  # of lists that must be equal: near ties fall either way


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("model")
    parser.add_argument("people")
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument("--style", default="instruction")
    parser.add_argument("--prompt-tokens", type=int, default=192)
    parser.add_argument("--max-signals", type=int, default=10)
    parser.add_argument("--max-tokens", type=int, default=96)
    return parser.parse_args()


def lines_of(output: bytes) -> list:
    return [json.loads(line) for line in output.splitlines() if line.strip()]


def ours(options: argparse.Namespace, people: pathlib.Path) -> tuple[list[list[int]], list[dict]]:
    """The prompts, and our lists."""
    prompt = ["--style", options.style, "--prompt-tokens", str(options.prompt_tokens)]
    prompt += ["--max-signals", str(options.max_signals)]
    bench = [options.command, "bench", "--workload", "prompts", "--model", options.model, "--signals", str(people)]
    prompts = lines_of(subprocess.run([*bench, *prompt], check=True, stdout=subprocess.PIPE).stdout)
    generate = [options.command, "generate", "--model", options.model, "--signals", str(people), "--output", "json", "--quiet"]
    generate += ["--no-grammar", "--temperature", "0", "--repetition-penalty", "1", "--max-tokens", str(options.max_tokens)]
    lists = lines_of(subprocess.run([*generate, *prompt, "--count", "5"], check=True, stdout=subprocess.PIPE).stdout)
    return prompts, lists


def theirs(options: argparse.Namespace, prompts: list[list[int]]) -> list[str]:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = options.model
    parameters.n_ctx = max(map(len, prompts)) + options.max_tokens + 8
    parameters.n_parallel = 1
    parameters.warmup = False
    parameters.cache_type_k = parameters.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    server = xllamacpp.Server(parameters)
    texts = []
    for prompt in prompts:
        request = {"prompt": prompt, "n_predict": options.max_tokens, "temperature": 0, "cache_prompt": False}
        texts.append(server.handle_completions(request)["choices"][0]["text"])
    return texts


def is_same(text: str, line: dict) -> bool:
    """Whether the text holds the list's queries in their order, and besides only what was dropped from it."""
    written = [" ".join(part.split()) for part in text.splitlines() if part.strip()]
    queries = line["queries"]
    kept = [query for index, query in enumerate(written) if query in queries and query not in written[:index]]
    return kept == queries and len(written) == len(queries) + len(line["dropped"])


def main() -> int:
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        people = pathlib.Path(folder) / "people.jsonl"
        with open(options.people, encoding="utf-8") as source:
            people.write_text("".join(line for line, _ in zip(source, range(options.limit))), encoding="utf-8")
        prompts, lists = ours(options, people)
    texts = theirs(options, prompts)
    same = [is_same(text, line) for text, line in zip(texts, lists, strict=True)]
    for text, line, equal in zip(texts, lists, same):
        if not equal:
            print(json.dumps({"id": line["id"], "ours": line["queries"], "llama.cpp": text.splitlines()}, ensure_ascii=False))
    share = sum(same) / len(same)
    print(f"{sum(same)} of {len(same)} lists are equal ({100 * share:.1f} %)")
    return 0 if share >= SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
