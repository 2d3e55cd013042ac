"""Saves values with PyTorch, has Swift load and save them, and loads the result with PyTorch (weights_only=True).

    python check_with_torch.py [swift test -c release]      # the command runs in the present folder; this is its default

Reports for each value whether it came back equal and whether the file has the same bytes.
"""
import collections, os, subprocess, sys, tempfile, warnings
warnings.filterwarnings("ignore")
import torch, torch.nn as nn

torch.manual_seed(7)
matrix = torch.randn(5, 7)
net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
net(torch.randn(2, 3, 3, 3)).sum().backward()
optimizer.step()
tied = nn.ModuleDict({"encoder": nn.Embedding(6, 4), "decoder": nn.Linear(4, 6)})
tied["decoder"].weight = tied["encoder"].weight
linear = torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)), {nn.Linear}, torch.qint8)
values = {
    "dtypes.pt": {str(t): matrix.mul(9).to(t) for t in (torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64,
                  torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool)},
    "special.pt": torch.tensor([float("nan"), float("inf"), -float("inf"), -0.0, 1e-45]),
    "views.pt": [matrix, matrix.t(), matrix[1:, ::3], matrix[4, 6], matrix[5:], matrix[:, :1].expand(5, 100), matrix],
    "net.pt": net.state_dict(),
    "tied.pt": tied.state_dict(),
    "lstm.pt": nn.LSTM(3, 4, 2, bidirectional=True).state_dict(),
    "optimizer.pt": optimizer.state_dict(),
    "quantized_linear.pt": linear.state_dict(),
    "parameters.pt": [nn.Parameter(matrix), nn.Parameter(torch.ones(2), requires_grad=False), torch.ones(2, requires_grad=True)],
    "quantized.pt": [torch.quantize_per_tensor(matrix, 0.1, 3, torch.quint8), torch.quantize_per_tensor(matrix, 0.1, 0, torch.qint32),
                     torch.quantize_per_channel(matrix, torch.rand(7).double() + 0.1, torch.arange(7), 1, torch.qint8)],
    "plain.pt": {"a": [1, 2.5, None, True, "text", 2**62, -(2**40)], "d": {"x": {1: 2}}, "o": collections.OrderedDict(b=1, a=2),
                 "dtype": torch.bfloat16, "empty": [{}, []]},
    "many.pt": {f"layer.{i}.weight": torch.full((i % 5,), float(i)) for i in range(1500)},
    "legacy.pt": {"w": matrix, "row": matrix[2], "ids": torch.arange(4)},
}


def equal(a, b):
    """The same value; tuples come back as lists."""
    if isinstance(a, torch.Tensor):
        if not isinstance(b, torch.Tensor) or a.dtype != b.dtype or a.stride() != b.stride() or a.requires_grad != b.requires_grad:
            return False
        if isinstance(a, nn.Parameter) != isinstance(b, nn.Parameter) or a.storage_offset() != b.storage_offset():
            return False
        if a.is_quantized:
            if a.qscheme() != b.qscheme() or not torch.equal(a.int_repr(), b.int_repr()):
                return False
            return torch.equal(a.dequantize(), b.dequantize())
        return a.shape == b.shape and torch.equal(torch.nan_to_num(a), torch.nan_to_num(b))
    if isinstance(a, dict):
        if type(a) is not type(b) or getattr(a, "_metadata", None) != getattr(b, "_metadata", None):
            return False
        return list(a) == list(b) and all(equal(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return isinstance(b, list) and len(a) == len(b) and all(map(equal, a, b))
    return type(a) is type(b) and a == b


with tempfile.TemporaryDirectory() as folder:
    for kind in ("copied", "mapped"):
        os.makedirs(os.path.join(folder, "out", kind))
    for name, value in values.items():
        torch.save(value, os.path.join(folder, name), _use_new_zipfile_serialization=not name.startswith("legacy"))
    command = sys.argv[1:] or ["swift", "test", "-c", "release"]
    done = subprocess.run(command + ["--filter", "CheckWithTorch"], env={**os.environ, "QREPL_CHECKPOINT_FOLDER": folder},
                          capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    failures = 0
    for name, value in values.items():
        for kind in ("copied", "mapped"):
            path = os.path.join(folder, "out", kind, name)
            if not os.path.exists(path):
                assert kind == "mapped" and name.startswith("legacy"), path
                continue
            again = torch.load(path, weights_only=True)
            same_bytes = open(path, "rb").read() == open(os.path.join(folder, name), "rb").read()
            ok = equal(value, again)
            failures += not ok
            print(f"{name:20} {kind}  {'equal' if ok else 'DIFFERS':8} {'same bytes' if same_bytes else 'other bytes'}")
    tied_again = torch.load(os.path.join(folder, "out", "copied", "tied.pt"))
    shared = tied_again["encoder.weight"].data_ptr() == tied_again["decoder.weight"].data_ptr()
    print("tied weights share memory:", shared)
    sys.exit(failures + (not shared))
