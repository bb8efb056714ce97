"""OpenVINO as a contestant of W1 to W4 and W8. See generation_peer.py.

W1 to W4 ask the stateful model itself, step by step, since the pipelines of OpenVINO GenAI cannot tell the prefill from decoding at that
grain; a group begins as its beams would, from one prefill. W8 is the pipeline with continuous batching that GenAI has for serving.
"""

import time

import numpy
import openvino
import openvino_genai

import generation_peer


def cut_outputs(model) -> None:
    """Gives the graph an input that says from which token on logits are wanted. GenAI cuts its graphs to the last token too."""
    first = openvino.opset13.parameter([1], numpy.int64, name="first_output")
    first.output(0).set_names({"first_output"})
    head = model.output("logits").get_node().input_value(0).get_node()
    end, step, axis = (openvino.opset13.constant([value], dtype=numpy.int64) for value in (2**31 - 1, 1, 1))
    rows = openvino.opset13.slice(head.input_value(0), first, end, step, axis)
    head.input(0).replace_source_output(rows.output(0))
    model.add_parameters([first])
    model.validate_nodes_and_infer_types()


class Engine:
    name = "OpenVINO"

    def __init__(self, options):
        self.version = f"openvino-genai {openvino_genai.__version__.split('-')[0]}"
        self.options = options
        properties = {"INFERENCE_NUM_THREADS": options.threads, "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1}
        if options.precision:
            properties["INFERENCE_PRECISION_HINT"] = options.precision
            if options.precision == "f32":
                properties["KV_CACHE_PRECISION"] = "f32"
        self.properties = properties
        self.request = None
        self.pipeline = None

    # MARK: Steps

    def begin(self) -> None:
        if self.request is None:
            model = openvino.Core().read_model(f"{self.options.model}/openvino_model.xml")
            cut_outputs(model)
            self.request = openvino.Core().compile_model(model, "CPU", self.properties).create_infer_request()
        self.request.reset_state()
        self.length = 0

    def step(self, tokens, beams, first_output=-1):
        """Rows [B, T] of tokens behind what has been read; row b goes on from row beams[b]. Returns logits of the tokens from
        `first_output` on, [B, n, V]."""
        tokens = numpy.asarray(tokens, dtype="i8")
        rows, count = tokens.shape
        positions = numpy.arange(self.length, self.length + count)
        self.length += count
        self.request.infer(
            {
                "input_ids": tokens,
                "attention_mask": numpy.ones((rows, self.length), dtype="i8"),
                "position_ids": numpy.broadcast_to(positions, (rows, count)).astype("i8"),
                "beam_idx": numpy.asarray(beams, dtype="i4"),
                "first_output": numpy.asarray([first_output], dtype="i8"),
            },
            share_inputs=True,
        )
        return self.request.get_tensor("logits").data

    # MARK: Work

    def logits(self, passage, start, end):
        if start == 0:
            self.begin()
        return self.step([passage[start:end]], [0], first_output=0)[0]

    def prefill(self, prompt) -> int:
        self.begin()
        return int(self.step([prompt], [0])[0, -1].argmax())

    def decode(self, prompt, group, steps):
        token = self.prefill(prompt)
        tokens, written = numpy.full((group, 1), token), [token]
        beams = [0] * group
        start = time.perf_counter()
        for _ in range(steps):
            logits = self.step(tokens, beams)
            beams = range(group)
            tokens = logits[:, -1].argmax(axis=1)[:, None]
            written.append(tokens[0, 0])
        return time.perf_counter() - start, written

    # MARK: Serving

    def tune(self, prompts, new_tokens):
        """Takes the number of sequences that is fastest on a few people."""
        self.request = None  # the model is not needed twice
        rates = {}
        for together in (16, 64):
            self.load(together)
            some = prompts[: 2 * together]
            start = time.perf_counter()
            self.serve(some, new_tokens)
            rates[together] = len(some) / (time.perf_counter() - start)
        self.together = max(rates, key=rates.get)
        self.load(self.together)
        self.name = f"OpenVINO GenAI, {self.together} together,"

    def forget(self):
        """Makes the pipeline anew: what its prefix cache holds of earlier rounds would answer the same people for nothing. Within
        a round it still shares the beginning that all prompts have."""
        self.load(self.together)

    def load(self, together):
        self.pipeline = None
        scheduler = openvino_genai.SchedulerConfig()
        scheduler.max_num_seqs = together
        scheduler.max_num_batched_tokens = 512
        scheduler.dynamic_split_fuse = True
        scheduler.enable_prefix_caching = True
        scheduler.cache_size = 1  # GB
        self.pipeline = openvino_genai.ContinuousBatchingPipeline(
            self.options.model, scheduler, "CPU", self.properties
        )

    def serve(self, prompts, new_tokens):
        config = openvino_genai.GenerationConfig()
        config.max_new_tokens = config.min_new_tokens = new_tokens
        config.ignore_eos = True
        config.do_sample = False
        config.apply_chat_template = False
        handles = [
            self.pipeline.add_request(index, openvino.Tensor(numpy.asarray([prompt], dtype="i8")), config)
            for index, prompt in enumerate(prompts)
        ]
        while self.pipeline.has_non_finished_requests():
            self.pipeline.step()
        return handles[0].read_all()[0].generated_ids


if __name__ == "__main__":
    generation_peer.run(Engine)
