"""What PyTorch 2.15 gives for Tests/lua/parametrize_corners.lua, line by line: python make_fixtures.py > corners.txt"""
import torch, torch.nn as nn, copy, warnings
warnings.filterwarnings("ignore")
from torch.nn.utils import parametrize as P, parametrizations as Q
def show(v):
    if isinstance(v,torch.Tensor): return ("P" if isinstance(v,nn.Parameter) else "T")+" "+str(v.dtype)+" "+str(list(v.shape))+" "+("g" if v.requires_grad else "-")+" "+" ".join("%.4f"%x for x in v.detach().double().flatten().tolist()[:6])
    if isinstance(v,dict) or type(v).__name__=='odict_keys': return " ".join(v)
    if isinstance(v,(list,tuple)): return " ".join(show(x) for x in v)
    return str(v)
n=[0]
def t(f):
    n[0]+=1
    try: r=f(); print(n[0],show(r).replace("\t"," "))
    except Exception as e: print(n[0],type(e).__name__+": "+str(e).split("\nSee")[0].replace("\t"," "))
def F(fw,ri=None,name="Map"):
    d={'forward':lambda s,*a: fw(*a)}
    if ri: d['right_inverse']=lambda s,x: ri(x)
    return type(name,(nn.Module,),d)()
def lin(i=2,o=2):
    l=nn.Linear(i,o)
    with torch.no_grad(): l.weight.copy_(torch.arange(i*o).reshape(o,i).float()+1); l.bias.fill_(1)
    return l
