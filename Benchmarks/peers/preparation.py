"""What a comparison needs before it runs: our command, the model, and a Python environment with the peers."""

import atexit
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from typing import Callable, Iterable

from contestants import Failure, say

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
# llama-cpp-python is built from source, for this processor: with what its package is built with, it is not the peer to beat.
NATIVE_BUILD = {"CMAKE_ARGS": "-DGGML_NATIVE=ON"}
ENVIRONMENT_VARIABLE = "INTEREST_QUERY_PEERS"


def cache_folder() -> pathlib.Path:
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return pathlib.Path(cache) / "interest-query-kit"


def output(command: list[str]) -> str:
    result = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))} ended with status {result.returncode}")
    return result.stdout.strip()


def to_standard_error(command: list[str], environment: dict[str, str] = {}) -> None:
    if subprocess.run(command, cwd=REPOSITORY, stdout=sys.stderr, env={**os.environ, **environment}).returncode != 0:
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


def made(name: str, make: Callable[[pathlib.Path], None]) -> str:
    """A model of a name in the cache, which `make` writes to the path it is given. Whole or not at all: written beside, then
    renamed."""
    path = cache_folder() / "peers-models" / name
    if not path.exists():
        say(f"Making {path}")
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name("partial-" + path.name)
        if partial.is_dir():
            shutil.rmtree(partial)
        make(partial)
        partial.rename(path)
    return str(path)


def original() -> str:
    """SmolLM2-135M-Instruct as it comes: a GGUF file in q4_1."""
    return output(["Scripts/fetch-model", "smollm2"])


def converted(format: str, ending: str = "") -> str:
    """The model in another number format: a Hugging Face folder, or a GGUF file if the ending is .gguf."""
    file = original()

    def make(path: pathlib.Path) -> None:
        to_standard_error([build_command(), "model", "convert", file, "--out", str(path), "--format", format, "--force"])

    return made(f"{pathlib.Path(file).stem}-{format}{ending}", make)


def model() -> str:
    """SmolLM2-135M-Instruct as a Hugging Face folder in f32, which we dequantise from the GGUF file, once."""
    return converted("f32")


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
            to_standard_error([interpreter, "-m", "pip", "install", "--quiet", "--requirement", str(file)], NATIVE_BUILD)
        stamp.write_text(digest)
    return interpreter
