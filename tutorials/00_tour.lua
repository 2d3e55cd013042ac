-- %% [markdown]
-- # A tour of qrepl in five minutes
--
-- qrepl is a Lua prompt with PyTorch's tensors, layers and optimizers underneath, and with the magics of IPython. This file
-- shows what the prompt can do. Read it as a page (`qrepl convert tutorials/00_tour.lua tour.html`), run it
-- (`qrepl tutorials/00_tour.lua`), or type its lines at the prompt, which `qrepl` alone opens.
--
-- A line that begins with `%` is a *magic*: a command to the prompt rather than Lua. In a file it stands in a comment, so that
-- the file stays plain Lua; at the prompt it needs none.

-- %% [markdown]
-- ## Values
--
-- At the prompt an expression shows its value, and `_` is the last one. What belongs to torch is spelled as in PyTorch, with
-- `:` for methods and a table in braces for keywords.

-- %% A tensor, and what one does with it
local torch = require "torch"
local nn = require "torch.nn"

local x = torch.arange(6):view(2, 3)
print(x)
print(x:sum{dim = 0}, x[1], x[{0, "1:3"}])

-- %% [markdown]
-- A `local` at the top of a cell lives on in the next one, here and at the prompt: the cells below use `x` and `nn`.
--
-- ## Help
--
-- Tab completes names, methods, keywords in a call's braces, and magics with their options. `torch.outer?` shows what
-- `torch.outer` takes and does, and `torch.optim.SGD??` its source, where that is Lua. In a file that is `%pinfo`, and in a shell
-- `qrepl help torch.outer`.

-- %% What a function takes
-- %pinfo torch.outer

-- %% [markdown]
-- A misspelt name is told with its line, and with what was probably meant:
--
-- ```text
-- In [7]: torch.arrange(3)
-- In[7]:1: attempt to call a nil value (field 'arrange')
--   1 | torch.arrange(3)
--     |       ^^^^^^^
-- Did you mean 'arange'?
-- ```
--
-- After an error, `%debug` shows the variables of the functions that were running.
--
-- ## A model to play with
--
-- `%seed` makes random numbers repeat: they are PyTorch's numbers for that seed.

-- %% A small network
-- %seed 0
local net = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))

-- %% [markdown]
-- ## What a model is made of
--
-- `%summary` has a line for each layer. `%qdiff` sets a model beside what became of it, here by quantization to 8 bits: what it
-- saves and what it costs, as signal to noise in decibels. `%sparsity` and `%qinfo` count zeros and bits.

-- %% Layers
-- %summary net

-- %% What 8 bits save and cost
local small = torch.quantization.quantize_dynamic(net, {nn.Linear}, {dtype = torch.qint8})
print(small)
-- %qdiff net, small

-- %% [markdown]
-- ## Pictures
--
-- `%plot` draws curves, `%hist` histograms and `%spy` matrices, as text, or as pictures in a terminal that can show them
-- (Kitty's protocol). `require "plot"` does the same from Lua and writes PNG and SVG; a page or a notebook made of this file
-- holds the pictures.

-- %% It learns a sine
local optimizer = torch.optim.Adam(net:parameters(), {lr = 0.01})
local inputs = torch.linspace(-3, 3, 64):view(-1, 1)
local targets = inputs:sin()

local losses = {}
for step = 1, 60 do
  optimizer:zero_grad()
  local loss = nn.functional.mse_loss(net(inputs), targets)
  loss:backward()
  optimizer:step()
  losses[step] = loss:item()
end
print(("loss %.2f at first, %.2f at last"):format(losses[1], losses[#losses]))

-- %% The way down
-- %plot -w 64 -h 12 losses

-- %% [markdown]
-- ## How long, how large
--
-- `%timeit` runs a statement often enough to say how long it takes, and `--cmp` beside another; `%time` runs it once, `%memit` says
-- how much memory it takes, `%prun` where the time goes, `%prun --ops` in which operations.

-- %% Time
-- %timeit -r 3 net(inputs)
-- %time local wide = torch.randn(256, 256):matmul(torch.randn(256, 256))

-- %% [markdown]
-- `%whos` lists your variables, tensors with their shapes and modules with their parameters.

-- %% What there is
-- %whos Tensor nn.Sequential

-- %% [markdown]
-- ## Checks
--
-- `%expect` fails unless the statement above it has the value it names, and `%%expect` unless a cell writes what its first comment
-- says. `qrepl test` reports such cells for continuous integration, and with `--update` writes what they give into the file.

-- %% Expected
x:sum():item()
-- %expect 15

-- %% [markdown]
-- ## The shell and the past
--
-- `!ls` at the prompt and `%sh` in a file run a command; one that fails is an error. `%cd`, `%pwd`, `%ls` and `%env` are there, too.
-- `%history` shows what you typed, in this session and in earlier ones (`-g` searches all), `%rerun` runs it again, `%save` writes
-- it into a file and `%edit` opens it in your editor. Ctrl-C ends a cell, also within a product of matrices, and keeps the session.

-- %% A command
-- %sh echo "from the shell: $((6 * 7))"

-- %% [markdown]
-- ## Files like this one
--
-- Cells begin at `-- %%`. A script's magics run as they do at the prompt, and Lua itself can run the file without them.
--
-- ```text
-- qrepl test FILE.lua                  runs the cells and reports each, for continuous integration
-- qrepl convert FILE.lua OUT.ipynb     writes a notebook with what the cells give; OUT.html a page
-- qrepl lint FILE.lua                  finds what would break
-- qrepl help TOPIC                     helps on a magic or a name of torch
-- ```
--
-- At the prompt, `%run FILE.lua` leaves the file's variables to look at.
--
-- From here: `tutorials/dynamic_quant.lua` makes a network smaller and quicker in five steps.
