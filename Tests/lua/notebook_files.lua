-- `qrepl convert`: percent files as notebooks, pages and Markdown, and back.
local here = arg[0]:match("^(.*/)[^/]*$")
local command = dofile(here .. "support/command.lua")

local function write(name, text)
  local file <close> = assert(io.open(name, "w"))
  file:write(text)
end
local function read(name)
  local file <close> = assert(io.open(name))
  return file:read("a")
end
local function run(line, expected)
  local text, status = command(line)
  if status ~= (expected or 0) then error(("%s: status %d\n%s"):format(line, status, text), 2) end
  return text
end
local function has(text, part) if not text:find(part, 1, true) then error(("%s\nlacks\n%s"):format(text, part), 2) end end
local function lacks(text, part) if text:find(part, 1, true) then error(("%s\nhas\n%s"):format(text, part), 2) end end

-- Every tutorial comes back from a notebook as it was.
local tutorials = io.popen("ls " .. here .. "../../tutorials/*.lua")
for path in tutorials:lines() do
  run(("qrepl convert --no-run %s a.ipynb && qrepl convert a.ipynb b.lua"):format(path))
  assert(read("b.lua") == read(path), path)
end
tutorials:close()

local source = [==[
#!/usr/bin/env qrepl
-- %% [markdown]
-- # Title & "more" <b>
--
-- A *word* and `code < 1`, <script>x</script>, [a](https://example.org/), [b](javascript:x).

-- %% tags=["parameters", "a b"]
local n, name = 2, "x"
-- %% with a title slide={"on": [1, true, null]}
print(n, name)
io.stderr:write("warned\n")
-- %time print("timed")
-- % not a magic
local s = [[
-- %% not a cell
]]


-- %%% deeper
n * 2
-- %%
-- %%sh
-- echo one
-- echo two
-- %% [raw]
-- raw
--
-- text
-- %% tags=["raises-exception"]
error("on purpose")
-- %%
picture = setmetatable({}, {__mime = function(_, want)
  assert(want["image/png"] and want["image/svg+xml"] and want.width == 80 and want.unicode and not want.colors)
  return {["text/plain"] = "a picture", ["image/png"] = "\137PNG\0\255", ["image/svg+xml"] = "<svg>é</svg>"}
end})
io.write("before ")
print(picture.x)
]==]
-- What a cell of a file gives must be a statement of Lua; only a call is one and has a value.
source = source:gsub("n %* 2", "math.max(n, 7)") .. "tostring(5);\n-- %%\n(function() return picture end)()\n-- %%\n"
write("all.lua", source)
run("qrepl convert all.lua all.ipynb")
local notebook = read("all.ipynb")
has(notebook, '"# Title & \\"more\\" <b>\\n"')
has(notebook, '"%time print(\\"timed\\")\\n",\n    "-- % not a magic\\n"')
has(notebook, '"%%sh\\n",\n    "echo one\\n",\n    "echo two"')
has(notebook, '"name": "stdout",\n     "output_type": "stream",\n     "text": [\n      "2\\tx\\n",\n      "timed\\n"')
has(notebook, '"name": "stderr",\n     "output_type": "stream",\n     "text": [\n      "warned\\n"')
has(notebook, '"text/plain": [\n       "7"\n      ]\n     },\n     "execution_count": 3')
has(notebook, '"evalue": "all.lua:')
has(notebook, '"image/png": "iVBORwD/"')
has(notebook, '"image/svg+xml": [\n       "<svg>é</svg>"\n      ]')
has(notebook, '"before nil\\n"')
lacks(notebook, '"text/plain": [\n       "5"')
run("qrepl convert all.ipynb back.lua")
assert(read("back.lua") .. "" == source:gsub("\n+$", "\n"), read("back.lua"))

-- nbformat is the judge of notebooks, where it is installed.
local _, status = command("/usr/bin/python3 -c 'import nbformat' 2>/dev/null")
if status == 0 then
  run([[/usr/bin/python3 -c 'import nbformat; n = nbformat.read("all.ipynb", 4); nbformat.validate(n); assert n.nbformat_minor == 5']])
else
  print("skipped: nbformat is not installed")
end

-- The page runs nothing and needs nothing.
run("qrepl convert all.lua all.html")
local page = read("all.html")
has(page, "<title>Title &amp; &quot;more&quot; &lt;b&gt;</title>")
has(page, "<em>word</em> and <code>code &lt; 1</code>, &lt;script&gt;x&lt;/script&gt;, <a href=\"https://example.org/\">a</a>, [b](javascript:x).")
has(page, '<span class="m">%time</span> <span class="f">print</span>(<span class="s">&quot;timed&quot;</span>)')
has(page, '<pre class="output stderr">warned\n</pre>')
has(page, '<img alt="" src="data:image/svg+xml;base64,')
has(page, '<pre class="output error">all.lua:')
lacks(page, "<script")
lacks(page, "http-equiv")

run("qrepl convert all.lua all.md")
has(read("all.md"), "```lua\nmath.max(n, 7)\n```\n\n```\n7\n```\n")
has(read("all.md"), "![](all_files/cell_")
has(run("ls all_files; cat all_files/*"), "<svg>é</svg>")

-- Parameters, cells that fail, and runs that are not wanted.
run("qrepl convert -p n=5 all.lua five.md")
has(read("five.md"), "local n, name = 5, \"x\"\n```\n\n```lua\nprint(n, name)")
has(read("five.md"), "5\tx\n")
write("bad.lua", "print(1)\n-- %%\nerror('stop')\n-- %%\nprint(3)\n")
has(run("qrepl convert bad.lua bad.md", 1), "qrepl: bad.lua:3: stop\n")
has(read("bad.md"), "bad.lua:3: stop\n")
lacks(read("bad.md"), "\n3\n")
run("qrepl convert -k bad.lua bad.md", 1)
has(read("bad.md"), "```\n3\n```")
run("qrepl convert --no-run bad.lua bad.md")
lacks(read("bad.md"), "stop\n")
write("loop.lua", "while true do end\n")
has(run("qrepl convert --timeout 0.3 loop.lua loop.ipynb", 1), "the cell took longer than 0.3 s")
write("exit.lua", "print('out')\nos.exit(0)\n")
has(run("qrepl convert exit.lua exit.md", 1), "qrepl: exit.lua: the cell ended the program with status 0")
has(read("exit.md"), "```\nout\n```")

-- Notebooks of other hands: sources as one string, commands and questions, cells that hold marks.
write("other.ipynb", [==[{"nbformat": 4, "nbformat_minor": 2, "metadata": {}, "cells": [
  {"cell_type": "code", "metadata": {"collapsed": true, "tags": ["x"]}, "execution_count": 1, "source": "!ls\n-- %% x\n%time f()",
   "outputs": [{"output_type": "stream", "name": "stdout", "text": "kept\n"}]},
  {"cell_type": "code", "metadata": {}, "execution_count": null, "source": "torch.add??", "outputs": []},
  {"cell_type": "markdown", "metadata": {}, "source": ["a\n", "\n", "b"]}]}]==])
run("qrepl convert other.ipynb other.lua")
assert(read("other.lua") == [==[
-- %% tags=["x"]
-- %sh ls
-- -- %% x
-- %time f()

-- %%
-- %pinfo2 torch.add

-- %% [markdown]
-- a
--
-- b
]==], read("other.lua"))
run("qrepl convert other.ipynb other.html")
has(read("other.html"), "kept\n</pre>")
for text, message in pairs {
  ["{"] = "not a notebook: EOF while parsing",
  ["{}"] = "it has no nbformat",
  ['{"nbformat": 3, "worksheets": []}'] = "nbformat 3 is not known: only 4 is",
  ['{"nbformat": 4, "cells": [], "metadata": {"kernelspec": {"language": "python"}}}'] = "a notebook of python, not of Lua",
  ['{"nbformat": 4, "cells": [{"cell_type": "other"}]}'] = "cell 1 has no source, or a cell_type that is not known",
} do
  write("wrong.ipynb", text)
  has(run("qrepl convert wrong.ipynb wrong.lua", 1), message)
end
for line, message in pairs {
  ["qrepl convert all.lua"] = "Missing expected argument '<out>'",
  ["qrepl convert all.lua all.pdf"] = "'all.pdf' ends in none of .ipynb, .html, .md and .lua",
  ["qrepl convert all.lua b.lua"] = "'all.lua' is Lua already",
  ["qrepl convert -p nn=1 all.lua a.md"] = "all.lua has no parameter 'nn'",
} do has(run(line, 64), message) end
has(run("qrepl convert missing.lua a.md", 1), "qrepl: cannot open missing.lua: No such file or directory\n")
has(run("qrepl convert all.lua /nowhere/a.html", 1), "qrepl: cannot write /nowhere/a.html: No such file or directory\n")
