#!/usr/bin/env python3
"""Writes optimizers.lua and schedules.lua: what PyTorch 2.15's optimizers and schedulers do on one small problem."""
import pathlib
import torch

here = pathlib.Path(__file__).parent
W = [[0.5, -1.25, 2.0], [0.75, 0.1, -0.6]]
B = [0.3, -0.2]
X = [[1.0, -0.5, 0.25], [0.2, 0.9, -1.1], [-0.7, 0.4, 1.3], [2.0, -1.0, 0.6]]
Y = [[0.1, 0.9], [-0.4, 0.3], [1.2, -0.8], [0.0, 0.5]]

cases = []
for name, options in [
    ("SGD", [{}, dict(lr=0.1, momentum=0.9), dict(lr=0.1, momentum=0.9, dampening=0.5), dict(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01), dict(lr=0.05, maximize=True, weight_decay=0.1)]),
    ("Adam", [{}, dict(lr=0.1), dict(lr=0.05, betas=(0.8, 0.95), weight_decay=0.1), dict(lr=0.1, amsgrad=True), dict(lr=0.1, maximize=True, eps=1e-3)]),
    ("AdamW", [{}, dict(lr=0.1, weight_decay=0.2), dict(lr=0.1, amsgrad=True)]),
    ("NAdam", [{}, dict(lr=0.1, weight_decay=0.1), dict(lr=0.1, weight_decay=0.1, decoupled_weight_decay=True, momentum_decay=0.01)]),
    ("RAdam", [{}, dict(lr=0.1, weight_decay=0.1), dict(lr=0.1, betas=(0.8, 0.9), decoupled_weight_decay=True, weight_decay=0.1)]),
    ("Adamax", [{}, dict(lr=0.1, weight_decay=0.1), dict(lr=0.1, maximize=True)]),
    ("RMSprop", [{}, dict(lr=0.05, momentum=0.9), dict(lr=0.05, centered=True, weight_decay=0.1), dict(lr=0.05, centered=True, momentum=0.5, maximize=True)]),
    ("Adagrad", [{}, dict(lr=0.1, lr_decay=0.1, weight_decay=0.1), dict(lr=0.1, initial_accumulator_value=0.5)]),
    ("Adadelta", [{}, dict(lr=0.5, rho=0.8, eps=1e-3, weight_decay=0.1), dict(maximize=True)]),
    ("ASGD", [{}, dict(lr=0.1, lambd=0.01, alpha=0.5, t0=3, weight_decay=0.1)]),
    ("Rprop", [{}, dict(lr=0.1, etas=(0.4, 1.5), step_sizes=(1e-3, 1.0))]),
    ("Adafactor", [{}, dict(lr=0.1, weight_decay=0.1, d=1.5, maximize=True)]),
    ("LBFGS", [dict(max_iter=3), dict(max_iter=4, line_search_fn="strong_wolfe"), dict(lr=0.5, max_iter=5, history_size=2)]),
]:
    for o in options:
        cases.append((name, o))


def lua(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list)):
        return "{" + ", ".join(lua(v) for v in value) + "}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} = {lua(v)}" for k, v in value.items()) + "}"
    if isinstance(value, str):
        return '"' + value.replace("\n", "\\n") + '"'
    if value is None:
        return "nil"
    return repr(value)


def run(name, options, dtype):
    w = torch.tensor(W, dtype=dtype, requires_grad=True)
    b = torch.tensor(B, dtype=dtype, requires_grad=True)
    x, y = torch.tensor(X, dtype=dtype), torch.tensor(Y, dtype=dtype)
    opt = getattr(torch.optim, name)([w, b], **options)

    def closure():
        opt.zero_grad()
        loss = ((x @ w.t() + b).tanh() - y).pow(2).mean()
        loss.backward()
        return loss

    for _ in range(10):
        if name == "LBFGS":
            opt.step(closure)
        else:
            closure()
            opt.step()
    return opt, w.detach(), b.detach()


