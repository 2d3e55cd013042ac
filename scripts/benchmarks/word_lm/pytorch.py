"""qrepl.lua in PyTorch."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import model as M
import torch
import torch.nn as nn
from worker import serve

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
fp32 = M.load()
int8 = M.quantize(fp32)
batches, criterion = M.batches(), nn.CrossEntropyLoss()
cases = []


def case(name, model, with_loss=False):
    hidden, at = model.init_hidden(1), 0

    def loop(count):
        nonlocal hidden, at
        with torch.no_grad():
            for _ in range(count):
                data, targets = batches[at]
                at = (at + 1) % 32
                output, hidden = model(data, hidden)
                if with_loss:
                    criterion(output.view(-1, M.WORDS), targets).item()

    cases.append((name, loop))


case("FP32, forward", fp32)
case("FP32, with the loss", fp32, True)
case("INT8, forward", int8)
case("INT8, with the loss", int8, True)
serve(cases)
