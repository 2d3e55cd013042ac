"""qrepl.lua in PyTorch. What has no sparse form there is measured dense, which is all a user has."""

import os
import re
import sys
import warnings

warnings.filterwarnings("ignore")
import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from worker import serve

wanted = os.environ.get("BENCH_ONLY", "")
torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
cases = []


def case(name, make, quiet=False):
    if wanted and not re.search(wanted, name):
        return
    torch.manual_seed(29592)
    call = make()

    def loop(count):
        with torch.set_grad_enabled(not quiet):
            for _ in range(count):
                call()

    cases.append((name, loop))


def zeroed(layer, zeros):
    with torch.no_grad():
        layer.weight.mul_(torch.rand(layer.weight.size()) >= zeros)
    return layer


x = torch.randn(1, 1024)


def dense():
    layer = zeroed(nn.Linear(1024, 1024), 0.9)
    return lambda: layer(x)


case("dense linear 1024, batch 1", dense, True)
case("sparse linear 1024, 90% zeros, batch 1", dense, True)

serve(cases)
