"""qrepl.lua in PyTorch. What has no sparse form there is measured dense, which is all a user has."""

import os
import re
import sys
import warnings

warnings.filterwarnings("ignore")
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.nn.utils.parametrizations as parametrizations
import torch.nn.utils.parametrize as parametrize
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


class LeNet(nn.Module):
    layers = ("conv1", "conv2", "fc1", "fc2", "fc3")

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.flatten(1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


def pruned():
    model = LeNet().eval()
    for name in LeNet.layers[:4]:
        layer = getattr(model, name)
        prune.ln_structured(layer, "weight", amount=0.5, n=2, dim=0)
        # prune_bias is qrepl's.
        prune.custom_from_mask(layer, "bias", layer.weight_mask.flatten(1).any(1))
    return model


def lasting(model):
    for name in LeNet.layers[:4]:
        prune.remove(getattr(model, name), "weight")
        prune.remove(getattr(model, name), "bias")
    return model


def half(name, finish):
    for batch in (1, 32):

        def make():
            images = torch.randn(batch, 1, 32, 32)
            model = finish(pruned())
            return lambda: model(images)

        case(f"{name}, batch {batch}", make, True)


half("LeNet, masked", lambda model: model)
half("LeNet, zeros", lasting)
# The nearest there is to a compacted model.
half("LeNet, compacted", lasting)


def masked(size, quiet):
    def make():
        row = torch.randn(1, size)
        layer = prune.l1_unstructured(nn.Linear(size, size), "weight", 0.5)
        return (lambda: layer(row)) if quiet else (lambda: layer(row).sum().backward())

    return make


for size in (16, 256):
    case(f"masked Linear {size}", masked(size, True), True)
    case(f"masked Linear {size}, with gradients", masked(size, False))


def again(size, f):
    def make():
        layer = nn.Linear(size, size)

        def call():
            f(layer)
            prune.remove(layer, "weight")

        return call

    return make


def l1_then_ln(layer):
    prune.l1_unstructured(layer, "weight", 0.3)
    prune.ln_structured(layer, "weight", 0.3, 2, 0)


for size in (16, 512):
    for name, f in (
        ("identity", lambda layer: prune.identity(layer, "weight")),
        ("random_unstructured", lambda layer: prune.random_unstructured(layer, "weight", 0.3)),
        ("l1_unstructured", lambda layer: prune.l1_unstructured(layer, "weight", 0.3)),
        ("ln_structured", lambda layer: prune.ln_structured(layer, "weight", 0.3, 2, 0)),
        ("l1 then ln_structured", l1_then_ln),
    ):
        case(f"{name} and remove, {size}", again(size, f))


def globally():
    model = LeNet()
    targets = [(getattr(model, name), "weight") for name in LeNet.layers]

    def call():
        prune.global_unstructured(targets, pruning_method=prune.L1Unstructured, amount=0.2)
        for module, name in targets:
            prune.remove(module, name)

    return call


case("global_unstructured LeNet and remove", globally)


class Symmetric(nn.Module):
    def forward(self, X):
        return X.triu() + X.triu(1).transpose(-1, -2)


class Same(nn.Module):
    def forward(self, X):
        return X


def parametrized(name, size, parametrization, quiet=False):
    def make():
        layer = parametrization(nn.Linear(size, size))
        return lambda: layer.weight

    case(name, make, quiet)


def by(kind):
    return lambda layer: parametrize.register_parametrization(layer, "weight", kind())


parametrized("weight by identity, 16", 16, by(Same), True)
parametrized("weight by identity, gradients, 16", 16, by(Same))
parametrized("weight by symmetric, 16", 16, by(Symmetric), True)
parametrized("weight by symmetric, gradients, 16", 16, by(Symmetric))
parametrized("weight by symmetric, gradients, 256", 256, by(Symmetric))
for size in (16, 256):
    parametrized(f"weight_norm, {size}", size, parametrizations.weight_norm)
    parametrized(f"spectral_norm, {size}", size, parametrizations.spectral_norm)
    for map in ("matrix_exp", "cayley", "householder"):
        parametrized(f"orthogonal {map}, {size}", size, lambda layer: parametrizations.orthogonal(layer, "weight", map))


def symmetric_layer():
    layer, row = by(Symmetric)(nn.Linear(16, 16)), torch.randn(1, 16)
    return lambda: layer(row)


case("layer with symmetric weight, 16", symmetric_layer)


def ten_uses(cached):
    def make():
        layer, row = parametrizations.orthogonal(nn.Linear(128, 128)), torch.randn(1, 128)

        def use():
            for _ in range(10):
                layer(row)

        def use_cached():
            with parametrize.cached():
                use()

        return use_cached if cached else use

    return make


case("ten uses of an orthogonal weight", ten_uses(False))
case("ten uses, cached", ten_uses(True))

serve(cases)
