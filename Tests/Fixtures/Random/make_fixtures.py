"""Writes streams.txt and states.txt: what PyTorch's CPU generator draws. Run with a Python that has torch 2.x (CPU).

A line of streams.txt: function dtype seed size a b fnv1a64(bytes of the output) next-32-bits first-element-hex.
The hash covers every bit of the output; the next draw shows that as many bits were taken.
A line of states.txt: seed, the draws made, fnv1a64(torch's 5056 state bytes).
"""
import os
import warnings

import torch

warnings.simplefilter("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = [0, 1, 5, 15, 16, 17, 31, 32, 33, 100, 1000]
SEEDS = [0, 29592, 2**64 - 1]
FLOATS = ["float32", "float64", "float16", "bfloat16"]
INTEGERS = ["int64", "int32", "int16", "int8", "uint8", "bool"]


def fnv(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    return value


def raw(tensor):
    return tensor.view(torch.uint8).numpy().tobytes() if tensor.numel() else b""


def draw(op, dtype, size, a, b, g):
    dtype = getattr(torch, dtype)
    out = torch.zeros(size, dtype=dtype)
    if op == "uniform":
        return out.uniform_(a, b, generator=g)
    if op == "normal":
        return out.normal_(a, b, generator=g)
    if op == "normal_strided":
        spread = torch.zeros(2 * size + 2, dtype=dtype)[: 2 * size : 2]
        return torch.empty(size, dtype=dtype).copy_(spread.normal_(a, b, generator=g))
    if op == "exponential":
        return out.exponential_(a, generator=g)
    if op == "log_normal":
        return out.log_normal_(a, b, generator=g)
    if op == "cauchy":
        return out.cauchy_(a, b, generator=g)
    if op == "geometric":
        return out.geometric_(a, generator=g)
    if op == "random":
        return out.random_(generator=g)
    if op == "randint":
        return out.random_(a, b, generator=g)
    if op == "random_from":
        return out.random_(a, None, generator=g)
    if op == "randperm":
        return torch.randperm(size, dtype=dtype, generator=g)
    if op == "bernoulli":
        return out.bernoulli_(a, generator=g)
    if op in ("bernoulli_float", "bernoulli_double"):
        p = torch.arange(size, dtype=torch.float32) / 1024
        return out.bernoulli_(p if op == "bernoulli_float" else p.double(), generator=g)
    if op in ("multinomial", "multinomial_one"):
        weights = (torch.arange(37) * 29 % 31).to(dtype)
        return torch.multinomial(weights, max(size, 1) if op == "multinomial" else 1, True, generator=g)
    raise ValueError(op)


def cases():
    for size in SIZES:
        for dtype in FLOATS:
            for a, b in [(0, 1), (-0.1, 0.1), (-3.7, 12.25), (2, 2)]:
                yield "uniform", dtype, size, a, b
            for a, b in [(0, 1), (0.3, 2.7), (1, 0), (0, 1e-40)]:
                yield "normal", dtype, size, a, b
            yield "normal_strided", dtype, size, 0.3, 2.7
            yield "exponential", dtype, size, 0.37, 0
            yield "log_normal", dtype, size, 0.1, 0.3
            yield "cauchy", dtype, size, 0.3, 2.2
        if size not in (0, 1, 16, 100, 1000):
            continue
        for dtype in FLOATS + INTEGERS:
            yield "random", dtype, size, 0, 0
            yield "random_from", dtype, size, 0, 0
            yield "randint", dtype, size, 0, 2 if dtype == "bool" else 100
            yield "bernoulli", dtype, size, 0.3, 0
            yield "bernoulli_float", dtype, size, 0, 0
            yield "bernoulli_double", dtype, size, 0, 0
            if dtype != "bool":
                yield "geometric", dtype, size, 0.001, 0
                if size <= 100:
                    yield "randperm", dtype, size, 0, 0
        for dtype in ["int64", "int32", "float64"]:
            yield "randint", dtype, size, -(2**20), 2**27
            yield "randint", dtype, size, -(2**20), 2**29
        for dtype in ["int64", "float32", "float64", "bfloat16"]:
            yield "random_from", dtype, size, -(2**63), 0
            yield "randint", dtype, size, -(2**62), 2**61
        for a, b in [(-65504, 65504), (0, 65000)]:
            yield "randint", "float16", size, a, b
    yield "randperm", "int64", 1000, 0, 0
    for dtype in ["float32", "float64"]:
        for size in [2, 100]:
            yield "multinomial", dtype, size, 0, 0
        yield "multinomial_one", dtype, 1, 0, 0


with open(os.path.join(HERE, "streams.txt"), "w") as file:
    for seed in SEEDS:
        for op, dtype, size, a, b in cases():
            g = torch.Generator().manual_seed(seed)
            out = draw(op, dtype, size, a, b, g)
            following = torch.empty(1, dtype=torch.int32).random_(generator=g).item()
            first = raw(out[:1])[::-1].hex() or "-"
            file.write(f"{op} {dtype} {seed} {size} {a!r} {b!r} {fnv(raw(out)):016x} {following} {first}\n")

with open(os.path.join(HERE, "states.txt"), "w") as file:
    for seed in SEEDS:
        for draws in [0, 1, 3, 623, 624, 625, 2000]:
            for cached in [0, 1]:
                g = torch.Generator().manual_seed(seed)
                torch.empty(draws, dtype=torch.int32).random_(generator=g)
                torch.empty(cached).normal_(generator=g)
                file.write(f"{seed} {draws} {cached} {fnv(raw(g.get_state())):016x}\n")
