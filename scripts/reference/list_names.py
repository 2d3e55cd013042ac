"""Prints the public names of PyTorch that a user of qrepl may look for, one a line: `torch.nn.Linear`, `torch.Tensor.view`.

  python scripts/reference/list_names.py > scripts/reference/pytorch_names.txt
"""
import importlib
import inspect

import torch
import torch.nn.utils.parametrizations
import torch.optim.swa_utils
import torch.utils.checkpoint

FOLDERS = [
    "torch", "torch.linalg", "torch.special", "torch.fft", "torch.masked", "torch.signal.windows", "torch.random", "torch.autograd",
    "torch.autograd.functional", "torch.autograd.graph", "torch.nn", "torch.nn.functional", "torch.nn.init", "torch.nn.utils",
    "torch.nn.utils.rnn", "torch.nn.utils.prune", "torch.nn.utils.parametrize", "torch.nn.utils.parametrizations",
    "torch.optim", "torch.optim.lr_scheduler", "torch.optim.swa_utils", "torch.utils.data", "torch.utils.checkpoint",
    "torch.quantization",
]
# Names of Python's own, of other processors, of the compiler and of complex or sparse tensors.
FOREIGN = ("cuda", "xpu", "mps", "mtia", "cudnn", "miopen", "mkldnn", "jit", "dynamo", "compile", "script", "sparse", "named_tensor",
           "complex", "Storage", "DataPipe", "datapipe", "runtime_validation", "determinis", "set_device", "get_device", "dispatch", "sym_", "Sym", "typename", "vmap", "fbgemm", "autocast", "TYPE_CHECKING", "cfloat", "cdouble", "chalf")
TYPES = ("Tensor", "Generator", "Size")


def public(folder):
    module = importlib.import_module(folder)
    names = getattr(module, "__all__", None)
    if names is None or folder == "torch":
        names = [n for n in dir(module) if not n.startswith("_")]
    for name in names:
        value = getattr(module, name, None)
        if value is None or inspect.ismodule(value) or any(word in name for word in FOREIGN) or name.startswith("_"):
            continue
        # Elsewhere than in torch.nn and its like, classes are the compiler's or annotations of types.
        if name[0].isupper() and (folder == "torch" and name not in TYPES or folder in ("torch.nn.functional", "torch.fft", "torch.utils.checkpoint")):
            continue
        if callable(value) or isinstance(value, torch.dtype):
            origin = getattr(value, "__module__", None) or "torch"
            if origin.split(".")[0] in ("torch", "builtins") and not name.startswith(("Any", "Callable", "Optional")):
                yield f"{folder}.{name}"


found = {name for folder in FOLDERS for name in public(folder)}
found |= {f"torch.Tensor.{n}" for n in dir(torch.Tensor) if not n.startswith("_") and not any(word in n for word in FOREIGN)}
found |= {f"torch.nn.Module.{n}" for n in dir(torch.nn.Module) if not n.startswith("_")}
print(f"# Made by list_names.py with PyTorch {torch.__version__}")
print("\n".join(sorted(found)))
