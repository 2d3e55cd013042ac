"""PyTorch's own samples of an op, run by PyTorch and written so that check.lua can run them again.

An argument is a tensor, number, text or boolean as it is, or a dictionary whose "k" names what Lua cannot tell apart.
"""
import math
import warnings

import torch
from torch.testing._internal.common_device_type import toleranceOverride
from torch.testing._internal.opinfo import core

warnings.filterwarnings("ignore")
DTYPES = [torch.float32, torch.float64, torch.int64, torch.bool, torch.float16, torch.bfloat16]


# Factors whose signs are the library's choice; special_calls.lua knows them too.
UNSIGNED = {"svd", "linalg.svd", "linalg.eigh", "linalg.eig", "svd_lowrank", "pca_lowrank"}


# Ops whose complex samples are kept.
COMPLEX = {"complex", "polar", "view_as_complex", "view_as_real", "real", "imag", "conj", "angle", "abs", "sgn", "mul", "div", "pow", "exp", "log",
           "sqrt", "tanh", "matmul", "sum", "mean", "prod", "linalg.eig", "linalg.eigvals", "linalg.solve", "where", "istft", "isreal",
           "fft.fft", "fft.ifft", "fft.irfft", "fft.hfft", "fft.fft2", "fft.irfftn", "fft.fftshift"}


def is_inexact(dtype):
    return dtype.is_floating_point or dtype.is_complex


class NotExpressible(Exception):
    """An argument or result that qrepl has no word for: sparse layouts, Python functions."""


def text_of(part):
    return "" if part is None else str(int(part))


def encode(value):
    """An argument or result as check.lua reads it."""
    if isinstance(value, torch.Tensor):
        if value._is_zerotensor():
            # A gradient known to be zero has no memory.
            value = torch.zeros(value.shape, dtype=value.dtype)
        if value.dim() > 64:
            raise NotExpressible("a tensor of more dimensions than a file may have")
        if value.layout != torch.strided or value.device.type != "cpu" or value.dtype not in DTYPES + [torch.int32, torch.int16, torch.int8, torch.uint8, torch.complex64, torch.complex128]:
            raise NotExpressible(f"{value.layout} {value.dtype} {value.device}")
        return value
    if value is None:
        return {"k": "none"}
    if isinstance(value, bool) or isinstance(value, str):
        return value
    if isinstance(value, int):
        if not -2**63 <= value < 2**63:
            raise NotExpressible("a large integer")
        return value
    if isinstance(value, float):
        return value
    if isinstance(value, complex):
        return {"k": "complex", "v": [value.real, value.imag]}
    if isinstance(value, torch.dtype):
        name = str(value).removeprefix("torch.")
        if name == "complex32" or name.startswith("uint") and name != "uint8" or name.startswith("float8"):
            raise NotExpressible(name)
        return {"k": "name", "v": name}
    if isinstance(value, (torch.memory_format, torch.layout)):
        return {"k": "name", "v": str(value).removeprefix("torch.")}
    if isinstance(value, torch.device):
        return str(value)
    if isinstance(value, slice):
        text = f"{text_of(value.start)}:{text_of(value.stop)}"
        return {"k": "slice", "v": text if value.step is None else f"{text}:{value.step}"}
    if value is Ellipsis:
        return {"k": "slice", "v": "..."}
    if callable(value) and getattr(torch.nn.functional, getattr(value, "__name__", ""), None) is not None:
        return {"k": "name", "v": "nn.functional." + value.__name__}
    if isinstance(value, (list, tuple)):
        return {"k": "list", "v": [encode(item) for item in value]}
    raise NotExpressible(type(value).__name__)


def leaves(value, into):
    """The tensors and numbers of a result, in order."""
    if isinstance(value, (list, tuple)):
        for item in value:
            leaves(item, into)
    elif value is not None:
        into.append(value)
    return into


def tensors(value, into):
    if isinstance(value, torch.Tensor):
        into.append(value)
    elif isinstance(value, (list, tuple)):
        for item in value:
            tensors(item, into)
    elif isinstance(value, slice):
        tensors([value.start, value.stop, value.step], into)
    return into


def seeds_for(result):
    """The gradient that comes to a result: numbers that every float type holds exactly, and no two neighbours equal."""
    n = result.numel()
    seeds = ((torch.arange(n) % 7 - 3).to(torch.float64) / 4 + 0.125).reshape(result.shape).to(result.dtype)
    return seeds * (1 + 0.5j) if result.is_complex() else seeds


def call(op, sample):
    torch.manual_seed(42)
    return op.op(sample.input, *sample.args, **sample.kwargs)


def unsigned(name, factors):
    """Magnitudes of factors, without the vectors beyond the singular values: those are any basis of what is left."""
    if name in ("svd", "linalg.svd"):
        u, s, v = factors
        k = s.shape[-1]
        factors = [u[..., :k], s, v[..., :k] if name == "svd" else v[..., :k, :]]
    return [r.abs() for r in factors]


