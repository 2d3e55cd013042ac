"""Writes the fixtures of bert.lua into Tests/lua/bert with transformers 5.23 and PyTorch 2.15: python Tests/lua/make_bert.py

A tiny BERT whose weights are larger than a new one's, so that its parts matter; what it gives for a batch; the same weights
under a checkpoint's old names; and a model of classes that were never trained, to compare random numbers."""
import json
import os
import tempfile
import warnings

import torch
import transformers
from safetensors.torch import save_file
from transformers import BertConfig, BertForSequenceClassification, BertModel

warnings.simplefilter("ignore")
transformers.logging.set_verbosity_error()
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bert")
config = BertConfig(vocab_size=40, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16, max_position_embeddings=16,
                    initializer_range=0.5, id2label={0: "different", 1: "same"}, label2id={"different": 0, "same": 1})
out = {}

torch.manual_seed(7)
model = BertForSequenceClassification(config)
out["new.word_embeddings"] = model.bert.embeddings.word_embeddings.weight.detach().clone()
out["new.classifier"] = model.classifier.weight.detach().clone()
out["new.random"] = torch.rand(3)
with torch.no_grad():
    for name, p in model.named_parameters():
        if "LayerNorm" in name or name.endswith("bias"):
            p.add_(torch.randn_like(p) * 0.3)
model.eval()
model.save_pretrained(os.path.join(here, "model"))

ids = torch.randint(5, 40, (3, 9))
types = (torch.arange(9) >= 5).long().expand(3, 9).contiguous()
mask = torch.tensor([[1] * 9, [1] * 6 + [0] * 3, [1] * 4 + [0] * 5])
labels = torch.tensor([0, 1, 1])
out.update({"input_ids": ids, "token_type_ids": types, "attention_mask": mask, "labels": labels})
batch = dict(input_ids=ids, attention_mask=mask, token_type_ids=types)
result = model(**batch, labels=labels)
result.loss.backward()
out["logits"], out["loss"] = result.logits.detach(), result.loss.detach()
for name in ["bert.embeddings.word_embeddings.weight", "bert.encoder.layer.0.attention.self.key.weight", "classifier.bias"]:
    out["grad." + name] = model.get_parameter(name).grad.clone()
with torch.no_grad():
    out["plain"] = model(ids).logits
    out["positions"] = model(ids, mask, types, torch.arange(9).flip(0)[None]).logits
    out["embeds"] = model(inputs_embeds=model.bert.embeddings.word_embeddings(ids), attention_mask=mask).logits
    out["square_mask"] = model(ids, torch.ones(9, 9).tril().bool().expand(3, 1, 9, 9)).logits
    model.config._attn_implementation = "eager"
    full = model.bert(**batch, output_hidden_states=True, output_attentions=True)
    model.config._attn_implementation = "sdpa"
    out["last_hidden_state"], out["pooler_output"] = full.last_hidden_state, full.pooler_output
    for i, state in enumerate(full.hidden_states):
        out[f"hidden_states.{i}"] = state.clone()
    for i, weights in enumerate(full.attentions):
        out[f"attentions.{i}"] = weights
model.train()
torch.manual_seed(3)
out["trained"] = model(**batch, labels=labels).logits.detach()
model.eval()
quantized = torch.quantization.quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8)
with torch.no_grad():
    out["int8"] = quantized(**batch).logits

for count, problem, wanted in [(1, "regression", torch.tensor([0.5, -1.0, 2.0])), (3, "multi_label_classification", torch.tensor([[1.0, 0, 1]] * 3))]:
    torch.manual_seed(11)
    other = BertForSequenceClassification.from_pretrained(os.path.join(here, "model"), num_labels=count, ignore_mismatched_sizes=True).eval()
    with torch.no_grad():
        out["loss." + problem] = other(**batch, labels=wanted).loss

# The names of 2019: no prefix, gamma and beta, positions kept; and no classifier.
old = {}
for name, tensor in model.bert.state_dict().items():
    old[name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")] = tensor
old["embeddings.position_ids"] = torch.arange(16)[None]
os.makedirs(os.path.join(here, "old"), exist_ok=True)
torch.save(old, os.path.join(here, "old", "pytorch_model.bin"))
fields = json.loads(BertConfig(**{**config.to_dict(), "id2label": None, "label2id": None}).to_json_string())
for name in ["transformers_version", "classifier_dropout", "layer_norm_eps", "pad_token_id", "use_cache", "bos_token_id", "eos_token_id"]:
    fields.pop(name)
with open(os.path.join(here, "old", "config.json"), "w") as f:
    json.dump(fields, f, indent=2)
torch.manual_seed(5)
# transformers does not read the old names of norms any more; the names are all that differs.
with tempfile.TemporaryDirectory() as base:
    BertModel.from_pretrained(os.path.join(here, "model")).save_pretrained(base)
    out["head.classifier"] = BertForSequenceClassification.from_pretrained(base).classifier.weight.detach()

with open(os.path.join(here, "printed.txt"), "w") as f:
    # A model that is no decoder has no cross-attention to tell of.
    keys = [name for name in full.keys() if name != "cross_attentions"]
    print(model, quantized, BertConfig(num_labels=3, foo=1), result, keys, sep="\n", file=f)
    print(BertConfig().to_json_string(use_diff=False), end="", file=f)
save_file({name: tensor.contiguous() for name, tensor in out.items()}, os.path.join(here, "expected.safetensors"))
