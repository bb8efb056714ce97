"""W1 to W4 and W8, the workloads that generate: we, llama.cpp, OpenVINO and CTranslate2 with the same weights and tokens.

All come from SmolLM2-135M-Instruct's Q4_1 file, dequantised by us, then encoded by us to what each peer reads. All contestants of a
workload take turns, so that a row can be held against the best peer of its format, or of all.
"""

import json
import pathlib
import subprocess

import preparation
from contestants import Failure, Match
from people import write_people
from preparation import to_standard_error
from setting import HERE, REPOSITORY, Setting, Workload, text_tokens

FORMATS = ("f32", "bf16", "q8_0", "q4_0")

# How ours runs in each format: what a user would choose for speed; its perplexity is measured with the same options.
OURS = {
    "f32": [],
    "bf16": ["--product", "rounded", "--cache", "f16"],
    "q8_0": ["--product", "rounded", "--cache", "f16"],
    "q4_0": ["--product", "rounded", "--cache", "f16"],
}

# How far the loss of the passage may lie from a peer's, relative. Quantised formats are near relatives, not the same: CTranslate2's int8
# has a scale a row, and OpenVINO rounds what q4_1 adds to a multiple of its scale.
LOSS_TOLERANCE = {"f32": 1e-3, "bf16": 1e-2, "q8_0": 2e-2, "q4_0": 0.15}
# With f32 all must begin to write alike; elsewhere rounding may turn a word.
COMMON_TOKENS = {"f32": 8}

# The goals of each format: the ratio, and the peer that it is about.
GOALS = {
    "W1": {
        "f32": (1.1, "OpenVINO"),
        "bf16": (1.1, "OpenVINO"),
        "q8_0": (1.5, Match.ALL),
        "q4_0": (1.5, Match.ALL),
    },
    "W2": {
        "f32": (1.0, Match.FASTEST),
        "bf16": (1.1, Match.FASTEST),
        "q8_0": (1.5, Match.FASTEST),
        "q4_0": (1.5, Match.FASTEST),
    },
    "W3": {
        "f32": (1.3, "OpenVINO"),
        "bf16": (None, Match.FASTEST),
        "q8_0": (2.5, Match.ALL),
        "q4_0": (None, Match.ALL),
    },
    "W4": {
        "f32": (1.6, "llama.cpp"),
        "bf16": (None, Match.FASTEST),
        "q8_0": (3.0, Match.ALL),
        "q4_0": (None, Match.ALL),
    },
    "W8": {format: (3.0, Match.ALL) for format in ("bf16", "q8_0", "q4_0")},
}
STEPS = {"W1": 3}  # measured steps of a round; 1 elsewhere
TEXT_TOKENS = 512
STUDENT_LAYERS = 10
LIST_TOKENS = 40


def passage(setting: Setting) -> str:
    """A file with the tokens of the passage of the golden tests: one list, in one line."""
    golden = json.loads((REPOSITORY / "Tests" / "Golden" / "smollm2_real.json").read_text())
    file = setting.folder / "passage.json"
    file.write_text(json.dumps(golden["passage"]["ids"]))
    return str(file)


class Peers:
    """The command lines of the peers of a workload."""

    def __init__(self, setting: Setting, workload: str, tokens: str):
        self.setting = setting
        self.common = ["--workload", workload, "--tokens", tokens, "--passage", passage(setting)]
        self.common += ["--threads", str(setting.threads), "--steps", str(steps(setting, workload))]
        self.common += ["--new-tokens", str(LIST_TOKENS)]

    def command(self, program: str, model: str, format: str, precision: str = "") -> list[str]:
        command = [self.setting.python, "-B", str(HERE / program), "--model", model, "--format", format]
        return [*command, *(["--precision", precision] if precision else []), *self.common]

    def openvino_model(self, name: str, gguf: str, weights: str | None = None) -> str:
        def make(path: pathlib.Path) -> None:
            command = [self.setting.python, "-B", str(HERE / "openvino_models.py"), "--gguf", gguf, "--out", str(path)]
            to_standard_error([*command, *(["--weights", weights] if weights else [])])

        return preparation.made(f"{name}-openvino", make)


def steps(setting: Setting, workload: str) -> int:
    return setting.steps or STEPS.get(workload, 1)


def gguf(format: str) -> str:
    return preparation.converted(format, ".gguf")


def generation_peers(setting: Setting, workload: str, tokens: str) -> dict[str, list[list[str]]]:
    """The peers of W1 to W4 in each format of ours."""
    peers = Peers(setting, workload, tokens)
    llama = {format: peers.command("llama_generation.py", gguf(format), format) for format in FORMATS}
    source = preparation.original()
    graph = peers.openvino_model("SmolLM2-135M-Instruct.Q4_1", source)
    plain = peers.openvino_model("SmolLM2-135M-Instruct-f32", source, setting.model)

    def ctranslate2(format: str, precision: str) -> list[str]:
        def make(path: pathlib.Path) -> None:
            convert = [setting.python, "-B", str(HERE / "ctranslate2_generation.py"), "convert"]
            to_standard_error([*convert, "--weights", setting.model, "--out", str(path)])

        model = preparation.made("SmolLM2-135M-Instruct-ctranslate2", make)
        return peers.command("ctranslate2_generation.py", model, format, precision)

    openvino = "openvino_generation.py"
    found = {
        "f32": [llama["f32"], peers.command(openvino, plain, "f32", "f32")],
        "bf16": [llama["bf16"], peers.command(openvino, plain, "bf16", "bf16")],
        "q8_0": [llama["q8_0"], ctranslate2("int8", "int8")],
        "q4_0": [llama["q4_0"], peers.command(openvino, graph, "q4_1")],
    }
    # In groups it is the slowest of all by far.
    if workload in ("W1", "W2"):
        found["f32"].append(ctranslate2("f32", "float32"))
    return found


