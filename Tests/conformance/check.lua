-- Runs PyTorch's samples of its ops (made by make_fixture.py) and compares values, types, shapes, strides of views,
-- gradients, forms in place and sentences of errors.
--
--   qrepl Tests/conformance/check.lua FILE.pt… [-v] [-o REPORT] [--ops PATTERN] [--after NAME]
--
-- Prints one line per op that does not pass (all with -v) and writes one line per op to REPORT:
-- title, name, kind, status, checks passed and failed, samples not expressible and in all, wrong calls and wrong sentences.
local torch = require "torch"
require("warnings").filterwarnings("ignore")
local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") or "."
local compare = dofile(here .. "/compare.lua")
local special = dofile(here .. "/special_calls.lua")

local options = { files = {}, pattern = "", shown = 3 }
do
  local i = 1
  while arg[i] do
    if arg[i] == "-v" then options.verbose = true
    elseif arg[i] == "-o" then i = i + 1; options.report = arg[i]
    elseif arg[i] == "--ops" then i = i + 1; options.pattern = arg[i]
    elseif arg[i] == "--after" then i = i + 1; options.after = arg[i]
    elseif arg[i] == "--progress" then i = i + 1; options.progress = arg[i]
    elseif arg[i] == "--gaps" then i = i + 1; options.gaps = arg[i]
    else options.files[#options.files + 1] = arg[i] end
    i = i + 1
  end
end

local is_tensor, arguments, leaves, difference = compare.is_tensor, compare.arguments, compare.leaves, compare.difference
local lookup, flat, close, reason = compare.lookup, compare.flat, compare.close, compare.reason
local check_gradients, guarded = compare.check_gradients, compare.guarded

local function has_method(x, name)
  return is_tensor(x) and pcall(function() return x[name] end) and x[name] ~= nil
end

-- The way to call an op by its name in op_db; nil where qrepl has none.
local function caller(name)
  if special[name] then return special[name] end
  local found = lookup(name)
  if found ~= nil then return found end
  if name:find(".", 1, true) then return nil end
  if has_method(torch.zeros(1), name) then
    return function(x, ...) return x[name](x, ...) end
  end
  return nil
end

local function check_case(entry, call, case)
  local args, fresh = arguments(case, entry.name)
  torch.manual_seed(42)
  local packed = table.pack(call(table.unpack(args, 1, args.n)))
  local results = {}
  for i = 1, packed.n do leaves(packed[i], results) end
  if #results ~= #case.out then return ("%d results instead of %d"):format(#results, #case.out) end
  for i, wanted in ipairs(case.out) do
    local got = results[i]
    local problem
    if case.undefined then
      problem = is_tensor(got) and tostring(got.shape) ~= tostring(wanted.shape) and ("shape %s instead of %s"):format(got.shape, wanted.shape)
    else
      problem = difference(got, wanted, entry.tolerances, 1)
    end
    if problem then return (#results > 1 and ("result %d: "):format(i - 1) or "") .. problem end
    if case.views[i] then
      if tostring(got:stride()) ~= tostring(wanted:stride()) then
        return ("strides %s instead of %s"):format(got:stride(), wanted:stride())
      end
      if is_tensor(args[1]) and got:numel() > 0 and got._version ~= nil and not special.shares(got, args[1]) then return "no view" end
    end
  end
  if #case.grads > 0 then
    local problem = check_gradients(case, results, fresh, entry)
    if problem then return problem end
  end
  if case.inplace and case.inplace.name ~= nil then
    local plain = arguments(case, entry.name)
    plain[1] = plain[1]:detach():clone()
    for i = 2, plain.n do if is_tensor(plain[i]) then plain[i] = plain[i]:detach() end end
    torch.manual_seed(42)
    plain[1][case.inplace.name](table.unpack(plain, 1, plain.n))
    local problem = difference(plain[1], case.inplace.out, entry.tolerances, 1)
    if problem then return case.inplace.name .. ": " .. problem end
  end
end

local function check_method(entry, case)
  local args = arguments(case, entry.name)
  if not is_tensor(args[1]) or #case.out ~= 1 or case.undefined then return end
  torch.manual_seed(42)
  return difference(args[1][entry.name](table.unpack(args, 1, args.n)), case.out[1], entry.tolerances, 1)
end

local function check_error(call, case, name)
  local args = arguments(case, name)
  local before = {}
  for i = 1, args.n do if is_tensor(args[i]) then before[i] = flat(args[i]) end end
  local ok, message = pcall(call, table.unpack(args, 1, args.n))
  if ok then return "no error; wanted " .. case.error end
  for i, values in pairs(before) do
    local after = flat(args[i])
    for k = 1, #values do if not close(after[k], values[k], 0, 0) then return "the wrong call changed a tensor" end end
  end
  local got = reason(message):match("^[^\n]*")
  if got ~= case.error then return ("error «%s» instead of «%s»"):format(got, case.error) end
end

local function check_op(entry)
  local call = special[entry.name .. "." .. entry.variant] or caller(entry.name)
  local counts = { passed = 0, failed = 0, lost = 0, total = 0, errors = 0, wrong = 0, problems = {} }
  local function note(problem, where)
    if not problem then counts.passed = counts.passed + 1 return end
    counts.failed = counts.failed + 1
    counts.problems[#counts.problems + 1] = where .. ": " .. problem
  end
  for _, of_type in ipairs(entry.dtypes) do
    local name, cases, lost = of_type[1], of_type[2], of_type[3]
    counts.lost = counts.lost + lost
    counts.total = counts.total + #cases
    if call ~= nil then
      for i, case in ipairs(cases) do
        note(guarded(check_case, entry, call, case), ("%s sample %d"):format(name, i))
        if i == 1 and entry.methods and has_method(torch.zeros(1), entry.name) and not special[entry.name] then
          note(guarded(check_method, entry, case), name .. " as a method")
        end
      end
    end
  end
  if call ~= nil then
    for i, case in ipairs(entry.errors) do
      local problem = guarded(check_error, call, case, entry.name)
      counts.errors = counts.errors + 1
      if problem then counts.wrong = counts.wrong + 1 end
      if problem then counts.problems[#counts.problems + 1] = ("error %d: "):format(i) .. problem end
    end
  end
  return counts, call ~= nil
end

local report = options.report and assert(io.open(options.report, "a"))
local bad, waiting = 0, options.after
for _, file in ipairs(options.files) do
  local shard = torch.load(file)
  for _, entry in ipairs(shard.ops) do
    local title = entry.name .. (entry.variant ~= "" and "." .. entry.variant or "")
    if waiting then
      if waiting == title then waiting = nil end
    elseif entry.name:find(options.pattern) then
      if options.progress then
        local f = assert(io.open(options.progress, "w"))
        f:write(title)
        f:close()
      end
      local counts, there = check_op(entry)
      local status = not there and "missing" or counts.failed > 0 and "failed"
        or counts.wrong > 0 and "sentences" or counts.passed > 0 and "passed" or "inexpressible"
      if report then
        report:write(table.concat({ title, entry.name, entry.kind, status, counts.passed, counts.failed, counts.lost, counts.total, counts.errors, counts.wrong }, "\t"), "\n")
        report:flush()
      end
      local fails = status == "failed" or status == "sentences"
      if fails then bad = bad + 1 end
      if options.verbose or fails then
        print(("%-13s %-50s %d passed, %d failed, %d not expressible; %d of %d sentences wrong"):format(
          status, title, counts.passed, counts.failed, counts.lost, counts.wrong, counts.errors))
        for i = 1, math.min(#counts.problems, options.verbose and 12 or options.shown) do print("    " .. counts.problems[i]) end
      end
    end
  end
end
if report then report:close() end
os.exit(bad == 0)
