"""qrepl.lua in PyTorch."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import model as M
import torch
from worker import serve

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
model = M.load()
cases = []


def case(title, model, used=M.LENGTH):
    inputs = M.batch(8, used)

    def loop(count):
        with torch.no_grad():
            for _ in range(count):
                model(**inputs)

    cases.append((title, loop))


def training():
    inputs, labels = M.batch(16), torch.arange(16) % 2
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5, weight_decay=0.01)

    def loop(count):
        for _ in range(count):
            optimizer.zero_grad()
            model(**inputs, labels=labels).loss.backward()
            optimizer.step()

    cases.append(("a training step, 16 x 128", loop))


if os.environ["BENCH_PART"] == "training":
    training()
else:
    int8 = M.quantize(model)
    case("FP32", model)
    case("INT8", int8)
    case("FP32, 53 tokens count", model, 53)
    case("INT8, 53 tokens count", int8, 53)
serve(cases)