lines = ["-- Made by Tests/Fixtures/Optim/make_fixtures.py with PyTorch " + torch.__version__ + ".", "return {"]
for name, options in cases:
    opt, w, b = run(name, options, torch.float64)
    _, w32, b32 = run(name, options, torch.float32)
    lines.append(
        f"  {{name = {lua(name)}, options = {lua(options)}, weight = {lua(w.tolist())}, bias = {lua(b.tolist())},\n"
        f"   weight32 = {lua(w32.double().tolist())}, bias32 = {lua(b32.double().tolist())}, text = {lua(str(opt))}}},"
    )
# Muon takes matrices alone.
for options in [{}, dict(lr=0.1, nesterov=False, adjust_lr_fn="match_rms_adamw"), dict(lr=0.1, adjust_lr_fn="spectral_unclamped", ns_steps=3)]:
    w = torch.tensor(W, requires_grad=True)
    x, y = torch.tensor(X), torch.tensor(Y)
    opt = torch.optim.Muon([w], **options)
    for _ in range(10):
        opt.zero_grad()
        ((x @ w.t()).tanh() - y).pow(2).mean().backward()
        opt.step()
    lines.append(f"  {{name = 'Muon', options = {lua(options)}, weight32 = {lua(w.detach().double().tolist())}, text = {lua(str(opt))}}},")
lines.append("}")
(here / "optimizers.lua").write_text("\n".join(lines) + "\n")

S = torch.optim.lr_scheduler
schedules = [
    ("StepLR", dict(step_size=3, gamma=0.5)),
    ("MultiStepLR", dict(milestones=[2, 5, 5, 9], gamma=0.3)),
    ("ConstantLR", {}),
    ("ConstantLR", dict(factor=0.25, total_iters=4)),
    ("LinearLR", {}),
    ("LinearLR", dict(start_factor=0.5, end_factor=0.1, total_iters=8)),
    ("ExponentialLR", dict(gamma=0.9)),
    ("PolynomialLR", dict(total_iters=7, power=2.0)),
    ("CosineAnnealingLR", dict(T_max=6, eta_min=0.01)),
    ("CosineAnnealingWarmRestarts", dict(T_0=3, T_mult=2, eta_min=0.001)),
    ("CosineAnnealingWarmRestarts", dict(T_0=4)),
    ("CyclicLR", dict(base_lr=0.01, max_lr=0.2, step_size_up=3)),
    ("CyclicLR", dict(base_lr=[0.01, 0.02], max_lr=[0.2, 0.3], step_size_up=2, step_size_down=4, mode="triangular2", cycle_momentum=False)),
    ("CyclicLR", dict(base_lr=0.01, max_lr=0.2, step_size_up=4, mode="exp_range", gamma=0.9)),
    ("OneCycleLR", dict(max_lr=0.5, total_steps=20)),
    ("OneCycleLR", dict(max_lr=[0.5, 0.1], epochs=4, steps_per_epoch=5, anneal_strategy="linear", three_phase=True, pct_start=0.25)),
]


def follow(name, options, optimizer):
    w, b = torch.zeros(2, requires_grad=True), torch.zeros(2, requires_grad=True)
    groups = [{"params": [w], "lr": 0.4}, {"params": [b]}]
    opt = torch.optim.SGD(groups, lr=0.1, momentum=0.9) if optimizer == "SGD" else torch.optim.Adam(groups, lr=0.1)
    scheduler = getattr(S, name)(opt, **options)
    rows = []
    for _ in range(20):
        first = opt.param_groups[0]
        momentum = first["momentum"] if optimizer == "SGD" else first["betas"][0]
        rows.append(scheduler.get_last_lr() + [momentum])
        opt.step()
        scheduler.step()
    return rows


lines = ["-- Made by Tests/Fixtures/Optim/make_fixtures.py with PyTorch " + torch.__version__ + ".", "return {"]
for name, options in schedules:
    for optimizer in ["SGD", "Adam"]:
        rows = follow(name, options, optimizer)
        lines.append(f"  {{name = {lua(name)}, optimizer = {lua(optimizer)}, options = {lua(options)}, rows = {lua(rows)}}},")
lines.append("}")
(here / "schedules.lua").write_text("\n".join(lines) + "\n")
