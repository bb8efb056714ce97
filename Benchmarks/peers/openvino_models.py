"""Makes a model that OpenVINO can read, for openvino_generation.py.

    openvino_models.py --gguf FILE --out FOLDER                       as OpenVINO GenAI reads the file
    openvino_models.py --gguf FILE --weights FOLDER --out FOLDER      the same graph with the f32 weights of a Hugging Face folder

OpenVINO GenAI makes its graph of a GGUF file, but of quantised ones only. For f32 and bf16 every matrix in the graph is therefore
exchanged for the one of the folder that it was quantised from, which is found by its shape and numbers.
"""

import argparse
import os
import tempfile

import numpy
import openvino
import openvino_genai
from safetensors.numpy import load_file

# How far a quantised matrix may be from the one that it was made from, relative.
LIKENESS = 0.2


def graph(gguf: str, folder: str) -> None:
    """Lets OpenVINO GenAI read the file and write what it made of it."""
    with tempfile.TemporaryDirectory() as temporary:
        link = os.path.join(temporary, os.path.basename(gguf))
        os.symlink(os.path.abspath(gguf), link)
        openvino_genai.LLMPipeline(link, "CPU", enable_save_ov_model=True, ATTENTION_BACKEND="SDPA")
        os.remove(link)
        for name in os.listdir(temporary):
            with open(os.path.join(temporary, name), "rb") as source, open(os.path.join(folder, name), "wb") as target:
                target.write(source.read())


def compressed_matrices(model):
    """Inputs of the graph that are fed by a matrix which is expanded on the way, each with the output that feeds it."""
    found = []
    for node in model.get_ordered_ops():
        kind = node.get_type_name()
        if kind not in ("MatMul", "Gather"):
            continue
        for index in range(2):
            source = node.input_value(index)
            shape = source.get_partial_shape()
            if shape.is_static and len(shape) == 2 and source.get_node().get_type_name() == "Convert":
                found.append((node.input(index), source))
    return found


def exchange(folder: str, weights_folder: str) -> None:
    file = os.path.join(folder, "openvino_model.xml")
    model = openvino.Core().read_model(file)
    weights = load_file(os.path.join(weights_folder, "model.safetensors"))
    matrices = {name: value for name, value in weights.items() if value.ndim == 2}
    inputs = compressed_matrices(model)
    sources = {source.get_node().get_friendly_name(): source for _, source in inputs}
    expand = openvino.Core().compile_model(
        openvino.Model(list(sources.values()), []), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
    )
    expanded = dict(zip(sources, expand([]).values()))
    constants, used = {}, set()
    for name, value in expanded.items():
        best, distance = None, LIKENESS
        for candidate, matrix in matrices.items():
            if matrix.shape != value.shape:
                continue
            rows = slice(0, 64)
            difference = numpy.linalg.norm(value[rows] - matrix[rows]) / numpy.linalg.norm(matrix[rows])
            if difference < distance:
                best, distance = candidate, difference
        if best is None:
            raise SystemExit(f"{name} {value.shape} is like none of the folder's matrices")
        used.add(best)
        constants[name] = openvino.opset13.constant(numpy.ascontiguousarray(matrices[best]), dtype=numpy.float32)
    missing = set(matrices) - used
    if missing:
        raise SystemExit(f"the graph has none of {sorted(missing)[:3]}")
    for place, source in inputs:
        place.replace_source_output(constants[source.get_node().get_friendly_name()].output(0))
    # The old file is mapped while the model lives.
    openvino.save_model(model, os.path.join(folder, "exchanged.xml"), compress_to_fp16=False)
    del model
    for ending in ("xml", "bin"):
        os.replace(os.path.join(folder, f"exchanged.{ending}"), os.path.join(folder, f"openvino_model.{ending}"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--weights")
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    os.makedirs(options.out)
    graph(options.gguf, options.out)
    if options.weights:
        exchange(options.out, options.weights)


if __name__ == "__main__":
    main()
