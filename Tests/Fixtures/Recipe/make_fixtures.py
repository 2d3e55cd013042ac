"""Writes recipe.txt: what PyTorch 2.15.0 (CPU) prints for the steps that Tests/lua/recipe.lua takes in qrepl."""

import contextlib
import os
import warnings

warnings.filterwarnings("ignore")
import torch
import torch.nn as nn
import torch.quantization


class lstm_for_demonstration(nn.Module):
    def __init__(self, in_dim, out_dim, depth):
        super().__init__()
        self.lstm = nn.LSTM(in_dim, out_dim, depth)

    def forward(self, inputs, hidden):
        return self.lstm(inputs, hidden)


def saved_size(model):
    torch.save(model.state_dict(), "temp.p")
    size = os.path.getsize("temp.p")
    os.remove("temp.p")
    return size


def steps(dim):
    torch.manual_seed(29592)
    inputs = torch.randn(20, 1, dim)
    hidden = (torch.randn(1, 1, dim), torch.randn(1, 1, dim))
    float_lstm = lstm_for_demonstration(dim, dim, 1)
    quantized_lstm = torch.quantization.quantize_dynamic(float_lstm, {nn.LSTM, nn.Linear}, dtype=torch.qint8)
    print("model_dimension", dim)
    if dim == 8:
        print(inputs[:3])
        print(hidden[0])
        print(hidden[1])
        print(float_lstm.lstm.weight_ih_l0[:2])
        print(float_lstm.lstm.bias_hh_l0)
        print(float_lstm)
        print(quantized_lstm)
    print("bytes on disk", saved_size(float_lstm), saved_size(quantized_lstm))
    out1, _ = float_lstm(inputs, hidden)
    out2, hidden2 = quantized_lstm(inputs, hidden)
    mag1 = torch.mean(abs(out1)).item()
    mag2 = torch.mean(abs(out2)).item()
    mag3 = torch.mean(abs(out1 - out2)).item()
    print("mean absolute value of output tensor values in the FP32 model is {0:.5f} ".format(mag1))
    print("mean absolute value of output tensor values in the INT8 model is {0:.5f}".format(mag2))
    print(
        "mean absolute value of the difference between the output tensors is {0:.5f} or {1:.2f} percent".format(
            mag3, mag3 / mag1 * 100
        )
    )
    if dim == 8:
        print(out1[-1])
        print(out2[-1])
        print(hidden2[1])


os.chdir(os.path.dirname(os.path.abspath(__file__)))
with open("recipe.txt", "w") as file, contextlib.redirect_stdout(file):
    for dim in (8, 80, 256, 512):
        steps(dim)
