"""model.lua in PyTorch, with transformers' BertForSequenceClassification."""

import os
import warnings

import torch

warnings.filterwarnings("ignore")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
from transformers import BertForSequenceClassification

LENGTH = 128


def load():
    return BertForSequenceClassification.from_pretrained(os.environ["QREPL_DATA"] + "/minilm-mrpc").eval()


def quantize(model):
    return torch.quantization.quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8)


def batch(size, used=LENGTH):
    """As in model.lua."""
    ids = torch.arange(size * LENGTH).mul(7919).remainder(28000).add(1000).view(size, LENGTH)
    types = (torch.arange(LENGTH) >= LENGTH // 2).to(torch.int64).repeat(size, 1)
    mask = (torch.arange(LENGTH) < used).to(torch.int64).repeat(size, 1)
    return {"input_ids": ids * mask, "token_type_ids": types * mask, "attention_mask": mask}
