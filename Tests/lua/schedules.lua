-- Schedules of learning rates against PyTorch: twenty steps of each (Tests/Fixtures/Optim/make_fixtures.py), and the
-- sentences of PyTorch 2.15.
local torch = require "torch"
local schedulers = require "torch.optim.lr_scheduler"
assert(torch.optim.lr_scheduler == schedulers)

local fails = dofile(arg[0]:match("^(.*/)[^/]*$") .. "support/fails.lua")

local function optimizer(name)
  local w, b = torch.zeros(2, {requires_grad = true}), torch.zeros(2, {requires_grad = true})
  local groups = {{params = {w}, lr = 0.4}, {params = {b}}}
  if name == "Adam" then return torch.optim.Adam(groups, {lr = 0.1}) end
  return torch.optim.SGD(groups, {lr = 0.1, momentum = 0.9})
end

local function near(a, b, what) assert(math.abs(a - b) <= 1e-12, ("%s: %.17g, not %.17g"):format(what, a, b)) end

local function follow(opt, scheduler, rows, first, what)
  for i = first, #rows do
    local lr, group = scheduler:get_last_lr(), opt.param_groups[1]
    near(lr[1], rows[i][1], what .. " step " .. i)
    near(lr[2], rows[i][2], what .. " step " .. i)
    near(group.momentum or group.betas[1], rows[i][3], what .. " momentum " .. i)
    opt:step()
    scheduler:step()
  end
end

for _, case in ipairs(dofile(arg[0]:match("^(.*/)") .. "../Fixtures/Optim/schedules.lua")) do
  local opt = optimizer(case.optimizer)
  follow(opt, schedulers[case.name](opt, next(case.options) and case.options or nil), case.rows, 1, case.name)
  -- Half way, a state dict goes on in another.
  opt = optimizer(case.optimizer)
  local one = schedulers[case.name](opt, next(case.options) and case.options or nil)
  for _ = 1, 9 do
    opt:step()
    one:step()
  end
  local other = optimizer(case.optimizer)
  local two = schedulers[case.name](other, next(case.options) and case.options or nil)
  two:load_state_dict(one:state_dict())
  other:load_state_dict(opt:state_dict())
  follow(other, two, case.rows, 10, case.name .. " loaded")
end

