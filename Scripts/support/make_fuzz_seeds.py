"""Writes the fuzzer's starting inputs: small valid files of each kind, from which mutations find their way.

    make_fuzz_seeds.py FOLDER    writes FOLDER/<target>/... and FOLDER/<target>.dict

Only the standard library is used. The model is a Llama of one layer, width 8; its files are a few kilobytes.
"""

import json
import pathlib
import struct
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]

WIDTH, HIDDEN, VOCABULARY, HEAD_WIDTH, HEADS, KEY_VALUE_HEADS = 8, 16, 8, 4, 2, 1
TOKENS = ["<unk>", "<s>", "</s>", "a", "b", "ab", "\u0120", "\u0120a"]

# Hugging Face name, GGUF name, shape (rows first)
TENSORS = [
    ("model.embed_tokens.weight", "token_embd.weight", [VOCABULARY, WIDTH]),
    ("model.norm.weight", "output_norm.weight", [WIDTH]),
    ("model.layers.0.input_layernorm.weight", "blk.0.attn_norm.weight", [WIDTH]),
    ("model.layers.0.self_attn.q_proj.weight", "blk.0.attn_q.weight", [HEADS * HEAD_WIDTH, WIDTH]),
    ("model.layers.0.self_attn.k_proj.weight", "blk.0.attn_k.weight", [KEY_VALUE_HEADS * HEAD_WIDTH, WIDTH]),
    ("model.layers.0.self_attn.v_proj.weight", "blk.0.attn_v.weight", [KEY_VALUE_HEADS * HEAD_WIDTH, WIDTH]),
    ("model.layers.0.self_attn.o_proj.weight", "blk.0.attn_output.weight", [WIDTH, HEADS * HEAD_WIDTH]),
    ("model.layers.0.post_attention_layernorm.weight", "blk.0.ffn_norm.weight", [WIDTH]),
    ("model.layers.0.mlp.gate_proj.weight", "blk.0.ffn_gate.weight", [HIDDEN, WIDTH]),
    ("model.layers.0.mlp.up_proj.weight", "blk.0.ffn_up.weight", [HIDDEN, WIDTH]),
    ("model.layers.0.mlp.down_proj.weight", "blk.0.ffn_down.weight", [WIDTH, HIDDEN]),
]


def count(shape: list[int]) -> int:
    product = 1
    for extent in shape:
        product *= extent
    return product


def floats(number: int) -> bytes:
    return struct.pack(f"<{number}f", *[((i * 7) % 13 - 6) / 16 for i in range(number)])


# GGUF ----------------------------------------------------------------------------------------------------------------

UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY, UINT64 = 4, 5, 6, 7, 8, 9, 10
PACKED = {UINT32: "<I", INT32: "<i", FLOAT32: "<f", BOOL: "<?", UINT64: "<Q"}


def text(value: str) -> bytes:
    encoded = value.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def scalar(kind: int, value: object) -> bytes:
    return text(str(value)) if kind == STRING else struct.pack(PACKED[kind], value)


def entry(key: str, kind: int, value: object) -> bytes:
    return text(key) + struct.pack("<I", kind) + scalar(kind, value)


def array(key: str, kind: int, values: list) -> bytes:
    head = text(key) + struct.pack("<IIQ", ARRAY, kind, len(values))
    return head + b"".join(scalar(kind, value) for value in values)


def gguf(architecture: str, tokenizer: str, version: int = 3, with_tensors: bool = True) -> bytes:
    metadata = [
        entry("general.architecture", STRING, architecture),
        entry("general.name", STRING, "seed"),
        entry("general.alignment", UINT32, 32),
        entry(f"{architecture}.context_length", UINT32, 16),
        entry(f"{architecture}.embedding_length", UINT32, WIDTH),
        entry(f"{architecture}.block_count", UINT32, 1),
        entry(f"{architecture}.feed_forward_length", UINT32, HIDDEN),
        entry(f"{architecture}.attention.head_count", UINT32, HEADS),
        entry(f"{architecture}.attention.head_count_kv", UINT32, KEY_VALUE_HEADS),
        entry(f"{architecture}.attention.key_length", UINT32, HEAD_WIDTH),
        entry(f"{architecture}.attention.value_length", UINT32, HEAD_WIDTH),
        entry(f"{architecture}.attention.layer_norm_rms_epsilon", FLOAT32, 1e-5),
        entry(f"{architecture}.rope.freq_base", FLOAT32, 10000.0),
        entry(f"{architecture}.rope.dimension_count", UINT32, HEAD_WIDTH),
        entry("tokenizer.ggml.model", STRING, tokenizer),
        entry("tokenizer.ggml.pre", STRING, "smollm"),
        array("tokenizer.ggml.tokens", STRING, TOKENS),
        array("tokenizer.ggml.token_type", INT32, [2, 3, 3, 1, 1, 1, 1, 1]),
        array("tokenizer.ggml.scores", FLOAT32, [0.0, 0.0, 0.0, -1.0, -2.0, -3.0, -4.0, -5.0]),
        array("tokenizer.ggml.merges", STRING, ["a b", "\u0120 a"]),
        entry("tokenizer.ggml.bos_token_id", UINT32, 1),
        entry("tokenizer.ggml.eos_token_id", UINT32, 2),
        entry("tokenizer.ggml.unknown_token_id", UINT32, 0),
        entry("tokenizer.ggml.add_bos_token", BOOL, True),
        entry("tokenizer.chat_template", STRING, "{% for m in messages %}{{ m['role'] }}: {{ m.content }}\n{% endfor %}"),
    ]
    tensors = TENSORS if with_tensors else []
    descriptions, data = b"", b""
    for _, name, shape in tensors:
        descriptions += text(name) + struct.pack("<I", len(shape))
        descriptions += b"".join(struct.pack("<Q", extent) for extent in reversed(shape))
        descriptions += struct.pack("<IQ", 0, len(data))
        data += floats(count(shape))
        data += bytes(-len(data) % 32)
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(metadata)) + b"".join(metadata) + descriptions
    return head + bytes(-len(head) % 32) + data


