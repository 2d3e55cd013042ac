# Makes the files in Fixtures: run with an interpreter that has PyTorch 2.15. Tests compare with these files byte for byte.
import collections, os, pickle, shutil, warnings
warnings.filterwarnings("ignore")
import torch, torch.nn as nn, torch.quantization

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Fixtures")
shutil.rmtree(here, ignore_errors=True)


def path(*parts):
    name = os.path.join(here, *parts)
    os.makedirs(os.path.dirname(name), exist_ok=True)
    return name


class lstm_for_demonstration(nn.Module):
    def __init__(self, in_dim, out_dim, depth):
        super().__init__()
        self.lstm = nn.LSTM(in_dim, out_dim, depth)


# The recipe's two state dicts: "bytes on disk 4479 3455".
torch.manual_seed(29592)
torch.randn(20, 1, 8), (torch.randn(1, 1, 8), torch.randn(1, 1, 8))
float_lstm = lstm_for_demonstration(8, 8, 1)
quantized_lstm = torch.quantization.quantize_dynamic(float_lstm, {nn.LSTM, nn.Linear}, dtype=torch.qint8)
torch.save(float_lstm.state_dict(), path("float", "temp.p"))
torch.save(quantized_lstm.state_dict(), path("quantized", "temp.p"))

# Archives: no storage, empty storages, names without extension and with several, enough records to grow the hash table.
torch.save({}, path("archives", "empty.pt"))
torch.save([torch.zeros(0), torch.ones(3)], path("archives", "noextension"))
torch.save({str(i): torch.full((i % 3,), i) for i in range(64)}, path("archives", "many.records.pt"))
os.chdir(path("archives", ""))
torch.save(torch.arange(4, dtype=torch.int16), "größe.pt")
# Data that begin as a zip data descriptor does.
torch.save(torch.tensor(list(b"PK\x07\x08fortytwo"), dtype=torch.uint8), "descriptor.pt")

# Tensors in structures: shared storages, views, dtypes, quantized per channel, parameters, sizes.
base = torch.arange(12.0).reshape(3, 4)
linear = nn.Linear(2, 2)
torch.save({"base": base, "again": base, "view": base.t()[1:], "sizes": [base.size(), base.dtype], "n": (1, 2.5, None, True)},
           path("archives", "views.pt"))
torch.save([torch.zeros(2, dtype=t) for t in (torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32,
            torch.int8, torch.uint8, torch.bool, torch.complex64)] + [linear.weight, linear.state_dict(),
            torch.quantize_per_channel(base, torch.ones(3, dtype=torch.float64), torch.zeros(3, dtype=torch.int64), 0, torch.quint8)],
           path("archives", "types.pt"))

# Plain values, with each protocol, and their repr.
shared = ["x"]
values = {
    "scalars": [None, True, False, 0, 1, 255, 256, 65535, 65536, -1, -128, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**63 - 1,
                -2**63, 2**63, -2**63 - 1, 2**64, 10**40, -10**40, 2**2040, 0.0, -0.0, 1.5, 1e300, -2.25, "", "a", "grüße",
                "日本語 🎉", "line\nfeed", "x" * 300],
    "containers": [[], (), {}, [1], (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), {"a": 1}, {"a": 1, 2: "b", (3, "c"): [4], None: 5},
                   [[], [[]]], shared, shared, (shared, shared), {"k": shared}],
    "bytes": [b"", b"abc", bytes(range(256)), {1}, set(), {("a", 1)}],
    "ordered": [collections.OrderedDict(), collections.OrderedDict([("a", 1)]), collections.OrderedDict([("b", 1), ("a", 2)])],
    "aliases": (lambda t, d: [t, t, d, (t, d), [d, t], "same", "same", {"same": "same"}])((1, 2), {"a": (3,)}),
}
for name, value in values.items():
    with open(path("values", name + ".repr"), "w") as file:
        file.write(repr(value))
    for protocol in (2, 3, 4, 5):
        with open(path("values", f"{name}.{protocol}.pkl"), "wb") as file:
            pickle.dump(value, file, protocol)

# Where CPython cuts batches: lists, dicts, and what is iterated.
for count in (0, 1, 2, 999, 1000, 1001, 2000, 2001):
    with open(path("batches", f"{count}.pkl"), "wb") as file:
        numbers = range(count)
        file.write(pickle.dumps([[0] * count, dict.fromkeys(numbers, 0), collections.OrderedDict.fromkeys(numbers, 0)], 2))

# Checkpoints of whole values: every dtype that loads, views, quantized tensors, dicts of all kinds, and the format before PyTorch 1.6.
numbers = torch.tensor([0.0, 1.0, 0.5, 2.5])
dtypes = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8,
          torch.bool]
torch.save({str(t)[6:]: numbers.to(t) for t in dtypes}, path("values", "dtypes.pt"))
matrix = torch.arange(12.0).reshape(3, 4)
torch.save(
    {"base": matrix, "again": matrix, "transposed": matrix.t(), "part": matrix[1:, 1::2], "spread": matrix[:, :1].expand(3, 5),
     "empty": matrix[3:], "scalar": matrix[2, 3], "trained": torch.ones(2, requires_grad=True),
     "parameter": nn.Parameter(torch.full((2,), 7.0)), "frozen": nn.Parameter(torch.ones(1), requires_grad=False)},
    path("values", "views.pt"))
