-- Complex tensors, torch.linalg.eig and torch.fft. What is expected was printed by PyTorch 2.15 for the line in the comment.
local torch = require "torch"

local function shows(value, expected)
  local got = tostring(value)
  if got ~= expected then error(("got\n%s\ninstead of\n%s"):format(got, expected), 2) end
end
local function fails(expected, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error; wanted " .. expected)
  assert(tostring(message):find(expected, 1, true), ("«%s» instead of «%s»"):format(message, expected))
end
local function near(a, b) assert(torch.allclose(a, b, { rtol = 1e-5, atol = 1e-6 }), tostring(a) .. "\n" .. tostring(b)) end
local c = torch.complex

-- z = torch.complex(torch.tensor([1., -2., 0.5]), torch.tensor([2., 1e-3, -4.]))
local z = c(torch.tensor { 1., -2., 0.5 }, torch.tensor { 2., 1e-3, -4. })
shows(z, "tensor([ 1.0000+2.0000e+00j, -2.0000+1.0000e-03j,  0.5000-4.0000e+00j])")
shows(z:to(torch.complex128), "tensor([ 1.0000+2.0000e+00j, -2.0000+1.0000e-03j,  0.5000-4.0000e+00j],\n       dtype=torch.complex128)")
shows(c(torch.tensor(1.), torch.tensor(-1.)), "tensor(1.-1.j)")
shows(torch.zeros({ 0, 3 }, { dtype = torch.cfloat }), "tensor([], size=(0, 3), dtype=torch.complex64)")
shows(torch.zeros({ 2 }, { dtype = torch.cdouble }), "tensor([0.+0.j, 0.+0.j], dtype=torch.complex128)")
-- torch.randn(2, 2, dtype=torch.complex64, generator=torch.Generator().manual_seed(1)) begins so for every size
torch.manual_seed(1)
shows(torch.randn({ 2, 12 }, { dtype = torch.complex64 })[0][":2"], "tensor([-1.0788-0.5305j, -0.4624-1.1381j])")

-- Bare numbers: torch.complex of two numbers is Python's 1+2j.
shows(c(1, 2), "(1+2j)")
shows(c(0, 2), "2j")
shows(c(-0.0, 1), "(-0+1j)")
shows(c(0.5, -1e20), "(0.5-1e+20j)")
shows(torch.tensor(c(1, 2)):item(), "(1+2j)")
assert(c(1, 2).real == 1 and c(1, 2).imag == 2)
shows(torch.tensor { c(1, 2), 3 }, "tensor([1.+2.j, 3.+0.j])")
shows(torch.full({ 2 }, c(1, 2)), "tensor([1.+2.j, 1.+2.j])")
shows(torch.ones({ 2 }) * c(0, 1), "tensor([0.+1.j, 0.+1.j])")

-- torch.result_type(torch.ones(2, dtype=…), 1j), torch.promote_types
assert(torch.result_type(torch.ones({ 2 }, { dtype = torch.float64 }), c(0, 1)) == torch.complex128)
assert(torch.result_type(torch.ones({ 2 }, { dtype = torch.int64 }), c(0, 1)) == torch.complex64)
assert(torch.result_type(z, torch.tensor(1., { dtype = torch.float64 })) == torch.complex64)
assert(torch.promote_types(torch.complex64, torch.float64) == torch.complex128)
assert(torch.complex64.is_complex and not torch.complex64.is_floating_point and torch.complex64.itemsize == 8)
assert(torch.is_complex(z) and not torch.is_complex(z.real))

-- Parts are views: torch.view_as_real(z).stride(), z.imag.stride(), z.imag.storage_offset()
shows(torch.view_as_real(z):stride(), "torch.Size([2, 1])")
shows(z.imag:stride(), "torch.Size([2])")
assert(z.imag:storage_offset() == 1)
local w = z:clone()
w.real:fill_(7)
shows(w.real, "tensor([7., 7., 7.])")
shows(torch.view_as_complex(torch.tensor { { 1., 2. }, { 3., 4. } }), "tensor([1.+2.j, 3.+4.j])")
shows(w:to(torch.int64), "tensor([7, 7, 7])")
shows(torch.isreal(torch.tensor { c(1, 2), 3 }), "tensor([False,  True])")
assert(torch.equal(z:conj().imag, -z.imag) and torch.equal(z[0]:conj(), z:conj()[0]))
assert(torch.equal(z:reshape({ 3, 1 }).mH, z:conj():reshape({ 1, 3 })))

-- A file of PyTorch's form.
torch.save({ z = z, d = z:cdouble() }, "complex.pt")
local back = torch.load("complex.pt")
assert(torch.equal(back.z, z) and back.d.dtype == torch.complex128)

-- torch.tensor([1+2j, 3-1j], requires_grad=True): (w*w.conj()).real.sum(), w.abs().sum(), w.angle().sum()
local function grad(f)
  local x = c(torch.tensor { 1., 3. }, torch.tensor { 2., -1. }):requires_grad_()
  f(x):backward()
  return x.grad
end
shows(grad(function(x) return (x * x:conj()).real:sum() end), "tensor([2.+4.j, 6.-2.j])")
shows(grad(function(x) return x:abs():sum() end), "tensor([0.4472+0.8944j, 0.9487-0.3162j])")
shows(grad(function(x) return x:angle():sum() end), "tensor([-0.4000+0.2000j,  0.1000+0.3000j])")
-- y = torch.tensor([1., 2.], requires_grad=True); (y*(1+2j)).abs().sum().backward()
local y = torch.tensor({ 1., 2. }, { requires_grad = true });
(y * c(1, 2)):abs():sum():backward()
shows(y.grad, "tensor([2.2361, 2.2361])")
-- b = torch.zeros(2, dtype=torch.complex64, requires_grad=True); c = b*1; c.real.fill_(3); c.imag.mul_(2.)
local b = torch.zeros({ 2 }, { dtype = torch.complex64, requires_grad = true })
local changed = b * 1
changed.real:fill_(3)
changed.imag:mul_(2.)
shows(changed, "tensor([3.+0.j, 3.+0.j], grad_fn=<CopySlices>)")

-- A = torch.tensor([[0., 1.], [-2., 3.]]): (l.real * torch.tensor([1., 2.])).sum().backward()
local A = torch.tensor({ { 0., 1. }, { -2., 3. } }, { requires_grad = true })
local l, v = torch.linalg.eig(A);
(l.real * torch.tensor { 1., 2. }):sum():backward()
near(A.grad, torch.tensor { { 0., -2. }, { 1., 3. } })
near(A:detach():to(torch.complex64):mm(v:detach()), v:detach() * l:detach())
shows(torch.linalg.eigvals(torch.tensor { { 0., 1. }, { -1., 0. } }), "tensor([0.+1.j, 0.-1.j])")
local B = c(torch.tensor { { 1., 2. }, { 3., 4. } }, torch.tensor { { 0., 1. }, { -1., 2. } })
near(torch.linalg.inv(B):mm(B), torch.eye(2, { dtype = torch.complex64 }))

-- torch.fft.fft(torch.arange(6.)), rfft, irfft, fftfreq; 17 is a prime
local x = torch.arange(6.)
near(torch.fft.fft(x).imag, torch.tensor { 0., 5.19615, 1.73205, 0., -1.73205, -5.19615 })
near(torch.fft.fft(x).real, torch.tensor { 15., -3., -3., -3., -3., -3. })
shows(torch.fft.rfft(x).shape, "torch.Size([4])")
near(torch.fft.irfft(torch.fft.rfft(x)), x)
shows(torch.fft.fftfreq(5), "tensor([ 0.0000,  0.2000,  0.4000, -0.4000, -0.2000])")
shows(torch.fft.fft(torch.arange(17.))[":3"], "tensor([136.0000+0.0000j,  -8.5000+45.4710j,  -8.5000+21.9410j])")
for _, n in ipairs { 1, 2, 3, 4, 5, 7, 8, 12, 30, 37, 64, 97, 100, 210, 251 } do
  torch.manual_seed(n)
  local t = torch.randn({ 3, n }, { dtype = torch.complex128 })
  -- The definition itself.
  local k = torch.arange(n, { dtype = torch.float64 })
  local turn = torch.polar(torch.ones({ n, n }, { dtype = torch.float64 }), torch.outer(k, k) * (-2 * math.pi / n))
  assert(torch.allclose(torch.fft.fft(t), t:mm(turn), { rtol = 1e-9, atol = 1e-9 }), n)
  assert(torch.allclose(torch.fft.ifft(torch.fft.fft(t)), t))
end
-- torch.stft(torch.arange(8.), 4, window=torch.hann_window(4), return_complex=True)
local window = torch.hann_window(4)
local spectra = torch.stft(torch.arange(8.), 4, { window = window, return_complex = true })
near(spectra.real[0], torch.tensor { 1., 2., 4., 6., 8., 10., 12., 13., 12. })
near(torch.istft(spectra, 4, { window = window }), torch.arange(8.))
assert(torch.autograd.gradcheck(function(t) return torch.fft.rfft(t):abs() end, { torch.randn({ 5 }, { dtype = torch.float64, requires_grad = true }) }))

-- What has no complex form says so in PyTorch's words.
fails("TypeError: view_as_real is only supported for complex tensors", torch.view_as_real, torch.ones({ 2 }))
fails("NotImplementedError: \"lt_cpu\" not implemented for 'ComplexFloat'", torch.lt, z, z)
fails("TypeError: imag is not implemented for tensors with non-complex dtypes.", torch.imag, torch.ones({ 2 }))
fails("NotImplementedError: Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead.", torch.sign, z)
fails("TypeError:  Sort does not support complex dtypes on CPU", torch.sort, z)
fails("NotImplementedError: \"div_floor_cpu\" not implemented for 'ComplexFloat'", torch.floor_divide, z, 2)
fails("TypeError: rfft expects a real input tensor, but got ComplexFloat", torch.fft.rfft, z)
fails("RuntimeError: result type ComplexFloat can't be cast to the desired output type Float", function() torch.ones({ 3 }):add_(z) end)
fails("RuntimeError: grad can be implicitly created only for real scalar outputs but got torch.complex64", function()
  z:clone():requires_grad_():sum():backward()
end)
fails("RuntimeError: Invalid normalization mode: \"a\"", torch.fft.fft, x, { norm = "a" })
