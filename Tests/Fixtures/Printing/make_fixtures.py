"""Writes tensors.txt and floats.txt: what PyTorch prints and what Python's repr gives. Run with a Python that has torch 2.x (CPU).

A case of tensors.txt is three lines:
  kind dtype shape options suffixes          (tab-separated; options: precision,threshold,edgeitems,linewidth,sci_mode)
  values                                      (in row-major order, or "ramp m scale offset": ((7919 * i) % m) * scale + offset)
  str(tensor), escaped as a Python string without quotes
"""
import os
import random
import struct

import torch

HERE = os.path.dirname(os.path.abspath(__file__))
rng = random.Random(20)
torch.manual_seed(20)
FLOATS = [torch.float32, torch.float64, torch.float16, torch.bfloat16]
INTEGERS = [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8]
DEFAULT = dict(precision=4, threshold=1000, edgeitems=3, linewidth=80, sci_mode=None)
out = open(os.path.join(HERE, "tensors.txt"), "w")


def kind(t):
    return "floating" if t.dtype.is_floating_point else "boolean" if t.dtype == torch.bool else "integer"


def suffixes(text, t):
    """The suffixes that do not follow from shape and dtype."""
    if t.grad_fn is not None:
        return [f"grad_fn=<{type(t.grad_fn).__name__}>"]
    return ["requires_grad=True"] if t.requires_grad else []


def emit(t, options=None, values=None):
    options = {**DEFAULT, **(options or {})}
    torch.set_printoptions(**options)
    text = repr(t)
    torch.set_printoptions(**DEFAULT)
    plain = t.detach()
    name = kind(plain)
    extra = suffixes(text, t)
    if t.is_quantized:
        name = "quantized" if t.qscheme() == torch.per_tensor_affine else "channels"
        plain = t.dequantize()
        if name == "quantized":
            extra = [str(t.qscheme()), struct.pack(">d", t.q_scale()).hex(), str(t.q_zero_point())]
        else:
            extra = [str(t.qscheme()), str(t.q_per_channel_scales()), str(t.q_per_channel_zero_points()), str(t.q_per_channel_axis())]
            extra = [e.replace("\n", "\\n") for e in extra]
    if isinstance(t, torch.nn.Parameter):
        name = "parameter"
    if values is None:
        values = " ".join(repr(v) if not isinstance(v, bool) else str(int(v)) for v in plain.reshape(-1).tolist())
    shape = ",".join(map(str, t.shape))
    opts = ",".join(str(options[k]) for k in ("precision", "threshold", "edgeitems", "linewidth", "sci_mode"))
    out.write("\t".join([name, str(t.dtype), shape, opts, ";".join(extra)]) + "\n")
    out.write(values + "\n" + text.replace("\n", "\\n") + "\n")


def random_shape(limit=60):
    while True:
        shape = [rng.choice([1, 2, 3, 4, 5, 7, 10, 12, 26]) for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 4]))]
        count = 1
        for n in shape:
            count *= n
        if count <= limit:
            return shape


def random_floats(shape, dtype):
    t = torch.randn(shape, dtype=torch.float64)
    style = rng.randrange(8)
    if style == 1:
        t = (t * 10).round()
    elif style == 2:
        t = t * 10.0 ** rng.randint(-12, 12)
    elif style == 3:
        t = t * 10 ** (torch.randn(shape, dtype=torch.float64) * 3)
    elif style == 4:
        t = torch.zeros(shape, dtype=torch.float64) * torch.sign(t)
    elif style == 5:
        t = (t * 1e9).round()
    elif style == 6:
        t = t.abs() * 90
    t = t.to(dtype)
    if rng.random() < 0.3 and t.numel():
        flat = t.view(-1)
        for special in rng.sample([float("nan"), float("inf"), -float("inf"), 0.0, -0.0], 2):
            flat[rng.randrange(t.numel())] = special
    return t


def random_integers(shape, dtype):
    top = rng.choice([2, 10, 100]) if dtype in (torch.int8, torch.uint8) else rng.choice([2, 10, 1000, 30000])
    t = torch.randint(0 if dtype == torch.uint8 else -top, top, shape, dtype=dtype)
    return t * 10**13 if dtype == torch.int64 and rng.random() < 0.2 else t


def random_options():
    if rng.random() < 0.6:
        return {}
    return dict(
        precision=rng.choice([0, 1, 2, 4, 6, 10]), threshold=rng.choice([0, 5, 20, 1000, float("inf")]),
        edgeitems=rng.choice([0, 1, 2, 3, 5]), linewidth=rng.choice([20, 40, 80, 120]), sci_mode=rng.choice([None, True, False]))


# Single values around every boundary.
for value in [0.0, -0.0, 1.0, -1.0, 0.5, 1e-4, 9.9e-5, 1e8, 1.1e8, 99999999.5, 1e100, -1e-300, 5e-324, 1.7976931348623157e308,
              123456.789, float("nan"), -float("nan"), float("inf"), -float("inf"), 2.5, 3.5, 0.00005, 0.12345, 0.99995]:
    emit(torch.tensor(value))
    emit(torch.tensor([value], dtype=torch.float64))
    emit(torch.tensor([value, 1.0, 0.0], dtype=torch.float64))
