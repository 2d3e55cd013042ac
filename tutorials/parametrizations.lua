-- %% [markdown]
-- # Parametrizations
--
-- Many ways to tame a deep network come down to one: *use a function of a parameter in the parameter's place*. A
-- recurrent network is steadier when its kernel is orthogonal, a GAN when each weight is divided by its largest singular
-- value, and *weight normalization* learns the length of a weight and its direction apart.
--
-- Written by hand, each of these is a layer of its own. A **parametrization** is that function alone: a module that any
-- layer can take. This walkthrough writes a few, chains them, keeps their values, gives a constrained weight a value,
-- and takes the constraint away again.
--
-- Run it with `qrepl tutorials/parametrizations.lua`, or cell by cell in an editor that knows the percent format.

-- %% [markdown]
-- ## By hand
--
-- Say that we want a square linear layer whose weight is symmetric. Copying the upper triangle to the lower one makes
-- any matrix symmetric.

-- %%
local torch = require "torch"
local nn = require "torch.nn"
local parametrize = require "torch.nn.utils.parametrize"

torch.manual_seed(0)

local function symmetric(X)
  return X:triu() + X:triu(1):transpose(-1, -2)
end

local X = torch.rand(3, 3)
local A = symmetric(X)
assert(torch.allclose(A, A.T)) -- A is symmetric
print(X)
print(A) -- quick visual check

-- %% [markdown]
-- A layer could now keep `X` as its parameter and multiply by `symmetric(X)`. But that layer says again what `nn.Linear`
-- says already, needs a twin for convolutions and another for transformers, and computes the matrix anew each time it
-- is used, though a recurrent network uses the same one at every step.
--
-- ## The same as a parametrization
--
-- A parametrization is an ordinary `nn.Module` whose `forward` is the function. Any layer takes it: here a linear layer
-- gets a symmetric weight.

-- %%
local Symmetric = torch.class("Symmetric", nn.Module)

function Symmetric:forward(M)
  return symmetric(M)
end

local layer = nn.Linear(3, 3)
parametrize.register_parametrization(layer, "weight", Symmetric())
print(layer.weight)

-- %% [markdown]
-- Nothing in it is about linear layers. A convolution gets skew-symmetric kernels just so: the upper triangle, and the
-- lower one with the other sign. What `right_inverse` is for comes later.

-- %%
local Skew = torch.class("Skew", nn.Module)

function Skew:forward(M)
  local upper = M:triu(1)
  return upper - upper:transpose(-1, -2)
end

function Skew:right_inverse(M)
  -- M is taken to be skew-symmetric; its upper triangle is all that forward looks at.
  return M:triu(1)
end

local cnn = nn.Conv2d(5, 8, 3)
parametrize.register_parametrization(cnn, "weight", Skew())
print(cnn.weight[{0, 1}])
print(cnn.weight[{2, 2}])

-- %% [markdown]
-- ## What a parametrized module looks like
--
-- Three things change:
--
-- 1. `layer.weight` is computed at every reading;
-- 2. there is a new submodule `layer.parametrizations`;
-- 3. the unconstrained weight has moved to `layer.parametrizations.weight.original`.

-- %%
layer = nn.Linear(3, 3)
print(("Unparametrized:\n%s"):format(layer))
parametrize.register_parametrization(layer, "weight", Symmetric())
print(("\nParametrized:\n%s"):format(layer))

-- %% [markdown]
-- `parametrizations` is an `nn.ModuleDict` with one `ParametrizationList` for each tensor. The list applies its members
-- one after the other, and counts them from 0.

-- %%
print(layer.parametrizations)
print(layer.parametrizations.weight)
print(layer.parametrizations.weight[0])

-- %% [markdown]
-- Among the parameters, `weight` has moved. It is still the same object, so an optimizer that was made before goes on
-- training it.

-- %%
for name, parameter in layer:named_parameters() do
  print(("%s %s"):format(name, parameter))
end
print(layer.parametrizations.weight.original)

-- %% [markdown]
-- Apart from that nothing has changed: the weight is what our function gives.

-- %%
print(torch.dist(layer.weight, Symmetric()(layer.parametrizations.weight.original)))

-- %% [markdown]
-- Since a parametrization is a submodule, its own parameters and buffers are the model's: they are trained, saved with
-- the state dict, and change their dtype with the rest.
--
-- ## Keeping values
--
-- Whoever reads `layer.weight` twice pays twice, as this one tells. (The first line comes from `register_parametrization`,
-- which tries whether the result fits.) Within `parametrize.cached` the value is computed once. The function form ends
-- with its function; `local _ <close> = parametrize.cached()` ends with its block.

-- %%
local Noisy = torch.class("NoisyParametrization", nn.Module)

function Noisy:forward(M)
  print("Computing the Parametrization")
  return M
end

layer = nn.Linear(4, 4)
parametrize.register_parametrization(layer, "weight", Noisy())
print("Here, layer.weight is recomputed every time we call it")
local _ = layer.weight + layer.weight.T
_ = layer.weight:sum()
parametrize.cached(function()
  print("Here, it is computed just the first time layer.weight is called")
  _ = layer.weight + layer.weight.T
  _ = layer.weight:sum()
end)

