# Makes the fixtures beside it with PyTorch 2.x on an x86 processor: python make_fixtures.py
# Floats are written as the hexadecimal bits of a float32 (8 digits) or float64 (16 digits).
import os, struct, warnings
warnings.filterwarnings("ignore")
import torch
import torch.nn as nn
from torch.ao.quantization import (MinMaxObserver, PerChannelMinMaxObserver, default_dynamic_qconfig, per_channel_dynamic_qconfig,
                                   float16_dynamic_qconfig)

here = os.path.dirname(os.path.abspath(__file__))
f32 = lambda v: "%08x" % struct.unpack("<I", struct.pack("<f", v))[0]
f64 = lambda v: "%016x" % struct.unpack("<Q", struct.pack("<d", v))[0]
floats = lambda t: " ".join(f32(v) for v in t.detach().flatten().tolist())
doubles = lambda t: " ".join(f64(v) for v in t.flatten().tolist())
ints = lambda t: " ".join(str(v) for v in t.flatten().tolist())
shape = lambda t: ",".join(map(str, t.shape))
name = lambda d: str(d).replace("torch.", "")

# One record per line, fields between tabs.
torch.manual_seed(7)
edges = torch.tensor([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, float("nan"), float("inf"), -float("inf"), 1e10, -1e10, 3e9, -0.0, 1e-40,
                      2147483647.0, -5e9, 16777217.0])
with open(here + "/per_tensor.txt", "w") as out:
    for dtype in (torch.quint8, torch.qint8, torch.qint32):
        for scale in (1.0, 0.1, 0.3333):
            for zero in (0, 5, 127):
                x = torch.cat([edges, torch.randn(40) * 40 * scale, (torch.arange(20) - 10 + 0.5) * scale])
                q = torch.quantize_per_tensor(x, scale, zero, dtype)
                print(name(dtype), f64(scale), zero, floats(x), ints(q.int_repr()), floats(q.dequantize()), sep="\t", file=out)
with open(here + "/per_channel.txt", "w") as out:
    for dtype in (torch.quint8, torch.qint8, torch.qint32):
        for size, axis in (((3, 5), 0), ((3, 5), 1), ((2, 3, 4), 1), ((2, 9, 2), 1), ((4, 17), 0), ((6,), 0)):
            x = torch.randn(*size)
            x.view(-1)[:3] = torch.tensor([float("nan"), float("inf"), -float("inf")])
            s = torch.rand(size[axis], dtype=torch.float64) * 0.1 + 0.01
            z = torch.randint(0, 9, (size[axis],))
            q = torch.quantize_per_channel(x, s, z, axis, dtype)
            print(name(dtype), shape(x), axis, doubles(s), ints(z), floats(x), ints(q.int_repr()), floats(q.dequantize()), sep="\t", file=out)
with open(here + "/dynamic.txt", "w") as out:
    for dtype in (torch.quint8, torch.qint8):
        for reduce in (False, True):
            for x in (torch.randn(7), torch.rand(9) + 3, -torch.rand(4), torch.zeros(3), torch.randn(33) * 1e-30, torch.randn(5) * 1e30):
                q = torch.quantize_per_tensor_dynamic(x, dtype, reduce)
                print(name(dtype), int(reduce), floats(x), f64(q.q_scale()), q.q_zero_point(), ints(q.int_repr()), sep="\t", file=out)

with open(here + "/observers.txt", "w") as out:
    samples = [torch.randn(2, 3), torch.rand(2, 3) + 1, -torch.rand(2, 3) * 1e-9, torch.zeros(2, 3), torch.randn(2, 3) * 1e20]
    for per_channel, kind in ((False, MinMaxObserver), (True, PerChannelMinMaxObserver)):
        schemes = (torch.per_channel_affine, torch.per_channel_symmetric) if per_channel else (torch.per_tensor_affine, torch.per_tensor_symmetric)
        for scheme in schemes:
            for dtype in (torch.quint8, torch.qint8, torch.qint32):
                for options in ({}, {"reduce_range": True}, {"quant_min": 0, "quant_max": 127}, {"quant_min": -8, "quant_max": 7, "reduce_range": True}):
                    if options.get("reduce_range") and dtype == torch.quint8 and "symmetric" in str(scheme): continue
                    for count in (1, 2):
                        for start in range(len(samples) - count + 1):
                            more = {"ch_axis": 1} if per_channel else {}
                            o = kind(dtype=dtype, qscheme=scheme, **options, **more)
                            for i in range(count): o(samples[start + i])
                            s, z = o.calculate_qparams()
                            print(int(per_channel), name(scheme), name(dtype), int(options.get("reduce_range", False)), options.get("quant_min", "-"),
                                  options.get("quant_max", "-"), ";".join(floats(samples[start + i]) for i in range(count)),
                                  floats(s), name(z.dtype), ints(z), repr(o).replace("\n", "\\n"), sep="\t", file=out)

# A Linear: inputs, weight, bias, then the integers, scales and output of each way to quantize it.
configs = (("tensor", default_dynamic_qconfig), ("channel", per_channel_dynamic_qconfig), ("float16", float16_dynamic_qconfig))
def record(q):
    if not q.is_quantized: return floats(q), "-", "-"
    if q.qscheme() == torch.per_tensor_affine: return ints(q.int_repr()), f64(q.q_scale()), str(q.q_zero_point())
    return ints(q.int_repr()), doubles(q.q_per_channel_scales()), ints(q.q_per_channel_zero_points())
with open(here + "/linear.txt", "w") as out:
    for n, k, m, bias in ((4, 8, 3, True), (5, 7, 1, False), (33, 20, 6, True), (1, 1, 2, True)):
        for label, config in configs:
            model = nn.Sequential(nn.Linear(k, n, bias=bias))
            x = torch.randn(m, k) * 2
            q = torch.ao.quantization.quantize_dynamic(model, {nn.Linear: config})
            w = model[0].weight
            print(label, n, k, m, int(bias), floats(w), floats(model[0].bias) if bias else "-", floats(x), *record(q[0].weight()),
                  floats(q(x)), repr(q[0]), sep="\t", file=out)
# An LSTM: options, weights and biases in the order of parameters(), inputs and states; then for each way to quantize it the integers
# and scales of its weights and the results, the last one without given states.
with open(here + "/lstm.txt", "w") as out:
    for i, h, layers, both, first, t, b in ((8, 8, 1, False, False, 5, 1), (5, 3, 2, True, True, 4, 2), (20, 8, 1, False, False, 3, 4), (7, 17, 2, False, False, 2, 3)):
        model = nn.Sequential(nn.LSTM(i, h, layers, batch_first=first, bidirectional=both))
        x = torch.randn(*((b, t, i) if first else (t, b, i)))
        d = layers * (2 if both else 1)
        hx = (torch.randn(d, b, h), torch.randn(d, b, h))
        print("model", i, h, layers, int(both), int(first), ";".join(floats(p) for p in model[0].parameters()), shape(x), floats(x),
              floats(hx[0]), floats(hx[1]), sep="\t", file=out)
        for label, config in configs:
            q = torch.ao.quantization.quantize_dynamic(model, {nn.LSTM: config})[0]
            y, (hn, cn) = q(x, hx)
            y0, _ = q(x)
            packed = [record(v) for v in q.get_weight().values()]
            print(label, ";".join("/".join(p) for p in packed), floats(y), floats(hn), floats(cn), floats(y0), repr(q), sep="\t", file=out)
