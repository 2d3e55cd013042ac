#!/usr/bin/env python3
"""Writes Fixtures/*.txt: what PyTorch (CPU, x86 engine) computes for quantization, dynamic linear layers and LSTMs.

Run with a Python that has torch; the tests only read the files. A record is a line "# name", then one line
"key type values" per array, with type i (decimal integers) or f32, f64, u8, s8, s32 (little-endian bytes in hex).
"""
import os
import warnings

import numpy as np
import torch
from torch import nn

warnings.filterwarnings("ignore")
torch.backends.quantized.engine = "x86"
torch.set_num_threads(1)
folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Fixtures")
types = {np.dtype(t): n for t, n in (("f4", "f32"), ("f8", "f64"), ("u1", "u8"), ("i1", "s8"), ("i4", "s32"))}


def write(path, records):
    with open(os.path.join(folder, path), "w") as file:
        for name, record in records:
            file.write(f"# {name}\n")
            for key, value in record.items():
                if isinstance(value, (int, bool)):
                    value = [value]
                if isinstance(value, (list, tuple)):
                    file.write(f"{key} i {' '.join(str(int(v)) for v in value)}\n")
                else:
                    array = np.ascontiguousarray(value.detach().numpy() if isinstance(value, torch.Tensor) else value)
                    file.write(f"{key} {types[array.dtype]} {array.tobytes().hex()}\n")


kinds = ("zero", "minus zero", "constant", "huge", "largest", "tiny", "subnormal", "positive", "negative",
         "tiny positive", "tiny negative", "inf", "-inf", "nan", "ties", "plain", "wide", "narrow")


def activations(kind, rows, columns, rng):
    """A float array of one of the kinds."""
    x = rng.standard_normal((rows, columns)).astype(np.float32)
    f = np.float32
    some = rng.integers(x.size)
    if kind == "zero": x[:] = 0
    elif kind == "minus zero": x[:] = -0.0
    elif kind == "constant": x[:] = x[0, 0]
    elif kind == "huge": x *= f(1e37)
    elif kind == "largest": x = np.where(x > 0, f(3.4e38), f(-3.4e38))
    elif kind == "tiny": x *= f(1e-5)
    elif kind == "subnormal": x = x * f(1e-40)
    elif kind == "positive": x = np.abs(x)
    elif kind == "negative": x = -np.abs(x)
    elif kind == "tiny positive": x = np.abs(x) * f(1e-6)
    elif kind == "tiny negative": x = -np.abs(x) * f(1e-6)
    elif kind == "inf": x.flat[some] = np.inf
    elif kind == "-inf": x.flat[some] = -np.inf
    elif kind == "nan": x.flat[some] = np.nan
    elif kind == "ties":
        # The scale is 1 with 255 levels and the zero point 1: every other value is halfway between two integers.
        x = rng.integers(-2, 500, x.shape).astype(f) / f(2)
        x.flat[0], x.flat[-1] = -1, 254
    elif kind == "wide": x *= f(1000)
    elif kind == "narrow": x *= f(0.01)
    return x.astype(f)


def linear_records(rng):
    for index, kind in enumerate(kinds * 2):
        m, n, k = int(rng.integers(1, 4)), int(rng.integers(1, 20)), int(rng.integers(2, 22))
        if index == 0: m, n, k = 1, 70, 9
        x = activations(kind, m, k, rng)
        w = torch.from_numpy(rng.standard_normal((n, k)).astype(np.float32))
        bias = torch.from_numpy(rng.standard_normal(n).astype(np.float32)) if index % 3 else None
        per_channel, zero_points = index % 4 == 1, index % 5 == 2
        if per_channel:
            scales = (w.abs().amax(1) / 127).clamp_min(1e-6).double()
            zeros = torch.from_numpy(rng.integers(-5, 6, n)) if zero_points else torch.zeros(n, dtype=torch.long)
            q = torch.quantize_per_channel(w, scales, zeros, 0, torch.qint8)
        else:
            scales = torch.tensor([float(w.abs().max() / 127)], dtype=torch.double)
            zeros = torch.tensor([int(rng.integers(-5, 6)) if zero_points else 0])
            q = torch.quantize_per_tensor(w, float(scales), int(zeros), torch.qint8)
        packed = torch.ops.quantized.linear_prepack(q, bias)
        record = dict(shape=[m, n, k], per_channel=per_channel, x=x, w=q.int_repr(), scales=scales.float())
        if zero_points: record["zero_points"] = zeros.int()
        if bias is not None: record["bias"] = bias
        for reduce_range in (0, 1):
            try:
                record[f"y{reduce_range}"] = torch.ops.quantized.linear_dynamic(
                    torch.from_numpy(x), packed, bool(reduce_range))
            except RuntimeError as error:
                assert "min should be less than or equal to max" in str(error)
        yield kind, record
    # A NaN in the first place reaches the range.
    x = np.ones((1, 5), np.float32)
    x[0, 0] = np.nan
    w = torch.quantize_per_tensor(torch.ones(2, 5), 1.0, 0, torch.qint8)
    try:
        torch.ops.quantized.linear_dynamic(torch.from_numpy(x), torch.ops.quantized.linear_prepack(w, None), False)
        raise AssertionError("did not throw")
    except RuntimeError as error:
        assert "min should be less than or equal to max" in str(error)
    yield "throws", dict(shape=[1, 2, 5], per_channel=0, x=x, w=w.int_repr(), scales=np.ones(1, np.float32))


