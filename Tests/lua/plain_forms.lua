-- Functions of torch itself behind those of torch.nn.functional, and small tools of torch.nn.utils and torch.optim.
local nn = torch.nn
local function near(x, wanted)
  local got = torch.is_tensor(x) and x:detach():reshape { -1 }:tolist() or { x }
  assert(#got == #wanted, ("%d numbers instead of %d"):format(#got, #wanted))
  for i, v in ipairs(wanted) do assert(math.abs(got[i] - v) <= 1e-6 + 1e-5 * math.abs(v), ("%s instead of %s"):format(got[i], v)) end
end
local x, t = torch.tensor { { 0.5, -1.0, 2.0 } }, torch.tensor { { 0.2, 0.3, 0.5 } }
-- torch.kl_div(x, t), torch.kl_div(x, t, 1), torch.kl_div(x, t, 2)
near(torch.kl_div(x, t), { -0.4218875765800476, -0.0611918568611145, -1.3465735912322998 })
near(torch.kl_div(x, t, 1), { -0.6098843216896057 })
near(torch.kl_div(x, t, 2), { -1.829653024673462 })
near(torch.hinge_embedding_loss(x, torch.sign(x)), { 0.5, 2.0, 2.0 })
near(torch.margin_ranking_loss(x, t, torch.sign(x), 0.1, 0), { 0, 0, 0 })
near(torch.cosine_embedding_loss(x, t, torch.tensor { -1.0 }), { 0.5663937926292419 })
near(torch.triplet_margin_loss(x, t, x * 2), { 0.7161991596221924 })
near(torch.poisson_nll_loss(x, t, true, false, 1e-8, 1), { 2.8685522079467773 })
near(torch.binary_cross_entropy_with_logits(x, t), { 0.8740769624710083, 0.6132617592811584, 1.1269279718399048 })
-- torch.embedding(w, torch.tensor([2, 0])), torch.embedding_renorm_(w.clone(), torch.tensor([2]), 1., 2.)
local w = torch.arange(6.0):view(3, 2)
near(torch.embedding(w, torch.tensor { 2, 0 }), { 4, 5, 0, 1 })
near(torch.embedding_renorm_(w:clone(), torch.tensor { 2 }, 1.0, 2.0), { 0, 1, 2, 3, 0.6246950030326843, 0.7808687686920166 })
near(torch.norm_except_dim(w, 2, 0), { 1, 3.605551242828369, 6.4031243324279785 })
near(torch.norm_except_dim(w, 2, 1), { 4.4721360206604, 5.916079998016357 })
-- Cells: weights torch.arange(n * 2. * 2).view(n * 2, 2) / 10 - 0.3 and -torch.arange(n * 2. * 2).view(n * 2, 2) / 20 + 0.2
local h, input = torch.tensor { { 0.1, -0.2 } }, torch.tensor { { 1.0, 2.0 } }
local function weights(n)
  local base = torch.arange(n * 4.0):view(n * 2, 2)
  return base / 10 - 0.3, -base / 20 + 0.2
end
near(torch.gru_cell(input, h, weights(3)), { 0.41389960050582886, 0.09049791097640991 })
local next_h, next_c = torch.lstm_cell(input, { h, h }, weights(4))
near(next_h, { 0.338040292263031, 0.29697638750076294 })
near(next_c, { 0.37199240922927856, 0.31548863649368286 })
near(torch.rnn_tanh_cell(input, h, weights(1)), { -0.6106768846511841, -0.0996680036187172 })
near(torch.rnn_relu_cell(input, h, weights(1)), { 0, 0 })

-- torch.manual_seed(0); nn.utils.fuse_conv_bn_eval(conv, bn).bias
torch.manual_seed(0)
local conv, bn = nn.Conv2d(2, 3, 2):eval(), nn.BatchNorm2d(3)
torch.no_grad(function()
  bn.running_mean:copy_(torch.tensor { 0.1, 0.2, 0.3 })
  bn.running_var:copy_(torch.tensor { 1.0, 2.0, 3.0 })
end)
bn:eval()
local fused = nn.utils.fuse_conv_bn_eval(conv, bn)
near(fused.bias, { -0.15698613226413727, -0.11496753990650177, 0.011624455451965332 })
local image = torch.ones(1, 2, 3, 3)
assert(torch.allclose(fused(image), bn(conv(image)), { atol = 1e-6 }) and torch.isinstance(fused.weight, nn.Parameter))
local linear, norm = nn.Linear(2, 3):eval(), nn.BatchNorm1d(3):eval()
assert(torch.allclose(nn.utils.fuse_linear_bn_eval(linear, norm)(input), norm(linear(input)), { atol = 1e-6 }))
torch.manual_seed(3)
local before = torch.rand(1)
torch.manual_seed(3)
nn.utils.skip_init(nn.Linear, 4, 4)
assert(torch.equal(torch.rand(1), before))

-- torch.optim.swa_utils.update_bn([[[1, 2], [3, 6]], [[5, 2], [7, 8]]], m): [4., 4.5], [2., 13.], 0.1, 2
local m = nn.Sequential(nn.BatchNorm1d(2)):eval()
torch.optim.swa_utils.update_bn({ torch.tensor { { 1.0, 2.0 }, { 3.0, 6.0 } }, torch.tensor { { 5.0, 2.0 }, { 7.0, 8.0 } } }, m)
near(m[0].running_mean, { 4, 4.5 })
near(m[0].running_var, { 2, 13 })
assert(m[0].momentum == 0.1 and m[0].num_batches_tracked:item() == 2 and not m.training)
local data = torch.utils.data
local loader = data.DataLoader(data.TensorDataset(torch.tensor { { 1.0, 2.0 }, { 3.0, 6.0 }, { 5.0, 2.0 }, { 7.0, 8.0 } }, torch.zeros(4)), { batch_size = 2 })
m[0]:reset_running_stats()
torch.optim.swa_utils.update_bn(loader, m)
near(m[0].running_mean, { 4, 4.5 })

-- Division in place writes where the tensor lies.
local y = torch.ones(3)
local place = y:data_ptr()
y:div_(2)
near(y, { 0.5, 0.5, 0.5 })
assert(y:data_ptr() == place)
local ok, problem = pcall(torch.ones(3, { dtype = torch.int64 }).div_, torch.ones(3, { dtype = torch.int64 }), 2)
assert(not ok and tostring(problem):find("result type Float can't be cast to the desired output type Long", 1, true), problem)

-- Old names do what the new ones do, with a warning.
require("warnings").filterwarnings("ignore")
local a, b = torch.empty(2, 2), torch.empty(2, 2)
torch.manual_seed(1)
nn.init.xavier_uniform(a)
torch.manual_seed(1)
nn.init.xavier_uniform_(b)
assert(torch.equal(a, b))
nn.init.constant(a, 3)
near(a, { 3, 3, 3, 3 })
