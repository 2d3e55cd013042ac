"""model.lua in PyTorch."""

import os
import warnings

warnings.filterwarnings("ignore")
import torch
import torch.nn as nn

WORDS, LENGTH = 33278, 25


class LSTMModel(nn.Module):
    def __init__(self, ntoken, ninp, nhid, nlayers, dropout=0.5):
        super().__init__()
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, nhid, nlayers, dropout=dropout)
        self.decoder = nn.Linear(nhid, ntoken)
        self.nhid, self.nlayers = nhid, nlayers

    def forward(self, input, hidden):
        output, hidden = self.rnn(self.drop(self.encoder(input)), hidden)
        return self.decoder(self.drop(output)), hidden

    def init_hidden(self, size):
        return torch.zeros(self.nlayers, size, self.nhid), torch.zeros(self.nlayers, size, self.nhid)


def load():
    model = LSTMModel(WORDS, 512, 256, 5)
    model.load_state_dict(torch.load(os.environ["QREPL_DATA"] + "/word_language_model_quantize.pth", map_location="cpu"))
    return model.eval()


def quantize(model):
    return torch.quantization.quantize_dynamic(model, {nn.LSTM, nn.Linear}, dtype=torch.qint8)


def batches():
    ids = torch.tensor([int(line) for line in open(os.environ["BENCH_WORDS"])])
    found = []
    for i in range(0, len(ids) - 1, LENGTH):
        n = min(LENGTH, len(ids) - 1 - i)
        found.append((ids[i : i + n].view(-1, 1), ids[i + 1 : i + 1 + n]))
    return found


def evaluate(model, batches):
    criterion, total, count = nn.CrossEntropyLoss(), 0.0, 0
    with torch.no_grad():
        hidden = model.init_hidden(1)
        for data, targets in batches:
            output, hidden = model(data, hidden)
            total += len(targets) * criterion(output.view(-1, WORDS), targets).item()
            count += len(targets)
    return total / count