reg=P.register_parametrization
# buffers
l=lin(); l.register_buffer('buf',torch.ones(2)); reg(l,'buf',F(lambda x:x*3)); t(lambda:l.buf); t(lambda:list(l.state_dict())); t(lambda:l.parametrizations.buf.original); t(lambda:setattr(l,'buf',torch.ones(2)))
t(lambda:P.remove_parametrizations(l,'buf')); t(lambda:l.buf); t(lambda:list(dict(l.named_buffers())))
l=lin(); l.register_buffer('buf',torch.ones(2)); reg(l,'buf',F(lambda x:x*3,lambda x:x/3)); t(lambda:l.buf); l.buf=torch.full((2,),6.); t(lambda:l.parametrizations.buf.original); P.remove_parametrizations(l,'buf',leave_parametrized=False); t(lambda:l.buf)
l=lin(); l.register_buffer('i',torch.arange(3)); reg(l,'i',F(lambda x:x+1)); t(lambda:l.i)
l=lin(); l.register_buffer('np',torch.ones(1),persistent=False); reg(l,'np',F(lambda x:x+1)); t(lambda:list(l.state_dict()))
# unsafe
l=lin(); t(lambda:reg(l,'weight',F(lambda x:x[:1]))); t(lambda:l.weight)
t(lambda:reg(l,'weight',F(lambda x:x.double())));
t(lambda:reg(l,'weight',F(lambda x:x[:1]),unsafe=True)); t(lambda:l.weight); t(lambda:l.parametrizations.weight.unsafe)
t(lambda:reg(l,'weight',F(lambda x:x*2))); t(lambda:l.weight); t(lambda:P.remove_parametrizations(l,'weight')); t(lambda:l.weight)
l=lin(); t(lambda:reg(l,'weight',F(lambda x:x.double()),unsafe=True)); t(lambda:l.weight); t(lambda:P.remove_parametrizations(l,'weight'))
t(lambda:P.remove_parametrizations(l,'weight',leave_parametrized=False)); t(lambda:l.weight)
l=lin(); t(lambda:reg(l,'weight',F(lambda x:x,lambda x:x.double())));  t(lambda:reg(l,'weight',F(lambda x:x,lambda x:x[0])))
t(lambda:reg(l,'weight',F(lambda x:x,lambda x:5))); t(lambda:reg(l,'weight',F(lambda x:5)));t(lambda:reg(l,'weight',F(lambda x:(x,x))))
l=lin(); reg(l,'weight',F(lambda x:x*2)); t(lambda:reg(l,'weight',F(lambda x:x[0]))); t(lambda:reg(l,'weight',F(lambda x:x.double()))); t(lambda:reg(l,'weight',F(lambda x:5))); t(lambda:reg(l,'weight',F(lambda x:x,lambda x:5))); t(lambda:reg(l,'weight',F(lambda x:x,lambda x:x.double()))); t(lambda:reg(l,'weight',F(lambda x:x,lambda x:x[0]))); t(lambda:len(l.parametrizations.weight))
# several tensors
two=lambda:F(lambda a,b:a+b,lambda x:(x/2,x/2),"Two")
l=lin(); t(lambda:reg(l,'weight',two())); t(lambda:l.weight); t(lambda:list(l.state_dict())); t(lambda:[k for k,_ in l.named_parameters()])
l.weight=torch.eye(2); t(lambda:l.parametrizations.weight.original0); t(lambda:l.parametrizations.weight.original)
t(lambda:P.remove_parametrizations(l,'weight',leave_parametrized=False)); t(lambda:P.remove_parametrizations(l,'weight')); t(lambda:l.weight); t(lambda:[k for k,_ in l.named_parameters()])
l=lin(); l.weight.requires_grad_(False); reg(l,'weight',two()); t(lambda:l.parametrizations.weight.original0); t(lambda:P.remove_parametrizations(l,'weight')); t(lambda:l.weight)
l=lin(); l.register_buffer('b',torch.ones(2)); reg(l,'b',two()); t(lambda:list(l.state_dict())); t(lambda:P.remove_parametrizations(l,'b').b)
l=lin(); t(lambda:reg(l,'weight',F(lambda a,b:a+b,lambda x:(x,5)))); t(lambda:reg(l,'weight',F(lambda a,b:a+b,lambda x:"ab")));
l=lin(); k=[2]
reg(l,'weight',F(lambda a,b:a+b,lambda x:[(x/2,x/2),(x,),(x,5),(x,x.double()),5,x][k[0]-2])); 
for i in range(3,8): k[0]=i; t(lambda:setattr(l,'weight',torch.ones(2,2)))
l=lin(); reg(l,'weight',F(lambda x:x*2)); t(lambda:setattr(l,'weight',torch.ones(2,2)))
m2=[0]; l=lin(); reg(l,'weight',F(lambda x:x*2,lambda x:[x/2,5,x.double()][m2[0]])); 
for i in (1,2): m2[0]=i; t(lambda:setattr(l,'weight',torch.ones(2,2)))
m2[0]=0; l.weight=torch.ones(3,3); t(lambda:l.weight); t(lambda:l(torch.ones(1,3)))
# registration refusals
l=nn.Linear(2,2,bias=False); t(lambda:reg(l,'bias',F(lambda x:x))); t(lambda:reg(l,'foo',F(lambda x:x))); t(lambda:reg(l,'in_features',F(lambda x:x))); t(lambda:reg(l,'weight',5)); t(lambda:reg(5,'weight',F(lambda x:x)))
t(lambda:P.is_parametrized(l)); t(lambda:P.is_parametrized(l,'weight'));
t(lambda:P.remove_parametrizations(l,'weight')); reg(l,'weight',F(lambda x:x)); t(lambda:P.remove_parametrizations(l,'foo')); t(lambda:P.is_parametrized(l,'foo')); t(lambda:P.is_parametrized(l,'weight'))
t(lambda:type(l).__name__); t(lambda:P.type_before_parametrizations(l).__name__); t(lambda:P.type_before_parametrizations(nn.ReLU()).__name__); t(lambda:isinstance(l,nn.Linear)); t(lambda:str(l))
P.remove_parametrizations(l,'weight'); t(lambda:type(l).__name__); t(lambda:str(l)); t(lambda:hasattr(l,'parametrizations'))
l=lin(); reg(l,'weight',F(lambda x:x)); reg(l,'bias',F(lambda x:x)); t(lambda:str(l)); P.remove_parametrizations(l,'weight'); t(lambda:str(l)); t(lambda:[k for k,_ in l.named_parameters()])
# transfer
a,b=lin(),nn.Linear(2,2); reg(a,'weight',F(lambda x:x*2,lambda x:x/2)); reg(a,'bias',F(lambda x:x*3,lambda x:x/3)); t(lambda:P.transfer_parametrizations_and_params(a,b,'weight')); t(lambda:b.weight); t(lambda:b.parametrizations.weight.original is a.parametrizations.weight.original); t(lambda:P.is_parametrized(b,'bias')); t(lambda:P.transfer_parametrizations_and_params(a,b) is b); t(lambda:b.bias)
c=nn.Module(); t(lambda:P.transfer_parametrizations_and_params(a,c)); t(lambda:c.weight); t(lambda:[k for k,_ in c.named_parameters()])
t(lambda:P.transfer_parametrizations_and_params(a,nn.Linear(2,2),'foo')); t(lambda:P.transfer_parametrizations_and_params(nn.Linear(2,2),nn.Linear(2,2))); 
a=lin(); reg(a,'weight',two()); b=nn.Linear(2,2); t(lambda:P.transfer_parametrizations_and_params(a,b)); t(lambda:b.weight); t(lambda:b.parametrizations.weight.original0 is a.parametrizations.weight.original0)
a=lin(); a.register_buffer('buf',torch.ones(2)); reg(a,'buf',F(lambda x:x*2,lambda x:x/2)); b=lin(); b.register_buffer('buf',torch.zeros(2)); t(lambda:P.transfer_parametrizations_and_params(a,b,'buf').buf)
c=nn.Module(); t(lambda:P.transfer_parametrizations_and_params(a,c,'buf').buf)
t(lambda:P.transfer_parametrizations_and_params(a,nn.Linear(3,3),'buf'))
a=lin(); reg(a,'weight',F(lambda x:x*2,lambda x:x/2)); t(lambda:P.transfer_parametrizations_and_params(a,nn.Linear(3,3)).weight)
# modes, conversions, state
l=lin(); l.eval(); p=F(lambda x:x); reg(l,'weight',p); t(lambda:p.training); l.train(); t(lambda:p.training)
l.double(); t(lambda:l.weight); t(lambda:l.parametrizations.weight.original)
l.half(); t(lambda:l.weight); l.float(); l.requires_grad_(False); t(lambda:l.weight)
l=lin(); reg(l,'weight',F(lambda x:x*2)); t(lambda:l.load_state_dict({'weight':torch.ones(2,2),'bias':torch.ones(2)})); t(lambda:str(l.load_state_dict({'parametrizations.weight.original':torch.ones(2,2),'bias':torch.ones(2)},assign=True))); t(lambda:l.weight)
# copies
l=lin(); reg(l,'weight',F(lambda x:x*2)); c=copy.deepcopy(l); c.parametrizations.weight.original.data.zero_(); t(lambda:l.weight); t(lambda:c.weight); t(lambda:P.is_parametrized(l)); t(lambda:l.weight)
s=nn.Sequential(l,l); c=copy.deepcopy(s); t(lambda:c[0] is c[1])
def f():
    with P.cached(): a=l.weight; c=copy.deepcopy(l); return [a is l.weight, bool((c.weight==a).all())]
