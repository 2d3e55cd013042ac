--- How good predictions are. Mirrors `transformers.glue_compute_metrics`.
local torch = require "torch"
local fail = require "torch.failure"
local dict = require "dict"

local metrics = {}

local function labels_of(values, name)
  if not torch.is_tensor(values) then values = torch.tensor(values) end
  if values:dim() ~= 1 then fail("ValueError", "%s must have one dimension, not the shape %s", name, tostring(values.shape)) end
  for _, bound in ipairs(#values > 0 and {values:min():item(), values:max():item()} or {}) do
    if bound ~= 0 and bound ~= 1 then fail("ValueError", "%s must be 0 or 1, and one is %s", name, dict.repr(bound)) end
  end
  return values:to(torch.int64)
end

--- The share of labels that are right. Mirrors `simple_accuracy`.
function metrics.simple_accuracy(preds, labels) return preds:eq(labels):sum():item() / #labels end

--- 2 · precision · recall / (precision + recall) of the label 1; 0 where nothing is, or is said to be, 1.
function metrics.f1_score(labels, preds)
  local both = (labels * preds):sum():item()
  local said, are = preds:sum():item(), labels:sum():item()
  return said + are > 0 and 2 * both / (said + are) or 0.0
end

--- The accuracy, the F1 score and the mean of both. Mirrors `acc_and_f1`.
function metrics.acc_and_f1(preds, labels)
  local acc, f1 = metrics.simple_accuracy(preds, labels), metrics.f1_score(labels, preds)
  return dict({"acc", acc}, {"f1", f1}, {"acc_and_f1", (acc + f1) / 2})
end

local by_task = {mrpc = metrics.acc_and_f1}

--- What a task is measured by, as a dictionary: for MRPC `acc`, `f1` and `acc_and_f1`. Predictions and labels are tensors or lists.
--- Mirrors `transformers.glue_compute_metrics`.
function metrics.glue_compute_metrics(task_name, preds, labels)
  local compute = by_task[task_name]
  if not compute then fail("KeyError", "%s: no measure of this task is here; 'mrpc' is", dict.repr(task_name)) end
  preds, labels = labels_of(preds, "predictions"), labels_of(labels, "labels")
  if #preds ~= #labels then fail("AssertionError", "Predictions and labels have mismatched lengths %d and %d", #preds, #labels) end
  if #labels == 0 then fail("ValueError", "there are no predictions to measure") end
  return compute(preds, labels)
end

return metrics
