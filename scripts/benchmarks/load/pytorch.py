"""qrepl.lua in PyTorch."""

import os
import sys
import warnings

warnings.filterwarnings("ignore")
import torch
from safetensors.torch import load_file, save_file

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from worker import serve

torch.set_num_threads(1)
scratch = os.environ["BENCH_SCRATCH"]
path = os.environ.get("QREPL_DATA", "") + "/word_language_model_quantize.pth"
if not os.path.exists(path):
    path = scratch + "/pytorch.pth"
    torch.save({"encoder": torch.ones(33278, 512), "decoder": torch.ones(33278, 256), "rnn": torch.ones(2365440)}, path)
tensors = scratch + "/pytorch.safetensors"
save_file(dict(torch.load(path)), tensors)


def case(load):
    def loop(n):
        for _ in range(n):
            load()

    return loop


def add(state):
    for tensor in state.values():
        tensor.sum()


serve([
    ("load, copied", case(lambda: torch.load(path, map_location="cpu"))),
    ("load, mapped", case(lambda: torch.load(path, map_location="cpu", mmap=True))),
    ("load, copied, and add up", case(lambda: add(torch.load(path, map_location="cpu")))),
    ("load, mapped, and add up", case(lambda: add(torch.load(path, map_location="cpu", mmap=True)))),
    ("load safetensors", case(lambda: load_file(tensors))),
    ("load safetensors, and add up", case(lambda: add(load_file(tensors)))),
])