def range_records(rng):
    """Parameters by torch._choose_qparams_per_tensor, which is quant_utils::ChooseQuantizationParams for 0 ... 255."""
    for kind in kinds:
        if kind in ("inf", "-inf", "nan"): continue
        count = 24 if kind in ("plain", "wide", "narrow", "tiny") else 4
        xs = np.concatenate([activations(kind, 1, 6, rng) * np.float32(rng.uniform(0.1, 4)) for _ in range(count)])
        results = [torch._choose_qparams_per_tensor(torch.from_numpy(x), r) for x in xs for r in (False, True)]
        yield kind, dict(x=xs, scale=np.array([r[0] for r in results]),
                         zero_point=np.array([r[1] for r in results], np.int32))


def quantize_records(rng):
    for kind in kinds:
        x = activations(kind, 1, 21, rng)[0]
        for u, s in ((3, -128), (128, 5)):
            scale = 1.0 if kind == "ties" else float(np.float32(10 ** rng.uniform(-5, 1)))
            t = torch.from_numpy(x)
            yield kind, dict(x=x, scale=np.array([scale], np.float32), zero_points=[u, s],
                             u8=torch.quantize_per_tensor(t, scale, u, torch.quint8).int_repr(),
                             s8=torch.quantize_per_tensor(t, scale, s, torch.qint8).int_repr())


def lstm_records(quantized):
    shapes = (("one row, 8", 20, 1, 8, 8, 0), ("one row, 13", 4, 1, 5, 13, 0), ("one row, 3", 5, 1, 4, 3, 0),
              ("rows", 4, 3, 6, 10, 0), ("one step", 1, 2, 3, 18, 0), ("projection", 4, 2, 3, 7, 4))
    for name, steps, batch, inputs, hidden, projection in shapes:
        if quantized and projection: continue
        lstm = nn.LSTM(inputs, hidden, bidirectional=True, proj_size=projection)
        x, h = torch.randn(steps, batch, inputs), torch.randn(2, batch, projection or hidden)
        c = torch.randn(2, batch, hidden)
        record = dict(shape=[steps, batch, inputs, hidden, projection], x=x, h=h, c=c)
        model = lstm
        if quantized:
            model = torch.ao.quantization.quantize_dynamic(nn.Sequential(lstm), {nn.LSTM}, dtype=torch.qint8)[0]
            weights = model.get_weight()
        with torch.no_grad(), torch.backends.mkldnn.flags(enabled=False):
            out, (hn, cn) = model(x, (h, c))
        for d, suffix in enumerate(("", "_reverse")):
            for key in ("ih", "hh", "hr"):
                if key == "hr" and not projection: continue
                if quantized:
                    q = weights[f"weight_{key}_l0{suffix}"]
                    record[f"w_{key}{d}"] = q.int_repr()
                    record[f"scale_{key}{d}"] = np.array([q.q_scale()], np.float32)
                else:
                    record[f"w_{key}{d}"] = getattr(lstm, f"weight_{key}_l0{suffix}")
                if key != "hr": record[f"b_{key}{d}"] = getattr(lstm, f"bias_{key}_l0{suffix}")
        yield name, dict(record, out=out, hn=hn, cn=cn)


def half_records(rng):
    w, b = torch.randn(7, 5), torch.randn(7)
    w[0, 0], w[1, 1], w[2, 2] = 1e6, -1e6, 1e-8
    x = torch.randn(3, 5)
    packed = torch.ops.quantized.linear_prepack_fp16(w.clone(), b)  # which limits its argument in place
    yield "linear", dict(shape=[3, 7, 5], x=x, w=w, bias=b, y=torch.ops.quantized.linear_dynamic_fp16(x, packed))


torch.manual_seed(1)
os.makedirs(folder, exist_ok=True)
write("linear_dynamic.txt", linear_records(np.random.default_rng(1)))
write("ranges.txt", range_records(np.random.default_rng(2)))
write("quantize.txt", quantize_records(np.random.default_rng(3)))
write("lstm_f32.txt", lstm_records(False))
write("lstm_s8.txt", lstm_records(True))
write("linear_f16.txt", half_records(np.random.default_rng(4)))
