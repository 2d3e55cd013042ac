"""Writes the model for ONNX Runtime to the folder given: fp32.onnx and int8.onnx, which its own dynamic quantization makes (the
embedding in int8 too), and the same with the loss in the graph, fp32_loss.onnx and int8_loss.onnx."""

import logging
import os
import sys

import model as M
import torch
import torch.nn as nn
from onnxruntime.quantization import QuantType, quantize_dynamic

logging.disable(logging.WARNING)


class Evaluation(nn.Module):
    """The model and the loss on top."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, data, targets, h, c):
        output, (h, c) = self.model(data, (h, c))
        return nn.functional.cross_entropy(output.view(-1, M.WORDS), targets), h, c


class Forward(nn.Module):
    """The model with its state as two inputs."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, data, h, c):
        output, (h, c) = self.model(data, (h, c))
        return output, h, c


folder = sys.argv[1]
model = M.load()
h, c = model.init_hidden(1)
data, targets = torch.zeros(M.LENGTH, 1, dtype=torch.int64), torch.zeros(M.LENGTH, dtype=torch.int64)
for name, module, inputs, names, results in [
    ("", Forward(model), (data, h, c), ["data", "h", "c"], ["output", "hn", "cn"]),
    ("_loss", Evaluation(model), (data, targets, h, c), ["data", "targets", "h", "c"], ["loss", "hn", "cn"]),
]:
    fp32, int8 = (os.path.join(folder, kind + name + ".onnx") for kind in ("fp32", "int8"))
    with torch.no_grad():
        torch.onnx.export(module.eval(), inputs, fp32, input_names=names, output_names=results, dynamo=False)
    quantize_dynamic(fp32, int8, weight_type=QuantType.QInt8)
