-- What is written to the standard error, once for each line of the user's code, in a program of its own.
local program = io.popen("readlink /proc/$PPID/exe"):read()
local function warnings(code)
  local file = assert(io.open("warned.lua", "w"))
  file:write("local nn, F = torch.nn, torch.nn.functional\n" .. code)
  file:close()
  local lines = {}
  for line in io.popen(("'%s' warned.lua 2>&1 >/dev/null"):format(program)):lines() do lines[#lines + 1] = line end
  return lines
end
local function warns(code, ...)
  local got, wanted = warnings(code), { ... }
  assert(#got == #wanted, ("%d warnings instead of %d from %s: %s"):format(#got, #wanted, code, table.concat(got, " | ")))
  for i, line in ipairs(wanted) do assert(got[i] == line, got[i] .. " instead of " .. line) end
end

-- UserWarning of F.mse_loss(torch.ones(3), torch.ones(2, 3)), once for a line that runs three times
local implicit = "UserWarning: Implicit dimension choice for softmax has been deprecated. Change the call to include dim=X as an argument."
local size = "UserWarning: Using a target size (torch.Size([2, 3])) that is different to the input size (torch.Size([3])). This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size."
warns("for i = 1, 3 do F.mse_loss(torch.ones(3), torch.ones(2, 3)) end", size)
warns("nn.L1Loss()(torch.ones(3), torch.ones(2, 3)) nn.MSELoss()(torch.ones(3), torch.ones(3))", size)
warns("F.softmax(torch.ones(3))\nF.softmax(torch.ones(3))\nF.softmax(torch.ones(3), 0)", implicit, implicit)
warns("require('warnings').filterwarnings('ignore') F.softmax(torch.ones(3))")
warns("torch.set_warn_always(true) for i = 1, 2 do F.softmax(torch.ones(3)) end", implicit, implicit)
warns("require('warnings').warn('mine')", "UserWarning: mine")
-- UserWarning of (torch.ones(1, requires_grad=True) * 2).grad; none of a leaf, and none of one that retains its gradient
warns("local x = torch.ones(1, {requires_grad = true}) local y, z = x * 2, x * 3 z:retain_grad() local _ = x.grad, z.grad _ = y.grad",
  "UserWarning: The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be populated during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you access the leaf Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more informations.")
-- UserWarning of torch.abs(torch.ones(3), out=torch.ones(2)); none of an output without elements
warns("torch.abs(torch.ones(3), {out = torch.ones(2)}) torch.abs(torch.ones(3), {out = torch.ones(0)})",
  "UserWarning: An output with one or more elements was resized since it had shape [2], which does not match the required output shape [3]. This behavior is deprecated, and in a future PyTorch release outputs will not be resized unless they have zero elements. You can explicitly reuse an out tensor t by resizing it, inplace, to zero elements with t.resize_(0).")
-- UserWarning of nn.LSTM(2, 2, dropout=0.5)
warns("nn.LSTM(2, 2, {dropout = 0.5}) nn.LSTM(2, 2, {dropout = 0.5, num_layers = 2})",
  "UserWarning: dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than 1, but got dropout=0.5 and num_layers=1")
-- UserWarning of torch.ones(1).std()
warns("torch.ones(1):std() torch.ones(2):std() torch.ones(1):var(nil, {correction = 0})",
  "UserWarning: std(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor (input numel divided by output numel).")
local steps = warnings("local o = torch.optim.SGD({torch.ones(1, {requires_grad = true})}, {lr = 1}) local s = torch.optim.lr_scheduler.StepLR(o, 1) s:step()")
assert(#steps == 1 and steps[1]:find("Detected call of `lr_scheduler.step()` before `optimizer.step()`", 1, true))
