"""llama.cpp as a contestant of W1 to W4 and W8, by its low-level batch interface. See generation_peer.py."""

import ctypes
import os
import time

import llama_cpp
import numpy

import generation_peer

BATCH = 512  # tokens of a step
TRIED = (8, 16, 32)  # sequences together, of which W8 takes the fastest

# A build for any processor would be another, slower peer.
WANTED = ("AVX512 = 1", "AVX512_VNNI = 1")


class Engine:
    name = "llama.cpp"

    def __init__(self, options):
        llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        system = llama_cpp.llama_print_system_info().decode()
        flags = open("/proc/cpuinfo").read()
        if "avx512_vnni" in flags and not all(wanted in system for wanted in WANTED):
            raise SystemExit("llama-cpp-python was built without AVX-512: reinstall it with CMAKE_ARGS=-DGGML_NATIVE=ON")
        self.version = f"llama-cpp-python {llama_cpp.__version__}"
        parameters = llama_cpp.llama_model_default_params()
        self.model = llama_cpp.llama_model_load_from_file(options.model.encode(), parameters)
        if not self.model:
            raise SystemExit(f"llama.cpp cannot load {options.model}")
        self.vocabulary = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self.model))
        self.batch = llama_cpp.llama_batch_init(BATCH, 0, 1)
        # Cells of the cache: what the work needs, or the passage.
        work = generation_peer.WORK.get(options.workload)
        self.sequences = work.group if work else max(TRIED)
        cells = work.prompt_tokens + work.group * work.new_tokens if work else 512 * self.sequences
        parameters = llama_cpp.llama_context_default_params()
        parameters.n_ctx = max(512, cells)
        parameters.n_batch = parameters.n_ubatch = BATCH
        parameters.n_seq_max = self.sequences + 1  # one more holds what all prompts begin with
        parameters.n_threads = parameters.n_threads_batch = options.threads
        # Sequences share what they have in common.
        parameters.kv_unified = True
        self.context = llama_cpp.llama_init_from_model(self.model, parameters)
        if not self.context:
            raise SystemExit("llama.cpp cannot make a context")
        self.memory = llama_cpp.llama_get_memory(self.context)

    # MARK: Steps

    def begin(self) -> None:
        llama_cpp.llama_memory_clear(self.memory, False)

    def step(self, rows: list[tuple[int, int, int, bool]]) -> None:
        """One batch: token, position, sequence and whether logits are wanted, of each row."""
        batch = self.batch
        for index, (token, position, sequence, wanted) in enumerate(rows):
            batch.token[index] = token
            batch.pos[index] = position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = sequence
            batch.logits[index] = wanted
        batch.n_tokens = len(rows)
        status = llama_cpp.llama_decode(self.context, batch)
        if status != 0:
            raise SystemExit(f"llama_decode returned {status}")

    def row(self, index: int):
        pointer = llama_cpp.llama_get_logits_ith(self.context, index)
        return numpy.ctypeslib.as_array(pointer, shape=(self.vocabulary,))

    # MARK: Work

    def logits(self, passage, start, end):
        if start == 0:
            self.begin()
        self.step([(passage[at], at, 0, True) for at in range(start, end)])
        return numpy.stack([self.row(index) for index in range(end - start)])

    def prefill(self, prompt) -> int:
        self.begin()
        for start in range(0, len(prompt), BATCH):
            end = min(start + BATCH, len(prompt))
            self.step([(prompt[at], at, 0, at == len(prompt) - 1) for at in range(start, end)])
        return int(self.row(end - start - 1).argmax())

    def decode(self, prompt, group, steps):
        token = self.prefill(prompt)
        for member in range(1, group):
            llama_cpp.llama_memory_seq_cp(self.memory, 0, member, -1, -1)
        tokens, written = [token] * group, [token]
        start = time.perf_counter()
        for step in range(steps):
            self.step([(tokens[member], len(prompt) + step, member, True) for member in range(group)])
            tokens = [int(self.row(member).argmax()) for member in range(group)]
            written.append(tokens[0])
        return time.perf_counter() - start, written

    # MARK: Serving

    def tune(self, prompts, new_tokens):
        """Takes the number of sequences that is fastest on a few people."""
        rates = {}
        for self.together in TRIED:
            some = prompts[: 2 * self.together]
            start = time.perf_counter()
            self.serve(some, new_tokens)
            rates[self.together] = len(some) / (time.perf_counter() - start)
        self.together = max(rates, key=rates.get)
        self.name = f"llama.cpp, {self.together} together,"

    def forget(self):
        """`serve` begins with an empty cache."""

    def serve(self, prompts, new_tokens):
        """Continuous batching as its server does it: a step holds the next token of all who write, and the room that is left is
        filled with the prompts of those who come next. What all prompts begin with is read once."""
        self.begin()
        common = min(len(os.path.commonprefix(prompts)), min(len(prompt) for prompt in prompts) - 1)
        if common:
            self.step([(prompts[0][at], at, self.sequences, False) for at in range(common)])
        free = list(range(self.together))
        waiting = iter(range(len(prompts)))
        reading = {}  # sequence: person, tokens read
        writing = {}  # sequence: person, position, last token, tokens written
        first = []
        left = len(prompts)
        while left:
            while free:
                person = next(waiting, None)
                if person is None:
                    break
                sequence = free.pop()
                if common:
                    llama_cpp.llama_memory_seq_cp(self.memory, self.sequences, sequence, 0, common)
                reading[sequence] = (person, common)
            rows, wanted = [], []
            for sequence, (_, position, token, _) in writing.items():
                wanted.append((len(rows), sequence))
                rows.append((token, position, sequence, True))
            for sequence, (person, read) in list(reading.items()):
                prompt = prompts[person]
                end = min(len(prompt), read + BATCH - len(rows))
                rows += [(prompt[at], at, sequence, at == len(prompt) - 1) for at in range(read, end)]
                reading[sequence] = (person, end)
                if end == len(prompt):
                    wanted.append((len(rows) - 1, sequence))
                if len(rows) == BATCH:
                    break
            self.step(rows)
            for row, sequence in wanted:
                token = int(self.row(row).argmax())
                if sequence in reading:
                    person, length = reading.pop(sequence)
                    writing[sequence] = (person, length, token, 1)
                else:
                    person, position, _, count = writing[sequence]
                    writing[sequence] = (person, position + 1, token, count + 1)
                if person == 0:
                    first.append(token)
                if writing[sequence][3] == new_tokens:
                    del writing[sequence]
                    llama_cpp.llama_memory_seq_rm(self.memory, sequence, -1, -1)
                    free.append(sequence)
                    left -= 1
        return first


@llama_cpp.llama_log_callback
def quiet(level, text, data):
    pass


if __name__ == "__main__":
    generation_peer.run(Engine)
