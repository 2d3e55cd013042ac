-- Makes PyTorch's layers with PyTorch's samples (made by make_fixture.py): text, initial weights after a seed, results,
-- gradients and buffers afterwards must be PyTorch's.
--
--   qrepl Tests/conformance/check_layers.lua FILE.pt… [-v] [-o REPORT] [--after NAME] [--progress FILE]
local torch = require "torch"
require("warnings").filterwarnings("ignore")
local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") or "."
local compare = dofile(here .. "/compare.lua")

local options = { files = {} }
do
  local i = 1
  while arg[i] do
    if arg[i] == "-v" then options.verbose = true
    elseif arg[i] == "-o" then i = i + 1; options.report = arg[i]
    elseif arg[i] == "--after" then i = i + 1; options.after = arg[i]
    elseif arg[i] == "--progress" then i = i + 1; options.progress = arg[i]
    else options.files[#options.files + 1] = arg[i] end
    i = i + 1
  end
end

local function check_state(names, wanted, what)
  local i = 0
  for name, value in names do
    i = i + 1
    if not wanted[i] then return ("%s %s is one too many"):format(what, name) end
    if wanted[i][1] ~= name then return ("%s %s instead of %s"):format(what, name, wanted[i][1]) end
    local known = wanted[i][2]
    local problem
    if not torch.is_tensor(known) then
      problem = tostring(value) ~= known.v and ("%s instead of %s"):format(value, known.v)
    else
      problem = compare.difference(value, known, nil, 1)
    end
    if problem then return ("%s %s: %s"):format(what, name, problem) end
  end
  if i ~= #wanted then return ("%d %ss instead of %d"):format(i, what, #wanted) end
end

local function check_case(class, case)
  local made = compare.arguments(case.made, "")
  torch.manual_seed(42)
  local layer = class(table.unpack(made, 1, made.n))
  if tostring(layer) ~= case.text then return ("text\n%s\n    instead of\n%s"):format(layer, case.text) end
  local problem = check_state(pairs(layer:state_dict()), case.state, "entry")
  if problem then return problem end
  local args, fresh = compare.arguments(case.run, "")
  torch.manual_seed(43)
  local packed = table.pack(layer(table.unpack(args, 1, args.n)))
  local results = {}
  for i = 1, packed.n do compare.leaves(packed[i], results) end
  if #results ~= #case.out then return ("%d results instead of %d"):format(#results, #case.out) end
  for i, wanted in ipairs(case.out) do
    problem = compare.difference(results[i], wanted, nil, 2)
    if problem then return ("result %d: %s"):format(i - 1, problem) end
  end
  if case.text_after and tostring(layer) ~= case.text_after then return ("text\n%s\n    instead of\n%s"):format(layer, case.text_after) end
  problem = check_state(layer:named_buffers(), case.after, "buffer")
  if problem then return problem end
  if #case.grads == 0 then return end
  for p in layer:parameters() do fresh[#fresh + 1] = p end
  return compare.check_gradients(case, results, fresh, {})
end

local report = options.report and assert(io.open(options.report, "a"))
local bad, waiting = 0, options.after
for _, file in ipairs(options.files) do
  for _, entry in ipairs(torch.load(file).layers) do
    if waiting then
      if waiting == entry.name then waiting = nil end
    else
      if options.progress then
        local f = assert(io.open(options.progress, "w"))
        f:write(entry.name)
        f:close()
      end
      local class = torch.nn[entry.name]
      local passed, problems = 0, {}
      if class ~= nil then
        for i, case in ipairs(entry.cases) do
          local problem = compare.guarded(check_case, class, case)
          if problem then problems[#problems + 1] = ("sample %d: %s"):format(i, problem) else passed = passed + 1 end
        end
      end
      local status = class == nil and "missing" or #problems > 0 and "failed" or passed > 0 and "passed" or "inexpressible"
      if report then
        local name = "nn." .. entry.name
        report:write(table.concat({ name, name, "layer", status, passed, #problems, entry.lost, #entry.cases, 0, 0 }, "\t"), "\n")
        report:flush()
      end
      if status == "failed" then bad = bad + 1 end
      if options.verbose or status == "failed" then
        print(("%-13s %-50s %d passed, %d failed, %d not expressible"):format(status, "nn." .. entry.name, passed, #problems, entry.lost))
        for i = 1, math.min(#problems, options.verbose and 12 or 3) do print("    " .. problems[i]) end
      end
    end
  end
end
if report then report:close() end
os.exit(bad == 0)