# Safetensors ---------------------------------------------------------------------------------------------------------


def safetensors(kind: str) -> bytes:
    width = {"F32": 4, "F16": 2, "BF16": 2}[kind]
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, _, shape in TENSORS:
        size = count(shape) * width
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    encoded = json.dumps(header, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % 8)
    return struct.pack("<Q", len(encoded)) + encoded + bytes(offset)


# Tokenizers ----------------------------------------------------------------------------------------------------------


def special(identifier: int, content: str) -> dict:
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {"id": identifier, "content": content, **flags}


def template_processing(names: list[str], vocabulary: list[str], before: list[str], after: list[str]) -> dict:
    def pieces(chosen: list[str]) -> list[dict]:
        return [{"SpecialToken": {"id": name, "type_id": 0}} for name in chosen]

    return {
        "type": "TemplateProcessing",
        "single": pieces(before) + [{"Sequence": {"id": "A", "type_id": 0}}] + pieces(after),
        "pair": [],
        "special_tokens": {name: {"id": name, "ids": [vocabulary.index(name)], "tokens": [name]} for name in names},
    }


def tokenizers() -> dict[str, dict]:
    byte_level = {
        "version": "1.0",
        "added_tokens": [special(0, "<unk>"), special(1, "<|im_start|>"), special(2, "<|im_end|>")],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Digits", "individual_digits": True},
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
            ],
        },
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE",
            "unk_token": "<unk>",
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {"<unk>": 0, "<|im_start|>": 1, "<|im_end|>": 2, "a": 3, "b": 4, "ab": 5, "\u0120": 6, "\u0120a": 7},
            "merges": [["a", "b"], "\u0120 a"],
        },
    }
    pattern = r"(?i:'s|'t)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    split = {
        **byte_level,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False},
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False},
            ],
        },
        "normalizer": {"type": "NFC"},
    }
    pieces = ["<pad>", "<eos>", "<bos>", "<unk>"] + [f"<0x{byte:02X}>" for byte in range(256)] + ["\u2581", "n", "\u2581n"]
    fallback = {
        "version": "1.0",
        "added_tokens": [special(index, name) for index, name in enumerate(pieces[:4])],
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
        "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False},
        "post_processor": template_processing(["<bos>"], pieces, ["<bos>"], []),
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        "model": {
            "type": "BPE",
            "unk_token": "<unk>",
            "fuse_unk": True,
            "byte_fallback": True,
            "vocab": {piece: index for index, piece in enumerate(pieces)},
            "merges": [["\u2581", "n"]],
        },
    }
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "news", "end", "##s", "gr", "##u", "1", "2", "##2", ","]
    word_piece = {
        "version": "1.0",
        "added_tokens": [special(index, name) for index, name in enumerate(words[:4])],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": template_processing(["[CLS]", "[SEP]"], words, ["[CLS]"], ["[SEP]"]),
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {word: index for index, word in enumerate(words)},
        },
        "truncation": {"direction": "Right", "max_length": 128, "strategy": "LongestFirst", "stride": 0},
    }
    return {"byte-level": byte_level, "split": split, "byte-fallback": fallback, "word-piece": word_piece}


# Chat templates ------------------------------------------------------------------------------------------------------

