-- Magics %plot, %hist, %spy and the tables of models through the real program: what a script and a pipe show.
local pipe = assert(io.popen("readlink /proc/$PPID/exe"))
local program = pipe:read "l"
pipe:close()

local function run(code, settings)
  local file = assert(io.open("cells.lua", "w"))
  file:write(code)
  file:close()
  local output = assert(io.popen((settings or "") .. " '" .. program .. "' cells.lua 2>&1"))
  local text = output:read "a"
  output:close()
  return text
end

local function same(got, wanted)
  wanted = wanted:gsub("^\n", "")
  assert(got == wanted, ("wanted:\n%s\ngot:\n%s"):format(wanted, got))
end

local C = "LC_ALL=en_US.ISO-8859-1"
same(run "-- %plot -w 30 -h 7 {1, 2, 3, 4}", [[
          {1, 2, 3, 4}
4 ┤                    ⢀⣀⠤⠤⠒⠒⠉
  │             ⢀⣀⠤⠤⠒⠊⠉⠁
2 ┤      ⢀⣀⡠⠤⠒⠒⠉⠁
  │⣀⠤⠤⠒⠊⠉⠁
  └─────────┬────────────────┬
            2                4
]])
same(run "-- %plot -w 40 -h 8 {1, 2, 3}, torch.tensor {3, 2, 1}", [[
3 ┤ooooo                           *****
  │     ooooooooo         *********
2 ┤              ooooooooo
  │     *********         ooooooooo
1 ┤*****                           ooooo
  └┬─────────────────┬─────────────────┬
   1                 2                 3
   * {1, 2, 3}
   o torch.tensor {3, 2, 1}
]])
same(run "-- %plot -w 40 -h 8 math.sin, 0, 6", [[
                  math.sin
 1 ┤    ⢀⡤⠖⠊⠉⠉⠉⠑⠒⠤⣀
   │ ⢀⠤⠊⠁          ⠙⢦⣀
 0 ┤⠔⠁               ⠈⠳⣄⡀
   │                    ⠙⠤⣀          ⢀⠤⠊
-1 ┤                      ⠈⠑⠢⠤⣀⣀⣀⣀⠤⠔⠊⠁
   └┬───────────┬──────────┬───────────┬
    0           2          4           6
]])
same(run "x = {0, 1, 1, 2}\n-- %plot --ascii -w 24 -h 6 x", [[
             x
2 +                 ****
1 +    *************
0 +****
  +-------+------------+
          2            4
]])
same(run("x = {0, 1, 1, 2}\n-- %plot -w 24 -h 6 x", C), [[
             x
2 +                 ****
1 +    *************
0 +****
  +-------+------------+
          2            4
]])
same(run "-- %plot -h 6 -w 24 require 'plot'.scatter({1, 2}, {2, 1})", [[
2.0 ┤⠁
    │
1.5 ┤
1.0 ┤                  ⢀
    └┬─────────────────┬
     1                 2
]])
same(run "-- %hist -w 30 -h 7 -b 4 {1, 2, 2, 3, 3, 3, 4}", [[
      {1, 2, 2, 3, 3, 3, 4}
  │              ██████
2 ┤       ▅▅▅▅▅▅▅██████
  │▃▃▃▃▃▃▃█████████████▃▃▃▃▃▃▃
0 ┤███████████████████████████
  └─────────┬────────────────┬
            2                4
]])
same(run "local l = torch.nn.Linear(8, 8)\ntorch.nn.init.eye_(l.weight)\n-- %spy l", [[
8x8, 56 of 64 zero (87.5 %)
  ┌────┐
0 │⠑⢄  │
  │  ⠑⢄│
  └────┘
   0  7
]])
same(run "-- %spy -w 30 torch.arange(24):view(2, 3, 4):gt(5)", [[
2x12, 6 of 24 zero (25.0 %)
  ┌──────┐
0 │⠒⠒⠒⠛⠛⠛│
  └──────┘
   0   11
]])
same(run "m = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())\n-- %summary m\n-- %summary --json m\nlocal t = nil\n-- %qdiff m, m", [[
layer  type    shape  parameters  bytes  bits  zeros
----------------------------------------------------
0      Linear  3x2             9     36    32      0
1      ReLU                    0      0            0
----------------------------------------------------
total                          9     36    32      0
{"layers": [
  {"layer": "0", "type": "Linear", "shape": [3, 2], "parameters": 9, "bytes": 36, "bits": 32, "zeros": 0},
  {"layer": "1", "type": "ReLU", "parameters": 0, "bytes": 0, "zeros": 0}
],
"total": {"parameters": 9, "bytes": 36, "bits": 32, "zeros": 0}}
layer  type    shape  bytes before  bytes after  after/before  SQNR dB  max error
---------------------------------------------------------------------------------
0      Linear  3x2              36           36          1.00      inf          0
---------------------------------------------------------------------------------
total                           36           36          1.00      inf          0
]])
-- A file in place of the text.
local text = run "-- %plot --png loss.png -w 40 -h 10 {1, 2}"
assert(text:find "^loss.png: 640 x 400 pixels, %d+ bytes\n$", text)
assert(assert(io.open("loss.png", "rb")):read(8) == "\137PNG\r\n\26\n")
-- Pictures where the terminal has them, or is said to; never ASCII and a picture.
text = run("-- %plot {1, 2}", "QREPL_GRAPHICS=kitty")
assert(text:find "^\27_Ga=T,f=100,q=2,c=%d+,m=1;iVBORw0KGgo" and text:find "\27\\\n$", text)
assert(not run("-- %plot --ascii {1, 2}", "QREPL_GRAPHICS=kitty"):find "\27")
-- Mistakes: the line of the file, and what is wrong.
for code, sentence in pairs {
  ["-- %plot"] = "UsageError: %plot needs something to draw",
  ["-- %plot 'x'"] = "cells.lua:1: ValueError: y must be a table or a tensor of numbers, not a string",
  ["-- %plot {}"] = "cells.lua:1: ValueError: plot.line: there is nothing to draw, the data is empty",
  ["-- %plot torch.nn.ReLU()"] = "ValueError: %plot draws numbers, not a ",
  ["-- %plot math.sin, 0"] = "ValueError: a function is drawn over a range: %plot f, from, to",
  ["-- %spy torch.nn.LSTM(2, 2)"] = "ValueError: %spy draws one matrix, and the module has 2: weight_ih_l0, weight_hh_l0",
  ["-- %hist torch.nn.ReLU()"] = "ValueError: the module has no weights",
  ["-- %summary 3"] = "cells.lua:1: TypeError: %summary needs a model, an nn.Module, and not a number",
  ["-- %plot --png none/x.png {1}"] = "none/x.png: No such file or directory",
} do
  local got = run(code)
  assert(got:find(sentence, 1, true), code .. "\n" .. got)
end
