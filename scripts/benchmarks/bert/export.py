"""Writes the model for ONNX Runtime to the folder given: fp32.onnx, and int8.onnx, which its own dynamic quantization makes."""

import logging
import os
import sys

import model as M
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

logging.disable(logging.WARNING)


class Logits(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids, types, mask):
        return self.model(input_ids=ids, token_type_ids=types, attention_mask=mask).logits


folder = sys.argv[1]
fp32, int8 = os.path.join(folder, "fp32.onnx"), os.path.join(folder, "int8.onnx")
axes = {name: {0: "batch", 1: "length"} for name in ("ids", "types", "mask")}
with torch.no_grad():
    torch.onnx.export(
        Logits(M.load()), tuple(M.batch(8).values()), fp32, input_names=list(axes), output_names=["logits"], dynamic_axes=axes, dynamo=False)
quantize_dynamic(fp32, int8, weight_type=QuantType.QInt8)
