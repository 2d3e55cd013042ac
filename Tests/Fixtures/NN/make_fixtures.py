"""Writes what PyTorch computes for NN's layers; run with a Python that has torch 2.x: make_fixtures.py

Each case is a line `# name`, then lines `key type values`: `i` integers, `s` text, `f` little-endian float64 in hex
(float32 values widened).
"""
import os

import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))


class Writer:
    def __init__(self, name):
        self.file = open(os.path.join(HERE, name), "w")

    def case(self, name):
        self.file.write(f"# {name}\n")

    def text(self, key, value):
        self.file.write(f"{key} s {value}\n")

    def integers(self, key, values):
        self.file.write(f"{key} i {' '.join(str(int(v)) for v in values)}\n")

    def tensor(self, key, t):
        t = t.detach()
        self.integers(key + ".shape", t.shape)
        data = t.double().contiguous().numpy().astype("<f8").tobytes().hex()
        self.file.write(f"{key} f {data}\n")


def name_of(t):
    return t.grad_fn.name() if t.grad_fn is not None else "None"


def lstm_cases():
    w = Writer("lstm.txt")
    # name, constructor, shape of the input, whether a state is given, dtype
    cases = [
        ("plain", dict(), (5, 2, 3), True, torch.float32),
        ("one step", dict(), (1, 1, 3), True, torch.float32),
        ("zero state", dict(), (4, 2, 3), False, torch.float32),
        ("unbatched", dict(), (4, 3), True, torch.float32),
        ("batch first", dict(batch_first=True), (2, 5, 3), True, torch.float32),
        ("without bias", dict(bias=False), (3, 2, 3), True, torch.float32),
        ("two layers", dict(num_layers=2), (4, 2, 3), True, torch.float32),
        ("both directions", dict(bidirectional=True), (4, 2, 3), True, torch.float32),
        ("all", dict(num_layers=3, bidirectional=True, batch_first=True), (2, 4, 3), True, torch.float32),
        ("projected", dict(proj_size=2), (4, 2, 3), True, torch.float32),
        ("projected both directions", dict(proj_size=2, num_layers=2, bidirectional=True), (4, 2, 3), True, torch.float32),
        ("dropout", dict(num_layers=2, dropout=0.5), (6, 2, 3), True, torch.float32),
        ("wide", dict(hidden_size=19), (6, 3, 3), True, torch.float32),
        ("double", dict(num_layers=2, bidirectional=True), (4, 2, 3), True, torch.float64),
        ("double projected", dict(proj_size=3), (4, 2, 3), False, torch.float64),
    ]
    for name, options, shape, given, dtype in cases:
        torch.manual_seed(7)
        options = dict(hidden_size=4) | options
        layer = nn.LSTM(3, dtype=dtype, **options)
        directions = 2 if layer.bidirectional else 1
        batch = [] if len(shape) == 2 else [shape[0 if layer.batch_first else 1]]
        x = torch.randn(shape, dtype=dtype, requires_grad=True)
        state = None
        if given:
            rows = layer.num_layers * directions
            state = (
                torch.randn([rows] + batch + [layer.proj_size or layer.hidden_size], dtype=dtype, requires_grad=True),
                torch.randn([rows] + batch + [layer.hidden_size], dtype=dtype, requires_grad=True),
            )
        out, (h, c) = layer(x, state)
        # Weights of the sum, so that every element of the results has a gradient of its own.
        gs = [torch.cos(torch.arange(t.numel(), dtype=dtype) + k).view(t.shape) for k, t in enumerate((out, h, c))]
        torch.autograd.backward([out, h, c], gs)
        w.case(name)
        w.integers("sizes", [3, layer.hidden_size, layer.num_layers, layer.bias, layer.batch_first, layer.bidirectional, layer.proj_size])
        w.tensor("dropout", torch.tensor([layer.dropout]))
        w.text("dtype", str(dtype).removeprefix("torch."))
        w.text("repr", repr(layer))
        w.integers("shape", shape)
        w.integers("given", [given])
        w.text("names", " ".join(name_of(t) for t in (out, h, c)))
        w.tensor("out", out), w.tensor("h", h), w.tensor("c", c)
        w.tensor("x.grad", x.grad)
        if given:
            w.tensor("h0.grad", state[0].grad), w.tensor("c0.grad", state[1].grad)
        for key, p in layer.named_parameters():
            w.tensor(key, p)
            w.tensor(key + ".grad", p.grad)


