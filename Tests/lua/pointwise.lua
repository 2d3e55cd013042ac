-- Elementwise functions: types of results, corner values, slopes there, and refusals. What is expected is what PyTorch 2.15 gives
-- for the same call (`T(values, dtype)` a tensor, `G(f, x)` the gradient of f(x).sum()), to five digits.
local torch = require "torch"
local F, S = torch.nn.functional, torch.special
local nan, inf = 0 / 0, math.huge

local function T(values, dtype) return torch.tensor(values, { dtype = torch.float64 }):to(torch[dtype or "float32"]) end

local function G(f, x)
  x = x:detach():requires_grad_()
  f(x):sum():backward()
  return x.grad
end

local function show(value)
  if type(value) == "table" then
    local texts = {}
    for i, v in ipairs(value) do texts[i] = show(v) end
    return table.concat(texts, " & ")
  end
  if not torch.is_tensor(value) then return tostring(value) end
  local texts = { (tostring(value.dtype):gsub("torch%.", "")) }
  for _, v in ipairs(value:double():flatten():tolist()) do texts[#texts + 1] = v ~= v and "nan" or ("%.5g"):format(v) end
  return table.concat(texts, " ")
end

local function first_line(text) return (tostring(text):match("^[^\n]*"):gsub("^.-:%d+: ", "")) end

local failed = 0
local function check(text, f, wanted)
  local results = table.pack(pcall(f))
  local got = results[1] and show(table.pack(table.unpack(results, 2, results.n))) or first_line(results[2])
  if got ~= wanted then
    failed = failed + 1
    print(("%s\n  gives   %s\n  instead of %s"):format(text, got, wanted))
  end
end

check([[torch.exp2(T{0, 1.5, -2})]], function() return torch.exp2(T{0, 1.5, -2}) end,
  "float32 1 2.8284 0.25")
check([[torch.log2(T({1, 8}, "int64"))]], function() return torch.log2(T({1, 8}, "int64")) end,
  "float32 0 3")
check([[torch.floor(T({1, 0}, "bool"))]], function() return torch.floor(T({1, 0}, "bool")) end,
  "NotImplementedError: \"floor_vml_cpu\" not implemented for 'Bool'")
check([[torch.abs(T({1, 0}, "bool"))]], function() return torch.abs(T({1, 0}, "bool")) end,
  "NotImplementedError: \"abs_cpu\" not implemented for 'Bool'")
check([[torch.round(T{0.5, 1.5, 2.5, -0.5})]], function() return torch.round(T{0.5, 1.5, 2.5, -0.5}) end,
  "float32 0 2 2 -0")
check([[torch.round(T{1234.567}, {decimals = -2})]], function() return torch.round(T{1234.567}, {decimals = -2}) end,
  "float32 1200")
check([[torch.round(T({1}, "int32"), {decimals = 1})]], function() return torch.round(T({1}, "int32"), {decimals = 1}) end,
  "NotImplementedError: \"round_cpu\" not implemented for 'Int'")
check([[torch.frac(T{2.75, -2.75})]], function() return torch.frac(T{2.75, -2.75}) end,
  "float32 0.75 -0.75")
check([[torch.frexp(T{8, -0.3, 0})]], function() return torch.frexp(T{8, -0.3, 0}) end,
  "float32 0.5 -0.6 0 & int32 4 -1 0")
check([[torch.nan_to_num(T({nan, inf, -inf}, "float16"))]], function() return torch.nan_to_num(T({nan, inf, -inf}, "float16")) end,
  "float16 0 65504 -65504")
check([[torch.logit(T{0.2, 1.5, -1}, 0.1)]], function() return torch.logit(T{0.2, 1.5, -1}, 0.1) end,
  "float32 -1.3863 2.1972 -2.1972")
check([[torch.sinc(T{0, 0.5, 1.5})]], function() return torch.sinc(T{0, 0.5, 1.5}) end,
  "float32 1 0.63662 -0.21221")
check([[torch.angle(T{-1, 2, nan})]], function() return torch.angle(T{-1, 2, nan}) end,
  "float32 3.1416 0 nan")
check([[torch.signbit(T{-0.0, 0.0, -3})]], function() return torch.signbit(T{-0.0, 0.0, -3}) end,
  "bool 1 0 1")
check([[torch.lgamma(T{0.5, -1.5, -1})]], function() return torch.lgamma(T{0.5, -1.5, -1}) end,
  "float32 0.57236 0.86005 inf")
check([[torch.digamma(T{1, 0, -0.5, -1})]], function() return torch.digamma(T{1, 0, -0.5, -1}) end,
  "float32 -0.57722 -inf 0.03649 nan")
check([[torch.polygamma(2, T{0.5, -1.5})]], function() return torch.polygamma(2, T{0.5, -1.5}) end,
  "float32 -16.829 -0.2362")
check([[torch.polygamma(-1, T{0.5})]], function() return torch.polygamma(-1, T{0.5}) end,
  "RuntimeError: polygamma(n, x) does not support negative n.")
check([[torch.mvlgamma(T{3, 5}, 2)]], function() return torch.mvlgamma(T{3, 5}, 2) end,
  "float32 1.5502 6.2042")
check([[torch.erfinv(T{0.5, -0.999, 1, 2})]], function() return torch.erfinv(T{0.5, -0.999, 1, 2}) end,
  "float32 0.47694 -2.3268 inf nan")
check([[S.erfcx(T{-2, 0.5, 30})]], function() return S.erfcx(T{-2, 0.5, 30}) end,
  "float32 108.94 0.61569 0.018796")
check([[S.erfcx(T({1}, "float16"))]], function() return S.erfcx(T({1}, "float16")) end,
  "NotImplementedError: \"erfcx_cpu\" not implemented for 'Half'")
check([[S.ndtri(T{0, 1e-6, 0.3, 1})]], function() return S.ndtri(T{0, 1e-6, 0.3, 1}) end,
  "float32 -inf -4.7534 -0.5244 inf")
check([[S.log_ndtr(T{-20, 0, 3})]], function() return S.log_ndtr(T{-20, 0, 3}) end,
  "float32 -203.92 -0.69315 -0.0013508")
check([[S.entr(T{0, 0.5, -1})]], function() return S.entr(T{0, 0.5, -1}) end,
  "float32 0 0.34657 -inf")
check([[S.i0e(T{0, 3, 50})]], function() return S.i0e(T{0, 3, 50}) end,
  "float32 1 0.243 0.056562")
check([[S.i1(T{-2, 0, 2})]], function() return S.i1(T{-2, 0, 2}) end,
  "float32 -1.5906 0 1.5906")
check([[S.bessel_j1(T{0.5, 30})]], function() return S.bessel_j1(T{0.5, 30}) end,
  "float32 0.24227 -0.11875")
check([[S.bessel_y0(T{-1, 0, 2})]], function() return S.bessel_y0(T{-1, 0, 2}) end,
  "float32 nan -inf 0.51038")
check([[S.modified_bessel_k0(T{0, 0.1, 5})]], function() return S.modified_bessel_k0(T{0, 0.1, 5}) end,
  "float32 inf 2.4271 0.0036911")
check([[S.scaled_modified_bessel_k1(T{1, 100})]], function() return S.scaled_modified_bessel_k1(T{1, 100}) end,
  "float32 1.6362 0.1258")
check([[S.airy_ai(T{-3, 0, 4})]], function() return S.airy_ai(T{-3, 0, 4}) end,
  "float32 -0.37881 0.35503 0.00095156")
check([[S.spherical_bessel_j0(T{0, 2})]], function() return S.spherical_bessel_j0(T{0, 2}) end,
  "float32 1 0.45465")
check([[S.zeta(T{2, 1, 3}, T{1, 1, 0.5})]], function() return S.zeta(T{2, 1, 3}, T{1, 1, 0.5}) end,
  "float32 1.6449 inf 8.4144")
check([[S.gammainc(T{0.5, 200}, T{2, 210})]], function() return S.gammainc(T{0.5, 200}, T{2, 210}) end,
  "float32 0.9545 0.76397")
check([[S.chebyshev_polynomial_t(T{0.3, 1.5}, 8)]], function() return S.chebyshev_polynomial_t(T{0.3, 1.5}, 8) end,
  "float32 -0.76223 1103.5")
check([[S.hermite_polynomial_he(T{0.3, 1.5}, 5)]], function() return S.hermite_polynomial_he(T{0.3, 1.5}, 5) end,
  "float32 4.2324 -3.6562")
check([[S.legendre_polynomial_p(T({1, 0}, "int64"), 3)]], function() return S.legendre_polynomial_p(T({1, 0}, "int64"), 3) end,
  "float32 1 -0")
check([[S.xlog1py(T{0, 2}, T{nan, 1})]], function() return S.xlog1py(T{0, 2}, T{nan, 1}) end,
  "float32 nan 1.3863")
check([[F.gelu(T{-1, 0.5}, {approximate = "tanh"})]], function() return F.gelu(T{-1, 0.5}, {approximate = "tanh"}) end,
  "float32 -0.15881 0.34571")
check([[F.gelu(T{1}, {approximate = "erf"})]], function() return F.gelu(T{1}, {approximate = "erf"}) end,
  "RuntimeError: approximate argument must be either none or tanh.")
check([[F.gelu(T({1}, "int64"))]], function() return F.gelu(T({1}, "int64")) end,
  "NotImplementedError: \"GeluKernelImpl\" not implemented for 'Long'")
check([[F.softplus(T{1, 30}, 2, 20)]], function() return F.softplus(T{1, 30}, 2, 20) end,
  "float32 1.0635 30")
check([[F.celu(T{-1}, 0)]], function() return F.celu(T{-1}, 0) end,
  "RuntimeError: ZeroDivisionError: alpha cannot be 0 for CELU")
check([[F.hardtanh(T{1}, 2, 1)]], function() return F.hardtanh(T{1}, 2, 1) end,
  "ValueError: min_val cannot be greater than max_val")
check([[F.softshrink(T{1, -0.2}, -1)]], function() return F.softshrink(T{1, -0.2}, -1) end,
  "RuntimeError: lambda must be in range [0, 3.40282e+38] for input dtype Float, but found -1")
check([[F.glu(T{1, 2, 3})]], function() return F.glu(T{1, 2, 3}) end,
  "RuntimeError: Halving dimension must be even, but dimension 0 is size 3")
check([[F.prelu(torch.zeros(2, 3), torch.zeros(2))]], function() return F.prelu(torch.zeros(2, 3), torch.zeros(2)) end,
  "RuntimeError: Mismatch of parameter numbers and input channel size. Found parameter numbers = 2 and channel size = 3.")
check([[F.rrelu(T{1}, 0.5, 0.1)]], function() return F.rrelu(T{1}, 0.5, 0.1) end,
  "RuntimeError: Lower bound should be less than or equal to the upper bound")
check([[F.relu6(T({1, 0}, "bool"))]], function() return F.relu6(T({1, 0}, "bool")) end,
  "NotImplementedError: Bool inputs not supported for hardtanh")
check([[F.threshold(T({1, 5}, "uint8"), 300, 0)]], function() return F.threshold(T({1, 5}, "uint8"), 300, 0) end,
  "RuntimeError: value cannot be converted to type uint8_t without overflow")
check([[torch.add(T({1, 0}, "bool"), T({1, 1}, "bool"), {alpha = 2})]], function() return torch.add(T({1, 0}, "bool"), T({1, 1}, "bool"), {alpha = 2}) end,
  "bool 1 1")
check([[torch.add(T({1}, "int64"), 2, {alpha = 1.5})]], function() return torch.add(T({1}, "int64"), 2, {alpha = 1.5}) end,
  "RuntimeError: For integral input tensors, argument alpha must not be a floating point number.")
check([[T({1, 0}, "bool") - T({1, 1}, "bool")]], function() return T({1, 0}, "bool") - T({1, 1}, "bool") end,
  "NotImplementedError: Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.")
check([[T({1, 0}, "bool") - 1]], function() return T({1, 0}, "bool") - 1 end,
  "NotImplementedError: Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.")
check([[T({7, -7}, "int8"):div(2, {rounding_mode = "trunc"})]], function() return T({7, -7}, "int8"):div(2, {rounding_mode = "trunc"}) end,
  "int8 3 -3")
check([[T({7, -7}, "int8") // 2]], function() return T({7, -7}, "int8") // 2 end,
  "int8 3 -4")
check([[T({7}, "int8") // 0]], function() return T({7}, "int8") // 0 end,
  "RuntimeError: ZeroDivisionError")
check([[torch.fmod(T{-7, 7}, 4)]], function() return torch.fmod(T{-7, 7}, 4) end,
  "float32 -3 3")
check([[T{-7, 7} % -4]], function() return T{-7, 7} % -4 end,
  "float32 -3 -1")
check([[T({5, 200}, "uint8") + 100]], function() return T({5, 200}, "uint8") + 100 end,
  "uint8 105 44")
check([[T({5, 200}, "uint8"):lt(-1)]], function() return T({5, 200}, "uint8"):lt(-1) end,
  "bool 1 1")
check([[T({2, 3}, "int64") ^ -1]], function() return T({2, 3}, "int64") ^ -1 end,
  "RuntimeError: Integers to negative integer powers are not allowed.")
check([[T({2, 3}, "int64") ^ 0.5]], function() return T({2, 3}, "int64") ^ 0.5 end,
  "float32 1.4142 1.7321")
check([[2 ^ T({2, 3}, "int8")]], function() return 2 ^ T({2, 3}, "int8") end,
  "int8 4 8")
check([[torch.pow(T({2}, "int8"), 300)]], function() return torch.pow(T({2}, "int8"), 300) end,
  "RuntimeError: value cannot be converted to type int8_t without overflow")
check([[torch.pow(1, 2)]], function() return torch.pow(1, 2) end,
  "TypeError: pow() received an invalid combination of arguments - got (int, int), but expected one of:")
check([[torch.float_power(T({2}, "int8"), -1)]], function() return torch.float_power(T({2}, "int8"), -1) end,
  "float64 0.5")
check([[T({1}, "float32"):float_power_(2)]], function() return T({1}, "float32"):float_power_(2) end,
  "RuntimeError: the base given to float_power_ has dtype Float but the operation's result requires dtype Double")
check([[2 / T{4, 0.3}]], function() return 2 / T{4, 0.3} end,
  "float32 0.5 6.6667")
check([[2 - T{4}]], function() return 2 - T{4} end,
  "float32 -2")
check([[T({5, 6}, "int64") & 4 | 1]], function() return T({5, 6}, "int64") & 4 | 1 end,
  "int64 5 5")
check([[~T({5, 0}, "int16")]], function() return ~T({5, 0}, "int16") end,
  "int16 -6 -1")
check([[T({1, 3}, "int8") << 7]], function() return T({1, 3}, "int8") << 7 end,
  "int8 -128 -128")
check([[T({-8, 8}, "int8") >> 9]], function() return T({-8, 8}, "int8") >> 9 end,
  "int8 -1 0")
check([[T{1} & 1]], function() return T{1} & 1 end,
  "NotImplementedError: \"bitwise_and_cpu\" not implemented for 'Float'")
check([[T({1}, "int64"):bitwise_and_(1.5)]], function() return T({1}, "int64"):bitwise_and_(1.5) end,
  "RuntimeError: result type Float can't be cast to the desired output type Long")
check([[torch.gcd(T({12, -18}, "int64"), T({18, 0}, "int64"))]], function() return torch.gcd(T({12, -18}, "int64"), T({18, 0}, "int64")) end,
  "int64 6 18")
check([[torch.lcm(T({4, 0}, "int32"), T({6, 5}, "int32"))]], function() return torch.lcm(T({4, 0}, "int32"), T({6, 5}, "int32")) end,
  "int32 12 0")
check([[torch.maximum(T{1, nan}, T{2, 1})]], function() return torch.maximum(T{1, nan}, T{2, 1}) end,
  "float32 2 nan")
check([[torch.fmax(T{1, nan}, T{nan, 1})]], function() return torch.fmax(T{1, nan}, T{nan, 1}) end,
  "float32 1 1")
check([[torch.clamp(T{-1, 0.5, nan}, 0, 1)]], function() return torch.clamp(T{-1, 0.5, nan}, 0, 1) end,
  "float32 0 0.5 nan")
check([[torch.clamp(T{1})]], function() return torch.clamp(T{1}) end,
  "RuntimeError: torch.clamp: At least one of 'min' or 'max' must not be None")
check([[torch.clamp(T({1, 200}, "uint8"), -5, 100)]], function() return torch.clamp(T({1, 200}, "uint8"), -5, 100) end,
  "uint8 1 100")
check([[torch.clamp(T({1, 200}, "uint8"), 300)]], function() return torch.clamp(T({1, 200}, "uint8"), 300) end,
  "RuntimeError: Clamp min value 300 is outside the representable range of Byte")
check([[torch.clamp(T({1, 5}, "int64"), T{2.5, 2.5})]], function() return torch.clamp(T({1, 5}, "int64"), T{2.5, 2.5}) end,
  "float32 2.5 5")
check([[T({1}, "int64"):clamp_(0.5)]], function() return T({1}, "int64"):clamp_(0.5) end,
  "RuntimeError: result type Float can't be cast to the desired output type long int")
check([[torch.copysign(T({1, 2}, "int64"), -0.0)]], function() return torch.copysign(T({1, 2}, "int64"), -0.0) end,
  "float32 -1 -2")
check([[torch.nextafter(T({1, 0}, "bfloat16"), T({2, -1}, "bfloat16"))]], function() return torch.nextafter(T({1, 0}, "bfloat16"), T({2, -1}, "bfloat16")) end,
  "bfloat16 1.0078 -9.1835e-41")
check([[torch.heaviside(T{-1, 0, 2}, T({1, 1, 1}, "float64"))]], function() return torch.heaviside(T{-1, 0, 2}, T({1, 1, 1}, "float64")) end,
  "RuntimeError: heaviside is not yet implemented for tensors with different dtypes.")
check([[torch.ldexp(T{1.5}, T({3}, "int64"))]], function() return torch.ldexp(T{1.5}, T({3}, "int64")) end,
  "float32 12")
check([[torch.logaddexp(T{-inf, 1000}, T{-inf, 1000})]], function() return torch.logaddexp(T{-inf, 1000}, T{-inf, 1000}) end,
  "float32 -inf 1000.7")
check([[torch.xlogy(T{0, 0, 2}, T{nan, 0, 3})]], function() return torch.xlogy(T{0, 0, 2}, T{nan, 0, 3}) end,
  "float32 nan 0 2.1972")
check([[torch.igammac(T{1, 0}, T{2, 1})]], function() return torch.igammac(T{1, 0}, T{2, 1}) end,
  "float32 0.13534 0")
check([[torch.lerp(T{0, 10}, T{1, 20}, 0.25)]], function() return torch.lerp(T{0, 10}, T{1, 20}, 0.25) end,
  "float32 0.25 12.5")
check([[torch.lerp(T{0}, T({1}, "float64"), 0.25)]], function() return torch.lerp(T{0}, T({1}, "float64"), 0.25) end,
  "RuntimeError: expected dtype float for `end` but got dtype double")
check([[torch.addcmul(T({1}, "int64"), T{2}, T{3}, {value = 0.5})]], function() return torch.addcmul(T({1}, "int64"), T{2}, T{3}, {value = 0.5}) end,
  "float32 4")
check([[torch.where(T({1, 0}, "bool"), T({1, 2}, "int8"), 2.5)]], function() return torch.where(T({1, 0}, "bool"), T({1, 2}, "int8"), 2.5) end,
  "float32 1 2.5")
check([[torch.where(T{1, 0}, 1, 2)]], function() return torch.where(T{1, 0}, 1, 2) end,
  "RuntimeError: where expected condition to be a boolean tensor, but got a tensor with dtype Float")
check([[torch.where(T({1, 0}, "int64"), 1, 2)]], function() return torch.where(T({1, 0}, "int64"), 1, 2) end,
  "RuntimeError: where expected condition to be a boolean tensor, but got a tensor with dtype Long")
check([[torch.where(T({{1, 0}, {0, 1}}, "bool"))]], function() return torch.where(T({{1, 0}, {0, 1}}, "bool")) end,
  "int64 0 1 & int64 0 1")
check([[torch.where(T({1}, "bool"), T({1}, "int8"), 300)]], function() return torch.where(T({1}, "bool"), T({1}, "int8"), 300) end,
  "RuntimeError: value cannot be converted to type int8_t without overflow")
check([[T({1}, "int8"):fill_(300)]], function() return T({1}, "int8"):fill_(300) end,
  "RuntimeError: value cannot be converted to type int8_t without overflow")
check([[torch.isclose(T{1, nan, inf}, T{1.00001, nan, inf}, {equal_nan = true})]], function() return torch.isclose(T{1, nan, inf}, T{1.00001, nan, inf}, {equal_nan = true}) end,
  "bool 0 1 1")
check([[torch.isclose(T{1}, T({1}, "int64"))]], function() return torch.isclose(T{1}, T({1}, "int64")) end,
  "RuntimeError: Float did not match Long")
check([[torch.isclose(T{1}, T{1}, -1)]], function() return torch.isclose(T{1}, T{1}, -1) end,
  "RuntimeError: rtol must be greater than or equal to zero, but got -1")
check([[torch.is_nonzero(T{1, 2})]], function() return torch.is_nonzero(T{1, 2}) end,
  "RuntimeError: Boolean value of Tensor with more than one value is ambiguous")
check([[torch.eq(1, T{1})]], function() return torch.eq(1, T{1}) end,
  "TypeError: eq() received an invalid combination of arguments - got (int, Tensor), but expected one of:")
check([[T({1}, "int64"):sin_()]], function() return T({1}, "int64"):sin_() end,
  "RuntimeError: result type Float can't be cast to the desired output type Long")
check([[G(torch.abs, T{0, -2})]], function() return G(torch.abs, T{0, -2}) end,
  "float32 0 -1")
check([[G(torch.sinc, T{0, 0.5})]], function() return G(torch.sinc, T{0, 0.5}) end,
  "float32 0 -1.2732")
check([[G(function(x) return torch.clamp(x, 0, 1) end, T{0, 0.5, 1})]], function() return G(function(x) return torch.clamp(x, 0, 1) end, T{0, 0.5, 1}) end,
  "float32 0 1 0")
check([[G(function(x) return torch.maximum(x, T{1, 1}) end, T{1, 2})]], function() return G(function(x) return torch.maximum(x, T{1, 1}) end, T{1, 2}) end,
  "float32 0.5 1")
check([[G(function(x) return torch.clamp(x, T{1, 0}, T{1, 1}) end, T{1, 0})]], function() return G(function(x) return torch.clamp(x, T{1, 0}, T{1, 1}) end, T{1, 0}) end,
  "float32 1 0.5")
check([[G(function(x) return x ^ 0 end, T{0, 2})]], function() return G(function(x) return x ^ 0 end, T{0, 2}) end,
  "float32 0 0")
check([[G(function(x) return torch.pow(0, x) end, T{0, 2})]], function() return G(function(x) return torch.pow(0, x) end, T{0, 2}) end,
  "float32 0 0")
check([[G(S.i1, T{0, 1})]], function() return G(S.i1, T{0, 1}) end,
  "float32 0.5 0.70091")
check([[G(torch.relu, T{0, 1})]], function() return G(torch.relu, T{0, 1}) end,
  "float32 0 1")
check([[G(F.hardswish, T{-3, 3, 0})]], function() return G(F.hardswish, T{-3, 3, 0}) end,
  "float32 0 1 0.5")
check([[G(function(x) return torch.xlogy(x, T{0, 2}) end, T{0, 0})]], function() return G(function(x) return torch.xlogy(x, T{0, 2}) end, T{0, 0}) end,
  "float32 0 0.69315")
check([[G(function(x) return torch.igamma(x, T{1}) end, T{1})]], function() return G(function(x) return torch.igamma(x, T{1}) end, T{1}) end,
  "NotImplementedError: the derivative for 'igamma: input' is not implemented.")
check([[G(function(x) return x // 2 end, T{1})]], function() return G(function(x) return x // 2 end, T{1}) end,
  "RuntimeError: derivative for aten::floor_divide is not implemented")
check([[G(function(x) return (x * 2):sin_() end, T{1})]], function() return G(function(x) return (x * 2):sin_() end, T{1}) end,
  "float32 -0.83229")
check([[G(function(x) return (x * 2):eq_(1) end, T{1})]], function() return G(function(x) return (x * 2):eq_(1) end, T{1}) end,
  "float32 0")
check([[G(torch.sqrt, T{0})]], function() return G(torch.sqrt, T{0}) end,
  "float32 inf")

assert(failed == 0, failed .. " of the calls above give something else than PyTorch")
print("pointwise: ok")
