"""Writes SmolLM2's tokenizer files, made by transformers from the GGUF file's metadata, into a Hugging Face folder.

    make_tokenizer_files.py GGUF FOLDER
"""

import os
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from tokenizers import pre_tokenizers
from transformers import AutoTokenizer

file, folder = sys.argv[1:3]
tokenizer = AutoTokenizer.from_pretrained(os.path.dirname(file), gguf_file=os.path.basename(file))
# The conversion from GGUF loses that SmolLM2 splits every digit apart (tokenizer.ggml.pre = smollm).
tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
    [
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
    ]
)
tokenizer.save_pretrained(folder)