def second_order():
    w = Writer("lstm_second.txt")
    # Double precision: PyTorch's float32 layer has no second derivative.
    torch.manual_seed(3)
    layer = nn.LSTM(2, 3, bidirectional=True)
    x = torch.randn(3, 2, 2)
    layer.double()
    x = x.double().requires_grad_()
    out, (h, c) = layer(x)
    (g,) = torch.autograd.grad((out**2).sum() + h.sum() + c.sum(), x, create_graph=True)
    (g**2).sum().backward()
    w.case("second")
    w.tensor("first", g)
    w.tensor("x.grad", x.grad)
    for key, p in layer.named_parameters():
        w.tensor(key + ".grad", p.grad)


def function_cases():
    w = Writer("functions.txt")

    def case(name, inputs, f, seed=None):
        inputs = {k: v.clone().requires_grad_() if v.is_floating_point() and k != "weight" else v for k, v in inputs.items()}
        if seed is not None:
            torch.manual_seed(seed)
        y = f(**inputs)
        g = torch.cos(torch.arange(y.numel(), dtype=y.dtype)).view(y.shape)
        y.backward(g)
        w.case(name)
        for k, v in inputs.items():
            w.tensor(k, v)
            if v.requires_grad:
                w.tensor(k + ".grad", v.grad if v.grad is not None else torch.zeros_like(v))
        w.tensor("y", y)
        w.text("node", name_of(y))

    torch.manual_seed(11)
    x, t = torch.randn(4, 5) * 3, torch.tensor([1, 0, 4, 2])
    x3, t3 = torch.randn(2, 3, 4), torch.tensor([[0, 1, 2, 0], [2, 2, 1, 0]])
    weight = torch.rand(5) + 0.5
    for d in (0, 1):
        case(f"softmax {d}", dict(x=x), lambda x: F.softmax(x, d))
        case(f"log_softmax {d}", dict(x=x), lambda x: F.log_softmax(x, d))
    case("softmax of three", dict(x=x3), lambda x: F.softmax(x, 1))
    for r in ("none", "mean", "sum"):
        case(f"nll_loss {r}", dict(x=x, target=t), lambda x, target: F.nll_loss(x, target, reduction=r))
        case(f"cross_entropy {r}", dict(x=x, target=t), lambda x, target: F.cross_entropy(x, target, reduction=r))
        case(f"weighted {r}", dict(x=x, target=t, weight=weight), lambda x, target, weight: F.cross_entropy(x, target, weight, reduction=r, ignore_index=4))
        case(f"smoothed {r}", dict(x=x, target=t, weight=weight), lambda x, target, weight: F.cross_entropy(x, target, weight, reduction=r, label_smoothing=0.2, ignore_index=0))
        case(f"mse_loss {r}", dict(x=x, target=torch.randn(4, 5)), lambda x, target: F.mse_loss(x, target, reduction=r))
        case(f"positions {r}", dict(x=x3, target=t3), lambda x, target: F.cross_entropy(x, target, reduction=r))
        case(f"probabilities {r}", dict(x=x, target=torch.softmax(torch.randn(4, 5), 1)), lambda x, target: F.cross_entropy(x, target, reduction=r))
    case("one row", dict(x=x[0], target=t[0]), lambda x, target: F.cross_entropy(x, target))
    case("embedding", dict(x=torch.randn(5, 3), target=torch.tensor([[0, 2], [2, 4]])), lambda x, target: F.embedding(target, x))
    case("embedding padded", dict(x=torch.randn(5, 3), target=torch.tensor([[0, 2], [2, 4]])), lambda x, target: F.embedding(target, x, padding_idx=2))
    case("dropout", dict(x=x), lambda x: F.dropout(x, 0.3), seed=5)
    case("linear", dict(x=x3, w=torch.randn(6, 4), b=torch.randn(6)), lambda x, w, b: F.linear(x, w, b))


def init_cases():
    w = Writer("init.txt")
    for name, shape, f in [
        ("kaiming_uniform", (4, 3), lambda t: nn.init.kaiming_uniform_(t, nonlinearity="relu")),
        ("kaiming_normal", (4, 3), lambda t: nn.init.kaiming_normal_(t, mode="fan_out")),
        ("xavier_uniform", (4, 3, 2), lambda t: nn.init.xavier_uniform_(t, gain=2.0)),
        ("xavier_normal", (4, 5), lambda t: nn.init.xavier_normal_(t)),
        ("uniform", (7,), lambda t: nn.init.uniform_(t, -2, 3)),
        ("normal", (7,), lambda t: nn.init.normal_(t, 1, 2)),
    ]:
        torch.manual_seed(13)
        w.case(name)
        w.tensor("y", f(torch.empty(shape)))
    torch.manual_seed(13)
    layer = nn.Linear(3, 4)
    w.case("linear")
    w.tensor("weight", layer.weight), w.tensor("bias", layer.bias)
    torch.manual_seed(13)
    w.case("embedding")
    w.tensor("weight", nn.Embedding(5, 3, padding_idx=-2).weight)


lstm_cases()
second_order()
function_cases()
init_cases()