-- %% [markdown]
-- ## Chaining
--
-- A second parametrization of the same tensor gets what the first one gives. The Cayley map makes an orthogonal matrix
-- of a skew-symmetric one, so that `Skew` and then `Cayley` give a layer with an orthogonal weight. A buffer belongs to
-- a parametrization as to any module.

-- %%
local Cayley = torch.class("Cayley", nn.Module)

function Cayley:__init(n)
  self:register_buffer("Id", torch.eye(n))
end

function Cayley:forward(M)
  -- (I + M)(I - M)^-1
  return torch.linalg.solve(self.Id - M, self.Id + M)
end

function Cayley:right_inverse(Q)
  -- Q is taken to be orthogonal: (Q - I)(Q + I)^-1
  return torch.linalg.solve(Q + self.Id, Q - self.Id)
end

layer = nn.Linear(3, 3)
parametrize.register_parametrization(layer, "weight", Skew())
parametrize.register_parametrization(layer, "weight", Cayley(3))
X = layer.weight
print(X)
print(torch.dist(X.T:matmul(X), torch.eye(3)):lt(1e-5)) -- X is orthogonal
print(layer)

-- %% [markdown]
-- Parametrizations can be used again in other chains. The exponential of a skew-symmetric matrix is orthogonal, too,
-- and that of a symmetric matrix is symmetric and positive definite.

-- %%
local MatrixExponential = torch.class("MatrixExponential", nn.Module)

function MatrixExponential:forward(M)
  return torch.matrix_exp(M)
end

local layer_orthogonal = nn.Linear(3, 3)
parametrize.register_parametrization(layer_orthogonal, "weight", Skew())
parametrize.register_parametrization(layer_orthogonal, "weight", MatrixExponential())
print(layer_orthogonal.weight)

local layer_spd = nn.Linear(3, 3)
parametrize.register_parametrization(layer_spd, "weight", Symmetric())
parametrize.register_parametrization(layer_spd, "weight", MatrixExponential())
print(layer_spd.weight)
print(torch.linalg.eigvalsh(layer_spd.weight):gt(0.0):all()) -- it is positive definite

-- %% [markdown]
-- ## Giving a constrained weight a value
--
-- Assigning to `layer.weight` asks the parametrization's `right_inverse` which original gives that value. `Skew` takes
-- the upper triangle.

-- %%
layer = nn.Linear(3, 3)
parametrize.register_parametrization(layer, "weight", Skew())
X = torch.rand(3, 3)
X = X - X.T -- now X is skew-symmetric
layer.weight = X
print(torch.dist(layer.weight, X))

-- %% [markdown]
-- A chain is gone through backwards. The Cayley map reaches the rotations, so a reflection is turned into a rotation
-- first.

-- %%
layer_orthogonal = nn.Linear(3, 3)
parametrize.register_parametrization(layer_orthogonal, "weight", Skew())
parametrize.register_parametrization(layer_orthogonal, "weight", Cayley(3))
X = torch.empty(3, 3)
nn.init.orthogonal_(X)
if X:det():item() < 0 then X[0]:neg_() end
layer_orthogonal.weight = X
print(X)
print(torch.dist(layer_orthogonal.weight, X):lt(1e-5))

-- %% [markdown]
-- It is called a *right* inverse because `forward(right_inverse(X))` is to be `X`; the other way round nothing need
-- hold. Many originals may give the same weight, as here, where a random mask that is drawn once prunes the weight:
-- any `X` is a good original, and the masked places show zero.

-- %%
local PruningParametrization = torch.class("PruningParametrization", nn.Module)

function PruningParametrization:__init(M, p_drop)
  self.mask = torch.bernoulli(torch.full_like(M, 1.0 - (p_drop or 0.2)))
end

function PruningParametrization:forward(M)
  return M * self.mask
end

function PruningParametrization:right_inverse(M)
  return M
end

layer = nn.Linear(3, 4)
X = torch.rand_like(layer.weight)
print(("Initialization matrix:\n%s"):format(X))
parametrize.register_parametrization(layer, "weight", PruningParametrization(layer.weight))
layer.weight = X
print(("\nInitialized weight:\n%s"):format(layer.weight))

-- %% [markdown]
-- ## Taking parametrizations away
--
-- `remove_parametrizations` gives the layer back its class and its parameter. What value that has, we choose: by default
-- the constrained one, with `leave_parametrized = false` the original.

-- %%
for _, leave_parametrized in ipairs {true, false} do
  layer = nn.Linear(3, 3)
  print("Before:")
  print(layer)
  print(layer.weight)
  parametrize.register_parametrization(layer, "weight", Skew())
  print("\nParametrized:")
  print(layer)
  print(layer.weight)
  parametrize.remove_parametrizations(layer, "weight", {leave_parametrized = leave_parametrized})
  print("\nAfter.")
  print(layer)
  print(layer.weight)
end
