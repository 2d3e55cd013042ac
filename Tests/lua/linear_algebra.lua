-- Made by make_surface.py with PyTorch; see there. Each case must print what PyTorch printed.
local torch = require 'torch'
local failures, passed = {}, 0
local function check(code, wanted, wantError)
  local chunk = assert(load(code, code, 't', _ENV))
  local ok, got = pcall(chunk)
  got = ok and tostring(got) or tostring(got):gsub('^%[string .-%]:%d+: ', '')
  if ok == wantError or got ~= wanted then
    failures[#failures + 1] = code .. '\n  wanted: ' .. wanted .. '\n  got:    ' .. got
  else passed = passed + 1 end
end
; t, L, F = torch, torch.linalg, torch.nn.functional
; function f(...) return torch.ones(...) end
; function d(...) return torch.ones(...):double() end
; function h(...) return torch.ones(...):half() end
; function i(...) return torch.ones(...):long() end
; function b(...) return torch.ones(...):bool() end
check([=[
return t.mm(f(2, 3), f(2, 3))]=], [=[
RuntimeError: mm: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)]=], true)
check([=[
return t.mm(f(2), f(2, 3))]=], [=[
RuntimeError: mm: self must be a matrix, got 1-D tensor]=], true)
check([=[
return t.mm(f(2, 3), f(3))]=], [=[
RuntimeError: mm: mat2 must be a matrix, got 1-D tensor]=], true)
check([=[
return t.mm(f(2, 3), d(3, 2))]=], [=[
RuntimeError: expected m1 and m2 to have the same dtype, but got: float != double]=], true)
check([=[
return t.mm(b(2, 3), b(3, 2))]=], [=[
NotImplementedError: "addmm_impl_cpu_" not implemented for 'Bool']=], true)
check([=[
return t.bmm(f(2, 3), f(2, 3, 3))]=], [=[
RuntimeError: batch1 must be a 3D tensor]=], true)
check([=[
return t.bmm(f(2, 3, 4), f(2, 3))]=], [=[
RuntimeError: batch2 must be a 3D tensor]=], true)
check([=[
return t.bmm(f(2, 3, 4), f(2, 3, 4))]=], [=[
RuntimeError: Expected size for first two dimensions of batch2 tensor to be: [2, 4] but got: [2, 3].]=], true)
check([=[
return t.bmm(f(2, 3, 4), f(3, 4, 4))]=], [=[
RuntimeError: Expected size for first two dimensions of batch2 tensor to be: [2, 4] but got: [3, 4].]=], true)
check([=[
return t.bmm(f(2, 3, 4), d(2, 4, 4))]=], [=[
RuntimeError: expected scalar type Float but found Double]=], true)
check([=[
return t.bmm(b(2, 3, 4), b(2, 4, 4))]=], [=[
NotImplementedError: "bmm" not implemented for 'Bool']=], true)
check([=[
return t.matmul(f({}), f(2))]=], [=[
RuntimeError: both arguments to matmul need to be at least 1D, but they are 0D and 1D]=], true)
check([=[
return t.matmul(f(3), f(2))]=], [=[
RuntimeError: inconsistent tensor size, expected tensor [3] and src [2] to have the same number of elements, but got 3 and 2 elements respectively]=], true)
check([=[
return t.matmul(f(3), d(3))]=], [=[
RuntimeError: dot : expected both vectors to have same dtype, but found Float and Double]=], true)
check([=[
return t.matmul(f(3, 4), f(3))]=], [=[
RuntimeError: size mismatch, got input (3), mat (3x4), vec (3)]=], true)
check([=[
return t.matmul(f(3, 4), d(4))]=], [=[
RuntimeError: addmv input tensors must have the same dtype, but got Double, Float, and Double]=], true)
check([=[
return t.matmul(f(3), f(2, 3))]=], [=[
RuntimeError: mm: mat1 and mat2 shapes cannot be multiplied (1x3 and 2x3)]=], true)
check([=[
return t.matmul(f(5, 3, 4), f(3, 4))]=], [=[
RuntimeError: mm: mat1 and mat2 shapes cannot be multiplied (15x4 and 3x4)]=], true)
check([=[
return t.matmul(f(5, 3, 4), f(2, 4, 4))]=], [=[
RuntimeError: The size of tensor a (5) must match the size of tensor b (2) at non-singleton dimension 0]=], true)
check([=[
return t.matmul(f(5, 3, 4), d(5, 4, 4))]=], [=[
RuntimeError: expected scalar type Float but found Double]=], true)
check([=[
return t.matmul(f(3, 4), f(5, 3, 4))]=], [=[
RuntimeError: Expected size for first two dimensions of batch2 tensor to be: [5, 4] but got: [5, 3].]=], true)
check([=[
return t.matmul(b(3), b(3))]=], [=[
NotImplementedError: "dot" not implemented for 'Bool']=], true)
check([=[
return t.dot(f(2, 2), f(2))]=], [=[
RuntimeError: 1D tensors expected, but got 2D and 1D tensors]=], true)
check([=[
return t.dot(f(2), f(3))]=], [=[
RuntimeError: inconsistent tensor size, expected tensor [2] and src [3] to have the same number of elements, but got 2 and 3 elements respectively]=], true)
check([=[
return t.dot(f(2), d(2))]=], [=[
RuntimeError: dot : expected both vectors to have same dtype, but found Float and Double]=], true)
check([=[
return t.vdot(f(2, 2), f(2))]=], [=[
RuntimeError: 1D tensors expected, but got 2D and 1D tensors]=], true)
check([=[
return t.dot(b(2), b(2))]=], [=[
NotImplementedError: "dot" not implemented for 'Bool']=], true)
check([=[
return t.mv(f(2, 3), f(2))]=], [=[
RuntimeError: size mismatch, got input (2), mat (2x3), vec (2)]=], true)
check([=[
return t.mv(f(2, 3), f(3, 1))]=], [=[
RuntimeError: vector + matrix @ vector expected, got 1, 2, 2]=], true)
check([=[
return t.mv(f(2), f(2))]=], [=[
RuntimeError: vector + matrix @ vector expected, got 1, 1, 1]=], true)
check([=[
return t.mv(f(2, 3), d(3))]=], [=[
RuntimeError: addmv input tensors must have the same dtype, but got Double, Float, and Double]=], true)
check([=[
return t.addmm(f(2, 2), f(2, 3), f(3, 4))]=], [=[
RuntimeError: The expanded size of the tensor (4) must match the existing size (2) at non-singleton dimension 1.  Target sizes: [2, 4].  Tensor sizes: [2, 2]]=], true)
check([=[
return t.addmm(f(2, 4), f(2, 3), f(2, 4))]=], [=[
RuntimeError: addmm: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x4)]=], true)
check([=[
return t.addmm(f(4), f(2, 3, 4), f(3, 4))]=], [=[
RuntimeError: addmm: self must be a matrix, got 3-D tensor]=], true)
check([=[
return t.addmm(f(4), f(2, 3), f(3))]=], [=[
RuntimeError: addmm: mat2 must be a matrix, got 1-D tensor]=], true)
check([=[
return t.addmm(f(4), f(2, 3), d(3, 4))]=], [=[
RuntimeError: self and mat2 must have the same dtype, but got Float and Double]=], true)
check([=[
return t.addmm(d(4), f(2, 3), f(3, 4))]=], [=[
RuntimeError: self and mat2 must have the same dtype, but got Double and Float]=], true)
check([=[
return t.addmm(i(4), f(2, 3), f(3, 4))]=], [=[
RuntimeError: self and mat2 must have the same dtype, but got Long and Float]=], true)
check([=[
return t.addmm(f(1, 2, 4), f(2, 3), f(3, 4))]=], [=[
RuntimeError: expand(torch.FloatTensor{[1, 2, 4]}, size=[2, 4]): the number of sizes provided (2) must be greater or equal to the number of dimensions in the tensor (3)]=], true)
check([=[
return f(1, 4):addmm_(f(2, 3), f(3, 4))]=], [=[
RuntimeError: Bad in-place call: input tensor size [1, 4] and output tensor size [2, 4] should match]=], true)
check([=[
return f(2, 4):addmm_(f(2, 3), f(2, 4))]=], [=[
RuntimeError: addmm: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x4)]=], true)
check([=[
return t.addmm(i(4), i(2, 3), i(3, 4), {beta = 0.5})]=], [=[
tensor([[3, 3, 3, 3],
        [3, 3, 3, 3]])]=], false)
check([=[
return t.addmm(i(4), i(2, 3), i(3, 4), {alpha = 0.5})]=], [=[
tensor([[1, 1, 1, 1],
        [1, 1, 1, 1]])]=], false)
check([=[
return t.addmm(b(4), b(2, 3), b(3, 4))]=], [=[
NotImplementedError: "addmm_impl_cpu_" not implemented for 'Bool']=], true)
check([=[
return t.addmv(f(3), f(2, 3), f(3))]=], [=[
RuntimeError: size mismatch, got input (3), mat (2x3), vec (3)]=], true)
check([=[
return t.addmv(f(2), f(2, 3), f(2))]=], [=[
RuntimeError: size mismatch, got input (2), mat (2x3), vec (2)]=], true)
check([=[
return t.addmv(f(2), f(2), f(2))]=], [=[
RuntimeError: vector + matrix @ vector expected, got 1, 1, 1]=], true)
check([=[
return t.addmv(f(2), f(2, 3), f(3, 1))]=], [=[
RuntimeError: vector + matrix @ vector expected, got 1, 2, 2]=], true)
check([=[
return t.addmv(f(2, 1), f(2, 3), f(3))]=], [=[
RuntimeError: vector + matrix @ vector expected, got 2, 2, 1]=], true)
check([=[
return t.addmv(d(2), f(2, 3), f(3))]=], [=[
RuntimeError: addmv input tensors must have the same dtype, but got Double, Float, and Float]=], true)
check([=[
return t.addmv(f(2), f(2, 3), d(3))]=], [=[
RuntimeError: addmv input tensors must have the same dtype, but got Float, Float, and Double]=], true)
check([=[
return t.addmv(i(2), i(2, 3), i(3), {beta = 0.5})]=], [=[
tensor([3, 3])]=], false)
check([=[
return f(1):addmv_(f(2, 3), f(3))]=], [=[
RuntimeError: Bad in-place call: input tensor size [1] and output tensor size [2] should match]=], true)
check([=[
return t.addr(f(3), f(2), f(3))]=], [=[
tensor([[2., 2., 2.],
        [2., 2., 2.]])]=], false)
check([=[
return t.addr(f(3), f(2, 1), f(3))]=], [=[
RuntimeError: addr: Expected 1-D argument vec1, but got 2-D]=], true)
check([=[
return t.addr(f(4), f(2), f(3))]=], [=[
RuntimeError: The expanded size of the tensor (3) must match the existing size (4) at non-singleton dimension 1.  Target sizes: [2, 3].  Tensor sizes: [4]]=], true)
check([=[
return t.addr(f(3), d(2), i(3))]=], [=[
tensor([[2., 2., 2.],
        [2., 2., 2.]], dtype=torch.float64)]=], false)
check([=[
return t.addr(i(3), i(2), i(3), {beta = 0.5})]=], [=[
RuntimeError: For integral input tensors, argument beta must not be a floating point number.]=], true)
check([=[
return t.addr(b(3), b(2), b(3))]=], [=[
tensor([[True, True, True],
        [True, True, True]])]=], false)
check([=[
return t.addr(b(3), b(2), b(3), {beta = 2})]=], [=[
tensor([[True, True, True],
        [True, True, True]])]=], false)