t(f)
def g():
    with P.cached():
        a=l.weight
        with P.cached(): b=l.weight
        return [a is b, l.weight is a]
t(g); t(lambda:l.weight is l.weight)
def h():
    try:
        with P.cached(): raise ValueError("x")
    except ValueError: pass
    return l.weight is l.weight
t(h)
def k2():
    with P.cached():
        a=l.weight; l.parametrizations.weight.original.data.zero_(); b=l.weight; l.weight
        return [a is b, float(b.sum())]
t(k2)
# parametrization with parameters of its own, itself parametrized
class A(nn.Module):
    def __init__(s): super().__init__(); s.w=nn.Parameter(torch.ones(2,2)*3)
    def forward(s,x): return x*s.w
l=lin(); a=A(); reg(a,'w',F(lambda x:x*2)); reg(l,'weight',a); t(lambda:l.weight); t(lambda:[k for k,_ in l.named_parameters()]); l(torch.ones(1,2)).sum().backward(); t(lambda:l.parametrizations.weight[0].parametrizations.w.original.grad)
t(lambda:str(l)); c=copy.deepcopy(l); t(lambda:c.weight); t(lambda:str(P.ParametrizationList([F(lambda x:x)],nn.Parameter(torch.ones(1)))))
t(lambda:P.ParametrizationList([],nn.Parameter(torch.ones(1))))
# shared original
l=lin(); m=lin(); m.weight=l.weight; reg(l,'weight',F(lambda x:x*2)); t(lambda:m.weight is l.parametrizations.weight.original); l(torch.ones(1,2)).sum().backward(); t(lambda:m.weight.grad)
