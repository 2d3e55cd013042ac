--- Every op of the samples in Tests/conformance: a trace of its call, run again, gives the same bits.
local torch = require "torch"
require("warnings").filterwarnings("ignore")
local here = arg[0]:match("^(.*/)[^/]*$")
local conformance = here .. "../conformance/"
local compare = dofile(conformance .. "compare.lua")
local special = dofile(conformance .. "special_calls.lua")

local is_tensor = torch.is_tensor

local function caller(entry)
  local title = entry.name .. "." .. entry.variant
  if special[title] or special[entry.name] then return special[title] or special[entry.name] end
  local found = compare.lookup(entry.name)
  if found ~= nil then return found end
  local ok, method = pcall(function() return torch.zeros(1)[entry.name] end)
  if ok and method ~= nil then return function(x, ...) return x[entry.name](x, ...) end end
end

--- The tensors in arguments, and a function that puts others in their places.
local function tensors_of(args)
  local list = {}
  local function walk(value)
    if is_tensor(value) then
      list[#list + 1] = value
      return {place = #list}
    elseif type(value) == "table" and getmetatable(value) == nil then
      local copy = {}
      for key, item in pairs(value) do copy[key] = walk(item) end
      return {items = copy}
    end
    return {value = value}
  end
  local shape = {n = args.n}
  for i = 1, args.n do shape[i] = walk(args[i]) end
  local function build(node, tensors)
    if node.place then return tensors[node.place] end
    if not node.items then return node.value end
    local copy = {}
    for key, item in pairs(node.items) do copy[key] = build(item, tensors) end
    return copy
  end
  return list, function(tensors)
    local filled = {}
    for i = 1, shape.n do filled[i] = build(shape[i], tensors) end
    return table.unpack(filled, 1, shape.n)
  end
end

local function same(a, b)
  if a.dtype ~= b.dtype or a.shape ~= b.shape then return false end
  a, b = a:detach(), b:detach()
  if a.dtype.is_complex then a, b = torch.view_as_real(a:resolve_conj()), torch.view_as_real(b:resolve_conj()) end
  return torch.equal(a, b) or torch.allclose(a, b, {rtol = 0, atol = 0, equal_nan = true})
end

local function check(f, args)
  local inputs, fill = tensors_of(args)
  local function call(...) return f(fill {...}) end
  local function fresh()
    local copies = {}
    for i, x in ipairs(inputs) do copies[i] = x:detach():clone():requires_grad_(x.requires_grad) end
    return table.unpack(copies)
  end
  torch.manual_seed(42)
  local direct = {}
  for _, value in ipairs {select(2, pcall(call, fresh()))} do compare.leaves(value, direct) end
  for _, value in ipairs(direct) do if not is_tensor(value) then return nil end end
  if #direct == 0 then return nil end
  torch.manual_seed(42)
  local traced = torch.jit.trace(call, inputs, {check_trace = false, strict = false})
  torch.manual_seed(42)
  local again = {}
  for _, value in ipairs {traced(fresh())} do compare.leaves(value, again) end
  if #again ~= #direct then return ("%d results instead of %d"):format(#again, #direct) end
  for i, value in ipairs(direct) do if not same(value, again[i]) then return "result " .. i .. " differs" end end
  return true, traced
end

local seen, failed = 0, {}
for shard = 0, 99 do
  local path = conformance .. ("fixture/%02d.pt.gz"):format(shard)
  local file = io.open(path)
  if not file then break end
  file:close()
  os.execute(("gzip -dc '%s' > shard.pt"):format(path))
  for _, entry in ipairs(torch.load("shard.pt").ops) do
    local f = caller(entry)
    for _, of_type in ipairs(f and entry.dtypes or {}) do
      local case = of_type[2][1]
      if case and #case.args > 0 then
        local fine, args = pcall(compare.arguments, case, entry.name)
        if fine then
          local ok, result, traced = pcall(check, f, args)
          local name = ("%s.%s %s"):format(entry.name, entry.variant, of_type[1])
          if not ok or type(result) == "string" then
            failed[#failed + 1] = ("%s: %s"):format(name, result)
          elseif result then
            seen = seen + 1
            -- No tensor with a shape came from elsewhere: all are inputs or made by steps.
            local text = tostring(traced.graph)
            if text:find(": %u%a+%(%d[^\n]*%) = prim::Constant") then failed[#failed + 1] = name .. ": a constant\n" .. text end
            assert(#traced.code > 0)
          end
        end
      end
    end
  end
end
for _, line in ipairs(failed) do print(line) end
print(("%d calls traced, %d failed"):format(seen, #failed))
assert(seen > 500 and #failed == 0)
