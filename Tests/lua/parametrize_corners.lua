-- Corners of torch.nn.utils.parametrize, the same statements as in Tests/Fixtures/Parametrize/make_fixtures.py: what each gives, or the
-- sentence with which it fails, is PyTorch's.
local nn, copy = torch.nn, require "copy"
require("warnings").filterwarnings("ignore")
local P, Q = nn.utils.parametrize, nn.utils.parametrizations
local function show(v)
  if torch.is_tensor(v) then
    local dims, xs = {}, {}
    for i = 0, v:dim() - 1 do dims[i + 1] = math.tointeger(v:size(i)) end
    local f = v:detach():double():flatten():tolist()
    for i = 1, math.min(6, #f) do xs[i] = ("%.4f"):format(f[i]) end
    return (torch.isinstance(v, nn.Parameter) and "P" or "T") .. " " .. tostring(v.dtype) .. " [" .. table.concat(dims, ", ") .. "] " .. (v.requires_grad and "g" or "-") .. " " .. table.concat(xs, " ")
  end
  if type(v) == "table" then local all = {} for i, x in ipairs(v) do all[i] = show(x) end return table.concat(all, " ") end
  if v == true then return "True" elseif v == false then return "False" elseif v == nil then return "None" end
  return tostring(v)
end
local n = 0
local lines = {}
local function t(f)
  n = n + 1
  local ok, r = pcall(f)
  if ok then lines[n] = n .. " " .. show(r) else lines[n] = n .. " " .. ((tostring(r):gsub("\nstack traceback.*", ""):gsub("\nSee.*", ""):gsub("^[^\n]-%.lua:%d+: ", ""))) end
  lines[n] = lines[n]:gsub("\t", " ")
end
local function F(fw, ri, name)
  local C = torch.class(name or "Map", nn.Module)
  function C:forward(...) return fw(...) end
  if ri then function C:right_inverse(x) return ri(x) end end
  return C()
end
local function lin(i, o)
  i, o = i or 2, o or 2
  local l = nn.Linear(i, o)
  torch.no_grad(function() l.weight:copy_(torch.arange(i * o):reshape(o, i):float() + 1) l.bias:fill_(1) end)
  return l
end
local function keys(d) local all = {} for k in pairs(d) do all[#all + 1] = k end return all end
local function names(m) local all = {} for k in m:named_parameters() do all[#all + 1] = k end return all end
local function bnames(m) local all = {} for k in m:named_buffers() do all[#all + 1] = k end return all end
local reg = P.register_parametrization
-- buffers
local l=lin() l:register_buffer('buf',torch.ones(2)) reg(l,'buf',F(function(x) return x*3 end)) t(function() return l.buf end) t(function() return keys(l:state_dict()) end) t(function() return l.parametrizations.buf.original end) t(function() l.buf = torch.ones(2) end)
t(function() return P.remove_parametrizations(l,'buf') end) t(function() return l.buf end) t(function() return bnames(l) end)
l=lin() l:register_buffer('buf',torch.ones(2)) reg(l,'buf',F(function(x) return x*3 end,function(x) return x/3 end)) t(function() return l.buf end) l.buf=torch.full({2},6.) t(function() return l.parametrizations.buf.original end) P.remove_parametrizations(l,'buf',{leave_parametrized=false}) t(function() return l.buf end)
l=lin() l:register_buffer('i',torch.arange(3)) reg(l,'i',F(function(x) return x+1 end)) t(function() return l.i end)
l=lin() l:register_buffer('np',torch.ones(1),{persistent=false}) reg(l,'np',F(function(x) return x+1 end)) t(function() return keys(l:state_dict()) end)
-- unsafe
l=lin() t(function() return reg(l,'weight',F(function(x) return x["0:1"] end)) end) t(function() return l.weight end)
t(function() return reg(l,'weight',F(function(x) return x:double() end)) end)
t(function() return reg(l,'weight',F(function(x) return x["0:1"] end),{unsafe=true}) end) t(function() return l.weight end) t(function() return l.parametrizations.weight.unsafe end)
t(function() return reg(l,'weight',F(function(x) return x*2 end)) end) t(function() return l.weight end) t(function() return P.remove_parametrizations(l,'weight') end) t(function() return l.weight end)
l=lin() t(function() return reg(l,'weight',F(function(x) return x:double() end),{unsafe=true}) end) t(function() return l.weight end) t(function() return P.remove_parametrizations(l,'weight') end)
t(function() return P.remove_parametrizations(l,'weight',{leave_parametrized=false}) end) t(function() return l.weight end)
local function id(x) return x end
l=lin() t(function() return reg(l,'weight',F(id,function(x) return x:double() end)) end)  t(function() return reg(l,'weight',F(id,function(x) return x[0] end)) end)
t(function() return reg(l,'weight',F(id,function(x) return 5 end)) end) t(function() return reg(l,'weight',F(function(x) return 5 end)) end) t(function() return reg(l,'weight',F(function(x) return x,x end)) end)
l=lin() reg(l,'weight',F(function(x) return x*2 end)) t(function() return reg(l,'weight',F(function(x) return x[0] end)) end) t(function() return reg(l,'weight',F(function(x) return x:double() end)) end) t(function() return reg(l,'weight',F(function(x) return 5 end)) end) t(function() return reg(l,'weight',F(id,function(x) return 5 end)) end) t(function() return reg(l,'weight',F(id,function(x) return x:double() end)) end) t(function() return reg(l,'weight',F(id,function(x) return x[0] end)) end) t(function() return #l.parametrizations.weight end)
-- several
local function two() return F(function(a,b) return a+b end,function(x) return x/2,x/2 end,"Two") end
l=lin() t(function() return reg(l,'weight',two()) end) t(function() return l.weight end) t(function() return keys(l:state_dict()) end) t(function() return names(l) end)
l.weight=torch.eye(2) t(function() return l.parametrizations.weight.original0 end) t(function() return l.parametrizations.weight.original end)
t(function() return P.remove_parametrizations(l,'weight',{leave_parametrized=false}) end) t(function() return P.remove_parametrizations(l,'weight') end) t(function() return l.weight end) t(function() return names(l) end)
l=lin() l.weight:requires_grad_(false) reg(l,'weight',two()) t(function() return l.parametrizations.weight.original0 end) t(function() return P.remove_parametrizations(l,'weight') end) t(function() return l.weight end)
l=lin() l:register_buffer('b',torch.ones(2)) reg(l,'b',two()) t(function() return keys(l:state_dict()) end) t(function() return P.remove_parametrizations(l,'b').b end)
l=lin() t(function() return reg(l,'weight',F(function(a,b) return a+b end,function(x) return x,5 end)) end) t(function() return reg(l,'weight',F(function(a,b) return a+b end,function(x) return "ab" end)) end)
l=lin() local k=2
reg(l,'weight',F(function(a,b) return a+b end,function(x) return ({{x/2,x/2},{x},{x,5},{x,x:double()},5,x})[k-1] end))
for i=3,7 do k=i t(function() l.weight = torch.ones(2,2) end) end
l=lin() reg(l,'weight',F(function(x) return x*2 end)) t(function() l.weight = torch.ones(2,2) end)
local m2=0 l=lin() reg(l,'weight',F(function(x) return x*2 end,function(x) return ({x/2,5,x:double()})[m2+1] end))
for i=1,2 do m2=i t(function() l.weight = torch.ones(2,2) end) end
m2=0 l.weight=torch.ones(3,3) t(function() return l.weight end) t(function() return l(torch.ones(1,3)) end)
-- refusals
l=nn.Linear(2,2,{bias=false}) t(function() return reg(l,'bias',F(id)) end) t(function() return reg(l,'foo',F(id)) end) t(function() return reg(l,'in_features',F(id)) end) t(function() return reg(l,'weight',5) end) t(function() return reg(5,'weight',F(id)) end)
t(function() return P.is_parametrized(l) end) t(function() return P.is_parametrized(l,'weight') end)
t(function() return P.remove_parametrizations(l,'weight') end) reg(l,'weight',F(id)) t(function() return P.remove_parametrizations(l,'foo') end) t(function() return P.is_parametrized(l,'foo') end) t(function() return P.is_parametrized(l,'weight') end)
t(function() return l.__class__.__name end) t(function() return P.type_before_parametrizations(l).__name end) t(function() return P.type_before_parametrizations(nn.ReLU()).__name end) t(function() return torch.isinstance(l,nn.Linear) end) t(function() return tostring(l) end)
P.remove_parametrizations(l,'weight') t(function() return l.__class__.__name end) t(function() return tostring(l) end) t(function() return (pcall(function() return l.parametrizations end)) end)
l=lin() reg(l,'weight',F(id)) reg(l,'bias',F(id)) t(function() return tostring(l) end) P.remove_parametrizations(l,'weight') t(function() return tostring(l) end) t(function() return names(l) end)
-- transfer
local a,b=lin(),nn.Linear(2,2) reg(a,'weight',F(function(x) return x*2 end,function(x) return x/2 end)) reg(a,'bias',F(function(x) return x*3 end,function(x) return x/3 end)) t(function() return P.transfer_parametrizations_and_params(a,b,'weight') end) t(function() return b.weight end) t(function() return b.parametrizations.weight.original == a.parametrizations.weight.original end) t(function() return P.is_parametrized(b,'bias') end) t(function() return P.transfer_parametrizations_and_params(a,b) == b end) t(function() return b.bias end)
local c=nn.Module() t(function() return P.transfer_parametrizations_and_params(a,c) end) t(function() return c.weight end) t(function() return names(c) end)
t(function() return P.transfer_parametrizations_and_params(a,nn.Linear(2,2),'foo') end) t(function() return P.transfer_parametrizations_and_params(nn.Linear(2,2),nn.Linear(2,2)) end)
a=lin() reg(a,'weight',two()) b=nn.Linear(2,2) t(function() return P.transfer_parametrizations_and_params(a,b) end) t(function() return b.weight end) t(function() return b.parametrizations.weight.original0 == a.parametrizations.weight.original0 end)
a=lin() a:register_buffer('buf',torch.ones(2)) reg(a,'buf',F(function(x) return x*2 end,function(x) return x/2 end)) b=lin() b:register_buffer('buf',torch.zeros(2)) t(function() return P.transfer_parametrizations_and_params(a,b,'buf').buf end)
c=nn.Module() t(function() return P.transfer_parametrizations_and_params(a,c,'buf').buf end)
t(function() return P.transfer_parametrizations_and_params(a,nn.Linear(3,3),'buf') end)
a=lin() reg(a,'weight',F(function(x) return x*2 end,function(x) return x/2 end)) t(function() return P.transfer_parametrizations_and_params(a,nn.Linear(3,3)).weight end)
-- modes
l=lin() l:eval() local p=F(id) reg(l,'weight',p) t(function() return p.training end) l:train() t(function() return p.training end)
l:double() t(function() return l.weight end) t(function() return l.parametrizations.weight.original end)
l:half() t(function() return l.weight end) l:float() l:requires_grad_(false) t(function() return l.weight end)
l=lin() reg(l,'weight',F(function(x) return x*2 end)) t(function() return l:load_state_dict({weight=torch.ones(2,2),bias=torch.ones(2)}) end) t(function() return l:load_state_dict({['parametrizations.weight.original']=torch.ones(2,2),bias=torch.ones(2)},{assign=true}) end) t(function() return l.weight end)
-- copies
l=lin() reg(l,'weight',F(function(x) return x*2 end)) c=copy.deepcopy(l) c.parametrizations.weight.original.data:zero_() t(function() return l.weight end) t(function() return c.weight end) t(function() return P.is_parametrized(l) end) t(function() return l.weight end)
local s=nn.Sequential(l,l) c=copy.deepcopy(s) t(function() return c[0]==c[1] end)
t(function() local r P.cached(function() local a=l.weight local c=copy.deepcopy(l) r = {a==l.weight, torch.equal(c.weight,a)} end) return r end)
t(function() local r P.cached(function() local a=l.weight local b P.cached(function() b=l.weight end) r={a==b,l.weight==a} end) return r end) t(function() return l.weight==l.weight end)
t(function() pcall(P.cached, function() error("x") end) return l.weight==l.weight end)
t(function() local r P.cached(function() local a=l.weight l.parametrizations.weight.original.data:zero_() local b=l.weight r={a==b, b:sum():item()} end) return r end)
local A=torch.class("A",nn.Module) function A:__init() self.w=nn.Parameter(torch.ones(2,2)*3) end function A:forward(x) return x*self.w end
l=lin() a=A() reg(a,'w',F(function(x) return x*2 end)) reg(l,'weight',a) t(function() return l.weight end) t(function() return names(l) end) l(torch.ones(1,2)):sum():backward() t(function() return l.parametrizations.weight[0].parametrizations.w.original.grad end)
t(function() return tostring(l) end) c=copy.deepcopy(l) t(function() return c.weight end) t(function() return tostring(P.ParametrizationList({F(id)},nn.Parameter(torch.ones(1)))) end)
t(function() return P.ParametrizationList({},nn.Parameter(torch.ones(1))) end)
l=lin() local m=lin() m.weight=l.weight reg(l,'weight',F(function(x) return x*2 end)) t(function() return m.weight==l.parametrizations.weight.original end) l(torch.ones(1,2)):sum():backward() t(function() return m.weight.grad end)

local wanted = io.open(arg[0]:match("^(.*/)") .. "../Fixtures/Parametrize/corners.txt"):read("a")
local found = table.concat(lines, "\n") .. "\n"
if found ~= wanted then
  local next_line = wanted:gmatch("[^\n]*")
  for line in found:gmatch("[^\n]*") do
    local other = next_line()
    assert(line == other, ("PyTorch: %s\nhere:    %s"):format(other, line))
  end
  error("PyTorch has more lines")
end
