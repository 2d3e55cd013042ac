-- `qrepl lint`, `qrepl help` and what installation is made of.
local here = arg[0]:match("^(.*/)[^/]*$")
local command = dofile(here .. "support/command.lua")

local function write(name, text)
  local file <close> = assert(io.open(name, "w"))
  file:write(text)
end
local function run(line, expected)
  local text, status = command(line)
  if status ~= (expected or 0) then error(("%s: status %d\n%s"):format(line, status, text), 2) end
  return text
end
local function has(text, part) if not text:find(part, 1, true) then error(("%s\nlacks\n%s"):format(text, part), 2) end end

-- What `lint` finds in a text, one line each.
local function found(source, expected)
  write("f.lua", source)
  local text = run("qrepl lint f.lua", expected == "" and 0 or 1)
  if text ~= expected then error(("%s\nis not\n%s"):format(text, expected), 2) end
end

assert(run("qrepl lint " .. here .. "../../tutorials/*.lua") == "")
found([==[
#!/usr/bin/env qrepl
-- %% A title slide={"a": 1} tags=["parameters"]
local a, b = 7, 3
local c = a %
  b -- "%d"
-- %timeit -n 1 c = a % b
-- % a comment, and -- %5
-- %% [markdown]
-- !text? with `%` and [links](x)
-- %%sh
-- !anything? %x
-- %%
--[[ a long comment ]]
for i = 1, 2 do
  -- %time print(i)
end
]==], "")
found("local a, b = 1, 2\nlocal x = a\n  % b\nlocal y = a\n\t%b\n", [[
f.lua:3:3: `%` at the beginning of a line looks like a magic: put the operator at the end of the line above
f.lua:5:2: `%` at the beginning of a line looks like a magic: put the operator at the end of the line above
]])
found("local s = [[\n-- %% x\né %timeit\n  %timeit f()\n]]\n--[==[\n-- %%\n]==]\n", [[
f.lua:2:1: `-- %%` within a long string: editors and Jupytext begin a cell here
f.lua:4:3: a line within a long string looks like the magic %timeit: Jupytext changes it
f.lua:7:1: `-- %%` within a long comment: editors and Jupytext begin a cell here
]])
found("local function f()\n  -- %%\n  return 1\nend\nlocal t = {\n-- %% in a table\n}\nprint(f, t)\n", [[
f.lua:2:3: `-- %%` within a block, a bracket or a statement: only editors and Jupytext begin a cell here
f.lua:6:1: `-- %%` within a block, a bracket or a statement: only editors and Jupytext begin a cell here
]])
found("!ls -l\nlocal x = 1\nx?\n", [[
f.lua:1:1: `!` is for the prompt: write -- %sh ls -l
f.lua:3:2: `?` is for the prompt: write -- %pinfo x
]])
found("-- %timeti f()\n-- %pwd -z\n%time f()\n-- %%timit\nf()\n", [[
f.lua:1:1: Line magic function `%timeti` not found. Did you mean `%timeit`?
f.lua:2:1: option -z not recognized (allowed: none)
f.lua:3:1: a magic outside a comment is no Lua: write -- %time
f.lua:4:1: Line magic function `%%timit` not found. Did you mean `%timeit`?
]])
found('-- %% tags=[a]\n-- %% [markdwon]\n-- %% tags="a"\n-- %% x y={1\n-- %% say "x\n', [[
f.lua:1:1: a cell's metadata is key=JSON: tags=[a]
f.lua:2:1: a cell's kind is [markdown] or [raw], or is left out: [markdwon]
f.lua:3:1: tags must be a list of strings, such as tags=["parameters"], not "a"
f.lua:4:1: a cell's metadata is key=JSON: x y={1
f.lua:5:1: a quote is left open in a cell's header: say "x
]])
found('-- %% tags=["parameters"]\n-- %% tags=["parameters"]\n-- %% [markdown]\nprose()\n-- more\n', [[
f.lua:2:1: a second cell tagged "parameters": -p sets variables of the first alone
f.lua:4:1: prose outside a comment: a line of a markdown cell begins with --
]])
found("-- %%\nlocal x = (1 +\n", "f.lua:3:1: unexpected symbol near <eof>\n")
found("-- %%\nprint(\xff)\n", "f.lua:2:7: this byte is no UTF-8\n")
-- A cell can be wrong alone.
found("-- %%\ngoto done\n-- %%\n::done::\n", "f.lua:3:1: the cell does not stand alone: no visible label 'done' for <goto> at line 2\n")
has(run("qrepl lint missing.lua", 1), "qrepl: cannot open missing.lua: No such file or directory")
has(run("qrepl lint", 64), "Missing expected argument")

has(run("qrepl help timeit"), "%timeit [-n N]")
assert(run("qrepl help %timeit") == run("qrepl help timeit"))
has(run("qrepl help torch.matmul"), "Signature:   matmul(Tensor self, Tensor other) -> Tensor\n")
for _, topic in ipairs {"nn.LSTM", "LSTM", "torch.nn.LSTM"} do has(run("qrepl help " .. topic), "Signature:   LSTM(int input_size, int hidden_size") end
for _, topic in ipairs {"matmul", "Tensor.matmul", "torch.Tensor.matmul"} do has(run("qrepl help " .. topic), "Mirrors torch.matmul.") end
has(run("qrepl help optim.SGD"), "Signature:   SGD(params, lr=0.001")
has(run("qrepl help tqdm"), 'Module:      require "tqdm"')
has(run("qrepl help test"), "USAGE: qrepl test ")
has(run("qrepl help"), "SUBCOMMANDS:\n  test ")
for topic, close in pairs {
  timit = "timeit", ["%timit"] = "%timeit", ["torch.matmull"] = "torch.matmul", ["nn.LSTN"] = "nn.LSTM", tets = "test", ["torhc.matmul"] = "torch.matmul",
  LSTMM = "LSTM", ["Tensor.matmull"] = "Tensor.matmul",
} do
  assert(run("qrepl help " .. topic, 1) == ("qrepl: no help on '%s'. Did you mean '%s'?\n"):format(topic, close), run("qrepl help " .. topic, 1))
end
assert(run("qrepl help xyzzyplugh", 1) == "qrepl: no help on 'xyzzyplugh'.\n")

has(run("qrepl help --man"), ".SH SYNOPSIS\n\\fBqrepl\\fR [\\fIoptions\\fR] [\\fIfile\\fR ...]\n")
for shell, line in pairs {bash = "complete -o filenames -F _qrepl qrepl", zsh = "#compdef qrepl", fish = "complete -c 'qrepl'"} do
  local text = run("qrepl --generate-completion-script " .. shell)
  has(text, line)
  for _, word in ipairs {"convert", "junit", "no-history"} do has(text, word) end
end