for values in [[1.0, 1000.0], [1.0, 1000.5], [1.0, 1001.0], [0.001, 1.0], [0.001, 1.1], [1e-5, 1e-5], [1e8, 1.0], [2.0, float("inf")],
               [2.5, float("nan")], [float("nan"), float("inf")], [-1.0, float("-inf")], [0.0, 1e-10], [1e10], [100000.0, 12345.0]]:
    emit(torch.tensor(values))
    emit(torch.tensor(values), dict(sci_mode=False))
    emit(torch.tensor(values), dict(sci_mode=True))
for value in [0, -1, 2**63 - 1, -(2**63), True, False]:
    emit(torch.tensor(value))
    emit(torch.tensor([value, value]))
# Empty tensors of every type.
for dtype in FLOATS + INTEGERS + [torch.bool]:
    for shape in [(0,), (0, 3), (2, 0), (2, 0, 5)]:
        emit(torch.empty(shape, dtype=dtype))
# All kinds at random.
for _ in range(260):
    emit(random_floats(random_shape(), rng.choice(FLOATS)), random_options())
for _ in range(80):
    emit(random_integers(random_shape(), rng.choice(INTEGERS)), random_options())
for _ in range(25):
    emit(torch.rand(random_shape()) < 0.5, random_options())
# Large ones, summarized: values by formula.
for shape in [(1001,), (1000,), (10000,), (40, 40), (2, 3000), (3000, 2), (20, 8, 20), (7, 7, 7, 7), (6, 6, 6, 6), (5000, 1, 1), (1, 1, 1100), (12, 11, 3, 8), (100000, 3)]:
    for m, scale, offset in [(97, 0.125, -3.0), (97, 1.0, 0.0), (997, 0.001, 0.0), (11, 1e6, 0.5)]:
        for options in [{}, dict(edgeitems=1), dict(edgeitems=0), dict(edgeitems=2, precision=2), dict(edgeitems=8, linewidth=60, sci_mode=True)]:
            count = 1
            for n in shape:
                count *= n
            bulky = len(shape) > 3 or count == 1000 or (len(shape) == 3 and options.get("edgeitems", 3) > 3)
            if bulky and (m != 97 or scale != 0.125 or options.get("edgeitems", 3) in (2, 8)):
                continue
            i = torch.arange(count)
            t = ((7919 * i % m).double() * scale + offset).view(shape)
            emit(t, options, f"ramp {m} {scale!r} {offset!r}")
    emit((7919 * torch.arange(count) % 1013).view(shape), {}, "ramp 1013 1.0 0.0")
# Autograd and wrapping of suffixes.
for n in range(1, 26):
    t = torch.randn(n, dtype=rng.choice([torch.float32, torch.float64]), requires_grad=True)
    emit(t)
    emit(t * 2)
    emit(t.view(1, n).expand(2, n).mul(0.5))
    emit(torch.nn.Parameter(t.detach().clone()))
    emit(torch.nn.Parameter(t.detach().clone(), requires_grad=False))
# Quantized.
for n in range(1, 13):
    x = torch.randn(n)
    for dtype in [torch.qint8, torch.quint8, torch.qint32]:
        emit(torch.quantize_per_tensor(x, rng.choice([0.1, 1e-5, 0.5, 1.0, 1 / 3, 0.0123, 2.0]), 0 if dtype != torch.quint8 else rng.randrange(200), dtype))
    emit(torch.quantize_per_tensor(torch.randn(n, 5), 0.05, 3, torch.quint8))
    emit(torch.quantize_per_channel(torch.randn(n, 3), torch.rand(n) + 0.01, torch.zeros(n, dtype=torch.int64), 0, torch.qint8))
out.close()

with open(os.path.join(HERE, "floats.txt"), "w") as file:
    values = [0.1, 0.0001, 0.00001, 1e15, 1e16, 1e17, 9999999999999998.0, 12345678901234567.0, 123456789012345680.0, 2.0**53, 2.0**54, 2.0**55,
              2.0**63, 0.0, -0.0, 1.0, 100.0, 1e22, 1e23, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, float("inf"), -float("inf"),
              float("nan"), 1 / 3, 1e-7, 1.5e-10, 123.456, 0.012887, 1e100, 1e-100]
    for _ in range(600):
        values.append(struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0])
        values.append(rng.uniform(-1, 1) * 10.0 ** rng.randint(-8, 19))
        values.append(struct.unpack("<f", struct.pack("<f", rng.uniform(0, 1) * 10.0 ** rng.randint(-6, 6)))[0])
    for value in values:
        digits = rng.randrange(0, 12)
        file.write(f"{struct.pack('>d', value).hex()} {value!r} {digits} {value:.{digits}f} {value:.{digits}e}\n")
