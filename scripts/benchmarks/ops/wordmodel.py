"""wordmodel.lua in PyTorch."""

import os
import sys
import torch
import torch.nn as nn
import torch.nn.functional as F

if "BENCH_THREADS" in os.environ:
    torch.set_num_threads(int(os.environ["BENCH_THREADS"]))
torch.manual_seed(1111)

words, width, hidden, layers, batch, length = 33278, 512, 256, 5, 20, 35
encoder, lstm, decoder = nn.Embedding(words, width), nn.LSTM(width, hidden, layers), nn.Linear(hidden, words)
parameters = [p for layer in (encoder, lstm, decoder) for p in layer.parameters()]
optimizer = torch.optim.SGD(parameters, lr=0.5)
data, target = torch.randint(0, words, (length, batch)), torch.randint(0, words, (length * batch,))


def step():
    optimizer.zero_grad()
    output, _ = lstm(encoder(data))
    loss = F.cross_entropy(decoder(output).view(-1, words), target)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 0.25)
    optimizer.step()
    return loss.item()


step()
print("ready", flush=True)
for _ in sys.stdin:
    step()
    print("done", flush=True)
for line in open("/proc/self/status"):
    if line.startswith("VmHWM:"):
        print(line.split()[1], flush=True)