torch.save(
    [torch.quantize_per_tensor(matrix, 0.1, 3, torch.quint8), torch.quantize_per_tensor(matrix, 0.25, 0, torch.qint8),
     torch.quantize_per_tensor(matrix, 0.5, -7, torch.qint32),
     torch.quantize_per_channel(matrix, torch.tensor([0.1, 0.2, 0.4], dtype=torch.float64), torch.tensor([0, 1, -1]), 0, torch.qint8)],
    path("values", "quantized.pt"))
torch.save(
    {"state": {0: {"step": 3, "exp_avg": torch.zeros(2)}}, "param_groups": [{"lr": 0.01, "betas": (0.9, 0.999), "params": [0]}],
     "ordered": collections.OrderedDict([("b", 1), ("a", None)]), "dtype": torch.qint8, "text": "grüße", "flags": [True, False],
     1.5: 2**40, "size": torch.Size([2, 3])},
    path("values", "training.pt"))
torch.save({"weight": matrix, "tied": matrix, "row": matrix[1], "ids": torch.tensor([1, 2, 3]), "half": numbers.half()},
           path("values", "legacy.pt"), _use_new_zipfile_serialization=False)
torch.save(nn.Linear(2, 2), path("values", "module.pt"))
torch.jit.script(nn.Linear(2, 2)).save(path("values", "script.pt"))

# Linear layers, whose packed weights are tuples.
torch.manual_seed(29592)
linears = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
torch.save(torch.quantization.quantize_dynamic(linears, {nn.Linear}, dtype=torch.qint8).state_dict(), path("linears", "temp.p"))

# safetensors as the package 0.8 writes them: every element type, no elements, no dims, names and metadata with escapes, nothing.
from safetensors.torch import save_file
save_file(
    {str(t)[6:]: numbers.to(t) for t in dtypes + [torch.complex64]}
    | {"scalar": torch.tensor(3.5), "empty": torch.zeros(0, 3), "matrix": matrix, "größe \"\\\n\x01": torch.arange(3)},
    path("safetensors", "types.safetensors"), metadata={"note": "grüße\n\"quoted\""})
save_file({}, path("safetensors", "empty.safetensors"))
# Element types that only list; metadata, whose order the package leaves to chance.
save_file({"u16": torch.ones(2, dtype=torch.uint16), "f8": torch.ones(3).to(torch.float8_e4m3fn), "f32": torch.ones(1)}, path("safetensors", "foreign.safetensors"),
          metadata={"format": "pt", "note": "grüße", "a": ""})

# Training checkpoints as tutorials save them, in both formats, and saved from a CUDA device (renamed in the pickle; the sizes agree).
model = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
model(torch.ones(1, 4)).sum().backward()
optimizer.step()
best = {"epoch": 7, "arch": "resnet18", "state_dict": model.state_dict(), "best_acc1": 71.5, "optimizer": optimizer.state_dict()}
torch.save(best, path("legacy", "model_best.pth.tar"))
torch.save(best, path("legacy", "model_best_legacy.pth.tar"), _use_new_zipfile_serialization=False)
torch.save({"w": matrix}, path("legacy", "cpu.pth"), _use_new_zipfile_serialization=False)
with open(path("legacy", "cpu.pth"), "rb") as file:
    content = file.read()
assert content.count(b"X\x03\x00\x00\x00cpu") == 1
with open(path("legacy", "cuda.pth"), "wb") as file:
    file.write(content.replace(b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:0"))

# The tar archive of 2016: PyTorch 2.15 reads it (weights_only=False) and cannot write it.
import io, struct, tarfile


class OldPickler(pickle.Pickler):
    def persistent_id(self, obj):
        return str(obj.key) if isinstance(obj, Named) else None


class Named:
    def __init__(self, key):
        self.key = key


def old_archive(name):
    storages = io.BytesIO()
    for value in (2,):
        pickle.dump(value, storages, 2)
    for key, kind, values in ((94000, torch.FloatStorage, numbers), (94001, torch.LongStorage, torch.arange(6))):
        pickle.dump((key, "cpu", kind), storages, 2)
        storages.write(struct.pack("<q", values.numel()) + values.numpy().tobytes())
    pickle.dump([(94002, 94001, 2, 4)], storages, 2)
    tensors = io.BytesIO()
    rows = [(1, 94000, torch.FloatTensor, (2, 2), (2, 1), 0), (2, 94000, torch.FloatTensor, (2,), (2,), 1), (3, 94002, torch.LongTensor, (3,), (1,), 1)]
    pickle.dump(len(rows), tensors, 2)
    for key, storage, kind, sizes, strides, offset in rows:
        pickle.dump((key, storage, kind), tensors, 2)
        tensors.write(struct.pack(f"<ii{len(sizes)}q{len(strides)}qq", len(sizes), 0, *sizes, *strides, offset))
    value = io.BytesIO()
    OldPickler(value, 2).dump(collections.OrderedDict([("weight", Named(1)), ("column", Named(2)), ("ids", Named(3)), ("epoch", 3)]))
    with tarfile.open(name, "w", format=tarfile.USTAR_FORMAT) as archive:
        for part, content in (("storages", storages), ("tensors", tensors), ("pickle", value)):
            info = tarfile.TarInfo(part)
            info.size = len(content.getvalue())
            archive.addfile(info, io.BytesIO(content.getvalue()))
    loaded = torch.load(name, weights_only=False)
    assert torch.equal(loaded["weight"], numbers.reshape(2, 2)) and torch.equal(loaded["column"], numbers[1::2]), loaded
    assert loaded["ids"].tolist() == [3, 4, 5]


old_archive(path("legacy", "archive.pth"))
