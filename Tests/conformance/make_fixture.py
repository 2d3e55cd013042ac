"""Writes PyTorch's samples of its ops, with their results, as checkpoints that check.lua reads.

  python Tests/conformance/make_fixture.py OUT_FOLDER [--ops REGEX] [--limit N] [--largest ELEMENTS] [--all]

Without --all a sixth of the samples in types other than float32 is kept, so that the fixture stays small.
Each file holds {"torch": version, "ops": [{"name", "variant", "kind", "dtypes": [[name, cases, lost]], "errors", …}]}, and
layers.pt {"torch": version, "layers": [{"name", "cases", "lost"}]}; its tensors of one type are views of one storage.
"""
import argparse
import gzip
import os
import re
import shutil

import torch
from torch.testing._internal.common_methods_invocations import op_db

import layers
import samples

# What cannot be called at all without sparse layouts, CUDA or PyTorch's own compiler.
FOREIGN = re.compile(r"^(jiterator|sparse\.|torch\.|chalf$|to_sparse|hash_tensor)")


class Region:
    """What a file keeps of one storage: from the first to the last element that one of its tensors reaches."""

    def __init__(self, tensor):
        self.source, self.low, self.high = tensor.detach(), tensor.storage_offset(), tensor.storage_offset()

    def include(self, tensor):
        self.low = min(self.low, tensor.storage_offset())
        self.high = max(self.high, tensor.storage_offset() + samples.span_of(tensor))


class Place:
    """Where a tensor lies in its region."""

    def __init__(self, tensor, region):
        self.tensor, self.region, self.view = tensor, region, None


class Pool:
    """Tensors laid into one storage per type, so that a file of thousands stays small.

    The arguments of one call share memory as they did; what was one tensor is one tensor.
    """

    def __init__(self):
        self.regions, self.flat = [], None

    def add(self, tensor, call):
        known = {} if call is None else call
        if id(tensor) not in known:
            # An expanded or strided tensor is kept with all that lies between its elements.
            pointer = tensor.untyped_storage().data_ptr()
            key = (pointer, tensor.dtype) if pointer else len(known)
            if key not in known:
                known[key] = Region(tensor)
                self.regions.append(known[key])
            known[key].include(tensor)
            known[id(tensor)] = Place(tensor, known[key])
        return known[id(tensor)]

    def lay(self):
        self.flat, self.at, parts, sizes = {}, {}, {}, {}
        for region in self.regions:
            dtype, count = region.source.dtype, region.high - region.low
            if (sizes.get(dtype, 0) - region.low) % 2:
                # A pair that is to be seen as a complex number begins at an even place.
                parts.setdefault(dtype, []).append(torch.zeros(1, dtype=dtype))
                sizes[dtype] = sizes.get(dtype, 0) + 1
            self.at[region] = sizes.get(dtype, 0)
            sizes[dtype] = self.at[region] + count
            part = region.source.as_strided((count,), (1,), region.low).clone() if count else torch.empty(0, dtype=dtype)
            parts.setdefault(dtype, []).append(part)
        self.flat = {dtype: torch.cat(all) for dtype, all in parts.items()}

    def resolve(self, value):
        if self.flat is None:
            self.lay()
        if isinstance(value, Place):
            if value.view is None:
                tensor, region = value.tensor, value.region
                at = self.at[region] + tensor.storage_offset() - region.low
                view = self.flat[tensor.dtype].as_strided(tensor.shape, tensor.stride(), at)
                value.view = view.detach().requires_grad_() if tensor.requires_grad else view
            return value.view
        if isinstance(value, dict):
            return {k: self.resolve(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.resolve(v) for v in value]
        return value


def pooled(pool, value, call=None):
    if isinstance(value, torch.Tensor):
        return pool.add(value, call)
    if isinstance(value, dict):
        own = {} if "args" in value else call
        return {k: pooled(pool, v, own if own is call or k in ("args", "kwargs") else None) for k, v in value.items()}
    if isinstance(value, list):
        return [pooled(pool, v, call) for v in value]
    return value


def entry(op, options):
    dtypes = []
    supported = op.supported_dtypes("cpu")
    if not FOREIGN.match(op.name):
        for dtype in samples.DTYPES + ([torch.complex64, torch.complex128] if options.complex or op.name in samples.COMPLEX else []):
            if dtype not in supported:
                continue
            limit = options.limit if dtype == torch.float32 or options.all else max(options.limit // 6, 2)
            cases, lost = samples.samples_of(op, dtype, limit, options.largest)
            dtypes.append([str(dtype).removeprefix("torch."), cases, lost])
    errors, lost = ([], 0) if FOREIGN.match(op.name) else samples.errors_of(op)
    return {"name": op.name, "variant": op.variant_test_name, "kind": samples.kind_of(op), "dtypes": dtypes,
            "errors": errors, "tolerances": samples.tolerances_of(op), "methods": op.method_variant is not None}


def write(path, name, entries, zipped):
    """Writes entries as one checkpoint whose tensors of one type are views of one storage."""
    pool = Pool()
    held = [pooled(pool, e) for e in entries]
    torch.save({"torch": str(torch.__version__), name: [pool.resolve(e) for e in held]}, path)
    if zipped:
        with open(path, "rb") as source, gzip.GzipFile(path + ".gz", "wb", 9, mtime=0) as target:
            shutil.copyfileobj(source, target)
        os.remove(path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--ops", default="")
    parser.add_argument("--limit", type=int, default=24)
    parser.add_argument("--largest", type=int, default=2000)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--gzip", action="store_true")
    parser.add_argument("--complex", action="store_true", help="complex samples of all ops, not only of those made for them")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    chosen = sorted((op for op in op_db if re.search(options.ops, op.name)), key=lambda op: (op.name, op.variant_test_name))
    for start in range(0, len(chosen), 40):
        entries = [entry(op, options) for op in chosen[start:start + 40]]
        write(os.path.join(options.out, f"{start // 40:02d}.pt"), "ops", entries, options.gzip)
    found = [layers.entry(info, options.limit, options.largest) for info in layers.chosen(re.compile(options.ops))]
    if found:
        write(os.path.join(options.out, "layers.pt"), "layers", found, options.gzip)


if __name__ == "__main__":
    main()
