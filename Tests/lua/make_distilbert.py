"""Writes the fixtures of distilbert.lua into Tests/lua/distilbert with transformers 5.23 and PyTorch 2.15: python Tests/lua/make_distilbert.py

A tiny DistilBERT whose weights are larger than a new one's, and what it gives for a batch."""
import os
import warnings

import torch
import transformers
from safetensors.torch import save_file
from transformers import DistilBertConfig, DistilBertForSequenceClassification

warnings.simplefilter("ignore")
transformers.logging.set_verbosity_error()
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "distilbert")
config = DistilBertConfig(vocab_size=40, dim=8, n_layers=2, n_heads=2, hidden_dim=16, max_position_embeddings=16, initializer_range=0.5)
torch.manual_seed(7)
model = DistilBertForSequenceClassification(config)
out = {"new.classifier": model.classifier.weight.detach().clone(), "new.random": torch.rand(3)}
model.eval()
model.save_pretrained(os.path.join(here, "model"))
ids = torch.randint(5, 40, (3, 9))
mask = torch.tensor([[1] * 9, [1] * 6 + [0] * 3, [1] * 4 + [0] * 5])
labels = torch.tensor([0, 1, 1])
with torch.no_grad():
    result = model(ids, mask, labels=labels, output_hidden_states=True)
out.update({"input_ids": ids, "attention_mask": mask, "labels": labels, "logits": result.logits, "loss": result.loss})
out["hidden_states.1"] = result.hidden_states[1]
with open(os.path.join(here, "printed.txt"), "w") as f:
    print(model, DistilBertConfig(), sep="\n", file=f)
save_file({name: tensor.contiguous().clone() for name, tensor in out.items()}, os.path.join(here, "expected.safetensors"))