-- functions: 0.4, 0.1 at first
do
  local opt = optimizer()
  local scheduler = schedulers.LambdaLR(opt, {lr_lambda = {function(epoch) return epoch // 2 end, function(epoch) return 0.5 ^ epoch end}})
  opt:step()
  scheduler:step()
  scheduler:step()
  near(scheduler:get_last_lr()[1], 0.4, "LambdaLR")
  near(scheduler:get_last_lr()[2], 0.025, "LambdaLR")
  opt = optimizer()
  scheduler = schedulers.MultiplicativeLR(opt, {lr_lambda = function() return 0.5 end})
  opt:step()
  scheduler:step()
  scheduler:step()
  near(opt.param_groups[1].lr, 0.1, "MultiplicativeLR")
end

-- chains: [0.1 * .9 ** i * (.25 if i < 2 else 1)] and the like, by PyTorch's own arithmetic
do
  local opt = optimizer()
  local chain = schedulers.ChainedScheduler({schedulers.ConstantLR(opt, {factor = 0.25, total_iters = 2}), schedulers.ExponentialLR(opt, {gamma = 0.9})})
  local wanted = {0.1, 0.09, 0.324, 0.2916}
  for i = 1, 4 do
    near(chain:get_last_lr()[1], wanted[i], "ChainedScheduler")
    opt:step()
    chain:step()
  end
  opt = optimizer()
  local sequence = schedulers.SequentialLR(opt, {schedulers = {schedulers.ConstantLR(opt, {factor = 0.1, total_iters = 20}), schedulers.ExponentialLR(opt, {gamma = 0.9})}, milestones = {3}})
  wanted = {0.04, 0.04, 0.04, 0.4, 0.36, 0.324}
  for i = 1, 6 do
    near(sequence:get_last_lr()[1], wanted[i], "SequentialLR")
    opt:step()
    sequence:step()
  end
end

-- a plateau
do
  local opt = optimizer()
  local plateau = schedulers.ReduceLROnPlateau(opt, {patience = 1, factor = 0.5, cooldown = 1})
  for _, loss in ipairs {1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9} do plateau:step(loss) end
  near(opt.param_groups[1].lr, 0.1, "ReduceLROnPlateau")
  near(plateau:get_last_lr()[2], 0.025, "ReduceLROnPlateau")
  plateau:step(torch.tensor(0.1))
  assert(plateau.num_bad_epochs == 0 and math.abs(plateau.best - 0.1) < 1e-7)
end

-- mistakes
local opt = optimizer()
fails("TypeError: int is not an Optimizer", schedulers.StepLR, 3, {step_size = 1})
fails("TypeError: StepLR.__init__() missing 1 required positional argument: 'step_size'", schedulers.StepLR, opt)
fails("ValueError: Expected 2 lr_lambdas, but got 1", schedulers.LambdaLR, opt, {lr_lambda = {print}})
fails("ValueError: Constant multiplicative factor expected to be between 0 and 1.", schedulers.ConstantLR, opt, {factor = 2.0})
fails("ValueError: Starting multiplicative factor expected to be greater than 0 and less or equal to 1.", schedulers.LinearLR, opt, {start_factor = 0})
fails("ValueError: Factor should be < 1.0.", schedulers.ReduceLROnPlateau, opt, {factor = 1.0})
fails("ValueError: mode best is unknown!", schedulers.ReduceLROnPlateau, opt, {mode = "best"})
fails("ValueError: Expected positive integer T_0, but got 0", schedulers.CosineAnnealingWarmRestarts, opt, {T_0 = 0})
fails("ValueError: You must define either total_steps OR (epochs AND steps_per_epoch)", schedulers.OneCycleLR, opt, {max_lr = 1.0})
fails("ValueError: max_lr must have the same length as optimizer.param_groups. max_lr has 1 values, param_groups has 2.", schedulers.OneCycleLR, opt, {max_lr = {1.0}, total_steps = 3})
fails("ValueError: optimizer must support momentum or beta1 with `cycle_momentum` option enabled", schedulers.CyclicLR, torch.optim.Rprop {torch.zeros(1, {requires_grad = true})}, {base_lr = 0.1, max_lr = 0.2})
fails("Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, but got number of schedulers 1 and the number of milestones to be equal to 1", schedulers.SequentialLR, opt, {schedulers = {schedulers.StepLR(opt, 1)}, milestones = {1}})
fails("param 'initial_lr' is not specified in param_groups[0] when resuming scheduler with last_epoch >= 0.", schedulers.StepLR, optimizer(), {step_size = 1, last_epoch = 3})
fails("Tried to step 3 times. The specified number of total steps is 2", function()
  local one = optimizer()
  local scheduler = schedulers.OneCycleLR(one, {max_lr = 1.0, total_steps = 2})
  one:step()
  for _ = 1, 3 do scheduler:step() end
end)

-- averages: PyTorch's SWALR after 0, 1, 2 and 3 steps, and the mean of three models
do
  local swa = torch.optim.swa_utils
  local opt = optimizer()
  local scheduler = swa.SWALR(opt, {swa_lr = 0.05, anneal_epochs = 3})
  for _, wanted in ipairs {0.4, 0.3125, 0.1375, 0.05, 0.05} do
    near(scheduler:get_last_lr()[1], wanted, "SWALR")
    opt:step()
    scheduler:step()
  end
  fails("ValueError: anneal_strategy must be one of 'cos' or 'linear', instead got up", swa.SWALR, opt, {swa_lr = 0.05, anneal_strategy = "up"})
  fails("ValueError: Invalid decay value 2 provided. Please provide a value in [0,1] range.", swa.get_ema_avg_fn, 2)
  local model = torch.nn.Linear(1, 1)
  local mean, moving = swa.AveragedModel(model), swa.AveragedModel(model, {multi_avg_fn = swa.get_ema_multi_avg_fn(0.5)})
  for _, value in ipairs {1, 2, 6} do
    torch.no_grad(function() model.weight:fill_(value) end)
    mean:update_parameters(model)
    moving:update_parameters(model)
  end
  assert(mean.module.weight:item() == 3 and moving.module.weight:item() == 3.75 and mean.n_averaged:item() == 3)
  assert(mean(torch.ones(1, 1)):item() == (mean.module.weight + mean.module.bias):item())
end

-- one of one's own
local Halves = torch.class("Halves", schedulers.LRScheduler)
function Halves:get_lr() return self:_base(function(lr) return lr * 0.5 ^ self.last_epoch end) end
local mine = optimizer()
local halves = Halves(mine)
mine:step()
halves:step()
near(mine.param_groups[1].lr, 0.2, "a schedule of one's own")
