"""What a comparison needs before it runs: our command, the model, and a Python environment with the peers."""

import atexit
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from typing import Iterable

from contestants import Failure, say

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
ENVIRONMENT_VARIABLE = "INTEREST_QUERY_PEERS"


def cache_folder() -> pathlib.Path:
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return pathlib.Path(cache) / "interest-query-kit"


def output(command: list[str]) -> str:
    result = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))} ended with status {result.returncode}")
    return result.stdout.strip()


def to_standard_error(command: list[str]) -> None:
    if subprocess.run(command, cwd=REPOSITORY, stdout=sys.stderr).returncode != 0:
        raise Failure(f"{' '.join(map(str, command))} failed")


def working_folder() -> pathlib.Path:
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return pathlib.Path(folder)


def build_command() -> str:
    """Our command line, built for release."""
    build = ["swift", "build", "-c", "release", "--product", "interest-query"]
    to_standard_error(build)
    return os.path.join(output([*build, "--show-bin-path"]), "interest-query")


def model() -> str:
    """SmolLM2-135M-Instruct as a Hugging Face folder in f32, which we dequantise from the GGUF file, once."""
    file = output(["Scripts/fetch-model", "smollm2"])
    folder = cache_folder() / "peers-models" / f"{pathlib.Path(file).stem}-f32"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: written beside, then renamed.
        partial = folder.with_name(folder.name + ".partial")
        to_standard_error([build_command(), "model", "convert", file, "--out", str(partial), "--format", "f32", "--force"])
        partial.rename(folder)
    return str(folder)


def python(requirements: Iterable[str]) -> str:
    """An interpreter that has the peers: of the environment in INTEREST_QUERY_PEERS, or of one in the cache."""
    given = os.environ.get(ENVIRONMENT_VARIABLE)
    if given:
        interpreter = os.path.join(given, "bin", "python")
        if not os.access(interpreter, os.X_OK):
            raise Failure(f"{ENVIRONMENT_VARIABLE} is {given}, and there is no bin/python in it")
        return interpreter
    files = [HERE / name for name in sorted(set(requirements))]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    folder = cache_folder() / "peers-training"
    stamp = folder / "requirements.sha256"
    interpreter = str(folder / "bin" / "python")
    if not stamp.exists() or stamp.read_text() != digest:
        say(f"Making a Python environment with the peers in {folder} (about 6 GB)")
        try:
            to_standard_error([sys.executable, "-m", "venv", str(folder)])
        except Failure as failure:
            raise Failure("python3 cannot make environments; on Debian: apt-get install python3-venv") from failure
        for file in files:
            to_standard_error([interpreter, "-m", "pip", "install", "--quiet", "--requirement", str(file)])
        stamp.write_text(digest)
    return interpreter
