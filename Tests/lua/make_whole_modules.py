"""Modules of every class, whole, as PyTorch 2.15 saves them, with inputs and outputs: python make_whole_modules.py FILE

Tests/lua/whole_modules.lua reads the file Tests/Fixtures/Modules/whole_modules.pt.
"""
import sys
import warnings

import torch
import torch.nn as nn
from torch.nn.utils import prune

warnings.filterwarnings("ignore")
torch.manual_seed(0)
r = torch.randn
def pruned(m, *names):
    for n in names: prune.l1_unstructured(m, n, 0.5)
    return m
def evald(m): return m.eval()
class Custom(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(3, 2)
        self.k = [1, 2.5, "a", None, True]
        self.d = {"a": 1, "b": [1]}
        self.register_buffer("bb", r(2), persistent=False)
    def forward(self, x): return self.l(x) + self.bb

quantized=torch.ao.quantization.quantize_dynamic
cases=[
("Linear",nn.Linear(3,2),[r(4,3)]),("Linear",nn.Linear(3,2,bias=False),[r(4,3)]),("Identity",nn.Identity(),[r(2)]),("Bilinear",nn.Bilinear(2,3,4),[r(5,2),r(5,3)]),
("Conv1d",nn.Conv1d(2,4,3),[r(1,2,8)]),("Conv2d",nn.Conv2d(2,4,3,padding=1,stride=2,groups=2,bias=False),[r(1,2,8,8)]),("Conv2d",nn.Conv2d(2,4,(3,2),padding='same'),[r(1,2,8,8)]),("Conv2d",nn.Conv2d(2,4,(3,2),padding='same',padding_mode='circular'),[r(1,2,8,8)]),("Conv2d",nn.Conv2d(2,4,(3,2),padding='valid'),[r(1,2,8,8)]),("Conv2d",nn.Conv2d(2,4,3,padding=1,padding_mode='reflect'),[r(1,2,8,8)]),("Conv3d",nn.Conv3d(1,2,2,dilation=2),[r(1,1,5,5,5)]),
("CT1",nn.ConvTranspose1d(2,3,3),[r(1,2,8)]),("CT2",nn.ConvTranspose2d(2,3,3,stride=2,output_padding=1),[r(1,2,4,4)]),("CT3",nn.ConvTranspose3d(1,2,2),[r(1,1,3,3,3)]),
("LSTM",nn.LSTM(3,4),[r(5,2,3)]),("LSTM",nn.LSTM(3,4,2,bidirectional=True,batch_first=True),[r(5,2,3)]),("LSTM",nn.LSTM(3,4,proj_size=2),[r(5,2,3)]),("LSTM",nn.LSTM(3,4,bias=False),[r(5,2,3)]),
("GRU",nn.GRU(3,4,2),[r(5,2,3)]),("RNN",nn.RNN(3,4,nonlinearity='relu',bidirectional=True),[r(5,2,3)]),("LSTMCell",nn.LSTMCell(3,4),[r(2,3)]),("GRUCell",nn.GRUCell(3,4),[r(2,3)]),("RNNCell",nn.RNNCell(3,4,bias=False),[r(2,3)]),
("Embedding",nn.Embedding(5,3,padding_idx=1),[torch.tensor([[1,2],[0,4]])]),("EmbeddingBag",nn.EmbeddingBag(5,3,mode='sum'),[torch.tensor([[1,2],[0,4]])]),
("BN1",nn.BatchNorm1d(3),[r(4,3)]),("BN2",evald(nn.BatchNorm2d(3)),[r(4,3,2,2)]),("BN3",nn.BatchNorm3d(3,affine=False),[r(4,3,2,2,2)]),("BN",nn.BatchNorm1d(3,track_running_stats=False,momentum=None),[r(4,3)]),("SBN",evald(nn.SyncBatchNorm(3)),[r(4,3)]),
("IN",nn.InstanceNorm2d(3),[r(4,3,2,2)]),("IN1",nn.InstanceNorm1d(3,affine=True,track_running_stats=True),[r(4,3,2)]),("IN3",nn.InstanceNorm3d(3),[r(4,3,2,2,2)]),
("LN",nn.LayerNorm(3),[r(4,3)]),("LN",nn.LayerNorm((2,3),elementwise_affine=False),[r(4,2,3)]),("LN",nn.LayerNorm(3,bias=False),[r(4,3)]),("GN",nn.GroupNorm(1,3),[r(4,3,2)]),("RMS",nn.RMSNorm(3),[r(4,3)]),("LRN",nn.LocalResponseNorm(2),[r(1,3,4)]),("CrossMapLRN2d",nn.CrossMapLRN2d(2,alpha=0.5),[r(1,4,2,2)]),
]+[(n,getattr(nn,n)(),[r(2,4)]) for n in "ReLU ReLU6 SELU CELU ELU GELU SiLU Mish Hardtanh Hardswish Hardsigmoid Hardshrink Softshrink Tanhshrink Softplus Softsign Sigmoid LogSigmoid Tanh LeakyReLU PReLU Flatten".split()]+[
("RReLU",evald(nn.RReLU()),[r(3)]),("GLU",nn.GLU(),[r(2,4)]),("Threshold",nn.Threshold(0.1,20),[r(5)]),("Softmax",nn.Softmax(-1),[r(2,3)]),("LogSoftmax",nn.LogSoftmax(1),[r(2,3)]),("Softmin",nn.Softmin(1),[r(2,3)]),("Softmax2d",nn.Softmax2d(),[r(1,2,2,2)]),("GELU",nn.GELU('tanh'),[r(3)]),("Softmax",nn.Softmax(),[r(2,3)]),
("Dropout",evald(nn.Dropout(0.2)),[r(3)]),("Dropout1d",evald(nn.Dropout1d(0.2)),[r(1,3,2)]),("Dropout2d",evald(nn.Dropout2d(0.2)),[r(1,3,2,2)]),("Dropout3d",evald(nn.Dropout3d(0.2)),[r(1,3,2,2,2)]),("AlphaDropout",evald(nn.AlphaDropout(0.2)),[r(3)]),("FAD",evald(nn.FeatureAlphaDropout(0.2)),[r(1,3,2)]),
("MP1",nn.MaxPool1d(2),[r(1,2,6)]),("MP2",nn.MaxPool2d((2,3),stride=1),[r(1,2,6,6)]),("MP3",nn.MaxPool3d(2),[r(1,2,6,6,6)]),("AP1",nn.AvgPool1d(2),[r(1,2,6)]),("AP2",nn.AvgPool2d(2,divisor_override=3),[r(1,2,6,6)]),("AP3",nn.AvgPool3d(2),[r(1,2,6,6,6)]),("LP1",nn.LPPool1d(2,3),[r(1,2,6)]),("LP2",nn.LPPool2d(2,3),[r(1,2,6,6)]),("LP3",nn.LPPool3d(2,3),[r(1,2,6,6,6)]),
("AAP1",nn.AdaptiveAvgPool1d(2),[r(1,2,6)]),("AAP2",nn.AdaptiveAvgPool2d((2,None)),[r(1,2,6,6)]),("AAP3",nn.AdaptiveAvgPool3d(2),[r(1,2,6,6,6)]),("AMP1",nn.AdaptiveMaxPool1d(2),[r(1,2,6)]),("AMP2",nn.AdaptiveMaxPool2d(2),[r(1,2,6,6)]),("AMP3",nn.AdaptiveMaxPool3d(2),[r(1,2,6,6,6)]),("FMP2",nn.FractionalMaxPool2d(2,output_size=3),None),("FMP3",nn.FractionalMaxPool3d(2,output_ratio=0.5),None),
("MUP",nn.MaxUnpool2d(2),None),("MUP1",nn.MaxUnpool1d(2),None),("MUP3",nn.MaxUnpool3d(2),None),
("Unflatten",nn.Unflatten(1,(2,2)),[r(3,4)]),("Fold",nn.Fold((4,5),(2,2)),[r(1,12,12)]),("Unfold",nn.Unfold(2),[r(1,2,4,4)]),("PS",nn.PixelShuffle(2),[r(1,4,2,2)]),("PU",nn.PixelUnshuffle(2),[r(1,1,4,4)]),("CS",nn.ChannelShuffle(2),[r(1,4,2,2)]),
("Up",nn.Upsample(scale_factor=2),[r(1,2,3,3)]),("Up",nn.Upsample(size=(4,5),mode='bilinear',align_corners=True),[r(1,2,3,3)]),("UpN",nn.UpsamplingNearest2d(scale_factor=2),[r(1,2,3,3)]),("UpB",nn.UpsamplingBilinear2d(scale_factor=2),[r(1,2,3,3)]),
("CosSim",nn.CosineSimilarity(),[r(2,3),r(2,3)]),("PD",nn.PairwiseDistance(),[r(2,3),r(2,3)]),
]+[(n,getattr(nn,n)(1),[r(1,2,4)]) for n in "ReflectionPad1d ReplicationPad1d ZeroPad1d CircularPad1d".split()]+[(n,getattr(nn,n)((1,2,1,1)),[r(1,2,4,4)]) for n in "ReflectionPad2d ReplicationPad2d ZeroPad2d CircularPad2d".split()]+[(n,getattr(nn,n)(1),[r(1,2,4,4,4)]) for n in "ReflectionPad3d ReplicationPad3d ZeroPad3d CircularPad3d".split()]+[("CP%d"%n,getattr(nn,"ConstantPad%dd"%n)(1,3.5),[r(*([1,2]+[4]*n))]) for n in (1,2,3)]+[
(n,getattr(nn,n)(),[torch.rand(4,3),torch.rand(4,3)]) for n in "L1Loss MSELoss BCELoss BCEWithLogitsLoss HuberLoss SmoothL1Loss KLDivLoss SoftMarginLoss".split()]+[
("CE",nn.CrossEntropyLoss(weight=torch.rand(3),label_smoothing=0.1),[r(4,3),torch.tensor([0,1,2,0])]),("NLL",nn.NLLLoss(reduction='sum'),[r(4,3),torch.tensor([0,1,2,0])]),("PNLL",nn.PoissonNLLLoss(),[r(4,3),torch.rand(4,3)]),("GNLL",nn.GaussianNLLLoss(),[r(4,3),r(4,3),torch.rand(4,3)]),("CEL",nn.CosineEmbeddingLoss(),[r(4,3),r(4,3),torch.tensor([1,-1,1,1])]),("HEL",nn.HingeEmbeddingLoss(),[r(4),torch.tensor([1,-1,1,1])]),("MRL",nn.MarginRankingLoss(),[r(4),r(4),torch.tensor([1,-1,1,1])]),("MML",nn.MultiMarginLoss(),[r(4,3),torch.tensor([0,1,2,0])]),("MLM",nn.MultiLabelMarginLoss(),[r(1,3),torch.tensor([[0,1,-1]])]),("MLSM",nn.MultiLabelSoftMarginLoss(),[r(4,3),torch.rand(4,3)]),("TML",nn.TripletMarginLoss(),[r(4,3),r(4,3),r(4,3)]),("TMWD",nn.TripletMarginWithDistanceLoss(),None),("CTC",nn.CTCLoss(),None),
("ALS",nn.AdaptiveLogSoftmaxWithLoss(8,10,[3]),[r(4,8),torch.tensor([0,4,9,2])]),
("MHA",evald(nn.MultiheadAttention(4,2)),[r(3,2,4)]*3),("MHA",evald(nn.MultiheadAttention(4,2,kdim=3,vdim=5,add_bias_kv=True,bias=False,batch_first=True)),[r(2,3,4),r(2,3,3),r(2,3,5)]),
("TEL",evald(nn.TransformerEncoderLayer(4,2,8)),[r(3,2,4)]),("TEL",evald(nn.TransformerEncoderLayer(4,2,8,activation='gelu',norm_first=True,batch_first=True)),[r(3,2,4)]),("TDL",evald(nn.TransformerDecoderLayer(4,2,8)),[r(3,2,4),r(5,2,4)]),
("TEL",evald(nn.TransformerEncoderLayer(4,2,8,activation=nn.SiLU())),[r(3,2,4)]),
("TE",evald(nn.TransformerEncoder(nn.TransformerEncoderLayer(4,2,8,batch_first=True),2)),[r(3,2,4)]),("TD",evald(nn.TransformerDecoder(nn.TransformerDecoderLayer(4,2,8),2,norm=nn.LayerNorm(4))),[r(3,2,4),r(5,2,4)]),("T",evald(nn.Transformer(4,2,1,1,8)),[r(3,2,4),r(5,2,4)]),
("Seq",nn.Sequential(nn.Linear(3,4),nn.ReLU(),nn.Sequential(nn.Linear(4,2))),[r(2,3)]),("ML",nn.ModuleList([nn.Linear(2,2)]),None),("MD",nn.ModuleDict({'a':nn.ReLU()}),None),("PL",nn.ParameterList([r(2),r(1)]),None),("PD",nn.ParameterDict({'a':r(2)}),None),("Module",nn.Module(),None),
("pruned",pruned(nn.Linear(4,3),'weight','bias'),[r(2,4)]),("pruned2",pruned(pruned(nn.Linear(4,3),'weight'),'weight'),[r(2,4)]),("pruned conv",prune.ln_structured(nn.Conv2d(2,4,3),'weight',0.5,2,0),[r(1,2,5,5)]),("custom",prune.custom_from_mask(nn.Linear(2,2),'weight',torch.eye(2)),[r(1,2)]),("id",prune.identity(nn.Linear(2,2),'bias'),[r(1,2)]),("rs",prune.random_structured(nn.Linear(2,2),'weight',1,0),[r(1,2)]),("ru",prune.random_unstructured(nn.Linear(2,2),'weight',1),[r(1,2)]),("plstm",pruned(nn.LSTM(3,4),'weight_hh_l0'),None),
("qlin",quantized(nn.Sequential(nn.Linear(4,3)),{nn.Linear}),[r(2,4)]),("qlin16",quantized(nn.Sequential(nn.Linear(4,3)),{nn.Linear},dtype=torch.float16),[r(2,4)]),("qlstm",quantized(nn.Sequential(nn.LSTM(4,3,2,bidirectional=True)),{nn.LSTM}),[r(3,2,4)]),("qlstm16",quantized(nn.Sequential(nn.LSTM(4,3)),{nn.LSTM},dtype=torch.float16),[r(3,2,4)]),("qch",quantized(nn.Sequential(nn.Linear(4,3)),{nn.Linear:torch.ao.quantization.per_channel_dynamic_qconfig}),[r(2,4)]),
("Custom",Custom(),[r(2,3)]),("dbl",nn.Linear(3,2).double(),[r(1,3).double()]),("half",nn.Linear(3,2).bfloat16(),[r(1,3).bfloat16()]),
("Tanh in dict",{'model':nn.Linear(2,2),'epoch':3},None),
("shared",(lambda l: nn.Sequential(l,l))(nn.Linear(2,2)),[r(1,2)]),
("frozen",nn.Linear(2,2).requires_grad_(False),[r(1,2)]),
("Silu glu", nn.Hardtanh(-2,3),[r(3)]),
("ReLU in place",nn.ReLU(inplace=True),[r(3)]),
("weight_norm by a hook",nn.utils.weight_norm(nn.Linear(3,2)),[r(2,3)]),("spectral_norm by a hook",evald(nn.utils.spectral_norm(nn.Linear(3,2))),[r(2,3)]),
]


def flat(o):
    if isinstance(o, torch.Tensor): return [o]
    return [t for x in o for t in flat(x)] if isinstance(o, (tuple, list)) else []

rows = []
for name, module, inputs in cases:
    row = {"name": name, "module": module}
    if isinstance(module, nn.Module): row["text"] = str(module)
    if inputs is not None:
        row["inputs"] = [x.clone() for x in inputs]
        # A batch normalization changes as it runs.
        state = {k: v.clone() for k, v in module.state_dict().items() if isinstance(v, torch.Tensor)}
        with torch.no_grad(): row["outputs"] = [x.clone() for x in flat(module(*inputs))]
        if any(isinstance(m, nn.modules.batchnorm._NormBase) for m in module.modules()): module.load_state_dict(state)
    rows.append(row)
torch.save(rows, sys.argv[1])

class Absent(nn.Module): pass

torch.save(Absent(), sys.argv[1].replace("whole_modules", "absent_class"))
