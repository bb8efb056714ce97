"""The work that we and the peers are compared on: one entry a workload, one match a row of the table."""

import os
import pathlib
import subprocess
import sys

from contestants import Failure, Match
from generation_workloads import GENERATION_WORKLOADS
from setting import HERE, REPOSITORY, Setting, Workload, text_tokens

STEPS = 5  # measured steps of a round

# MARK: W5, one training step of one sequence of 512 tokens with AdamW

W5_TOKENS = 512
W5_LORA_RANK = 16
# format: precision, LoRA, the goal, and how far the first losses may lie apart. With bf16 either side rounds where the
# other does not.
W5_FORMATS = {
    "f32": ("f32", False, 1.7, 1e-4),
    "bf16": ("bf16", False, 2.0, 1e-2),
    "lora-f32": ("f32", True, None, 1e-4),
    "lora-bf16": ("bf16", True, None, 1e-2),
}


def w5(setting: Setting) -> list[Match]:
    text, tokens = text_tokens(setting, W5_TOKENS)
    matches = []
    for name, (precision, is_lora, goal, tolerance) in W5_FORMATS.items():
        common = ["--model", setting.model, "--precision", precision, "--threads", str(setting.threads)]
        common += ["--steps", str(setting.steps or STEPS)]
        if is_lora:
            common += ["--lora", str(W5_LORA_RANK)]
        ours = [setting.command, "bench", "--workload", "W5", "--text", text, "--tokens", str(W5_TOKENS)]
        peer = [setting.python, "-B", str(HERE / "pytorch_training.py"), "--tokens", tokens, *common]
        matches.append(
            Match(
                workload="W5",
                format=name,
                unit="tokens/s",
                goal=goal,
                ours=[*ours, *common, "--rounds", "1"],
                # Compiled or not: the better one counts.
                peers=[peer, [*peer, "--compile"]],
                loss_tolerance=tolerance,
            )
        )
    return matches


# MARK: W6 and W6L, one GRPO step: one prompt of 256 tokens, 8 completions of 64 tokens, all weights or LoRA

W6_TOKENS = 256
W6_LORA_RANK = 16
W6_GOAL = 10.0


def policy_step(setting: Setting, workload: str, is_lora: bool) -> list[Match]:
    text, tokens = text_tokens(setting, W6_TOKENS)
    lora = ["--lora", str(W6_LORA_RANK)] if is_lora else []
    matches = []
    for precision in ("f32", "bf16"):
        common = ["--model", setting.model, "--precision", precision, "--threads", str(setting.threads), *lora]
        ours = [setting.command, "bench", "--workload", workload, "--text", text, "--tokens", str(W6_TOKENS)]
        matches.append(
            Match(
                workload=workload,
                format=precision,
                unit="s",
                goal=W6_GOAL,
                ours=[*ours, *common, "--steps", str(setting.steps or STEPS), "--rounds", "1"],
                # A step of the peer takes about a minute: one is a round.
                peers=[[setting.python, "-B", str(HERE / "trl_grpo.py"), "--tokens", tokens, *common, "--steps", "1"]],
                # Samples differ, and with them the losses.
                loss_tolerance=0,
            )
        )
    return matches


def w6(setting: Setting) -> list[Match]:
    return policy_step(setting, "W6", is_lora=False)


def w6l(setting: Setting) -> list[Match]:
    return policy_step(setting, "W6L", is_lora=True)


# MARK: W7, one step of on-policy distillation: 8 prompts of 256 tokens, a completion of 64 tokens each, the reverse KL over the
# whole vocabulary from a teacher of 30 layers to a student that has its first 10

W7_PROMPTS = 8
W7_TOKENS = 256
W7_STUDENT_LAYERS = 10
W7_GOAL = 3.0


