"""PyTorch's own samples of its layers, run by PyTorch and written so that check_layers.lua can run them again."""
import torch
from torch.nn.parameter import is_lazy
from torch.testing._internal.common_modules import module_db

import samples


def name_of(info):
    return info.name.removeprefix("nn.")


def chosen(pattern):
    return [info for info in module_db if pattern.search(info.name)]


def case_of(info, sample):
    """A layer made after seed 42 and run after seed 43: text, state, results and gradients; None where PyTorch refuses it."""
    made, run = sample.constructor_input, sample.forward_input
    case = {"made": {"args": [samples.encode(a) for a in made.args], "kwargs": [[k, samples.encode(v)] for k, v in made.kwargs.items()]},
            "run": {"args": [samples.encode(a) for a in run.args], "kwargs": [[k, samples.encode(v)] for k, v in run.kwargs.items()]}}
    torch.manual_seed(42)
    layer = info.module_cls(*made.args, **made.kwargs)
    case["text"] = str(layer)
    # What a lazy layer has yet to learn has no sizes.
    case["state"] = [[name, {"k": "text", "v": str(value)} if is_lazy(value) else value.detach().clone()]
                     for name, value in layer.state_dict().items()]
    torch.manual_seed(43)
    try:
        result = layer(*run.args, **run.kwargs)
    except Exception:
        return None
    if isinstance(result, torch.nn.utils.rnn.PackedSequence):
        raise samples.NotExpressible("PackedSequence")
    flat = samples.leaves(result, [])
    case["text_after"] = str(layer)
    case["out"] = [samples.encode(samples.detached(r)) for r in flat]
    case["after"] = [[name, value.detach().clone()] for name, value in layer.named_buffers()]
    inputs = [t for t in samples.tensors([run.args, list(run.kwargs.values())], []) if t.requires_grad]
    wanted = inputs + list(layer.parameters())
    results = [r for r in flat if isinstance(r, torch.Tensor) and r.requires_grad]
    case["grads"] = []
    if results and wanted:
        grads = torch.autograd.grad(results, wanted, [samples.seeds_for(r) for r in results], allow_unused=True)
        case["grads"] = [samples.encode(g.detach() if g is not None else None) for g in grads]
    return case


def entry(info, limit, largest):
    cases, lost = [], 0
    for training in (True, False) if info.train_and_eval_differ else (True,):
        torch.manual_seed(7)
        listed = info.module_inputs_func(info, device="cpu", dtype=torch.float32, requires_grad=True, training=training)
        if len(listed) > limit:
            listed = [listed[i * len(listed) // limit] for i in range(limit)]
        for sample in listed:
            if samples.too_big([list(sample.forward_input.args), list(sample.forward_input.kwargs.values())], largest):
                continue
            try:
                case = case_of(info, sample)
            except samples.NotExpressible:
                lost += 1
                continue
            if case is not None:
                cases.append(case)
    return {"name": name_of(info), "cases": cases, "lost": lost}
