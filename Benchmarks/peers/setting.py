"""What all workloads are made from."""

import json
import pathlib
import subprocess
from dataclasses import dataclass
from typing import Callable

from contestants import Failure, Match

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent


@dataclass
class Setting:
    """What all workloads need."""

    command: str  # our command line
    model: str  # a Hugging Face folder in f32, dequantised by us
    threads: int
    steps: int | None  # measured steps of a round; None for what suits the workload
    folder: pathlib.Path  # for files of this run
    people: int = 1000  # of W8
    python: str = ""  # an interpreter that has the peers


@dataclass(frozen=True)
class Workload:
    requirements: str  # a file beside this one
    matches: Callable[[Setting], list[Match]]
    # All rows in turn, so that their contestants can be held against each other. Else one row after the other.
    together: bool = False


def text_tokens(setting: Setting, count: int) -> tuple[str, str]:
    """A file of real text, and a JSON file with its first tokens: the text of the licence, which never changes."""
    text = REPOSITORY / "LICENSE"
    tokenize = [setting.command, "tokenize", "--model", setting.model, text.read_text()]
    result = subprocess.run(tokenize, stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        raise Failure("interest-query tokenize failed")
    tokens = [int(line.split("\t")[0]) for line in result.stdout.splitlines() if line][:count]
    if len(tokens) < count:
        raise Failure(f"{text} has {len(tokens)} tokens; {count} are needed")
    file = setting.folder / f"tokens-{count}.json"
    file.write_text(json.dumps(tokens))
    return str(text), str(file)
