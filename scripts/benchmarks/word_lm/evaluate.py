"""evaluate.lua in PyTorch."""

import os
import sys
import time

import model as M
import torch

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
batches = M.batches()


def show(name, model):
    start = time.process_time()
    loss = M.evaluate(model, batches)
    print("%s %.17g %.3f" % (name, loss, (time.process_time() - start) / len(batches) * 1e3))


model = M.load()
show("FP32", model)
model = M.quantize(model)
show("INT8", model)
for line in open("/proc/self/status"):
    if line.startswith("VmHWM:"):
        print("peak " + line.split()[1])
