-- Plots: the text exactly; PNG and SVG by their structure.
local here = arg[0]:match("^(.*/)[^/]*$")
local fails = dofile(here .. "support/fails.lua")
local plot = require "plot"

local function same(got, wanted)
  wanted = wanted:gsub("^\n", ""):gsub("\n$", "")
  assert(got == wanted, ("wanted:\n%s\ngot:\n%s"):format(wanted, got))
end
local small = {width = 40, height = 9}
local function text(p, more)
  local options = {ascii = false, colors = false}
  for key, value in pairs(small) do options[key] = value end
  for key, value in pairs(more or {}) do options[key] = value end
  return p:text(options)
end

-- Lines: of a list, of a function, of several.
same(text(plot.line({0, 1, 4, 9, 16, 25}, {title = "squares", xlabel = "n", ylabel = "n²"})), [[
                  squares
n²
20 ┤                               ⣀⠤⠔⠒⠉
   │                         ⣀⡠⠤⠒⠊⠉
10 ┤                  ⣀⣀⡠⠤⠔⠒⠉
 0 ┤⣀⣀⣀⡠⠤⠤⠤⠤⠤⠤⠔⠒⠒⠒⠒⠊⠉⠉
   └───────┬─────────────┬─────────────┬
           2             4             6
                     n
]])
same(text(plot.line(math.sin, 0, 6.28), {ascii = true}), [[
 1 +      *******
   |   ***      ****
   | ***           **
 0 +**               **               **
   |                   **           ***
   |                    ****      ***
-1 +                       *******
   ++----------+----------+----------+--
    0          2          4          6
]])
same(text(plot.line({1, 2, 3}, {label = "up"}):line({3, 2, 1}, {label = "down"})), [[
3 ┤ooo                              ****
  │   oooooo                  ******
  │         oooooo      ******
2 ┤              *oooooooo
  │     *********         ooooooooo
1 ┤*****                           ooooo
  └┬─────────────────┬─────────────────┬
   1                 2                 3
   * up   o down
]])

