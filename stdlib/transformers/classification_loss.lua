--- The loss of a classifier of texts, by what its labels are: numbers, classes, or several classes at once.
local torch = require "torch"
local nn = require "torch.nn"
local failure = require "torch.failure"

local function problem_of(labels, count)
  if count == 1 then return "regression" end
  if labels.dtype == torch.long or labels.dtype == torch.int then return "single_label_classification" end
  return "multi_label_classification"
end

-- The loss of labels that are classes; a label that is none is named.
local function class_loss(logits, labels, count)
  local good, loss = pcall(nn.CrossEntropyLoss(), logits:view(-1, count), labels:view(-1))
  if good then return loss end
  local flat = labels:view(-1)
  for i = 0, #flat - 1 do
    local label = flat[i]:item()
    if label ~= -100 and (label < 0 or label >= count) then
      failure("IndexError", "labels holds %s at [%d]: the model has %d labels, 0 to %d (config.num_labels)", tostring(label), i, count, count - 1)
    end
  end
  error(loss, 0)
end

--- The loss of the scores of a model with `config` and `num_labels`; settles `config.problem_type` where nobody did.
return function(self, logits, labels)
  if not torch.is_tensor(labels) then failure("TypeError", "labels must be a Tensor, not %s", type(labels)) end
  local config = self.config
  if config.problem_type == nil then config.problem_type = problem_of(labels, self.num_labels) end
  if config.problem_type == "single_label_classification" then return class_loss(logits, labels, self.num_labels) end
  if config.problem_type == "multi_label_classification" then return nn.BCEWithLogitsLoss()(logits, labels) end
  if self.num_labels == 1 then return nn.MSELoss()(logits:squeeze(), labels:squeeze()) end
  return nn.MSELoss()(logits, labels)
end
