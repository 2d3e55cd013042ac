"""qrepl.lua in PyTorch."""

import os
import sys
import warnings

warnings.filterwarnings("ignore")
import torch
import torch.nn as nn
import torch.quantization

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from worker import serve

torch.set_num_threads(1)


class lstm_for_demonstration(nn.Module):
    def __init__(self, in_dim, out_dim, depth):
        super().__init__()
        self.lstm = nn.LSTM(in_dim, out_dim, depth)

    def forward(self, inputs, hidden):
        out, hidden = self.lstm(inputs, hidden)
        return out, hidden


def forward(model, inputs, hidden):
    def loop(n):
        for _ in range(n):
            model.forward(inputs, hidden)

    return loop


cases = []
for dim in (8, 80, 256, 512):
    torch.manual_seed(29592)
    inputs = torch.randn(20, 1, dim)
    hidden = (torch.randn(1, 1, dim), torch.randn(1, 1, dim))
    float_lstm = lstm_for_demonstration(dim, dim, 1)
    quantized_lstm = torch.quantization.quantize_dynamic(float_lstm, {nn.LSTM, nn.Linear}, dtype=torch.qint8)
    cases.append((f"FP32 LSTM {dim}", forward(float_lstm, inputs, hidden)))
    cases.append((f"INT8 LSTM {dim}", forward(quantized_lstm, inputs, hidden)))

a, b = torch.randn(8), torch.randn(8)


def add(n):
    for _ in range(n):
        a + b


cases.append(("a + b, 8 floats", add))
serve(cases)