def w7(setting: Setting) -> list[Match]:
    text, tokens = text_tokens(setting, W7_PROMPTS * W7_TOKENS)
    student = setting.folder / "student"
    cut = [setting.command, "model", "cut", "--model", setting.model, "--layers", str(W7_STUDENT_LAYERS)]
    if subprocess.run([*cut, "--placement", "first", "--output", str(student)], stdout=sys.stderr).returncode != 0:
        raise Failure("interest-query model cut failed")
    matches = []
    for precision in ("f32", "bf16"):
        common = ["--model", str(student), "--teacher", setting.model, "--precision", precision]
        common += ["--threads", str(setting.threads)]
        ours = [setting.command, "bench", "--workload", "W7", "--text", text, "--tokens", str(W7_TOKENS), *common]
        peer = [setting.python, "-B", str(HERE / "trl_distillation.py"), "--tokens", tokens, *common]
        matches.append(
            Match(
                workload="W7",
                format=precision,
                unit="s",
                goal=W7_GOAL,
                ours=[*ours, "--steps", str(setting.steps or STEPS), "--rounds", "1"],
                peers=[[*peer, "--prompt-tokens", str(W7_TOKENS), "--steps", "1"]],
                # Samples differ, and with them the losses.
                loss_tolerance=0,
            )
        )
    return matches


# MARK: embed, sentence vectors; and W9, the ten nearest of 100,000 of them

TITLES = 4096


def titles(setting: Setting) -> str:
    """A file of real titles: of the data that INTEREST_QUERY_DATA names, which is not ours to give away."""
    data = os.environ.get("INTEREST_QUERY_DATA", "")
    file = pathlib.Path(data) / "mind" / "news.tsv"
    if not data or not file.is_file():
        raise Failure("embed and W9 need real titles: set INTEREST_QUERY_DATA to a folder that holds mind/news.tsv")
    found = [line.split("\t")[3] for line in file.read_text(encoding="utf-8").splitlines() if line.count("\t") >= 3]
    path = setting.folder / "titles.txt"
    path.write_text("\n".join(title for title in found if title.strip()), encoding="utf-8")
    return str(path)


def sentence_encoder() -> str:
    result = subprocess.run([REPOSITORY / "Scripts" / "fetch-model", "minilm"], stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        raise Failure("Scripts/fetch-model minilm failed")
    return result.stdout.strip()


def embed(setting: Setting) -> list[Match]:
    text = pathlib.Path(titles(setting))
    some = setting.folder / f"titles-{TITLES}.txt"
    some.write_text("\n".join(text.read_text(encoding="utf-8").split("\n")[:TITLES]), encoding="utf-8")
    model = sentence_encoder()
    common = ["--model", model, "--text", str(some), "--threads", str(setting.threads), "--steps", str(setting.steps or STEPS)]
    peer = [setting.python, "-B", str(HERE / "sentence_embedding.py"), *common]
    return [
        Match(
            workload="embed",
            format="f32",
            unit="texts/s",
            goal=1.0,
            ours=[setting.command, "bench", "--workload", "embed", *common, "--rounds", "1"],
            # The default, and one that suits short texts better.
            peers=[[*peer, "--batch", "32"], [*peer, "--batch", "128"]],
            loss_tolerance=1e-4,
        )
    ]


def w9(setting: Setting) -> list[Match]:
    folder = setting.folder / "w9"
    folder.mkdir()
    peer = [setting.python, "-B", str(HERE / "nearest_neighbours.py")]
    make = [*peer, "make", str(folder), "--embeddings", sentence_encoder(), "--text", titles(setting)]
    if subprocess.run([*make, "--threads", str(setting.threads)]).returncode != 0:
        raise Failure("the vectors of W9 could not be made")
    common = ["--threads", str(setting.threads), "--steps", str(setting.steps or STEPS)]
    ours = [setting.command, "bench", "--workload", "W9", "--vectors", str(folder), *common, "--rounds", "1"]
    shape = ["--links", "16", "--build-width", "200", "--search-width", "80"]

    def match(format: str, ours: list[str], peers: list[list[str]]) -> Match:
        return Match("W9", format, "queries/s", 1.0, ours, peers, loss_tolerance=0, recall=0.98)

    return [
        match(
            "graph",
            [*ours, *shape],
            [[*peer, who, str(folder), *common, *shape] for who in ("hnswlib", "faiss")],
        ),
        match("exact", [*ours, "--exact"], [[*peer, "faiss-flat", str(folder), *common]]),
    ]


WORKLOADS = {
    **GENERATION_WORKLOADS,
    "W5": Workload("requirements.txt", w5),
    "W6": Workload("requirements.txt", w6),
    "W6L": Workload("requirements.txt", w6l),
    "W7": Workload("requirements.txt", w7),
    "W9": Workload("requirements-news.txt", w9),
    "embed": Workload("requirements-news.txt", embed),
}