check([=[
return t.addr(i(3), b(2), b(3), {beta = true})]=], [=[
RuntimeError: Boolean beta only supported for Boolean results.]=], true)
check([=[
return t.addr(b(3), b(2), b(3), {beta = 0.5})]=], [=[
RuntimeError: For integral input tensors, argument beta must not be a floating point number.]=], true)
check([=[
return f(3):addr_(f(2), f(3))]=], [=[
RuntimeError: 2D tensor expected, got 1D tensor for input]=], true)
check([=[
return i(2, 3):addr_(f(2), f(3))]=], [=[
RuntimeError: result type Float can't be cast to the desired output type Long]=], true)
check([=[
return t.addbmm(f(2, 2), f(3, 2, 4), f(3, 4, 2))]=], [=[
tensor([[13., 13.],
        [13., 13.]])]=], false)
check([=[
return t.addbmm(f(2, 3), f(3, 2, 4), f(3, 4, 2))]=], [=[
RuntimeError: The expanded size of the tensor (2) must match the existing size (3) at non-singleton dimension 1.  Target sizes: [2, 2].  Tensor sizes: [2, 3]]=], true)
check([=[
return t.addbmm(f(2, 2), f(3, 2, 4), f(2, 4, 2))]=], [=[
RuntimeError: batch1 and batch2 must have same number of batches, got 3 and 2]=], true)
check([=[
return t.addbmm(f(2, 2), f(3, 2, 4), f(3, 3, 2))]=], [=[
RuntimeError: Incompatible matrix sizes for bmm (2x4 and 3x2)]=], true)
check([=[
return t.addbmm(f(2, 2), f(2, 4), f(3, 4, 2))]=], [=[
RuntimeError: The expanded size of the tensor (4) must match the existing size (2) at non-singleton dimension 0.  Target sizes: [4, 2].  Tensor sizes: [2, 2]]=], true)
check([=[
return t.addbmm(f(2, 2), f(3, 2, 4), d(3, 4, 2))]=], [=[
RuntimeError: self and mat2 must have the same dtype, but got Float and Double]=], true)
check([=[
return t.addbmm(d(2, 2), f(3, 2, 4), f(3, 4, 2))]=], [=[
RuntimeError: self and mat2 must have the same dtype, but got Double and Float]=], true)
check([=[
return t.addbmm(f(2, 2), f(3, 2, 4), f(4, 2))]=], [=[
IndexError: Dimension out of range (expected to be in range of [-2, 1], but got 2)]=], true)
check([=[
return f(1, 2):addbmm_(f(3, 2, 4), f(3, 4, 2))]=], [=[
tensor([[13., 13.],
        [13., 13.]])]=], false)
check([=[
return t.baddbmm(f(2, 2), f(3, 2, 4), f(3, 4, 2))]=], [=[
tensor([[[5., 5.],
         [5., 5.]],

        [[5., 5.],
         [5., 5.]],

        [[5., 5.],
         [5., 5.]]])]=], false)
check([=[
return t.baddbmm(f(2, 3), f(3, 2, 4), f(3, 4, 2))]=], [=[
RuntimeError: The expanded size of the tensor (2) must match the existing size (3) at non-singleton dimension 2.  Target sizes: [3, 2, 2].  Tensor sizes: [2, 3]]=], true)
check([=[
return t.baddbmm(f(2, 2), f(3, 2, 4), f(2, 4, 2))]=], [=[
RuntimeError: Expected size for first two dimensions of batch2 tensor to be: [3, 4] but got: [2, 4].]=], true)
check([=[
return t.baddbmm(f(2, 2), f(3, 2, 4), f(3, 3, 2))]=], [=[
RuntimeError: Expected size for first two dimensions of batch2 tensor to be: [3, 4] but got: [3, 3].]=], true)
check([=[
return t.baddbmm(f(2, 2), f(2, 4), f(3, 4, 2))]=], [=[
RuntimeError: The expanded size of the tensor (4) must match the existing size (2) at non-singleton dimension 1.  Target sizes: [2, 4, 2].  Tensor sizes: [2, 2]]=], true)
check([=[
return t.baddbmm(f(2, 2), f(3, 2, 4), f(4, 2))]=], [=[
IndexError: Dimension out of range (expected to be in range of [-2, 1], but got 2)]=], true)
check([=[
return t.baddbmm(f(2, 2), f(3, 2, 4), d(3, 4, 2))]=], [=[
RuntimeError: expected scalar type Float but found Double]=], true)
check([=[
return t.baddbmm(d(2, 2), f(3, 2, 4), f(3, 4, 2))]=], [=[
RuntimeError: Input dtypes must be the same, got: input double, batch1: float, batch2: float]=], true)
check([=[
return f(2, 2):baddbmm_(f(3, 2, 4), f(3, 4, 2))]=], [=[
RuntimeError: Bad in-place call: input tensor size [2, 2] and output tensor size [3, 2, 2] should match]=], true)
check([=[
return t.inner(f(2, 3), f(4, 2))]=], [=[
RuntimeError: inner() the last dimension must match on both input tensors but got shapes [2, 3] and [4, 2]]=], true)
check([=[
return t.inner(f({}), f(4, 2))]=], [=[
tensor([[1., 1.],
        [1., 1.],
        [1., 1.],
        [1., 1.]])]=], false)
check([=[
return t.inner(f(2, 3), d(4, 3))]=], [=[
RuntimeError: both inputs should have same dtype]=], true)
check([=[
return t.inner(f(3), f(4, 3))]=], [=[
tensor([3., 3., 3., 3.])]=], false)
check([=[
return t.outer(f(3), f(4, 3))]=], [=[
RuntimeError: outer: Expected 1-D argument vec2, but got 2-D]=], true)
check([=[
return t.outer(f(3, 1), f(4))]=], [=[
RuntimeError: outer: Expected 1-D argument self, but got 2-D]=], true)
check([=[
return t.outer(f(3), d(4))]=], [=[
tensor([[1., 1., 1., 1.],
        [1., 1., 1., 1.],
        [1., 1., 1., 1.]], dtype=torch.float64)]=], false)
check([=[
return t.outer(i(3), f(4))]=], [=[
tensor([[1., 1., 1., 1.],
        [1., 1., 1., 1.],
        [1., 1., 1., 1.]])]=], false)
check([=[
return t.ger(f(3, 1), f(4))]=], [=[
RuntimeError: outer: Expected 1-D argument self, but got 2-D]=], true)
check([=[
return t.kron(f(2, 3), d(2))]=], [=[
tensor([[1., 1., 1., 1., 1., 1.],
        [1., 1., 1., 1., 1., 1.]], dtype=torch.float64)]=], false)
check([=[
return t.kron(i(2), b(2))]=], [=[
tensor([1, 1, 1, 1])]=], false)
check([=[
return t.tensordot(f(2, 3), f(3, 2), {dims = 1})]=], [=[
tensor([[3., 3.],
        [3., 3.]])]=], false)
check([=[
return t.tensordot(f(2, 3), f(3, 2), {dims = 3})]=], [=[
RuntimeError: tensordot expects dims < ndim_a or ndim_b, but got dims=3]=], true)
check([=[
return t.tensordot(f(2, 3), f(3, 2), {dims = -1})]=], [=[
RuntimeError: tensordot expects dims >= 0, but got dims=-1]=], true)
check([=[
return t.tensordot(f(2, 3), f(3, 2), {dims = {{1}, {1}}})]=], [=[
RuntimeError: contracted dimensions need to match, but first has size 3 in dim 1 and second has size 2 in dim 1]=], true)
check([=[
return t.tensordot(f(2, 3), f(3, 2), {dims = {{1, 0}, {0}}})]=], [=[
RuntimeError: both dimension lists should have same length]=], true)
check([=[
return t.tensordot(f(2, 3), d(3, 2), {dims = 1})]=], [=[
RuntimeError: both inputs should have same dtype]=], true)
check([=[
return t.chain_matmul(f(2, 3))]=], [=[
tensor([[1., 1., 1.],
        [1., 1., 1.]])]=], false)
check([=[
return t.chain_matmul(f(2, 3), f(3))]=], [=[
RuntimeError: Tensor dimension is 1, expected 2 instead.]=], true)
check([=[
return L.multi_dot({f(2, 3)})]=], [=[
RuntimeError: multi_dot(): expected at least 2 tensors but got 1]=], true)
check([=[
return L.multi_dot({f(2, 3), d(3, 2)})]=], [=[
RuntimeError: multi_dot(): all tensors must have be the same dtype but tensor 0 is float and tensor 1 double]=], true)
check([=[
return L.multi_dot({f(2, 3), f(2, 2)})]=], [=[
RuntimeError: multi_dot(): tensors 0 and 1 with shapes [2, 3] and [2, 2] cannot be multiplied]=], true)
check([=[
return L.multi_dot({f(2, 3, 3), f(2, 2)})]=], [=[
RuntimeError: multi_dot(): the first tensor must be 1D or 2D but got 3D]=], true)
check([=[
return L.multi_dot({f(2, 3), f(3, 3, 3), f(3, 2)})]=], [=[
RuntimeError: multi_dot(): tensor 1 must be 2D but got 3D]=], true)
check([=[
return L.multi_dot({f(3), f(3, 3), f(3)})]=], [=[
tensor(9.)]=], false)
check([=[
return L.multi_dot({f(3), f(3)})]=], [=[
tensor(3.)]=], false)
check([=[
return L.multi_dot({f(2, 3), f(3, 4), f(4, 5)})]=], [=[
tensor([[12., 12., 12., 12., 12.],
        [12., 12., 12., 12., 12.]])]=], false)
check([=[
return L.multi_dot({f(2, 3), f(3, 4), f(4, 5, 1)})]=], [=[
RuntimeError: multi_dot(): the last tensor must be 1D or 2D but got 3D]=], true)
check([=[
return L.multi_dot({f(2, 3), f(3, 4), f(3, 5)})]=], [=[
RuntimeError: multi_dot(): tensors 1 and 2 with shapes [3, 4] and [3, 5] cannot be multiplied]=], true)
check([=[
return t.cdist(f(2), f(2, 3))]=], [=[
RuntimeError: cdist only supports at least 2D tensors, X1 got: 1D]=], true)
check([=[
return t.cdist(f(2, 3), f(3))]=], [=[
RuntimeError: cdist only supports at least 2D tensors, X2 got: 1D]=], true)
check([=[
return t.cdist(f(2, 3), f(2, 4))]=], [=[
RuntimeError: X1 and X2 must have the same number of columns. X1: 3 X2: 4]=], true)
check([=[
return t.cdist(f(2, 3), f(2, 3), {p = -1})]=], [=[
RuntimeError: cdist only supports non-negative p values]=], true)
check([=[
return t.cdist(i(2, 3), f(2, 3))]=], [=[
RuntimeError: cdist only supports floating-point dtypes, X1 got: Long]=], true)
check([=[
return t.cdist(f(2, 3), i(2, 3))]=], [=[
RuntimeError: cdist only supports floating-point dtypes, X2 got: Long]=], true)
check([=[
return t.cdist(f(2, 3), d(2, 3))]=], [=[
RuntimeError: expected scalar type Float but found Double]=], true)
check([=[
return t.cdist(h(2, 3), h(2, 3))]=], [=[
NotImplementedError: "cdist" not implemented for 'Half']=], true)
check([=[
return t.cdist(f(2, 3), f(2, 3), {compute_mode = 'x'})]=], [=[
ValueError: x is not a valid value for compute_mode]=], true)
check([=[
return t.cdist(f(3, 1, 2, 3), f(2, 5, 3))]=], [=[
tensor([[[[0., 0., 0., 0., 0.],
          [0., 0., 0., 0., 0.]],

         [[0., 0., 0., 0., 0.],
          [0., 0., 0., 0., 0.]]],


        [[[0., 0., 0., 0., 0.],
          [0., 0., 0., 0., 0.]],

         [[0., 0., 0., 0., 0.],
          [0., 0., 0., 0., 0.]]],


        [[[0., 0., 0., 0., 0.],
          [0., 0., 0., 0., 0.]],

         [[0., 0., 0., 0., 0.],
          [0., 0., 0., 0., 0.]]]])]=], false)
check([=[
return t.cdist(f(30, 3), (f(5, 3) * 2))]=], [=[
tensor([[1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321],
        [1.7321, 1.7321, 1.7321, 1.7321, 1.7321]])]=], false)
check([=[
return F.pdist(f(2, 3), {p = -1})]=], [=[
RuntimeError: pdist only supports non-negative p values]=], true)
check([=[
return F.pdist(f(2, 3, 2))]=], [=[
RuntimeError: pdist only supports 2D tensors, got: 3D]=], true)
check([=[
return F.pdist(i(2, 3))]=], [=[
RuntimeError: pdist only supports floating-point dtypes]=], true)
check([=[
return F.pdist(f(1, 3))]=], [=[
tensor([])]=], false)
check([=[
return F.pdist(f(0, 3))]=], [=[
tensor([])]=], false)
check([=[
return F.pdist(f(3, 0))]=], [=[
tensor([0., 0., 0.])]=], false)
check([=[
return t.cross(f(2, 3), f(2, 3))]=], [=[
tensor([[0., 0., 0.],
        [0., 0., 0.]])]=], false)
check([=[
return t.cross(f(2, 4), f(2, 4))]=], [=[
RuntimeError: no dimension of size 3 in input]=], true)
check([=[
return t.cross(f(2, 3), f(3))]=], [=[
RuntimeError: linalg.cross: inputs must have the same number of dimensions.]=], true)
check([=[
return t.cross(f(2, 3), f(1, 3), {dim = 1})]=], [=[
tensor([[0., 0., 0.],
        [0., 0., 0.]])]=], false)
check([=[
return t.cross(f(3, 3), f(3, 1), {dim = 1})]=], [=[
RuntimeError: linalg.cross: inputs dimension 1 must have length 3. Got 3 and 1]=], true)
check([=[
return t.cross(f(2, 3), f(1, 3))]=], [=[
tensor([[0., 0., 0.],
        [0., 0., 0.]])]=], false)
check([=[
return L.cross(f(2, 3), f(3))]=], [=[
RuntimeError: linalg.cross: inputs must have the same number of dimensions.]=], true)
check([=[
return L.cross(f(2, 3), f(1, 3))]=], [=[
tensor([[0., 0., 0.],
        [0., 0., 0.]])]=], false)
check([=[
return L.cross(f(2, 4), f(1, 4))]=], [=[
RuntimeError: linalg.cross: inputs dimension -1 must have length 3. Got 4 and 4]=], true)
check([=[
return L.cross(f(2, 4), f(1, 3))]=], [=[
RuntimeError: linalg.cross: inputs dimension -1 must have length 3. Got 4 and 3]=], true)
check([=[
return L.cross(f(3), d(3))]=], [=[
RuntimeError: expected scalar type Float but found Double]=], true)
check([=[
return t.cross(b(3), b(3))]=], [=[
NotImplementedError: "cross" not implemented for 'Bool']=], true)
check([=[
return t.cross(i(3), f(3))]=], [=[
RuntimeError: expected scalar type Long but found Float]=], true)
check([=[
return L.vecdot(i(3), i(3))]=], [=[
NotImplementedError: linalg.vecdot: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return L.vecdot(f(3), f(4))]=], [=[
RuntimeError: inconsistent tensor size, expected tensor [3] and src [4] to have the same number of elements, but got 3 and 4 elements respectively]=], true)
check([=[
return L.vecdot(f(3), d(3))]=], [=[
RuntimeError: linalg.vecdot: Expected x and y to have the same dtype, but found x of type Float and y of type Double instead]=], true)
check([=[
return L.vecdot(f({}), f({}))]=], [=[
tensor(1.)]=], false)
check([=[
return L.vecdot(f(2, 3), f(3))]=], [=[
tensor([3., 3.])]=], false)
check([=[
return F.linear(f(2, 3), f(4, 2))]=], [=[
RuntimeError: mm: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x4)]=], true)
check([=[
return F.linear(f(2, 3), f(4, 3), f(3))]=], [=[
RuntimeError: The expanded size of the tensor (4) must match the existing size (3) at non-singleton dimension 1.  Target sizes: [2, 4].  Tensor sizes: [3]]=], true)
check([=[
return F.linear(f(2, 3), f(3))]=], [=[
tensor([3., 3.])]=], false)
check([=[
return F.linear(f(2, 2, 3), f(3))]=], [=[
tensor([[3., 3.],
        [3., 3.]])]=], false)
check([=[
return F.linear(f(3), f(3))]=], [=[
tensor(3.)]=], false)
check([=[
return F.linear(f({}), f(3))]=], [=[
RuntimeError: both arguments to linear need to be at least 1D, but they are 0D and 1D]=], true)
check([=[
return F.linear(f(2, 3), f(4, 3), d(4))]=], [=[
RuntimeError: self and mat2 must have the same dtype, but got Double and Float]=], true)
check([=[
return F.linear(f(2, 3), d(4, 3))]=], [=[
RuntimeError: expected m1 and m2 to have the same dtype, but got: float != double]=], true)
check([=[
return F.linear(f(2, 3), f(4, 3, 1))]=], [=[
RuntimeError: t() expects a tensor with <= 2 dimensions, but self is 3D]=], true)
check([=[
return F.linear(f(2, 3, 3), f(4, 2), f(4))]=], [=[
RuntimeError: addmm: mat1 and mat2 shapes cannot be multiplied (6x3 and 2x4)]=], true)
check([=[
return F.linear(f(2, 3, 3), f(3), f(1))]=], [=[
RuntimeError: addmm: mat2 must be a matrix, got 1-D tensor]=], true)
check([=[
return F.linear(f(3), f(4, 3), f(4))]=], [=[
tensor([4., 4., 4., 4.])]=], false)
check([=[
return F.linear(f(2, 3), f(4, 3), f(2, 4))]=], [=[
tensor([[4., 4., 4., 4.],
        [4., 4., 4., 4.]])]=], false)
check([=[
return F.linear(f(2, 2, 3), f(4, 3), f(2, 2, 4))]=], [=[
tensor([[[4., 4., 4., 4.],
         [4., 4., 4., 4.]],

        [[4., 4., 4., 4.],
         [4., 4., 4., 4.]]])]=], false)
check([=[
return F.bilinear(f(2, 3), f(2, 4), f(5, 3, 4))]=], [=[
tensor([[12., 12., 12., 12., 12.],
        [12., 12., 12., 12., 12.]])]=], false)
check([=[
return F.bilinear(f(2, 3), f(3, 4), f(5, 3, 4))]=], [=[
RuntimeError: bilinear(): input batch dimensions do not match at dim 0: got 2 and 3]=], true)
check([=[
return F.bilinear(f(2, 2, 3), f(2, 4), f(5, 3, 4))]=], [=[
RuntimeError: bilinear(): input dimensions do not match: got 3 and 2]=], true)
check([=[
return F.bilinear(f(2, 4), f(2, 4), f(5, 3, 4))]=], [=[
RuntimeError: bilinear(): input1 size does not match weight size: got 4 but expected 3]=], true)
check([=[
return F.bilinear(f(2, 3), f(2, 3), f(5, 3, 4))]=], [=[
RuntimeError: bilinear(): input2 size does not match weight size: got 3 but expected 4]=], true)
check([=[
return F.bilinear(f(2, 3), f(2, 4), f(5, 3, 4), f(4))]=], [=[
RuntimeError: bilinear(): bias size does not match weight size: got 4 but expected 5]=], true)
check([=[
return t.trace(f(2))]=], [=[
RuntimeError: trace: expected a matrix, but got tensor with dim 1]=], true)
check([=[
return t.trace(b(2, 2))]=], [=[
NotImplementedError: "trace" not implemented for 'Bool']=], true)
check([=[
return t.trace(i(2, 2):int())]=], [=[
tensor(2)]=], false)
check([=[
return t.vander(f(2, 2))]=], [=[
RuntimeError: x must be a one-dimensional tensor.]=], true)
check([=[
return t.vander(t.arange(4))]=], [=[
tensor([[ 0,  0,  0,  1],
        [ 1,  1,  1,  1],
        [ 8,  4,  2,  1],
        [27,  9,  3,  1]])]=], false)
check([=[
return L.vander(t.arange(4))]=], [=[
tensor([[ 1,  0,  0,  0],
        [ 1,  1,  1,  1],
        [ 1,  2,  4,  8],
        [ 1,  3,  9, 27]])]=], false)
check([=[
return L.vander(f({}))]=], [=[
RuntimeError: N must be greater than 1.]=], true)
check([=[
return L.vander(f(3), {N = 0})]=], [=[
RuntimeError: N must be greater than 1.]=], true)
check([=[
return L.vander(f(3), {N = -1})]=], [=[
RuntimeError: N must be greater than 1.]=], true)
check([=[
return t.vander(f(3), {N = -1})]=], [=[
RuntimeError: N must be non-negative.]=], true)
check([=[
return t.vander(f(3), {N = 0})]=], [=[
tensor([], size=(3, 0))]=], false)
check([=[
return L.vander(f(2, 3))]=], [=[
tensor([[[1., 1., 1.],
         [1., 1., 1.],
         [1., 1., 1.]],

        [[1., 1., 1.],
         [1., 1., 1.],
         [1., 1., 1.]]])]=], false)
check([=[
return L.vander(b(3))]=], [=[
NotImplementedError: linalg.vander supports floating point, complex, and integer tensors, but got Bool]=], true)
check([=[
return L.vander(h(3))]=], [=[
NotImplementedError: linalg.vander supports floating point, complex, and integer tensors, but got Half]=], true)
check([=[
return t.dist(f(2, 3), f(3), {p = 3})]=], [=[
tensor(0.)]=], false)
check([=[
return t.dist(i(2, 3), f(3), {p = 3})]=], [=[
tensor(0.)]=], false)
check([=[
return t.renorm(f(2, 3), 2, 0, 1)]=], [=[
tensor([[0.5774, 0.5774, 0.5774],
        [0.5774, 0.5774, 0.5774]])]=], false)
check([=[
return t.renorm(f(2), 2, 0, 1)]=], [=[
RuntimeError: renorm: input needs at least 2 dimensions, got 1 dimensions]=], true)
check([=[
return t.renorm(f(2, 3), -2, 0, 1)]=], [=[
RuntimeError: renorm: non-positive-norm not supported]=], true)
check([=[
return t.renorm(f(2, 3), 2, 0, -1)]=], [=[
RuntimeError: renorm: expected maxnorm to be >= 0 but got -1]=], true)
check([=[
return t.renorm(i(2, 3), 2, 0, 1)]=], [=[
NotImplementedError: linalg.vector_norm: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return L.diagonal(f(2, 3))]=], [=[
tensor([1., 1.])]=], false)
check([=[
return F.normalize(i(2, 3))]=], [=[
NotImplementedError: linalg.vector_norm: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return F.cosine_similarity(f(2, 3), f(2, 3), {dim = 2})]=], [=[
IndexError: Dimension out of range (expected to be in range of [-2, 1], but got 2)]=], true)
check([=[
return F.cosine_similarity(i(2, 3), f(2, 3))]=], [=[
tensor([1.0000, 1.0000])]=], false)
check([=[
return F.cosine_similarity(i(2, 3), i(2, 3))]=], [=[
RuntimeError: expected common dtype to be floating point, yet common dtype is Long]=], true)
check([=[
return F.cosine_similarity(f(2, 3), d(3))]=], [=[
tensor([1.0000, 1.0000], dtype=torch.float64)]=], false)
check([=[
return F.pairwise_distance(f(2, 3), f(4, 3))]=], [=[
RuntimeError: The size of tensor a (2) must match the size of tensor b (4) at non-singleton dimension 0]=], true)
check([=[
return F.pairwise_distance(i(2, 3), i(2, 3))]=], [=[
tensor([1.7321e-06, 1.7321e-06])]=], false)
check([=[
return F.pairwise_distance(f({}), f({}))]=], [=[
tensor(1.0000e-06)]=], false)
check([=[
return F.pairwise_distance(f(3), f(2, 3), {keepdim = true})]=], [=[
tensor([[1.7321e-06],
        [1.7321e-06]])]=], false)
check([=[
return t.einsum('ij,jk->ik', f(2, 3), f(3, 4))]=], [=[
tensor([[3., 3., 3., 3.],
        [3., 3., 3., 3.]])]=], false)
check([=[
return t.einsum('ij,jk->ik', f(2, 3))]=], [=[
RuntimeError: einsum(): fewer operands were provided than specified in the equation]=], true)
check([=[
return t.einsum('ij->ik', f(2, 3))]=], [=[
RuntimeError: einsum(): output subscript k does not appear in the equation for any input operand]=], true)
check([=[
return t.einsum('ij->ii', f(2, 3))]=], [=[
RuntimeError: einsum(): output subscript i appears more than once in the output]=], true)
check([=[
return t.einsum('ii->i', f(2, 3))]=], [=[
RuntimeError: einsum(): subscript i is repeated for operand 0 but the sizes don't match, 3 != 2]=], true)
check([=[
return t.einsum('ii->i', f(3, 3))]=], [=[
tensor([1., 1., 1.])]=], false)
check([=[
return t.einsum('i.j', f(3, 3))]=], [=[
RuntimeError: einsum(): found '.' for operand 0 that is not part of any ellipsis]=], true)
check([=[
return t.einsum('i1', f(3, 3))]=], [=[
RuntimeError: einsum(): invalid subscript given at index 1 in the equation string, subscripts must be in [a-zA-Z]]=], true)
check([=[
return t.einsum('ij->1', f(3, 3))]=], [=[
RuntimeError: einsum(): invalid subscript given at index 4 in the equation string, subscripts must be in [a-zA-Z]]=], true)
check([=[
return t.einsum('i...j...', f(3, 3))]=], [=[
RuntimeError: einsum(): found '.' for operand 0 for which an ellipsis was already found]=], true)
check([=[
return t.einsum('ij,jk', f(3, 3), f(4, 4))]=], [=[
RuntimeError: einsum(): subscript j has size 4 for operand 1 which does not broadcast with previously seen size 3]=], true)
check([=[
return t.einsum('i', f(3, 3))]=], [=[
RuntimeError: einsum(): the number of subscripts in the equation (1) does not match the number of dimensions (2) for operand 0 and no ellipsis was given]=], true)
check([=[
return t.einsum('i...jk', f(3))]=], [=[
RuntimeError: einsum(): the number of subscripts in the equation (3) is more than the number of dimensions (1) for operand 0]=], true)
check([=[
return t.einsum('ij', f(3, 3), f(3))]=], [=[
RuntimeError: einsum(): more operands were provided than specified in the equation]=], true)
check([=[
return t.einsum('...i,...j', f(3, 3), f(2, 2))]=], [=[
RuntimeError: einsum(): dimension 0 covered by ellipsis in operand 1has size 2 which does not broadcast with previously seen ellipsis with size 3 for the respective dimension]=], true)
check([=[
return t.einsum('ij,jk->ik', f(2, 3), d(3, 4))]=], [=[
RuntimeError: expected scalar type Float but found Double]=], true)
check([=[
return t.einsum('ij,jk->ik', i(2, 3), f(3, 4))]=], [=[
RuntimeError: expected scalar type Long but found Float]=], true)
check([=[
return t.einsum('ij,ij->ij', i(2, 3), f(2, 3))]=], [=[
tensor([[1., 1., 1.],
        [1., 1., 1.]])]=], false)
check([=[
return t.einsum(f(2, 3), {0, 1}, f(3, 4), {1, 2}, {0, 2})]=], [=[
tensor([[3., 3., 3., 3.],
        [3., 3., 3., 3.]])]=], false)
check([=[
return t.einsum(f(2, 3), {0, 1}, f(3, 4), {1, 2})]=], [=[
tensor([[3., 3., 3., 3.],
        [3., 3., 3., 3.]])]=], false)
check([=[
return t.einsum(f(2, 3), {0, 60}, f(3, 4), {1, 2})]=], [=[
ValueError: einsum(): subscript in subscript list is not within the valid range [0, 52)]=], true)
check([=[
return t.einsum(f(2, 3), {'...', 1}, f(3, 4), {1, 2})]=], [=[
tensor([[3., 3., 3., 3.],
        [3., 3., 3., 3.]])]=], false)
check([=[
return t.einsum('bn,anm,bm->ba', f(2, 5):requires_grad_(), f(3, 5, 4), f(2, 4))]=], [=[
tensor([[20., 20., 20.],
        [20., 20., 20.]], grad_fn=<ViewBackward0>)]=], false)
check([=[
return t.einsum('i,j->ij', f(2):requires_grad_(), f(3))]=], [=[
tensor([[1., 1., 1.],
        [1., 1., 1.]], grad_fn=<MulBackward0>)]=], false)
check([=[
return t.einsum('ij->ji', f(2, 3):requires_grad_())]=], [=[
tensor([[1., 1.],
        [1., 1.],
        [1., 1.]], grad_fn=<PermuteBackward0>)]=], false)
check([=[
return t.einsum('ij->', f(2, 3):requires_grad_())]=], [=[
tensor(6., grad_fn=<SumBackward1>)]=], false)
check([=[
return t.einsum('bij,bjk->bik', f(2, 3, 3):requires_grad_(), f(2, 3, 3))]=], [=[
tensor([[[3., 3., 3.],
         [3., 3., 3.],
         [3., 3., 3.]],

        [[3., 3., 3.],
         [3., 3., 3.],
         [3., 3., 3.]]], grad_fn=<ViewBackward0>)]=], false)
check([=[
return t.einsum('ij,kj->ik', f(2, 3):requires_grad_(), f(2, 3))]=], [=[
tensor([[3., 3.],
        [3., 3.]], grad_fn=<ViewBackward0>)]=], false)
check([=[
return t.matmul(f(3):requires_grad_(), f(3))]=], [=[
tensor(3., grad_fn=<DotBackward0>)]=], false)
check([=[
return t.matmul(f(2, 3):requires_grad_(), f(3))]=], [=[
tensor([3., 3.], grad_fn=<MvBackward0>)]=], false)
check([=[
return t.matmul(f(2, 2, 3):requires_grad_(), f(3, 2))]=], [=[
tensor([[[3., 3.],
         [3., 3.]],

        [[3., 3.],
         [3., 3.]]], grad_fn=<UnsafeViewBackward0>)]=], false)
check([=[
return t.matmul(f(2, 2, 3):requires_grad_(), f(3))]=], [=[
tensor([[3., 3.],
        [3., 3.]], grad_fn=<UnsafeViewBackward0>)]=], false)
check([=[
return t.matmul(f(2, 3):requires_grad_(), f(2, 3, 2))]=], [=[
tensor([[[3., 3.],
         [3., 3.]],

        [[3., 3.],
         [3., 3.]]], grad_fn=<CloneBackward0>)]=], false)
check([=[
return t.matmul(f(2, 3), f(2, 3, 2):requires_grad_())]=], [=[
tensor([[[3., 3.],
         [3., 3.]],

        [[3., 3.],
         [3., 3.]]], grad_fn=<UnsafeViewBackward0>)]=], false)
check([=[
return t.matmul(f(3), f(2, 3, 2):requires_grad_())]=], [=[
tensor([[3., 3.],
        [3., 3.]], grad_fn=<UnsafeViewBackward0>)]=], false)
check([=[
return t.matmul(f(2, 2, 3):requires_grad_(), f(2, 3, 2))]=], [=[
tensor([[[3., 3.],
         [3., 3.]],

        [[3., 3.],
         [3., 3.]]], grad_fn=<UnsafeViewBackward0>)]=], false)
check([=[
return t.matmul(f(1, 2, 3):requires_grad_(), f(2, 3, 2))]=], [=[
tensor([[[3., 3.],
         [3., 3.]],

        [[3., 3.],
         [3., 3.]]], grad_fn=<CloneBackward0>)]=], false)
check([=[
return t.matmul(f(3, 2, 2, 3):requires_grad_(), f(2, 3, 2))]=], [=[
tensor([[[[3., 3.],
          [3., 3.]],

         [[3., 3.],
          [3., 3.]]],


        [[[3., 3.],
          [3., 3.]],

         [[3., 3.],
          [3., 3.]]],


        [[[3., 3.],
          [3., 3.]],

         [[3., 3.],
          [3., 3.]]]], grad_fn=<UnsafeViewBackward0>)]=], false)
check([=[
return t.matmul(f(3, 2, 2, 3):requires_grad_(), f(3))]=], [=[
tensor([[[3., 3.],
         [3., 3.]],

        [[3., 3.],
         [3., 3.]],

        [[3., 3.],
         [3., 3.]]], grad_fn=<UnsafeViewBackward0>)]=], false)
check([=[
return t.mv(f(2, 3):requires_grad_(), f(3))]=], [=[
tensor([3., 3.], grad_fn=<MvBackward0>)]=], false)
check([=[
return t.addmv(f(2):requires_grad_(), f(2, 3), f(3))]=], [=[
tensor([4., 4.], grad_fn=<AddmvBackward0>)]=], false)
check([=[
return t.addr(f(3):requires_grad_(), f(2), f(3))]=], [=[
tensor([[2., 2., 2.],
        [2., 2., 2.]], grad_fn=<AddrBackward0>)]=], false)
check([=[
return t.addbmm(f(2, 2):requires_grad_(), f(3, 2, 4), f(3, 4, 2))]=], [=[
tensor([[13., 13.],
        [13., 13.]], grad_fn=<AddbmmBackward0>)]=], false)
check([=[
return t.baddbmm(f(2, 2):requires_grad_(), f(3, 2, 4), f(3, 4, 2))]=], [=[
tensor([[[5., 5.],
         [5., 5.]],

        [[5., 5.],
         [5., 5.]],

        [[5., 5.],
         [5., 5.]]], grad_fn=<BaddbmmBackward0>)]=], false)
check([=[
return t.inner(f(2, 3):requires_grad_(), f(3))]=], [=[
tensor([3., 3.], grad_fn=<ViewBackward0>)]=], false)
check([=[
return t.inner(f(3):requires_grad_(), f(3))]=], [=[
tensor(3., grad_fn=<ViewBackward0>)]=], false)
check([=[
return t.inner(f(2, 3):requires_grad_(), f(4, 3))]=], [=[
tensor([[3., 3., 3., 3.],
        [3., 3., 3., 3.]], grad_fn=<ViewBackward0>)]=], false)
check([=[
return t.outer(f(3):requires_grad_(), f(3))]=], [=[
tensor([[1., 1., 1.],
        [1., 1., 1.],
        [1., 1., 1.]], grad_fn=<MulBackward0>)]=], false)
check([=[
return t.vdot(f(3):requires_grad_(), f(3))]=], [=[
tensor(3., grad_fn=<VdotBackward0>)]=], false)
check([=[
return t.kron(f(3):requires_grad_(), f(3))]=], [=[
tensor([1., 1., 1., 1., 1., 1., 1., 1., 1.], grad_fn=<UnsafeViewBackward0>)]=], false)
check([=[
return t.tensordot(f(3, 2):requires_grad_(), f(2, 3), {dims = 1})]=], [=[
tensor([[2., 2., 2.],
        [2., 2., 2.],
        [2., 2., 2.]], grad_fn=<ViewBackward0>)]=], false)
check([=[
return t.chain_matmul(f(3, 2):requires_grad_(), f(2, 3))]=], [=[
tensor([[2., 2., 2.],
        [2., 2., 2.],
        [2., 2., 2.]], grad_fn=<ViewBackward0>)]=], false)
check([=[
return L.multi_dot({f(3, 2):requires_grad_(), f(2, 3)})]=], [=[
tensor([[2., 2., 2.],
        [2., 2., 2.],
        [2., 2., 2.]], grad_fn=<ViewBackward0>)]=], false)
check([=[
return L.multi_dot({f(3, 2):requires_grad_(), f(2, 3), f(3, 3)})]=], [=[
tensor([[6., 6., 6.],
        [6., 6., 6.],
        [6., 6., 6.]], grad_fn=<ViewBackward0>)]=], false)
check([=[
return t.cdist(f(3, 2):requires_grad_(), f(2, 2))]=], [=[
tensor([[0., 0.],
        [0., 0.],
        [0., 0.]], grad_fn=<CdistBackward0>)]=], false)
check([=[
return t.cdist(f(30, 2):requires_grad_(), f(2, 2))]=], [=[
tensor([[0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.],
        [0., 0.]], grad_fn=<ViewBackward0>)]=], false)
check([=[
return t.cdist(f(3, 2):requires_grad_(), f(2, 2), {p = 1})]=], [=[
tensor([[0., 0.],
        [0., 0.],
        [0., 0.]], grad_fn=<CdistBackward0>)]=], false)
check([=[
return F.pdist(f(3, 2):requires_grad_())]=], [=[
tensor([0., 0., 0.], grad_fn=<PdistBackward0>)]=], false)
check([=[
return t.cross(f(3):requires_grad_(), f(3))]=], [=[
tensor([0., 0., 0.], grad_fn=<LinalgCrossBackward0>)]=], false)
check([=[
return L.vecdot(f(3):requires_grad_(), f(3))]=], [=[
tensor(3., grad_fn=<VdotBackward0>)]=], false)
check([=[
return L.vecdot(f(2, 3):requires_grad_(), f(3))]=], [=[
tensor([3., 3.], grad_fn=<SumBackward1>)]=], false)
check([=[
return F.linear(f(2, 3):requires_grad_(), f(4, 3))]=], [=[
tensor([[3., 3., 3., 3.],
        [3., 3., 3., 3.]], grad_fn=<MmBackward0>)]=], false)
check([=[
return F.linear(f(3):requires_grad_(), f(4, 3), f(4))]=], [=[
tensor([4., 4., 4., 4.], grad_fn=<UnsafeViewBackward0>)]=], false)
check([=[
return F.linear(f(2, 2, 3):requires_grad_(), f(4, 3), f(4))]=], [=[
tensor([[[4., 4., 4., 4.],
         [4., 4., 4., 4.]],

        [[4., 4., 4., 4.],
         [4., 4., 4., 4.]]], grad_fn=<UnsafeViewBackward0>)]=], false)
check([=[
return F.bilinear(f(2, 3):requires_grad_(), f(2, 4), f(5, 3, 4))]=], [=[
tensor([[12., 12., 12., 12., 12.],
        [12., 12., 12., 12., 12.]], grad_fn=<ViewBackward0>)]=], false)
check([=[
return F.bilinear(f(2, 3):requires_grad_(), f(2, 4), f(5, 3, 4), f(5))]=], [=[
tensor([[13., 13., 13., 13., 13.],
        [13., 13., 13., 13., 13.]], grad_fn=<AddBackward0>)]=], false)
check([=[
return t.trace(f(2, 2):requires_grad_())]=], [=[
tensor(2., grad_fn=<TraceBackward0>)]=], false)
check([=[
return t.dist(f(2, 2):requires_grad_(), f(2))]=], [=[
tensor(0., grad_fn=<DistBackward0>)]=], false)
check([=[
return t.renorm(f(2, 2):requires_grad_(), 2, 0, 1)]=], [=[
tensor([[0.7071, 0.7071],
        [0.7071, 0.7071]], grad_fn=<RenormBackward0>)]=], false)
check([=[
return F.normalize(f(2, 3):requires_grad_())]=], [=[
tensor([[0.5774, 0.5774, 0.5774],
        [0.5774, 0.5774, 0.5774]], grad_fn=<DivBackward0>)]=], false)
check([=[
return F.cosine_similarity(f(2, 3):requires_grad_(), f(2, 3))]=], [=[
tensor([1.0000, 1.0000], grad_fn=<SumBackward1>)]=], false)
check([=[
return F.pairwise_distance(f(2, 3):requires_grad_(), f(2, 3))]=], [=[
tensor([1.7321e-06, 1.7321e-06], grad_fn=<NormBackward1>)]=], false)
check([=[
return L.diagonal(f(2, 3):requires_grad_())]=], [=[
tensor([1., 1.], grad_fn=<DiagonalBackward0>)]=], false)
check([=[
return t.addmm(h(2, 2), h(2, 3), h(3, 2))]=], [=[
tensor([[4., 4.],
        [4., 4.]], dtype=torch.float16)]=], false)
check([=[
return t.mv(b(2, 3), b(3))]=], [=[
NotImplementedError: "addmv_impl_cpu" not implemented for 'Bool']=], true)
check([=[
return t.addbmm(b(2, 2), b(3, 2, 4), b(3, 4, 2))]=], [=[
NotImplementedError: "addmm_impl_cpu_" not implemented for 'Bool']=], true)
check([=[
return t.baddbmm(b(2, 2), b(3, 2, 4), b(3, 4, 2))]=], [=[
NotImplementedError: "baddbmm" not implemented for 'Bool']=], true)
check([=[
return t.bmm(f(0, 2, 3), f(0, 3, 4))]=], [=[
tensor([], size=(0, 2, 4))]=], false)
check([=[
return t.bmm(f(2, 2, 0), f(2, 0, 4))]=], [=[
tensor([[[0., 0., 0., 0.],
         [0., 0., 0., 0.]],

        [[0., 0., 0., 0.],
         [0., 0., 0., 0.]]])]=], false)
check([=[
return t.mm(f(2, 0), f(0, 4))]=], [=[
tensor([[0., 0., 0., 0.],
        [0., 0., 0., 0.]])]=], false)
check([=[
return t.addmm(f(4), f(2, 0), f(0, 4), {beta = 3})]=], [=[
tensor([[3., 3., 3., 3.],
        [3., 3., 3., 3.]])]=], false)
check([=[
return t.addmm(f(4), f(2, 0), f(0, 4), {beta = 0})]=], [=[
tensor([[0., 0., 0., 0.],
        [0., 0., 0., 0.]])]=], false)
check([=[
return t.matmul(f(2, 0), f(0))]=], [=[
tensor([0., 0.])]=], false)
check([=[
return t._addmm_activation(f(4), f(2, 3), f(3, 4))]=], [=[
tensor([[4., 4., 4., 4.],
        [4., 4., 4., 4.]])]=], false)
check([=[
return t.matmul(f(2, 3), t.ones(4, 3):t():expand(5, 3, 4))]=], [=[
tensor([[[3., 3., 3., 3.],
         [3., 3., 3., 3.]],

        [[3., 3., 3., 3.],
         [3., 3., 3., 3.]],

        [[3., 3., 3., 3.],
         [3., 3., 3., 3.]],

        [[3., 3., 3., 3.],
         [3., 3., 3., 3.]],

        [[3., 3., 3., 3.],
         [3., 3., 3., 3.]]])]=], false)
check([=[
return t.matmul(f(5, 2, 3):transpose(0, 1), f(3, 4))]=], [=[
tensor([[[3., 3., 3., 3.],
         [3., 3., 3., 3.],
         [3., 3., 3., 3.],
         [3., 3., 3., 3.],
         [3., 3., 3., 3.]],

        [[3., 3., 3., 3.],
         [3., 3., 3., 3.],
         [3., 3., 3., 3.],
         [3., 3., 3., 3.],
         [3., 3., 3., 3.]]])]=], false)
check([=[
return t.norm(f(2, 3), 'nuc')]=], [=[
tensor(2.4495)]=], false)
check([=[
return t.norm(f(2, 3), 'fro')]=], [=[
tensor(2.4495)]=], false)
check([=[
return t.norm(f(2, 3, 4), 'nuc')]=], [=[
RuntimeError: linalg.matrix_norm: dim must be a 2-tuple. Got 0 1 2]=], true)
check([=[
return t.norm(f(2, 3), 'x')]=], [=[
RuntimeError: linalg.matrix_norm: Order x not supported.]=], true)
check([=[
return t.norm(f(2, 3), {p = math.huge, dim = 1})]=], [=[
tensor([1., 1.])]=], false)
check([=[
return t.norm(i(2, 3))]=], [=[
NotImplementedError: linalg.vector_norm: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return t.norm(f(2, 3):requires_grad_())]=], [=[
tensor(2.4495, grad_fn=<LinalgVectorNormBackward0>)]=], false)
check([=[
return t.norm(f(2, 3):requires_grad_(), 1)]=], [=[
tensor(6., grad_fn=<LinalgVectorNormBackward0>)]=], false)
check([=[
return f(2, 3):norm('nuc')]=], [=[
tensor(2.4495)]=], false)
check([=[
return f(2, 3):norm(1, {dtype = t.float64})]=], [=[
tensor(6., dtype=torch.float64)]=], false)
check([=[
return t.norm(i(2, 3), {dtype = t.float32})]=], [=[
NotImplementedError: linalg.vector_norm: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return t.norm(d(2, 3), {dtype = t.float32})]=], [=[
RuntimeError: linalg.vector_norm: the dtype of the input (Double) should be convertible without narrowing to the specified dtype (Float)]=], true)
check([=[
return L.solve(f(2, 3), f(2))]=], [=[
RuntimeError: linalg.solve: A must be batches of square matrices, but they are 2 by 3 matrices]=], true)
check([=[
return L.solve(f(2), f(2))]=], [=[
RuntimeError: linalg.solve: The input tensor A must have at least 2 dimensions.]=], true)
check([=[
return L.solve(t.eye(2), f(3))]=], [=[
RuntimeError: linalg.solve: Incompatible shapes of A and B for the equation AX = B (2x2 and 3x1)]=], true)
check([=[
return L.solve(t.eye(2), d(2))]=], [=[
RuntimeError: linalg.solve: Expected A and B to have the same dtype, but found A of type Float and B of type Double instead]=], true)
check([=[
return L.solve(i(2, 2), i(2))]=], [=[
NotImplementedError: linalg.solve: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return L.solve(h(2, 2), h(2))]=], [=[
NotImplementedError: "lu_cpu" not implemented for 'Half']=], true)
check([=[
return L.solve(f(2, 2), f(2))]=], [=[
_LinAlgError: torch.linalg.solve: The solver failed because the input matrix is singular.]=], true)
check([=[
return L.solve((t.eye(2):expand(3, 2, 2) * t.tensor({1.0, 0, 1})[{':', 'None', 'None'}]), f(3, 2))]=], [=[
_LinAlgError: torch.linalg.solve: (Batch element 1): The solver failed because the input matrix is singular.]=], true)
check([=[
return L.solve(t.eye(2), f(3, 2, 2))]=], [=[
tensor([[[1., 1.],
         [1., 1.]],

        [[1., 1.],
         [1., 1.]],

        [[1., 1.],
         [1., 1.]]])]=], false)
check([=[
return L.solve(t.eye(2), f(2), {left = false})]=], [=[
RuntimeError: linalg.solve: Incompatible shapes of A and B for the equation XA = B (2x2 and 2x1)]=], true)
check([=[
return L.solve(t.eye(2), f(3, 2), {left = false})]=], [=[
tensor([[1., 1.],
        [1., 1.],
        [1., 1.]])]=], false)
check([=[
return L.solve(t.eye(2):expand(3, 2, 2), f(3, 2))]=], [=[
tensor([[1., 1.],
        [1., 1.],
        [1., 1.]])]=], false)
check([=[
return L.solve(t.eye(2):expand(3, 2, 2), f(2, 2))]=], [=[
tensor([[[1., 1.],
         [1., 1.]],

        [[1., 1.],
         [1., 1.]],

        [[1., 1.],
         [1., 1.]]])]=], false)
check([=[
return L.solve_ex(f(2, 2), f(2), {check_errors = true})]=], [=[
_LinAlgError: torch.linalg.solve_ex: The solver failed because the input matrix is singular.]=], true)
check([=[
return L.solve(t.eye(2):requires_grad_(), f(2))]=], [=[
tensor([1., 1.], grad_fn=<LinalgSolveExBackward0>)]=], false)
check([=[
return L.inv(f(2, 3))]=], [=[
RuntimeError: linalg.inv: A must be batches of square matrices, but they are 2 by 3 matrices]=], true)
check([=[
return L.inv(f(2))]=], [=[
RuntimeError: linalg.inv: The input tensor A must have at least 2 dimensions.]=], true)
check([=[
return L.inv(i(2, 2))]=], [=[
NotImplementedError: linalg.inv: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return L.inv(h(2, 2))]=], [=[
NotImplementedError: linalg.inv: Low precision dtypes not supported. Got Half]=], true)
check([=[
return L.inv(f(2, 2))]=], [=[
_LinAlgError: linalg.inv: The diagonal element 2 is zero, the inversion could not be completed because the input matrix is singular.]=], true)
check([=[
return L.inv(t.zeros(3, 2, 2))]=], [=[
_LinAlgError: linalg.inv: (Batch element 0): The diagonal element 1 is zero, the inversion could not be completed because the input matrix is singular.]=], true)
check([=[
return L.inv(t.zeros(0, 0))]=], [=[
tensor([], size=(0, 0))]=], false)
check([=[
return t.inverse(f(2, 2))]=], [=[
_LinAlgError: linalg.inv: The diagonal element 2 is zero, the inversion could not be completed because the input matrix is singular.]=], true)
check([=[
return L.inv_ex(f(2, 2), {check_errors = true})]=], [=[
_LinAlgError: linalg.inv_ex: The diagonal element 2 is zero, the inversion could not be completed because the input matrix is singular.]=], true)
check([=[
return L.inv(t.eye(2):requires_grad_())]=], [=[
tensor([[1., 0.],
        [0., 1.]], grad_fn=<LinalgInvExBackward0>)]=], false)
check([=[
return L.det(f(2, 3))]=], [=[
RuntimeError: linalg.det: A must be batches of square matrices, but they are 2 by 3 matrices]=], true)
check([=[
return L.det(i(2, 2))]=], [=[
NotImplementedError: linalg.det: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return L.det(h(2, 2))]=], [=[
NotImplementedError: "lu_cpu" not implemented for 'Half']=], true)
check([=[
return L.det(t.zeros(0, 0))]=], [=[
tensor(1.)]=], false)
check([=[
return L.det(t.eye(2):requires_grad_())]=], [=[
tensor(1., grad_fn=<LinalgDetBackward0>)]=], false)
check([=[
return t.logdet(f(2, 3))]=], [=[
RuntimeError: logdet: A must be batches of square matrices, but they are 2 by 3 matrices]=], true)
check([=[
return t.logdet(-t.eye(3))]=], [=[
tensor(nan)]=], false)
check([=[
return t.logdet(t.eye(2):requires_grad_())]=], [=[
tensor(0., grad_fn=<WhereBackward0>)]=], false)
check([=[
return L.slogdet(f(2, 3))]=], [=[
RuntimeError: linalg.slogdet: A must be batches of square matrices, but they are 2 by 3 matrices]=], true)
check([=[
return L.slogdet(h(2, 2))]=], [=[
NotImplementedError: linalg.slogdet: Low precision dtypes not supported. Got Half]=], true)
check([=[
return L.cholesky(f(2, 3))]=], [=[
RuntimeError: linalg.cholesky: A must be batches of square matrices, but they are 2 by 3 matrices]=], true)
check([=[
return L.cholesky(-f(2, 2))]=], [=[
_LinAlgError: linalg.cholesky: The factorization could not be completed because the input is not positive-definite (the leading minor of order 1 is not positive-definite).]=], true)
check([=[
return L.cholesky(-f(3, 2, 2))]=], [=[
_LinAlgError: linalg.cholesky: (Batch element 0): The factorization could not be completed because the input is not positive-definite (the leading minor of order 1 is not positive-definite).]=], true)
check([=[
return L.cholesky(h(2, 2))]=], [=[
NotImplementedError: "cholesky_cpu" not implemented for 'Half']=], true)
check([=[
return L.cholesky(i(2, 2))]=], [=[
NotImplementedError: linalg.cholesky: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return L.cholesky(t.eye(2), {upper = true})]=], [=[
tensor([[1., 0.],
        [0., 1.]])]=], false)
check([=[
return L.cholesky_ex(-f(2, 2), {check_errors = true})]=], [=[
_LinAlgError: linalg.cholesky_ex: The factorization could not be completed because the input is not positive-definite (the leading minor of order 1 is not positive-definite).]=], true)
check([=[
return t.cholesky_solve(f(2, 3), f(2, 2))]=], [=[
tensor([[1., 1., 1.],
        [0., 0., 0.]])]=], false)
check([=[
return t.cholesky_solve(f(2), f(2, 2))]=], [=[
RuntimeError: b should have at least 2 dimensions, but has 1 dimensions instead]=], true)
check([=[
return t.cholesky_solve(f(2, 1), f(2))]=], [=[
RuntimeError: u should have at least 2 dimensions, but has 1 dimensions instead]=], true)
check([=[
return t.cholesky_solve(f(3, 1), f(2, 2))]=], [=[
RuntimeError: Incompatible matrix sizes for cholesky_solve: each A matrix is 2 by 2 but each b matrix is 3 by 1]=], true)
check([=[
return t.cholesky_solve(d(2, 1), f(2, 2))]=], [=[
RuntimeError: Expected b and A to have the same dtype, but found b of type Double and A of type Float instead.]=], true)
check([=[
return t.cholesky_solve(h(2, 1), h(2, 2))]=], [=[
NotImplementedError: "cholesky_solve_cpu" not implemented for 'Half']=], true)
check([=[
return t.cholesky_solve(f(4, 2, 1), f(2, 2))]=], [=[
tensor([[[1.],
         [0.]],

        [[1.],
         [0.]],

        [[1.],
         [0.]],

        [[1.],
         [0.]]])]=], false)
check([=[
return t.cholesky_inverse(f(2, 3))]=], [=[
RuntimeError: cholesky_inverse: A must be batches of square matrices, but they are 2 by 3 matrices]=], true)
check([=[
return t.cholesky_inverse(t.zeros(2, 2))]=], [=[
_LinAlgError: cholesky_inverse: The diagonal element 1 is zero, the inversion could not be completed because the input matrix is singular.]=], true)
check([=[
return t.cholesky_inverse(h(2, 2))]=], [=[
NotImplementedError: "cholesky_inverse_out_cpu" not implemented for 'Half']=], true)
check([=[
return L.qr(f(2))]=], [=[
RuntimeError: linalg.qr: The input tensor A must have at least 2 dimensions.]=], true)
check([=[
return L.qr(f(3, 2), {mode = 'x'})]=], [=[
RuntimeError: qr received unrecognized mode 'x' but expected one of 'reduced' (default), 'r', or 'complete']=], true)
check([=[
return L.qr(i(3, 2))]=], [=[
NotImplementedError: linalg.qr: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return L.qr(h(3, 2))]=], [=[
NotImplementedError: "geqrf_cpu" not implemented for 'Half']=], true)
check([=[
return select(1+1, L.qr(f(3, 2):requires_grad_(), {mode = 'r'})):sum():backward()]=], [=[
RuntimeError: The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr.]=], true)
check([=[
return select(1+1, L.qr(f(3, 2):requires_grad_(), {mode = 'complete'})):sum():backward()]=], [=[
RuntimeError: The QR decomposition is not differentiable when mode='complete' and nrows > ncols.]=], true)
check([=[
return t.geqrf(f(3))]=], [=[
RuntimeError: torch.geqrf: input must have at least 2 dimensions.]=], true)
check([=[
return t.geqrf(h(3, 2))]=], [=[
NotImplementedError: "geqrf_cpu" not implemented for 'Half']=], true)
check([=[
return t.orgqr(f(3, 2), f(2))]=], [=[
tensor([[ 0.,  1.],
        [-1.,  1.],
        [-1.,  0.]])]=], false)
check([=[
return L.householder_product(f(3), f(2))]=], [=[
RuntimeError: torch.linalg.householder_product: input must have at least 2 dimensions.]=], true)
check([=[
return L.householder_product(f(2, 3), f(2))]=], [=[
RuntimeError: torch.linalg.householder_product: input.shape[-2] must be greater than or equal to input.shape[-1]]=], true)
check([=[
return L.householder_product(f(3, 2), f(3))]=], [=[
RuntimeError: torch.linalg.householder_product: input.shape[-1] must be greater than or equal to tau.shape[-1]]=], true)
check([=[
return L.householder_product(f(4, 3, 2), f(2))]=], [=[
RuntimeError: torch.linalg.householder_product: Expected tau to have one dimension less than input, but got tau.ndim equal to 1 and input.ndim is equal to 3]=], true)
check([=[
return L.householder_product(f(4, 3, 2), f(5, 2))]=], [=[
RuntimeError: torch.linalg.householder_product: Expected batch dimensions of tau to be equal to input.shape[:-2], but got [5]]=], true)
check([=[
return L.householder_product(f(3, 2), d(2))]=], [=[
RuntimeError: torch.linalg.householder_product: tau dtype Double does not match input dtype Float]=], true)
check([=[
return L.householder_product(h(3, 2), h(2))]=], [=[
NotImplementedError: "orgqr_cpu" not implemented for 'Half']=], true)
check([=[
return t.ormqr(f(3, 2), f(2), f(3, 2))]=], [=[
tensor([[2., 2.],
        [0., 0.],
        [0., 0.]])]=], false)
check([=[
return t.ormqr(f(3, 2), f(2), f(2, 3))]=], [=[
RuntimeError: torch.ormqr: other.shape[-2] must be equal to input.shape[-2]]=], true)
check([=[
return t.ormqr(f(3, 2), f(2), f(2, 3), {left = false})]=], [=[
tensor([[-2.,  2.,  2.],
        [-2.,  2.,  2.]])]=], false)
check([=[
return t.ormqr(f(3, 2), f(3), f(3, 2))]=], [=[
RuntimeError: torch.ormqr: tau.shape[-1] must be equal to min(other.shape[-2], input.shape[-1])]=], true)
check([=[
return t.ormqr(f(3), f(3), f(3, 2))]=], [=[
RuntimeError: torch.ormqr: input must have at least 2 dimensions.]=], true)
check([=[
return t.ormqr(f(3, 2), f(2), f(3))]=], [=[
RuntimeError: torch.ormqr: other must have at least 2 dimensions.]=], true)
check([=[
return t.ormqr(f(3, 2), f(4, 2), f(3, 2))]=], [=[
RuntimeError: torch.ormqr: Expected tau to have one dimension less than input, but got tau.ndim equal to 2 and input.ndim is equal to 2]=], true)
check([=[
return t.ormqr(f(3, 2), d(2), f(3, 2))]=], [=[
RuntimeError: torch.ormqr: Expected input and tau to have the same dtype, but input has dtypeFloat and tau has dtype Double]=], true)
check([=[
return t.ormqr(f(3, 2), f(2), d(3, 2))]=], [=[
RuntimeError: torch.ormqr: Expected input and other to have the same dtype, but input has dtypeFloat and other has dtype Double]=], true)
check([=[
return L.svd(f(2))]=], [=[
RuntimeError: linalg.svd: The input tensor A must have at least 2 dimensions.]=], true)
check([=[
return L.svd(i(3, 2))]=], [=[
NotImplementedError: linalg.svd: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return L.svd(h(3, 2))]=], [=[
NotImplementedError: "linalg_svd_cpu" not implemented for 'Half']=], true)
check([=[
return L.svd(f(3, 2), {driver = 'gesvd'})]=], [=[
RuntimeError: torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend.]=], true)
check([=[
return L.svdvals(f(3, 2), {driver = 'gesvd'})]=], [=[
RuntimeError: torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend.]=], true)
check([=[
return L.svd((f(3, 2) * (0/0)))]=], [=[
_LinAlgError: linalg.svd: The algorithm failed to converge because the input matrix contained non-finite values.]=], true)
check([=[
return L.svdvals((f(3, 2) * (0/0)))]=], [=[
_LinAlgError: linalg.svd: The algorithm failed to converge because the input matrix contained non-finite values.]=], true)
check([=[
return L.eigh(f(2, 3))]=], [=[
RuntimeError: linalg.eigh: A must be batches of square matrices, but they are 2 by 3 matrices]=], true)
check([=[
return L.eigh(f(2))]=], [=[
RuntimeError: linalg.eigh: The input tensor A must have at least 2 dimensions.]=], true)
check([=[
return L.eigh(f(2, 2), {UPLO = 'x'})]=], [=[
RuntimeError: Expected UPLO argument to be 'L' or 'U', but got x]=], true)
check([=[
return L.eigh(h(2, 2))]=], [=[
NotImplementedError: "linalg_eigh_cpu" not implemented for 'Half']=], true)
check([=[
return L.eigh(i(2, 2))]=], [=[
NotImplementedError: "linalg_eigh_cpu" not implemented for 'Long']=], true)
check([=[
return L.eigvalsh(f(2, 2))]=], [=[
tensor([0., 2.])]=], false)
check([=[
return L.eigvalsh(f(2, 2):requires_grad_())]=], [=[
tensor([0., 2.], grad_fn=<LinalgEighBackward0>)]=], false)
check([=[
return L.eig(f(2, 3))]=], [=[
RuntimeError: linalg.eig: A must be batches of square matrices, but they are 2 by 3 matrices]=], true)
check([=[
return L.eigvals(f(2, 3))]=], [=[
RuntimeError: linalg.eigvals: A must be batches of square matrices, but they are 2 by 3 matrices]=], true)
check([=[
return L.lstsq(f(3, 2), f(2))]=], [=[
RuntimeError: torch.linalg.lstsq: input.size(-2) should match other.size(-1)]=], true)
check([=[
return L.lstsq(f(3), f(3))]=], [=[
RuntimeError: torch.linalg.lstsq: input must have at least 2 dimensions.]=], true)
check([=[
return L.lstsq(f(3, 2), f({}))]=], [=[
RuntimeError: torch.linalg.lstsq: other must have at least 1 dimension.]=], true)
check([=[
return L.lstsq(f(3, 2), f(3, 4), {driver = 'x'})]=], [=[
RuntimeError: torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)]=], true)
check([=[
return L.lstsq(f(3, 2), d(3, 4))]=], [=[
RuntimeError: torch.linalg.lstsq: Expected input and other to have the same dtype, but got input's dtype Float and other's dtype Double]=], true)
check([=[
return L.lstsq(f(5, 3, 2), f(3, 4))]=], [=[
RuntimeError: The size of tensor a (5) must match the size of tensor b (3) at non-singleton dimension 0]=], true)
check([=[
return L.lstsq(f(5, 3, 2), f(4, 3, 4))]=], [=[
RuntimeError: The size of tensor a (5) must match the size of tensor b (4) at non-singleton dimension 0]=], true)
check([=[
return L.lstsq(i(2, 3), i(2, 4))]=], [=[
RuntimeError: This function doesn't handle types other than float and double]=], true)
check([=[
return L.lstsq(h(2, 3), h(2, 4))]=], [=[
RuntimeError: This function doesn't handle types other than float and double]=], true)
check([=[
return L.pinv(f(2))]=], [=[
RuntimeError: linalg.pinv(Float{[2]}): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types]=], true)
check([=[
return L.pinv(f(3, 2))]=], [=[
tensor([[0.1667, 0.1667, 0.1667],
        [0.1667, 0.1667, 0.1667]])]=], false)
check([=[
return L.pinv(f(2, 3), {hermitian = true})]=], [=[
RuntimeError: linalg.eigh: A must be batches of square matrices, but they are 2 by 3 matrices]=], true)
check([=[
return L.pinv(i(2, 3))]=], [=[
RuntimeError: linalg.pinv(Long{[2, 3]}): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types]=], true)
check([=[
return L.pinv(f(0, 3))]=], [=[
tensor([], size=(3, 0))]=], false)
check([=[
return L.pinv(h(2, 3))]=], [=[
RuntimeError: linalg.pinv(Half{[2, 3]}): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types]=], true)
check([=[
return t.pinverse(f(3))]=], [=[
RuntimeError: linalg.pinv(Float{[3]}): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types]=], true)
check([=[
return L.pinv(f(3, 2):requires_grad_())]=], [=[
tensor([[0.1667, 0.1667, 0.1667],
        [0.1667, 0.1667, 0.1667]], grad_fn=<LinalgPinvBackward0>)]=], false)
check([=[
return L.pinv(f(3, 3):requires_grad_(), {hermitian = true})]=], [=[
tensor([[0.1111, 0.1111, 0.1111],
        [0.1111, 0.1111, 0.1111],
        [0.1111, 0.1111, 0.1111]], grad_fn=<LinalgPinvBackward0>)]=], false)
check([=[
return L.pinv(f(4, 3, 2), {rtol = t.ones(4)})]=], [=[
tensor([[[0., 0., 0.],
         [0., 0., 0.]],

        [[0., 0., 0.],
         [0., 0., 0.]],

        [[0., 0., 0.],
         [0., 0., 0.]],

        [[0., 0., 0.],
         [0., 0., 0.]]])]=], false)
check([=[
return L.pinv(f(4, 3, 2), {rcond = t.ones(4)})]=], [=[
tensor([[[0., 0., 0.],
         [0., 0., 0.]],

        [[0., 0., 0.],
         [0., 0., 0.]],

        [[0., 0., 0.],
         [0., 0., 0.]],

        [[0., 0., 0.],
         [0., 0., 0.]]])]=], false)
check([=[
return L.matrix_rank(f(3))]=], [=[
RuntimeError: torch.linalg.matrix_rank: The input tensor input must have at least 2 dimensions.]=], true)
check([=[
return L.matrix_rank(f(3, 2))]=], [=[
tensor(1)]=], false)
check([=[
return L.matrix_rank(f(3, 2), {tol = 0.5})]=], [=[
tensor(1)]=], false)
check([=[
return L.matrix_rank(f(3, 2), {tol = t.tensor(0.5)})]=], [=[
tensor(1)]=], false)
check([=[
return L.matrix_rank(f(3, 3), {hermitian = true})]=], [=[
tensor(1)]=], false)
check([=[
return L.matrix_rank(f(3, 2), {hermitian = true})]=], [=[
RuntimeError: linalg.eigh: A must be batches of square matrices, but they are 3 by 2 matrices]=], true)
check([=[
return L.matrix_rank(f(0, 2))]=], [=[
tensor(0)]=], false)
check([=[
return L.matrix_rank(i(3, 2))]=], [=[
RuntimeError: This function doesn't handle types other than float and double]=], true)
check([=[
return L.matrix_rank(f(2, 3, 2), {atol = t.ones(2)})]=], [=[
tensor([1, 1])]=], false)
check([=[
return L.cond(f(3))]=], [=[
RuntimeError: linalg.cond: The input tensor must have at least 2 dimensions.]=], true)
check([=[
return L.cond(f(3, 2), 'fro')]=], [=[
RuntimeError: linalg.cond(ord=fro): A must be batches of square matrices, but they are 3 by 2 matrices]=], true)
check([=[
return L.cond(f(3, 2), 1)]=], [=[
RuntimeError: linalg.cond(ord=1): A must be batches of square matrices, but they are 3 by 2 matrices]=], true)
check([=[
return L.cond(t.eye(2), 1)]=], [=[
tensor(1.)]=], false)
check([=[
return L.cond(t.eye(2), 'fro')]=], [=[
tensor(2.0000)]=], false)
check([=[
return L.cond(t.eye(2), 'nuc')]=], [=[
tensor(4.)]=], false)
check([=[
return L.cond(t.eye(2), math.huge)]=], [=[
tensor(1.)]=], false)
check([=[
return L.cond(t.eye(2), 2)]=], [=[
tensor(1.)]=], false)
check([=[
return L.cond(t.eye(2), -2)]=], [=[
tensor(1.)]=], false)
check([=[
return L.cond(t.eye(2), 3)]=], [=[
ValueError: linalg.cond got an invalid norm type: 3]=], true)
check([=[
return L.cond(t.eye(2), 'x')]=], [=[
ValueError: linalg.cond got an invalid norm type: x]=], true)
check([=[
return L.cond(f(2, 2), 1)]=], [=[
tensor(inf)]=], false)
check([=[
return L.cond(f(0, 0))]=], [=[
tensor(0.)]=], false)
check([=[
return L.cond(f(0, 0), 1)]=], [=[
tensor(0.)]=], false)
check([=[
return L.cond(f(3, 0, 0))]=], [=[
tensor([0., 0., 0.])]=], false)
check([=[
return L.cond(i(2, 2))]=], [=[
NotImplementedError: linalg.svd: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return L.matrix_norm(f(3))]=], [=[
RuntimeError: linalg.matrix_norm: The input tensor A must have at least 2 dimensions.]=], true)
check([=[
return L.matrix_norm(f(3, 2), 'x')]=], [=[
RuntimeError: linalg.matrix_norm: Order x not supported.]=], true)
check([=[
return L.matrix_norm(f(3, 2), 3)]=], [=[
RuntimeError: linalg.matrix_norm: Order 3 not supported.]=], true)
check([=[
return L.matrix_norm(f(3, 2), 1, {dim = {0, 0}})]=], [=[
RuntimeError: linalg.matrix_norm: dims must be different. Got (0, 0)]=], true)
check([=[
return L.matrix_norm(f(3, 2), 1, {dim = {0}})]=], [=[
RuntimeError: linalg.matrix_norm: dim must be a 2-tuple. Got 0]=], true)
check([=[
return L.matrix_norm(f(3, 2), 1, {dim = {0, 2}})]=], [=[
IndexError: Dimension out of range (expected to be in range of [-2, 1], but got 2)]=], true)
check([=[
return L.matrix_norm(i(3, 2))]=], [=[
NotImplementedError: linalg.matrix_norm: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return L.matrix_norm(h(3, 2), 'nuc')]=], [=[
NotImplementedError: linalg.matrix_norm: Low precision dtypes not supported. Got Half]=], true)
check([=[
return L.matrix_norm(h(3, 2), 2)]=], [=[
NotImplementedError: linalg.matrix_norm: Low precision dtypes not supported. Got Half]=], true)
check([=[
return L.matrix_norm(h(3, 2), 1)]=], [=[
tensor(3., dtype=torch.float16)]=], false)
check([=[
return L.matrix_norm(f(3, 0), 2)]=], [=[
tensor(0.)]=], false)
check([=[
return L.matrix_norm(f(3, 0), -2)]=], [=[
IndexError: amin(): Expected reduction dim -1 to have non-zero size.]=], true)
check([=[
return L.matrix_norm(f(3, 0), 1)]=], [=[
tensor(0.)]=], false)
check([=[
return L.matrix_norm(f(3, 0), -1)]=], [=[
IndexError: amin(): Expected reduction dim 0 to have non-zero size.]=], true)
check([=[
return L.matrix_norm(f(3, 2), {dtype = t.float16})]=], [=[
RuntimeError: linalg.matrix_norm: the dtype of the input (Float) should be convertible without narrowing to the specified dtype (Half)]=], true)
check([=[
return L.matrix_norm(f(3, 2), 2, {dtype = t.float64})]=], [=[
tensor(2.4495, dtype=torch.float64)]=], false)
check([=[
return L.matrix_norm(f(3, 2):requires_grad_(), 1)]=], [=[
tensor(3., grad_fn=<AmaxBackward0>)]=], false)
check([=[
return L.norm(f(3, 2, 2), 2)]=], [=[
RuntimeError: linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got 3D.]=], true)
check([=[
return L.norm(f(3, 2, 2))]=], [=[
tensor(3.4641)]=], false)
check([=[
return L.norm(f(3, 2, 2), 2, {dim = {0, 1, 2}})]=], [=[
RuntimeError: linalg.norm: If dim is specified, it must be of length 1 or 2. Got [0, 1, 2]]=], true)
check([=[
return L.norm(f(3, 2), 'fro')]=], [=[
tensor(2.4495)]=], false)
check([=[
return L.norm(f(3), 'fro')]=], [=[
RuntimeError: linalg.matrix_norm: The input tensor A must have at least 2 dimensions.]=], true)
check([=[
return L.norm(f(3, 2), 'fro', {dim = 1})]=], [=[
RuntimeError: linalg.matrix_norm: dim must be a 2-tuple. Got 1]=], true)
check([=[
return L.norm(f(3, 2), 'nuc', {dim = 1})]=], [=[
RuntimeError: linalg.matrix_norm: dim must be a 2-tuple. Got 1]=], true)
check([=[
return L.norm(i(3, 2))]=], [=[
NotImplementedError: linalg.vector_norm: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return L.norm(f(3, 2), 2, {dim = 0})]=], [=[
tensor([1.7321, 1.7321])]=], false)
check([=[
return L.norm(f(3, 2), {dim = {0, 1}})]=], [=[
tensor(2.4495)]=], false)
check([=[
return L.norm(f(3, 2), {ord = 2, dim = {0, 1}})]=], [=[
tensor(2.4495)]=], false)
check([=[
return L.vector_norm(f(0), -1)]=], [=[
RuntimeError: linalg.vector_norm cannot compute the -1 norm on an empty tensor because the operation does not have an identity]=], true)
check([=[
return L.vector_norm(f(0), math.huge)]=], [=[
RuntimeError: linalg.vector_norm cannot compute the inf norm on an empty tensor because the operation does not have an identity]=], true)
check([=[
return L.vector_norm(f(0, 2), math.huge, {dim = 0})]=], [=[
RuntimeError: linalg.vector_norm cannot compute the inf norm on the dimension 0because this dimension is empty and the operation does not have an identity]=], true)
check([=[
return L.vector_norm(f(0, 2), math.huge, {dim = 1})]=], [=[
tensor([])]=], false)
check([=[
return L.vector_norm(f(0, 2), 2)]=], [=[
tensor(0.)]=], false)
check([=[
return L.vector_norm(f(2, 3), 2, {dim = {0, 0}})]=], [=[
RuntimeError: dim 0 appears multiple times in the list of dims]=], true)
check([=[
return L.vector_norm(f(2, 3), 0)]=], [=[
tensor(6.)]=], false)
check([=[
return L.vector_norm(i(3))]=], [=[
NotImplementedError: linalg.vector_norm: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return L.vector_norm(f(3), {dtype = t.int64})]=], [=[
RuntimeError: linalg.vector_norm: dtype should be floating point or complex, but got Long]=], true)
check([=[
return L.vector_norm(f(3), {dtype = t.float16})]=], [=[
RuntimeError: linalg.vector_norm: the dtype of the input (Float) should be convertible without narrowing to the specified dtype (Half)]=], true)
check([=[
return L.vector_norm(h(3), {dtype = t.float32})]=], [=[
tensor(1.7321)]=], false)
check([=[
return L.vector_norm(f(2, 3), 2, {dim = {}})]=], [=[
tensor(2.4495)]=], false)
check([=[
return L.vector_norm(f({}), 3)]=], [=[
tensor(1.)]=], false)
check([=[
return L._powsum(f(2, 3), 3)]=], [=[
tensor(6.)]=], false)
check([=[
return L.matrix_exp(f(2, 3))]=], [=[
RuntimeError: linalg.matrix_exp: A must be batches of square matrices, but they are 2 by 3 matrices]=], true)
check([=[
return L.matrix_exp(i(2, 2))]=], [=[
NotImplementedError: linalg.matrix_exp: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return t.matrix_exp(f(2))]=], [=[
RuntimeError: linalg.matrix_exp: The input tensor A must have at least 2 dimensions.]=], true)
check([=[
return L.matrix_exp(f(0, 0))]=], [=[
tensor([], size=(0, 0))]=], false)
check([=[
return L.matrix_exp(f(1, 1))]=], [=[
tensor([[2.7183]])]=], false)
check([=[
return L.matrix_exp(f(2, 2):requires_grad_())]=], [=[
tensor([[4.1945, 3.1945],
        [3.1945, 4.1945]], grad_fn=<LinalgMatrixExpBackward0>)]=], false)
check([=[
return L.matrix_power(f(2, 3), 2)]=], [=[
RuntimeError: linalg.matrix_power: A must be batches of square matrices, but they are 2 by 3 matrices]=], true)
check([=[
return L.matrix_power(i(2, 2), 2)]=], [=[
tensor([[2, 2],
        [2, 2]])]=], false)
check([=[
return L.matrix_power(i(2, 2), 0)]=], [=[
tensor([[1, 0],
        [0, 1]])]=], false)
check([=[
return L.matrix_power(i(2, 2), -1)]=], [=[
NotImplementedError: linalg.inv: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return L.matrix_power(h(2, 2), 2)]=], [=[
tensor([[2., 2.],
        [2., 2.]], dtype=torch.float16)]=], false)
check([=[
return L.matrix_power(f(2, 2), -1)]=], [=[
_LinAlgError: linalg.inv: The diagonal element 2 is zero, the inversion could not be completed because the input matrix is singular.]=], true)
check([=[
return L.matrix_power(f(2), 2)]=], [=[
RuntimeError: linalg.matrix_power: The input tensor A must have at least 2 dimensions.]=], true)
check([=[
return L.matrix_power(t.eye(2):requires_grad_(), 1)]=], [=[
tensor([[1., 0.],
        [0., 1.]], grad_fn=<CloneBackward0>)]=], false)
check([=[
return L.lu(f(2))]=], [=[
RuntimeError: linalg.lu: Expected tensor with 2 or more dimensions. Got size: [2] instead]=], true)
check([=[
return L.lu(h(2, 2))]=], [=[
NotImplementedError: "lu_cpu" not implemented for 'Half']=], true)
check([=[
return L.lu(i(2, 2))]=], [=[
NotImplementedError: "lu_cpu" not implemented for 'Long']=], true)
check([=[
return L.lu(f(3, 2), {pivot = false})]=], [=[
RuntimeError: linalg.lu_factor: LU without pivoting is not implemented on the CPU]=], true)
check([=[
return L.lu_factor(f(3, 2))]=], [=[
RuntimeError: torch.linalg.lu_factor: U[2,2] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)]=], true)
check([=[
return L.lu_factor(t.zeros(2, 2))]=], [=[
RuntimeError: torch.linalg.lu_factor: U[1,1] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)]=], true)
check([=[
return L.lu_factor(f(3, 2), {pivot = false})]=], [=[
RuntimeError: linalg.lu_factor: LU without pivoting is not implemented on the CPU]=], true)
check([=[
return L.lu_factor(f(2))]=], [=[
RuntimeError: torch.lu_factor: Expected tensor with 2 or more dimensions. Got size: [2] instead]=], true)
check([=[
return L.lu_factor(i(2, 2))]=], [=[
NotImplementedError: "lu_cpu" not implemented for 'Long']=], true)
check([=[
return L.lu_factor_ex(t.zeros(2, 2), {check_errors = true})]=], [=[
RuntimeError: torch.linalg.lu_factor_ex: U[1,1] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)]=], true)
check([=[
return L.lu_factor_ex(t.zeros(3, 2, 2), {check_errors = true})]=], [=[
RuntimeError: torch.linalg.lu_factor_ex: (Batch element 0): U[1,1] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)]=], true)
check([=[
return t.lu(f(2, 2), {pivot = false})]=], [=[
RuntimeError: linalg.lu_factor: LU without pivoting is not implemented on the CPU]=], true)
check([=[
return t.lu_unpack(f(3), t.ones(2))]=], [=[
RuntimeError: torch.lu_unpack: Expected tensor with 2 or more dimensions. Got size: [3] instead]=], true)
check([=[
return t.lu_solve(f(2, 1), t.eye(2), t.ones(2, {dtype = t.int32}))]=], [=[
tensor([[1.],
        [1.]])]=], false)
check([=[
return t.lu_solve(f(2), t.eye(2), t.ones(2, {dtype = t.int32}))]=], [=[
RuntimeError: linalg.lu_solve: The input tensor B must have at least 2 dimensions.]=], true)
check([=[
return t.lu_solve(f(2, 1), t.eye(2), t.ones(2))]=], [=[
RuntimeError: linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32]=], true)
check([=[
return L.lu_solve(t.eye(2), t.ones(2, {dtype = t.int32}), f(2, 1))]=], [=[
tensor([[1.],
        [1.]])]=], false)
check([=[
return L.lu_solve(t.eye(2), t.ones(3, {dtype = t.int32}), f(2, 1))]=], [=[
RuntimeError: linalg.lu_solve: Number of pivots per batch should be same as the dimension of the matrix]=], true)
check([=[
return L.lu_solve(t.eye(2), t.ones(1, 2, {dtype = t.int32}), f(2, 1))]=], [=[
RuntimeError: linalg.lu_solve: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape [1, 2] instead]=], true)
check([=[
return L.lu_solve(t.eye(2), t.ones(2, {dtype = t.int32}), f(2, 2), {left = false})]=], [=[
tensor([[1., 1.],
        [1., 1.]])]=], false)
check([=[
return L.lu_solve(t.eye(2), t.ones(2, {dtype = t.int32}), d(2, 1))]=], [=[
RuntimeError: linalg.lu_solve: Expected LU and B to have the same dtype, but found LU of type Float and B of type Double instead]=], true)
check([=[
return L.lu_solve(t.eye(2), t.ones(2, {dtype = t.int32}), f(3, 1))]=], [=[
RuntimeError: linalg.lu_solve: Incompatible shapes of A and B for the equation AX = B (2x2 and 3x1)]=], true)
check([=[
return L.lu_solve(f(2, 3), t.ones(2, {dtype = t.int32}), f(3, 1))]=], [=[
RuntimeError: torch.linalg.lu_solve: A must be batches of square matrices, but they are 2 by 3 matrices]=], true)
check([=[
return L.ldl_factor(f(2, 3))]=], [=[
RuntimeError: torch.linalg.ldl_factor_ex: A must be batches of square matrices, but they are 2 by 3 matrices]=], true)
check([=[
return L.ldl_factor(i(2, 2))]=], [=[
NotImplementedError: torch.linalg.ldl_factor_ex: Expected a floating point or complex tensor as input. Got Long]=], true)
check([=[
return L.ldl_solve(t.eye(2), t.arange(1, 3):int(), f(2, 1))]=], [=[
tensor([[1.],
        [1.]])]=], false)
check([=[
return L.ldl_solve(t.eye(2), t.arange(1, 3):int(), f(2))]=], [=[
IndexError: Dimension out of range (expected to be in range of [-1, 0], but got -2)]=], true)
check([=[
return L.ldl_solve(t.eye(2), t.arange(1, 3), f(2, 1))]=], [=[
tensor([[1.],
        [1.]])]=], false)
check([=[
return L.ldl_solve(t.eye(2), t.arange(1, 4):int(), f(2, 1))]=], [=[
RuntimeError: torch.linalg.ldl_solve: Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape [3] instead]=], true)
check([=[
return L.ldl_solve(t.eye(2), t.ones(2), f(2, 1))]=], [=[
RuntimeError: torch.linalg.ldl_solve: Expected pivots to be integers. Got Float]=], true)
check([=[
return L.ldl_solve(t.eye(2), t.arange(1, 3):int(), d(2, 1))]=], [=[
RuntimeError: Expected b and A to have the same dtype, but found b of type Double and A of type Float instead.]=], true)
check([=[
return L.solve_triangular(t.eye(2), f(2, 1), {upper = true})]=], [=[
tensor([[1.],
        [1.]])]=], false)
check([=[
return L.solve_triangular(t.eye(2), f(2), {upper = true})]=], [=[
RuntimeError: linalg.solve_triangular: The input tensor B must have at least 2 dimensions.]=], true)
check([=[
return L.solve_triangular(t.eye(2), f(3, 1), {upper = true})]=], [=[
RuntimeError: linalg.solve_triangular: Incompatible shapes of A and B for the equation AX = B (2x2 and 3x1)]=], true)
check([=[
return L.solve_triangular(t.eye(2), f(1, 2), {upper = true, left = false})]=], [=[
tensor([[1., 1.]])]=], false)
check([=[
return L.solve_triangular(t.eye(2), d(2, 1), {upper = true})]=], [=[
tensor([[1.],
        [1.]])]=], false)
check([=[
return L.solve_triangular(t.eye(2), f(3, 2, 1), {upper = true})]=], [=[
tensor([[[1.],
         [1.]],

        [[1.],
         [1.]],

        [[1.],
         [1.]]])]=], false)
check([=[
return L.solve_triangular(i(2, 2), i(2, 1), {upper = true})]=], [=[
NotImplementedError: "triangular_solve_cpu" not implemented for 'Long']=], true)
check([=[
return L.solve_triangular(f(2, 3), f(2, 1), {upper = true})]=], [=[
RuntimeError: linalg.solve_triangular: A must be batches of square matrices, but they are 2 by 3 matrices]=], true)
check([=[
return L.solve_triangular(t.zeros(2, 2), f(2, 1), {upper = true})]=], [=[
tensor([[nan],
        [inf]])]=], false)
check([=[
return t.triangular_solve(f(2), t.eye(2))]=], [=[
RuntimeError: torch.triangular_solve: Expected b to have at least 2 dimensions, but it has 1 dimensions instead]=], true)
check([=[
return t.triangular_solve(f(2, 1), f(2))]=], [=[
RuntimeError: torch.triangular_solve: Expected A to have at least 2 dimensions, but it has 1 dimensions instead]=], true)
check([=[
return t.triangular_solve(f(3, 1), t.eye(2))]=], [=[
RuntimeError: Incompatible matrix sizes for triangular_solve: each A matrix is 2 by 2 but each b matrix is 3 by 1]=], true)
check([=[
return L.tensorinv(f(2, 3, 6), {ind = 2})]=], [=[
_LinAlgError: inv: The diagonal element 2 is zero, the inversion could not be completed because the input matrix is singular.]=], true)
check([=[
return L.tensorinv(t.eye(6):reshape(2, 3, 6), {ind = 2})]=], [=[
tensor([[[1., 0., 0.],
         [0., 0., 0.]],

        [[0., 1., 0.],
         [0., 0., 0.]],

        [[0., 0., 1.],
         [0., 0., 0.]],

        [[0., 0., 0.],
         [1., 0., 0.]],

        [[0., 0., 0.],
         [0., 1., 0.]],

        [[0., 0., 0.],
         [0., 0., 1.]]])]=], false)
check([=[
return L.tensorinv(f(2, 3, 6), {ind = 0})]=], [=[
RuntimeError: Expected a strictly positive integer for 'ind', but got 0]=], true)
check([=[
return L.tensorinv(f(2, 3, 5), {ind = 2})]=], [=[
RuntimeError: Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got 5 != 6]=], true)
check([=[
return L.tensorsolve(t.eye(6):reshape(2, 3, 6), f(2, 3))]=], [=[
tensor([1., 1., 1., 1., 1., 1.])]=], false)
check([=[
return L.tensorsolve(f(2, 3, 5), f(2, 3))]=], [=[
RuntimeError: Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got 5 != 6]=], true)
check([=[
return L.tensorsolve(t.eye(6):reshape(2, 3, 6):permute(1, 2, 0), f(2, 3), {dims = {0}})]=], [=[
RuntimeError: Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got 3 != 6]=], true)
check([=[
return L.polar(f(2, 3))]=], [=[
RuntimeError: linalg.polar: input must have at least as many rows as columns, but got 2 by 3 matrices]=], true)
check([=[
return L.polar(h(3, 2))]=], [=[
NotImplementedError: "linalg_svd_cpu" not implemented for 'Half']=], true)
check([=[
return L.matrix_sqrth(f(2, 3))]=], [=[
RuntimeError: linalg.matrix_sqrth: A must be batches of square matrices, but they are 2 by 3 matrices]=], true)
check([=[
return L.matrix_sqrth(t.eye(2))]=], [=[
tensor([[1., 0.],
        [0., 1.]])]=], false)
check([=[
return L.matrix_sqrth(h(2, 2))]=], [=[
NotImplementedError: linalg.matrix_sqrth: Low precision dtypes not supported. Got Half]=], true)
check([=[
return L.matrix_sqrth(-t.eye(2))]=], [=[
tensor([[0., 0.],
        [0., 0.]])]=], false)
check([=[
return L.matrix_sqrth(t.eye(2):requires_grad_())]=], [=[
tensor([[1., 0.],
        [0., 1.]], grad_fn=<LinalgMatrixSqrthBackward0>)]=], false)
check([=[
return L.matrix_sqrth(t.zeros(2, 2))]=], [=[
tensor([[0., 0.],
        [0., 0.]])]=], false)
check([=[
return t.pca_lowrank(f(10, 5), {q = 20})]=], [=[
ValueError: q(=20) must be non-negative integer and not greater than min(m, n)=5]=], true)
check([=[
return t.pca_lowrank(f(10, 5), {niter = -1})]=], [=[
ValueError: niter(=-1) must be non-negative integer]=], true)
check([=[
return t.nuclear_norm(f(3, 2))]=], [=[
tensor(2.4495)]=], false)
check([=[
return t.frobenius_norm(f(3, 2), 1)]=], [=[
tensor([1.4142, 1.4142, 1.4142])]=], false)
check([=[
return f(3, 2):cholesky_inverse()]=], [=[
RuntimeError: cholesky_inverse: A must be batches of square matrices, but they are 3 by 2 matrices]=], true)
check([=[
return t.eye(2):pinverse()]=], [=[
tensor([[1., 0.],
        [0., 1.]])]=], false)
check([=[
return t.eye(2):det()]=], [=[
tensor(1.)]=], false)
check([=[
return t.eye(2):matrix_exp()]=], [=[
tensor([[2.7183, 0.0000],
        [0.0000, 2.7183]])]=], false)
check([=[
return t.eye(2):orgqr(f(2))]=], [=[
tensor([[0., 0.],
        [-0., 0.]])]=], false)
for _, text in ipairs(failures) do io.stderr:write(text, '\n') end
print(('%d passed, %d failed'):format(passed, #failures))
os.exit(#failures == 0)
