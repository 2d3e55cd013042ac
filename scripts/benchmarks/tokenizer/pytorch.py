"""qrepl.lua with Hugging Face's tokenizers, in one thread."""

import os
import sys

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
import torch
from tokenizers import Tokenizer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from worker import serve

data = os.environ["QREPL_DATA"]


def make():
    tokenizer = Tokenizer.from_file(data + "/minilm-mrpc/tokenizer.json")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


plain, filled = make(), make()
filled.enable_truncation(128)
filled.enable_padding(length=128)
pairs = []
for name in ("train", "val", "test"):
    with open(f"{data}/mrpc/{name}.tsv", encoding="utf-8-sig", newline="\n") as file:
        pairs += [tuple(line.rstrip("\n").split("\t")[3:5]) for line in list(file)[1:]]
assert len(pairs) == 5801


def ids(n):
    for _ in range(n):
        [e.ids for e in plain.encode_batch(pairs)]


def tensors(n):
    for _ in range(n):
        encodings = filled.encode_batch(pairs)
        torch.tensor([e.ids for e in encodings])
        torch.tensor([e.type_ids for e in encodings])
        torch.tensor([e.attention_mask for e in encodings])


serve([("ids of 5801 pairs", ids), ("the same, cut and filled to 128", tensors)])
