"""qrepl.lua in PyTorch."""

import os
import re
import sys
import warnings

warnings.filterwarnings("ignore")
import torch
import torch.nn as nn
import torch.nn.functional as F

folder = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(folder, ".."))
from worker import serve

wanted = os.environ.get("BENCH_ONLY", "")
if "BENCH_THREADS" in os.environ:
    torch.set_num_threads(int(os.environ["BENCH_THREADS"]))
torch.manual_seed(29592)

cases = []


def case(name, make):
    if not wanted or re.search(wanted, name):
        cases.append((name, make()))


form = """
def loop(count):
    for _ in range(count):
        _ = %s
"""
ops = []
for line in open(os.path.join(folder, "ops.txt")):
    if not line.startswith("#"):
        name, _, code = line.rstrip("\n").split(" ;; ")
        ops.append((name, code))


def made(code, values):
    # Arguments of a function, as Lua's upvalues: global names would be looked up in a dictionary.
    names = ", ".join(values)
    scope = {}
    exec("def make(%s):%s\n    return loop" % (names, (form % code).replace("\n", "\n    ")), scope)
    return scope["make"](**values)


for n, height in [(8, 2), (4096, 64), (4194304, 2048)]:
    a, b, t = torch.randn(n), torch.randn(n), torch.randn(n)
    p, x = torch.rand(n) + 0.1, a.view(height, -1)
    width = n // height
    rows, places = torch.randint(0, height, (height,)), torch.randint(0, width, (height, width))
    m, row = a.lt(b), torch.randn(width)
    values = dict(torch=torch, F=F, n=n, a=a, b=b, t=t, p=p, m=m, x=x, row=row, rows=rows, places=places)
    for name, code in ops:
        case("%s @%d" % (name, n), lambda: made(code, values))


def calls(f):
    def loop(count):
        for _ in range(count):
            f()

    return loop


def product(shape):
    a, b = torch.randn(*shape), torch.randn(*shape)
    return calls(lambda: a.matmul(b))


for n in (64, 256, 1024):
    case("matmul %d" % n, lambda: product((n, n)))
case("batch of 64 matmul 64", lambda: product((64, 64, 64)))


def forward(layer, x):
    return calls(lambda: layer(x))


case("linear 20 x 512 to 512", lambda: forward(nn.Linear(512, 512), torch.randn(20, 512)))
case("conv2d 8 x 64 x 28 x 28 to 64", lambda: forward(nn.Conv2d(64, 64, 3, padding=1), torch.randn(8, 64, 28, 28)))


def both(layer, x):
    def step():
        y = layer(x)
        (y[0] if isinstance(y, tuple) else y).sum().backward()

    return calls(step)


case("conv2d forward and backward", lambda: both(nn.Conv2d(64, 64, 3, padding=1), torch.randn(8, 64, 28, 28)))


def without_gradients(layer, x):
    def step():
        with torch.no_grad():
            return layer(x)

    return calls(step)


for steps, batch, size, hidden, layers in [(20, 1, 8, 8, 1), (35, 20, 512, 256, 1), (35, 20, 256, 256, 2)]:
    name = "%d x %d x %d to %d, %d layers" % (steps, batch, size, hidden, layers)
    case("LSTM " + name, lambda: without_gradients(nn.LSTM(size, hidden, layers), torch.randn(steps, batch, size)))
    case("LSTM and backward " + name, lambda: both(nn.LSTM(size, hidden, layers), torch.randn(steps, batch, size)))

serve(cases)