def detached(value):
    return value.detach() if isinstance(value, torch.Tensor) else value


def span_of(tensor):
    """How many elements of its storage a tensor reaches over."""
    return 1 + sum((n - 1) * s for n, s in zip(tensor.shape, tensor.stride())) if tensor.numel() else 0


def too_big(values, limit):
    return sum(span_of(t) for t in tensors(values, [])) > limit


def alone(sample):
    """The sample in memory of its own; what shared memory, or was one tensor, shares and is so still. PyTorch's samples may
    share what a call changes (running statistics)."""
    storages, made = {}, {}

    def own(value):
        if isinstance(value, torch.Tensor):
            if value.layout != torch.strided or value.is_quantized or value.is_conj() or value.is_neg():
                return value
            if id(value) not in made:
                storage = value.untyped_storage()
                key = storage.data_ptr() or id(value)
                if key not in storages:
                    storages[key] = storage.clone()
                copy = torch.empty(0, dtype=value.dtype).set_(storages[key], value.storage_offset(), value.size(), value.stride())
                made[id(value)] = (value, copy.requires_grad_(value.requires_grad))
            return made[id(value)][1]
        if type(value) in (list, tuple):
            return type(value)(own(item) for item in value)
        if isinstance(value, slice):
            return slice(own(value.start), own(value.stop), own(value.step))
        return {k: own(v) for k, v in value.items()} if isinstance(value, dict) else value

    return core.SampleInput(own(sample.input), args=own(tuple(sample.args)), kwargs=own(sample.kwargs),
                            output_process_fn_grad=sample.output_process_fn_grad)


def case_of(op, sample, dtype):
    """One sample with what PyTorch gives for it; None where PyTorch itself refuses it."""
    sample = alone(sample)
    arguments = [sample.input, *sample.args]
    if op.name == "normal" and op.variant_test_name == "number_mean":
        # op_db gives the deviation first.
        arguments[:2] = arguments[1::-1]
    encoded = [encode(a) for a in arguments]
    if op.name == "as_strided" and sample.input.storage_offset():
        raise NotExpressible("a storage larger than its tensor")
    if op.name == "matrix_exp" and dtype.itemsize == 2:
        raise NotExpressible("PyTorch's own result is NaN for matrices of moderate norm")
    if op.name == "__getitem__" and isinstance(sample.args[0], list):
        # A list as an index is a tensor of indices; Lua's tables stand for tuples.
        encoded[1] = torch.tensor(sample.args[0])
    keywords = [[k, encode(v)] for k, v in sample.kwargs.items()]
    inputs = [t for t in tensors([arguments, list(sample.kwargs.values())], []) if t.requires_grad]
    # What an op writes to must not be what is stored.
    stored = {id(t): t.detach().clone() for t in tensors([arguments, list(sample.kwargs.values())], [])}
    try:
        result = call(op, sample)
    except Exception:
        return None
    for t in tensors([arguments, list(sample.kwargs.values())], []):
        if not torch.equal(t.detach().nan_to_num(), stored[id(t)].nan_to_num()):
            return None
    flat = leaves(result, [])
    if op.name in UNSIGNED:
        flat = unsigned(op.name, flat)
    case = {"args": encoded, "kwargs": keywords, "out": [encode(detached(r)) for r in flat], "grads": []}
    first = sample.input if isinstance(sample.input, torch.Tensor) else None
    # Memory that nobody has written.
    case["undefined"] = op.name.startswith(("empty", "new_empty"))
    # Conjugates are written anew.
    case["views"] = [
        isinstance(r, torch.Tensor) and not r.is_conj() and first is not None and r._is_view()
        and r.untyped_storage().data_ptr() == first.untyped_storage().data_ptr() for r in flat]
    if inputs and op.supports_autograd and is_inexact(dtype):
        results = [r for r in flat if isinstance(r, torch.Tensor) and r.requires_grad and is_inexact(r.dtype)]
        if results and sample.output_process_fn_grad(result) is result:
            try:
                grads = torch.autograd.grad(results, inputs, [seeds_for(r) for r in results], allow_unused=True)
                case["grads"] = [encode(g.detach() if g is not None else None) for g in grads]
            except NotExpressible:
                raise
            except Exception:
                pass
    return case


def in_place_of(op, sample):
    """What the op's form in place makes of the first argument; None where there is none or it refuses."""
    form = op.inplace_variant
    if form is None or not isinstance(sample.input, torch.Tensor) or not getattr(form, "__name__", "").endswith("_"):
        return None
    target = sample.input.detach().clone()
    try:
        torch.manual_seed(42)
        form(target, *[detached(a) for a in sample.args], **{k: detached(v) for k, v in sample.kwargs.items()})
        return {"name": form.__name__, "out": encode(target)}
    except Exception:
        return None


