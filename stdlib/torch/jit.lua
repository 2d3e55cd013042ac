--- What a run of a module or function did, written down as a graph that runs without its code. Mirrors `torch.jit`.
local torch = require "torch"
local fail = require "torch.failure"
local warn = require "torch.warning"
local close = require "torch.testing.comparison"

local native = torch._jit
local jit = {ScriptModule = native.ScriptModule, ScriptFunction = native.ScriptFunction}

local is_tensor = torch.is_tensor

local function is_traced(value) return torch.isinstance(value, {native.ScriptModule, native.ScriptFunction}) end

local function is_module(value) return type(value) == "userdata" and torch.isinstance(value, torch.nn.Module) end

--- Copies of example inputs, so that what a run changes in place is not the caller's.
local function cloned(value)
  if is_tensor(value) then return value:detach():clone():requires_grad_(value.requires_grad) end
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, item in pairs(value) do copy[key] = cloned(item) end
  return copy
end

--- The names of what a function or a module's `forward` takes, as many as there are inputs.
local function input_names(f, count)
  local names, skipped = {}, 0
  if is_module(f) then
    local forward = f.forward
    if type(forward) == "function" and debug.getinfo(forward, "S").what ~= "C" then
      f, skipped = forward, 1
    else
      names = native.input_names(f)
    end
  end
  if type(f) == "function" and debug.getinfo(f, "S").what ~= "C" then
    local info = debug.getinfo(f, "u")
    for i = skipped + 1, info.nparams do names[#names + 1] = debug.getlocal(f, i) end
  end
  for i = 1, count do names[i] = names[i] or ("argument_%d"):format(i) end
  return table.move(names, 1, count, 1, {})
end

local function record(f, inputs, strict)
  return native.trace(f, cloned(inputs), input_names(f, #inputs), strict)
end

local function indent(text) return (text:gsub("[^\n]+", "\t%0")) end

--- Lines of two texts as Python's difflib.ndiff marks them.
local function difference(a, b)
  local left, right = {}, {}
  for line in a:gmatch("[^\n]*\n") do left[#left + 1] = line end
  for line in b:gmatch("[^\n]*\n") do right[#right + 1] = line end
  local lengths = {}
  for i = #left + 1, 1, -1 do
    lengths[i] = {}
    for j = #right + 1, 1, -1 do
      if i > #left or j > #right then
        lengths[i][j] = 0
      elseif left[i] == right[j] then
        lengths[i][j] = lengths[i + 1][j + 1] + 1
      else
        lengths[i][j] = math.max(lengths[i + 1][j], lengths[i][j + 1])
      end
    end
  end
  local lines, i, j = {}, 1, 1
  while i <= #left or j <= #right do
    if i <= #left and j <= #right and left[i] == right[j] then
      lines[#lines + 1] = "  " .. left[i]
      i, j = i + 1, j + 1
    elseif j > #right or (i <= #left and lengths[i + 1][j] >= lengths[i][j + 1]) then
      lines[#lines + 1] = "- " .. left[i]
      i = i + 1
    else
      lines[#lines + 1] = "+ " .. right[j]
      j = j + 1
    end
  end
  return table.concat(lines)
end

local function tracing_failed(graphs, extra)
  local message = "Tracing failed sanity checks!\n"
  if extra then message = message .. extra .. "\n" end
  if graphs then message = message .. "ERROR: Graphs differed across invocations!\n" .. indent(graphs) .. "\n" end
  fail("TracingCheckError", "%s", message)
end

--- Runs the trace, the function and another trace of it, and compares what they give.
local function check(f, traced, inputs, tolerance, strict)
  local function graph_differences(again)
    local first, second = native.outline(traced), native.outline(again)
    if first == second then return nil end
    return "Graph diff:\n" .. indent(difference(first, second)) .. "\n"
  end
  local again = record(f, inputs, strict)
  local function run(g, what)
    local results = table.pack(pcall(g, table.unpack(cloned(inputs), 1, #inputs)))
    if not results[1] then
      tracing_failed(graph_differences(again),
        ("encountered an exception while running the %s with test inputs.\nException:\n%s"):format(what, indent(tostring(results[2]))))
    end
    local tensors = {}
    for i = 2, results.n do if is_tensor(results[i]) then tensors[#tensors + 1] = results[i] end end
    return tensors
  end
  local has_warned = false
  local function warn_of_randomness()
    if has_warned then return end
    has_warned = true
    local nodes = native.random_nodes(traced)
    if #nodes == 0 then return end
    for i, node in ipairs(nodes) do nodes[i] = indent(node) end
    warn("TracerWarning", "%s", "Trace had nondeterministic nodes. Did you forget to call .eval() on your model? Nodes:\n"
      .. table.concat(nodes, "\n", 1, math.min(#nodes, 20))
      .. "\nThis may cause errors in trace checking. To disable trace checking, pass check_trace=False to torch.jit.trace()")
  end
  local function compare(results, expected, what)
    local all = true
    for i = 1, math.min(#results, #expected) do
      local problem = close(results[i], expected[i], {rtol = tolerance, equal_nan = true, wide = true})
      if problem then
        warn_of_randomness()
        warn("TracerWarning", "%s", ("Output nr %d. of the traced function does not match the corresponding output of the %s. Detailed error:\n%s"):format(i, what, problem))
        all = false
      end
    end
    return all
  end
  local results = run(traced, "trace")
  if compare(results, run(f, "Python function"), "Python function") then compare(results, run(again, "repeated trace"), "repeated trace") end
  local graphs = graph_differences(again)
  if graphs then tracing_failed(graphs) end
end

--- What a module or function does with example inputs, as a module that does the same with others without its code.
--- Control flow, and every number that the program reads off a tensor, is as it was in the one run that is written down.
--- Options: check_trace, check_inputs, check_tolerance, strict. Mirrors `torch.jit.trace`.
function jit.trace(f, example_inputs, options)
  options = options or {}
  if is_traced(f) then
    warn("UserWarning", "The input to trace is already a ScriptModule, tracing it is a no-op. Returning the object as is.")
    return f
  end
  if example_inputs == nil then example_inputs = options.example_inputs end
  if example_inputs == nil then fail("RuntimeError", "example_inputs must be given") end
  if not is_module(f) and type(f) ~= "function" then fail("TypeError", "torch.jit.trace expects a module or function, not %s", type(f)) end
  local known = {check_trace = true, check_inputs = true, check_tolerance = true, strict = true, optimize = true, example_inputs = true}
  for key in pairs(options) do
    if not known[key] then fail("TypeError", "trace() got an unexpected keyword argument '%s'", tostring(key)) end
  end
  local function tuple(inputs)
    if is_tensor(inputs) then return {inputs} end
    if type(inputs) ~= "table" then fail("TypeError", "torch.jit.trace expects a tensor or a table of inputs, not %s", type(inputs)) end
    return inputs
  end
  local inputs = tuple(example_inputs)
  local strict = options.strict ~= false
  local traced = record(f, inputs, strict)
  if options.check_trace ~= false then
    for _, each in ipairs(options.check_inputs or {inputs}) do check(f, traced, tuple(each), options.check_tolerance or 1e-5, strict) end
  end
  return traced
end

--- `trace` of the method `forward`, whose inputs are given under its name. Mirrors `torch.jit.trace_module`.
function jit.trace_module(module, inputs, options)
  for name in pairs(inputs) do
    if name ~= "forward" then fail("NotImplementedError", "torch.jit.trace_module traces the method 'forward' alone, not '%s'", tostring(name)) end
  end
  return jit.trace(module, inputs.forward, options)
end

--- Writes a traced module to one file, whole or not at all. Mirrors `torch.jit.save`.
function jit.save(module, file)
  if not is_traced(module) then fail("TypeError", "torch.jit.save expects what torch.jit.trace gave, not %s", type(module)) end
  native.save(module, file)
end

--- Reads what `save` wrote; needs none of the classes that the module was made of. Nothing in the file is executed. Mirrors `torch.jit.load`.
function jit.load(file) return native.load(file) end

--- Whether something is being traced. Mirrors `torch.jit.is_tracing`.
function jit.is_tracing() return native.is_tracing() end

--- Not here: Lua is not compiled. Mirrors `torch.jit.script`.
function jit.script()
  fail("NotImplementedError", "torch.jit.script: Lua code is not compiled; torch.jit.trace writes down what a run of it does")
end

--- A copy in evaluation mode whose parameters want no gradients. Mirrors `torch.jit.freeze`.
function jit.freeze(module)
  if not is_traced(module) then fail("RuntimeError", "Freezing expects a ScriptModule as input. Please use torch.jit.script or torch.jit.trace to script your 'nn.Module'.") end
  if module.training then
    fail("RuntimeError", "Freezing is currently only implemented for modules in eval mode. Please call .eval() on your module before freezing.")
  end
  return require("copy").deepcopy(module):requires_grad_(false)
end

--- As `freeze`: layers are packed and fused when they are called. Mirrors `torch.jit.optimize_for_inference`.
function jit.optimize_for_inference(module) return module.training and module or jit.freeze(module) end

return jit
