--- What two tensors differ in, in the words of `torch.testing.assert_close`; nil where they are close.
local torch = require "torch"

local tolerances = {
  [torch.float16] = {1e-3, 1e-5}, [torch.bfloat16] = {1.6e-2, 1e-5}, [torch.float32] = {1.3e-6, 1e-5}, [torch.float64] = {1e-7, 1e-7},
  [torch.complex64] = {1.3e-6, 1e-5}, [torch.complex128] = {1e-7, 1e-7},
}

--- Python's text of a number.
local function number(x) return (("%.16g"):format(x):gsub("e([+-])0*(%d)", function(sign, digit) return "e" .. sign .. "0" .. digit end)) end

local function index_text(position, shape)
  if #shape == 0 then return "" end
  local parts = {}
  for d = #shape - 1, 0, -1 do
    table.insert(parts, 1, tostring(position % shape[d]))
    position = position // shape[d]
  end
  return " at index (" .. table.concat(parts, ", ") .. (#parts == 1 and ",)" or ")")
end

--- Options: rtol, atol, equal_nan; wide compares in double precision with the tolerances of the dtypes given.
return function(actual, expected, options)
  local known = tolerances[actual.dtype] or {0, 0}
  local other = tolerances[expected.dtype] or {0, 0}
  local rtol = options.rtol or math.max(known[1], other[1])
  local atol = options.atol or math.max(known[2], other[2])
  if actual.shape ~= expected.shape then
    return ("The values for attribute 'shape' do not match: %s != %s."):format(tostring(actual.shape), tostring(expected.shape))
  end
  if not options.wide and actual.dtype ~= expected.dtype then
    return ("The values for attribute 'dtype' do not match: %s != %s."):format(tostring(actual.dtype), tostring(expected.dtype))
  end
  local _ <close> = torch.no_grad()
  local function widened(x)
    if x.is_quantized then x = x:dequantize() end
    return x:is_complex() and x:to(torch.complex128) or x:to(torch.float64)
  end
  local a, b = widened(actual), widened(expected)
  local close = torch.isclose(a, b, {rtol = rtol, atol = atol, equal_nan = options.equal_nan or false})
  local count = close:numel()
  local wrong = count - close:sum():item()
  if wrong == 0 then return nil end
  local absolute = (a - b):abs()
  local relative = absolute / b:abs()
  for _, x in ipairs {absolute, relative} do x:masked_fill_(close, 0) end
  if count == 1 and a:dim() == 0 then
    return ("Scalars are not close!\n\nExpected %s but got %s.\nAbsolute difference: %s (up to %s allowed)\nRelative difference: %s (up to %s allowed)"):format(
      number(b:item()), number(a:item()), number(absolute:item()), number(atol), number(relative:item()), number(rtol))
  end
  local function greatest(x)
    local flat = x:flatten()
    local at = flat:argmax():item()
    return number(flat[at]:item()), index_text(at, x.shape)
  end
  local value, place = greatest(absolute)
  local ratio, where = greatest(relative)
  return ("Tensor-likes are not close!\n\nMismatched elements: %d / %d (%.1f%%)\nGreatest absolute difference: %s%s (up to %s allowed)\nGreatest relative difference: %s%s (up to %s allowed)"):format(
    wrong, count, 100 * wrong / count, value, place, number(atol), ratio, where, number(rtol))
end