def special_samples(op, dtype):
    """NaN, infinities, zeros of both signs, an empty tensor and one without dimensions, for elementwise ops."""
    if not isinstance(op, (core.UnaryUfuncInfo, core.BinaryUfuncInfo)) or not dtype.is_floating_point:
        return
    values = torch.tensor([math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 1e-3, -7.25], dtype=dtype)
    for x in [values, torch.empty(0, 3, dtype=dtype), torch.tensor(0.75, dtype=dtype)]:
        if isinstance(op, core.UnaryUfuncInfo):
            arguments, keywords = (), op.sample_kwargs("cpu", dtype, x)[0]
            yield core.SampleInput(x, args=arguments, kwargs=keywords)
        else:
            yield core.SampleInput(x, args=(x.flip(0),))
            if x.dim() == 1:
                yield core.SampleInput(x.unsqueeze(1), args=(x,))


def samples_of(op, dtype, limit, largest):
    """The cases of one op in one type, at most `limit`, evenly taken; and how many could not be expressed."""
    wants = op.supports_autograd and is_inexact(dtype)
    torch.manual_seed(7)
    try:
        listed = list(op.sample_inputs("cpu", dtype, requires_grad=wants))
    except Exception:
        listed = []
    listed = [s for s in listed if not too_big([s.input, s.args, list(s.kwargs.values())], largest)]
    if limit and len(listed) > limit:
        listed = [listed[i * len(listed) // limit] for i in range(limit)]
    try:
        listed += list(special_samples(op, dtype))
    except Exception:
        pass
    cases, lost = [], 0
    for number, sample in enumerate(listed):
        try:
            case = case_of(op, sample, dtype)
        except NotExpressible:
            lost += 1
            continue
        if case is None or too_big(case["out"], 2 * largest):
            continue
        if number < 3:
            case["inplace"] = in_place_of(op, sample) or {"k": "none"}
        cases.append(case)
    return cases, lost


def unspoken(op, sample):
    """Whether the mistake is one that Lua cannot make: its tables lose None at their end, so that () is (None, None)."""
    if op.name == "cat":
        return isinstance(sample.input, (list, tuple)) and None in [i for i in sample.input if not isinstance(i, torch.Tensor)]
    return "adaptive" in op.name and sample.kwargs.get("output_size") == ()


def errors_of(op):
    """Wrong calls and PyTorch's sentence for each."""
    # A method of a number (`(1).__radd__`) is no call that Lua could make.
    if op.error_inputs_func is None or op.name.startswith("__r"):
        return [], 0
    cases, lost = [], 0
    try:
        listed = list(op.error_inputs("cpu"))
    except Exception:
        return [], 0
    for wrong in listed:
        sample = wrong.sample_input
        if too_big([sample.input, sample.args, list(sample.kwargs.values())], 100_000):
            continue
        try:
            if unspoken(op, sample):
                raise NotExpressible("a table that ends in nil")
            encoded = {"args": [encode(a) for a in [sample.input, *sample.args]],
                       "kwargs": [[k, encode(v)] for k, v in sample.kwargs.items()]}
        except NotExpressible:
            lost += 1
            continue
        try:
            call(op, sample)
        except Exception as error:
            encoded["error"] = f"{type(error).__name__}: {error}".split("\n")[0]
            cases.append(encoded)
    return cases, lost


def tolerances_of(op):
    """The tolerances PyTorch's own tests grant the op, by dtype: [rtol, atol]."""
    found = {}
    # PyTorch's approximations of these are off by some 1e-7 where their argument is beyond 5.
    if op.name in ("special.bessel_j0", "special.bessel_j1", "special.bessel_y0", "special.bessel_y1", "special.airy_ai"):
        found = {"float64": [2e-5, 1e-6]}
    # As PyTorch's own tests of transforms have it.
    if op.name.startswith("fft."):
        found = {"float32": [1e-4, 1e-4], "complex64": [1e-4, 1e-4]}
    # PyTorch's float32 is itself off by as much from the exact exponential.
    if op.name == "matrix_exp":
        found = {"float32": [2e-4, 1e-3]}
    for decorator in op.decorators or ():
        for inner in getattr(decorator, "decorators", [decorator]):
            if isinstance(inner, toleranceOverride):
                for dtype, tolerance in inner.d.items():
                    name = str(dtype).removeprefix("torch.")
                    before = found.get(name, [0.0, 0.0])
                    found[name] = [max(before[0], tolerance.rtol), max(before[1], tolerance.atol)]
    return found


def kind_of(op):
    for prefix in ("linalg", "nn.functional", "special", "masked", "fft", "signal"):
        if op.name.startswith(prefix + "."):
            return prefix
    return {"UnaryUfuncInfo": "unary", "BinaryUfuncInfo": "binary", "ReductionOpInfo": "reduction",
            "ShapeFuncInfo": "shape"}.get(type(op).__name__, "torch")