def multiplies_bf16() -> bool:
    """Whether the processor has products in bf16. Without them the peers take minutes for what their other formats do in seconds."""
    information = pathlib.Path("/proc/cpuinfo")
    return not information.exists() or "bf16" in information.read_text()


def rows(
    setting: Setting,
    workload: str,
    unit: str,
    ours: dict[str, list[str]],
    models: dict[str, str],
    peers: dict[str, list[list[str]]],
) -> list[Match]:
    able = {format: commands for format, commands in peers.items() if format != "bf16" or multiplies_bf16()}
    everybody = [command for commands in able.values() for command in commands]
    threads = ["--threads", str(setting.threads)]
    matches = []
    for format, (goal, goal_peer) in GOALS[workload].items():
        bench = [setting.command, "bench", "--model", models[format], *OURS[format], *threads]
        proof = [*bench, "--workload", "perplexity", "--prompts", passage(setting)]
        matches.append(
            Match(
                workload=workload,
                format=format,
                unit=unit,
                goal=goal,
                ours=[*bench, "--workload", workload, *ours[format], "--rounds", "1"],
                peers=peers[format],
                loss_tolerance=LOSS_TOLERANCE[format],
                goal_peer=goal_peer,
                rivals=everybody if goal_peer == Match.ALL else [],
                proof=proof,
                common_tokens=COMMON_TOKENS.get(format, 0),
            )
        )
    return matches


def generation(workload: str) -> Workload:
    def matches(setting: Setting) -> list[Match]:
        text, tokens = text_tokens(setting, TEXT_TOKENS)
        peers = generation_peers(setting, workload, tokens)
        ours = ["--text", text, "--warm-up", "1", "--steps", str(steps(setting, workload))]
        return rows(
            setting,
            workload,
            "tokens/s",
            {format: ours for format in FORMATS},
            {format: gguf(format) for format in FORMATS},
            peers,
        )

    return Workload("requirements-generation.txt", matches, together=True)


# MARK: W8, a list of 40 tokens for each of many people, by the first layers of the model

TOGETHER = 64  # lists that ours writes together; of 32, 64 and 96 the fastest


def student(format: str, ending: str = "") -> str:
    """The model's first layers."""
    source = preparation.original()

    def make(path: pathlib.Path) -> None:
        cut = [preparation.build_command(), "model", "cut", "--model", source, "--layers", str(STUDENT_LAYERS)]
        to_standard_error([*cut, "--placement", "first", "--format", format, "--output", str(path), "--force"])

    return preparation.made(f"SmolLM2-135M-Instruct-{STUDENT_LAYERS}-layers-{format}{ending}", make)


def prompts(setting: Setting) -> str:
    """A file with the tokens of every person's prompt, which all contestants read."""
    people, file = setting.folder / "people.jsonl", setting.folder / "prompts.jsonl"
    write_people(people, setting.people)
    command = [setting.command, "bench", "--workload", "prompts", "--model", setting.model, "--signals", str(people)]
    with open(file, "w") as output:
        if subprocess.run(command, stdout=output).returncode != 0:
            raise Failure("the prompts of W8 could not be made")
    return str(file)


def w8(setting: Setting) -> list[Match]:
    file = prompts(setting)
    peers = Peers(setting, "W8", file)
    formats = tuple(GOALS["W8"])
    models = {format: student(format, ".gguf") for format in formats}
    llama = {format: peers.command("llama_generation.py", models[format], format) for format in formats}
    plain = peers.openvino_model("student-bf16", models["q8_0"], student("f32"))
    quantised = {format: peers.openvino_model(f"student-{format}", models[format]) for format in ("q8_0", "q4_0")}
    openvino = "openvino_generation.py"
    found = {
        "bf16": [llama["bf16"], peers.command(openvino, plain, "bf16", "bf16")],
        "q8_0": [llama["q8_0"], peers.command(openvino, quantised["q8_0"], "q8_0")],
        "q4_0": [llama["q4_0"], peers.command(openvino, quantised["q4_0"], "q4_0")],
    }
    ours = ["--prompts", file, "--new-tokens", str(LIST_TOKENS), "--together", str(TOGETHER)]
    ours += ["--warm-up", "1", "--steps", str(steps(setting, "W8"))]
    return rows(setting, "W8", "users/s", {format: ours for format in formats}, models, found)


GENERATION_WORKLOADS = {
    **{name: generation(name) for name in ("W1", "W2", "W3", "W4")},
    "W8": Workload("requirements-generation.txt", w8, together=True),
}