TEMPLATES = [
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ 'S' }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    "{{ bos_token }}{%- if messages[0]['role'] == 'system' -%}{%- set first = messages[0]['content'] + '\\n' -%}"
    "{%- set rest = messages[1:] -%}{%- else -%}{%- set first = '' -%}{%- set rest = messages -%}{%- endif -%}"
    "{%- for m in rest -%}{%- if (m['role'] == 'user') != (loop.index0 % 2 == 0) -%}"
    "{{ raise_exception('roles must alternate') }}{%- endif -%}{{ '<turn>' + m['role'] | trim + '\\n' }}"
    "{%- if m['content'] is string -%}{{ m['content'] | trim }}{%- elif m['content'] is iterable -%}"
    "{%- for item in m['content'] -%}{{ item['text'] }}{%- endfor -%}{%- endif -%}{%- endfor -%}",
    "{%- macro line(x, y='-') -%}{{ y ~ x }}{%- endmacro -%}{%- set ns = namespace(n=0, last=none) -%}"
    "{%- for m in messages[::-1] -%}{%- set ns.n = ns.n + 1 -%}{{ line(m.content.split(' ')[-1] | tojson) }}"
    "{%- endfor -%}{{ ns.n if ns.n is defined and not tools else 'x' }}{# comment #}{{ [1, 2.5, {'a': true}] }}",
]
TEMPLATE_WORDS = (
    "{% %} {{ }} {%- -%} {{- -}} {# #} for if elif else endif endfor set macro endmacro namespace loop.index loop.last is not "
    "defined in and or none true messages role content add_generation_prompt bos_token eos_token | trim tojson length upper "
    "join default [::-1] ** // ~ range( raise_exception( strftime_now( .strip() .split( .startswith("
)
SIGNAL_WORDS = (
    "id signals kind time text url category language newsClick webSearch pageVisit 2026-02-29T24:00:60+14:59 1e308 \\ud800 "
    "-0.0 null"
)


# Dictionaries and files ----------------------------------------------------------------------------------------------


def quoted(word: str) -> str:
    """A word in the syntax of libFuzzer's dictionaries."""
    return "".join(chr(b) if 32 <= b < 127 and b not in (34, 92) else f"\\x{b:02x}" for b in word.encode())


def words_of(value: object) -> list[str]:
    """The keys and strings of a JSON value."""
    if isinstance(value, dict):
        return list(value) + [word for inner in value.values() for word in words_of(inner)]
    if isinstance(value, list):
        return [word for inner in value for word in words_of(inner)]
    return [value] if isinstance(value, str) else []


def main(folder: pathlib.Path) -> None:
    def write(target: str, name: str, contents: bytes | str) -> None:
        path = folder / target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents.encode() if isinstance(contents, str) else contents)

    def dictionary(target: str, found: list[str]) -> None:
        chosen = sorted({word for word in found if 1 < len(word) <= 60})
        lines = "".join(f'"{quoted(word)}"\n' for word in chosen[:400])
        (folder / f"{target}.dict").write_text(lines)

    for architecture in ("llama", "qwen2", "gemma3"):
        write("gguf", f"{architecture}.gguf", gguf(architecture, "gpt2"))
    write("gguf", "version2.gguf", gguf("llama", "llama", version=2))
    write("gguf", "wordpiece.gguf", gguf("bert", "bert"))
    write("gguf", "empty.gguf", gguf("llama", "gpt2", with_tensors=False))
    dictionary("gguf", [name for _, name, _ in TENSORS] + ["llama", "qwen3", "mistral", "bert", "general.alignment"])

    for kind in ("F32", "F16", "BF16"):
        write("safetensors", kind, safetensors(kind))
    dictionary("safetensors", [name for name, _, _ in TENSORS] + ["dtype", "shape", "data_offsets", "F64", "I64"])

    found: list[str] = []
    for path in sorted((REPOSITORY / "Tests" / "Golden").glob("*/config.json")):
        write("configuration", path.parent.name, path.read_bytes())
        found += words_of(json.loads(path.read_text()))
    dictionary("configuration", found)

    found = []
    for name, value in tokenizers().items():
        write("tokenizer", name, json.dumps(value, ensure_ascii=name == "split"))
        found += words_of(value)
    dictionary("tokenizer", [word for word in found if not word.startswith("<0x")])

    for index, source in enumerate(TEMPLATES):
        write("template", f"template{index}", source)
    dictionary("template", TEMPLATE_WORDS.split(" "))

    sample = REPOSITORY / "Examples" / "Data" / "sample-people.jsonl"
    if sample.exists():
        for index, line in enumerate(sample.read_bytes().splitlines()[:6]):
            write("signals", f"person{index}", line + b"\n")
    signal = '{"kind":"newsClick","time":"2026-03-14T08:30:00Z","text":"A \\u00e9"}'
    write("signals", "one", '{"id":"p","signals":[' + signal + "]}\n")
    write("signals", "two", '{"id":"p","signals":[]}\r\n\n{"id":"q","language":"de","signals":[' + signal + "]}")
    dictionary("signals", SIGNAL_WORDS.split(" "))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