-- Columns of a matrix are lines; a gap where a value is not finite; a constant and a point stand in the middle.
assert(#plot.line(torch.randn(5, 3), {label = "w"}).series == 3 and plot.line(torch.randn(5, 3), {label = "w"}).series[2].label == "w 2")
same(text(plot.line({1, 0 / 0, 3, 1 / 0, 2})), [[
3 ┤                  ⠈
  │
  │
2 ┤                                    ⠈
  │
1 ┤⡀
  └┬────────┬────────┬────────┬────────┬
   1        2        3        4        5
   (2 of 5 values are not finite)
]])
same(text(plot.line {7, 7}, {height = 6}), [[
7.5 ┤
    │
7.0 ┤⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉
6.5 ┤
    └┬─────────────────────────────────┬
     1                                 2
]])
assert(text(plot.line {5}):find "\n5.0 ┤ +⠄\n" or error(text(plot.line {5})))

-- Logarithmic axes and limits.
same(text(plot.line({1, 10, 100, 1000}, {yscale = "log", xlim = {1, 3}})), [[
1000 ┤
     │
 100 ┤                             ⣀⣀⠤⠤⠒
     │                      ⣀⡠⠤⠔⠒⠊⠉
  10 ┤              ⢀⣀⡠⠤⠒⠒⠉⠉
     │       ⣀⡠⠤⠔⠒⠊⠉⠁
   1 ┤⣀⠤⠤⠒⠒⠉⠉
     └┬────────────────┬───────────────┬
      1                2               3
]])

-- Bars lie; many stand. Histograms.
same(text(plot.bar({"float32", "float16", "int8"}, {124.3, 62.25, -31}, {label = "MB"})), [[
float32 │     ████████████████████ 124.3
float16 │     ██████████ 62.25
   int8 │█████ -31
         ██ MB
]])
same(text(plot.bar({a = 3, b = 1.5, c = 0}, {title = "parts"}), {ascii = true}), [[
                   parts
a |################################# 3
b |################# 1.5
c | 0
]])
same(text(plot.bar({"a", "b"}, {1, 2}, {label = "x"}):bar({2, 0 / 0}, {label = "y"})), [[
a │████████████████▌ 1
  │▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒ 2
b │█████████████████████████████████ 2
  │ nan
   ██ x   ▒▒ y
   (1 of 4 values is not finite)
]])
assert(text(plot.bar(torch.arange(100))):find "▇")
same(text(plot.hist({1, 2, 2, 3, 3, 3, 4, 4, 5}, {bins = 5})), [[
  │               ███████
  │               ███████
2 ┤       ▅▅▅▅▅▅▅▅███████▅▅▅▅▅▅▅▅
  │       ███████████████████████
  │▃▃▃▃▃▃▃███████████████████████▃▃▃▃▃▃▃
  │█████████████████████████████████████
0 ┤█████████████████████████████████████
  └┬────────┬────────┬────────┬────────┬
   1        2        3        4        5
]])
same(text(plot.hist({1, 2, 2, 3, 3, 3, 4, 4, 5}, {bins = 5, density = true}), {ascii = true}), [[
0.4 +              #######
    |              #######
    |       #####################
0.2 +       #####################
    |       #####################
    |###################################
0.0 +###################################
    ++--------+-------+--------+-------+
     1        2       3        4       5
]])
-- numpy.histogram_bin_edges(x, "auto") of the same: 5 for 1..9 squared, 1 for a constant.
assert(#plot.hist({1, 4, 9, 16, 25, 36, 49, 64, 81}).series[1].y == 5)
assert(#plot.hist({3, 3, 3}).series[1].y == 1 and plot.hist({3, 3, 3}).series[1].edges[1] == 2.5)
assert(#plot.hist(torch.tensor {true, false, true}).series[1].y == 2 and plot.hist({0, 1, 2, 3, 1, 2, 1, 2}).series[1].edges[1] == -0.5)
assert(text(plot.bar {0, 0}):find "│ 0\n" and #plot.bar({0, 0}):svg() > 0)
-- Labels tell ticks apart, also far from 0.
for _, y in ipairs {{1000000.1, 1000000.2, 1000000.3}, {1e-10, 5e-10}, {1e10, 5e10}, {1e10, 1e10 + 2}, {-1e-5, 1e5}} do
  local labels = {}
  for label in text(plot.line(y)):gmatch "\n? *([%d.e-]+) ┤" do
    assert(not labels[label] and #label <= 13, label)
    labels[label] = true
  end
  assert(next(labels))
end

-- Matrices: shades, ASCII, half blocks in colour, a pattern in dots.
local ramp = torch.arange(12, {dtype = torch.float32}):view(3, 4)
same(text(plot.heatmap(ramp)), [[
  ┌────────────────┐
0 │            ░░░░│
  │            ░░░░│
1 │░░░░▒▒▒▒▒▒▒▒▓▓▓▓│
  │░░░░▒▒▒▒▒▒▒▒▓▓▓▓│
2 │▓▓▓▓████████████│
  │▓▓▓▓████████████│
  └────────────────┘
   0              3   0    ░░░▒▒▒▓▓▓████ 11
]])
same(text(plot.heatmap(ramp, {title = "ramp"}), {ascii = true}), [[
     ramp
  +--------+
0 |    ..::|
  |--==++**|
2 |##%%@@@@|
  +--------+
   0      3   0   .::-==+**#%%@@ 11
]])
local colored = text(plot.heatmap(torch.tensor {{0.0, 1.0}, {1.0, 0.0}}), {colors = true})
assert(colored:find("\27[0;38;5;53;48;5;53m▀", 1, true) and colored:find("\27[0;38;5;220;48;5;220m▀", 1, true), colored)
same(text(plot.spy(torch.eye(12))), [[
   ┌──────┐
 0 │⠑⢄    │
   │  ⠑⢄  │
10 │    ⠑⢄│
   └──────┘
    0   11
]])
assert(text(plot.spy(torch.ones(300, 300))):find "████" and not text(plot.spy(torch.zeros(300, 300))):find "░")

-- Colours: of series as the terminal has them.
assert(text(plot.line({1, 2}, {label = "a"}):line({2, 1}, {color = "#ff0000"}), {colors = true}):find("\27[0;38;5;196m", 1, true))

-- SVG is well formed and shows what it is told.
local p = plot.line({1, 2, 3}, {label = "a < b & c", title = '"T"'}):scatter({1, 2, 3}, {3, 1, 2}, {label = "dots"})
local svg = p:svg()
local function well_formed(xml)
  local open = {}
  for slash, name, closed in xml:gmatch "<(/?)([%a]+)[^<>]-(/?)>" do
    if slash == "/" then assert(table.remove(open) == name, name) elseif closed == "" then open[#open + 1] = name end
  end
  assert(#open == 0 and not xml:gsub("&%a+;", ""):find "&")
end
well_formed(svg)
assert(svg:find("a &lt; b &amp; c", 1, true) and svg:find("&quot;T&quot;", 1, true) and svg:find("<circle", 1, true) and svg:find("^<svg xmlns"))
well_formed(plot.heatmap(ramp, {xlabel = "x"}):svg())
well_formed(plot.line({1, 2, 3}, {ylim = {1, 2}}):svg())
well_formed(plot.hist(torch.randn(100), {label = "\1\255"}):svg())

-- PNG: signature, size, an end.
local function size_of(png)
  assert(png:sub(1, 8) == "\137PNG\r\n\26\n" and png:sub(-8, -5) == "IEND" and png:sub(13, 16) == "IHDR")
  return (">I4I4"):unpack(png, 17)
end
for _, one in ipairs {p, plot.hist(torch.randn(100)), plot.bar {1, -2}, plot.heatmap(ramp), plot.spy(torch.eye(7)), plot.line {5}, plot.line({1, 2}, {xlim = {1, 1.5}})} do
  local columns, rows = size_of(one:png())
  assert(columns == 1280 and rows == 800)
end
local columns, rows = size_of(p:set({width = 50, height = 10}):png {scale = 1})
assert(columns == 400 and rows == 200)
p:save "p.png"
p:save "p.svg"
p:save "p.txt"
assert(size_of(assert(io.open("p.png", "rb")):read "a") == 800 and io.open("p.svg"):read "a" == p:svg() and io.open("p.txt"):read "a" == tostring(p) .. "\n")

-- Much of it: quick, and small.
local many = torch.randn(200000):cumsum(0)
assert(#plot.line(many):svg() < 200000 and #plot.scatter(many, many):svg() < 3000000)
assert(#text(plot.heatmap(torch.randn(700, 900))) < 4000)

-- What a session is told.
local mime = getmetatable(p).__mime
local contents = mime(p, {width = 100, unicode = false, colors = false, ["image/svg+xml"] = true})
assert(contents["image/svg+xml"] == p:svg() and contents["image/png"] == nil and not contents["text/plain"]:find "[\128-\255]")

-- Mistakes say what is wrong, and where.
fails("plot.lua:" .. debug.getinfo(1, "l").currentline .. ": ValueError: plot.line: there is nothing to draw, the data is empty", function() plot.line {} end)
fails("none of the 2 values is finite", function() plot.line {0 / 0, 1 / 0} end)
fails("the only value is not finite", function() plot.scatter {0 / 0} end)
fails("there is nothing to draw, the data is empty", function() plot.hist(torch.empty(0)) end)
fails("there is nothing to draw, the data is empty", function() plot.heatmap(torch.empty(0, 3)) end)
fails("there is nothing to draw, the data is empty", function() plot.bar {} end)
fails("y must be a table or a tensor of numbers, not a string", function() plot.line "x" end)
fails("y[2] is the string 'a', not a number", function() plot.line {1, "a"} end)
fails("x has 2 numbers and y has 1", function() plot.line({1, 2}, {3}) end)
fails("there are 2 names and 1 values", function() plot.bar({"a", "b"}, {3}) end)
fails("plot.line knows no option 'lable'", function() plot.line({1}, {lable = "x"}) end)
fails("the option 'title' is a string, not a number", function() plot.line({1}, {title = 3}) end)
fails("there is no color 'pinkish'", function() text(plot.line({1}, {color = "pinkish"})) end)
fails("a range from -1e+308 to 1e+308 is too wide to draw", function() text(plot.line {1e308, -1e308}) end)
fails("a function is drawn over a range: plot.line(f, from, to)", function() plot.line(math.sin) end)
fails("a logarithmic axis shows numbers above 0", function() text(plot.line({-1, -2}, {yscale = "log"})) end)
fails("xscale is 'linear' or 'log', not 'cubic'", function() plot.line({1}, {xscale = "cubic"}) end)
fails("limits go up, not from 2 to 1", function() text(plot.line({1}, {xlim = {2, 1}})) end)
fails("not a tensor of torch.complex64", function() plot.line(torch.randn(3, {dtype = torch.complex64})) end)
fails("y has 3 dimensions, and a matrix two", function() plot.line(torch.randn(2, 2, 2)) end)
fails("a heat map stands alone in its plot", function() plot.heatmap(ramp):line {1} end)
fails("the plot is empty", function() plot.new():text() end)
fails("a plot is saved as .png, .svg or .txt, not as 'x.gif'", function() p:save "x.gif" end)
fails("No such file or directory", function() p:save "none/x.png" end)
