"""Writes Tests/lua/support/glue_cases.lua, what Tests/lua/glue.lua expects: python3 Tests/lua/make_glue.py

Features come from transformers' BertTokenizer on Tests/TokenizeTests/Fixtures/vocab.txt, framed, cut and filled as the releases did that
still had glue_convert_examples_to_features; measures from numpy; orders from torch's DistributedSampler; lines from logging.
"""
import io
import logging
from argparse import Namespace
from pathlib import Path

import numpy as np
from torch.utils.data import DistributedSampler
from transformers import BertTokenizer

here = Path(__file__).resolve().parent
tokenizer = BertTokenizer(str(here.parent / "TokenizeTests/Fixtures/vocab.txt"), do_lower_case=True)

pairs = [
    ("Hello, world!", "hello world", "1"),
    ("the café of the world", "unaffable unaffable unaffable the a of", "0"),
    ("1999 and hello hello hello hello hello hello hello hello", "the world the world the world of a", "1"),
]


def lua(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} = {lua(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "{" + ", ".join(lua(v) for v in value) + "}"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return repr(value)


def feature(first, second, label, max_length=16, pad_on_left=False, pad_token=0, pad_token_segment_id=0, mask_padding_with_zero=True):
    """`glue_convert_examples_to_features` of transformers 2, for one example."""
    inputs = tokenizer(first, second, max_length=max_length, truncation="longest_first")
    ids, types = inputs["input_ids"], inputs["token_type_ids"]
    mask = [1 if mask_padding_with_zero else 0] * len(ids)
    missing = max_length - len(ids)
    filler = ([pad_token] * missing, [0 if mask_padding_with_zero else 1] * missing, [pad_token_segment_id] * missing)
    if pad_on_left:
        ids, mask, types = filler[0] + ids, filler[1] + mask, filler[2] + types
    else:
        ids, mask, types = ids + filler[0], mask + filler[1], types + filler[2]
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types, "label": ["0", "1"].index(label)}


def measures(preds, labels):
    preds, labels = np.array(preds), np.array(labels)
    both = ((preds == 1) & (labels == 1)).sum()
    precision, recall = both / max((preds == 1).sum(), 1), both / max((labels == 1).sum(), 1)
    f1 = float(2 * precision * recall / (precision + recall)) if both else 0.0
    acc = float((preds == labels).mean())
    return {"preds": preds.tolist(), "labels": labels.tolist(), "acc": acc, "f1": f1, "acc_and_f1": (acc + f1) / 2}


def sampled(n, epoch, **options):
    sampler = DistributedSampler(range(n), **options)
    sampler.set_epoch(epoch)
    return {"n": n, "epoch": epoch, "options": options, "length": len(sampler), "order": list(sampler)}


def logged():
    stream = io.StringIO()
    logging.basicConfig(format="%(levelname)s - %(name)s - %(message)s|%(levelno)4d|%(name)-8s|100%%", level=logging.WARN, stream=stream)
    inner, outer = logging.getLogger("a.b.c"), logging.getLogger("a")
    inner.warning("one %d", 1)
    inner.info("unseen")
    outer.setLevel(logging.INFO)
    inner.info("%5.2f|%r|%s|%s", 2.5, "it's", None, [1, "x", True])
    outer.debug("unseen")
    logging.getLogger("b").info("unseen")
    logging.error("50%")
    inner.log(25, "between")
    inner.setLevel("ERROR")
    inner.warning("unseen")
    return stream.getvalue().splitlines()


rng = np.random.default_rng(42)
namespace = Namespace(data_dir="it's", eps=1e-8, labels=["0", "1"], lr=5e-5, n_gpu=0, nothing=True, steps=-1)
cases = {
    "pairs": [list(pair) for pair in pairs],
    "features": [feature(*pair) for pair in pairs],
    "left": [feature(*pair, max_length=12, pad_on_left=True, pad_token=5, pad_token_segment_id=4, mask_padding_with_zero=False) for pair in pairs],
    "measures": [measures(rng.integers(0, 2, n), rng.integers(0, 2, n)) for n in (1, 7, 50, 333)] + [measures([0, 0], [0, 0]), measures([1, 0], [0, 1])],
    "samples": [
        sampled(10, 0, num_replicas=3, rank=1), sampled(10, 2, num_replicas=3, rank=2), sampled(11, 1, num_replicas=4, rank=3, seed=7, drop_last=True),
        sampled(3, 5, num_replicas=8, rank=7), sampled(13, 4, num_replicas=2, rank=0, shuffle=False, drop_last=True), sampled(100, 9, num_replicas=7, rank=4, seed=1),
    ],
    "logged": logged(),
    "namespace": str(namespace),
}
lines = ["-- Made by Tests/lua/make_glue.py.", "return {"]
for name, value in cases.items():
    if isinstance(value, list):
        lines += [f"  {name} = {{"] + [f"    {lua(one)}," for one in value] + ["  },"]
    else:
        lines.append(f"  {name} = {lua(value)},")
(here / "support/glue_cases.lua").write_text("\n".join(lines + ["}", ""]))
