"""sizes.lua in PyTorch."""

import os
import sys

import model as M
import torch

fp32 = M.load()
for name, model in (("FP32", fp32), ("INT8", M.quantize(fp32))):
    with torch.no_grad():
        logits = model(**M.batch(8)).logits
    path = os.path.join(sys.argv[1], name + ".pt")
    torch.save(model.state_dict(), path)
    print(name, os.path.getsize(path), " ".join("%.9g" % v for v in logits.flatten().tolist()), sep="\t")
