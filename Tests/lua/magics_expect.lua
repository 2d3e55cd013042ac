-- What checks itself: values and outputs that are as expected are silent, others fail their cell.
local run = dofile(arg[0]:match("^(.*/)[^/]*$") .. "support/script.lua")
local function passes(code, arguments)
  local text, status = run(code, arguments)
  assert(status == 0 and text == "", code .. "\n" .. text)
end
local function fails(code, message, arguments)
  local text, status = run(code, arguments)
  assert(status == 1 and text:find(message, 1, true), ("%s\ngave %s\nnot %s"):format(code, text, message))
end
local function contents()
  local file <close> = assert(io.open("script.lua"))
  return file:read("a")
end

-- The value of the statement above: an assignment, a local, a call, a function's result.
passes "x = 3\n-- %expect 3"
passes "local x, y = 3, 4\n-- %expect 3"
passes "t = {a = {}} t.a.b = 'x'\n-- %expect 'x'"
passes "local function f() return 5, 6 end\nf()\n-- %expect 5"
passes "local function f() return 5 end\nf()\n-- %expect 5\n-- %expect 5"
passes "local s = 'two\\nlines'\n-- %expect 'two\\nlines'"
passes "local x = nil\n-- %expect nil"
passes "x = 3\n-- %%\ny = 4\n-- %expect 4"
fails("x = 3\n-- %expect 4", "script.lua:2: ExpectError: expected 4, got 3")
fails("local x = 1\n-- %expect '1.0'", 'expected "1.0", got "1"')
fails("f = print\n-- %expect 3", "expected 3, got function: ")
fails("-- %expect 3", "UsageError: %expect stands below the statement whose value it checks")
fails("x = 3\n-- %%\n-- %expect 3", "UsageError: %expect stands below the statement whose value it checks")
fails("x = 3\n-- %expect", "UsageError: %expect needs a value")
fails("x = 3\n-- %expect 3 'x'", 'the tolerance is no number but "x"')
fails("x = 3\n-- %expect 3 +", "unexpected symbol near <eof>")

-- With a tolerance; blanks and commas part it from the value.
passes "x = 2.3026\n-- %expect 2.3 0.01"
passes "x = 2.3026\n-- %expect 2.3, 1e-2"
passes "x = -1\n-- %expect - 1"
passes "x = 0/0\n-- %expect 0/0"
passes "s = 'loss 2.301 of 12'\n-- %expect 'loss 2.3 of 12' 0.01"
fails("x = 2.3026\n-- %expect 2.3 1e-3", "expected 2.3, got 2.3026 (off by 0.0026, allowed is 0.001)")
fails("s = 'loss 2.4 of 12'\n-- %expect 'loss 2.3 of 12' 0.01", 'expected "loss 2.3 of 12", got "loss 2.4 of 12"')

-- Tables and tensors, element by element; what a tensor shows itself as.
passes "x = torch.tensor({{1, 2}, {3, 4}})\n-- %expect {{1, 2}, {3, 4}}"
passes "x = torch.ones(2) / 3\n-- %expect {0.3333, 0.3333} 1e-4"
passes "x = torch.tensor(2.5)\n-- %expect 2.5"
passes "x = torch.ones(2)\n-- %expect torch.ones(2)"
passes "x = torch.ones(2)\n-- %expect 'tensor([1., 1.])'"
passes "x = {1, {a = 'b'}}\n-- %expect {1, {a = 'b'}}"
fails("x = torch.tensor({{1, 2}, {3, 4}})\n-- %expect {{1, 2}, {3, 5}}", "at [2][2]: expected 5, got 4")
fails("x = torch.ones(3)\n-- %expect {1, 1}", "expected 2 elements, got 3")
fails("x = {a = 1}\n-- %expect {a = 1, b = 2}", 'at ["b"]: expected 2, got nil')

-- At the prompt the value of an expression, or alone in a cell the last one.
assert(run("1 + 1\n%expect 2", "< script.lua") == "2\n")
assert(run("1 + 1\n%expect 2\n%expect 3", "< script.lua"):find("^2\n.*expected 3, got 2"))

-- A text of several lines is shown where it differs.
local long = {}
for i = 1, 20 do long[i] = "line " .. i end
fails(("local s = %q\n-- %%expect %q"):format(table.concat(long, "\n"), table.concat(long, "\n"):gsub("line 10\n", "line ten\n")):gsub("\\\n", "\\n"),
  "  …\n  line 8\n  line 9\n- line ten\n+ line 10\n  line 11\n  line 12\n  …\n")

-- A cell's output against the comment that it begins with.
passes "-- %%\n-- %%expect\n-- 1\n-- two\n--\n-- tensor([1.])\nprint(1) print('two  ') io.write('\\n') print(torch.ones(1))"
passes "-- %%\n-- %%expect\nlocal x = 1"
passes "-- %%\n-- %%expect\n-- hi\n-- %sh echo hi"
passes("%%expect\n-- 1\n-- 2\nprint(1)\n1 + 1\n\n", "< script.lua")
fails("-- %%\n-- %%expect\n-- 1\nprint(2)", "script.lua:2: ExpectError: the output is not what is expected (-), but (+):\n- 1\n+ 2\n")
fails("-- %%\n-- %%expect\nprint(2)", "\n+ 2\n")
fails("-- %%\n-- %%expect\n-- 2\nprint(1) error('why', 0)", "1\nqrepl: why\n")
fails("-- %%\n-- %%expect 1\nprint(1)", "UsageError: %%expect takes its text from the comment below it")
local text, status = run("-- %%\n-- %%expect\n-- 2\nlocal x = 2\nprint(x)\n-- %%\nprint(x)")
assert(status == 1 or text == "2\n", text)

-- With --update the file is written anew, whatever stands where, and is right from then on.
local updated = "local x = 1\n  -- %expect --update 2\n-- %%\n-- %%expect --update\n-- a\n-- b\nprint('one') print('two') print('three')\n"
  .. "-- %%\nlocal s = 'q\"' t = torch.ones(2) / 3\n-- %expect --update 0 1e-3\n-- %%\n-- %%expect --update\n-- gone\nlocal y = 1\n-- %%\nz = 0.1\n-- %expect --update 5\n"
passes(updated)
assert(contents() == "local x = 1\n  -- %expect 1\n-- %%\n-- %%expect\n-- one\n-- two\n-- three\nprint('one') print('two') print('three')\n"
  .. "-- %%\nlocal s = 'q\"' t = torch.ones(2) / 3\n-- %expect {0.3333333432674408, 0.3333333432674408} 0.001\n-- %%\n-- %%expect\nlocal y = 1\n-- %%\nz = 0.1\n-- %expect 0.1\n", contents())
passes(contents())
fails("x = 1\n%expect --update 2", "UsageError: --update needs a file", "< script.lua")
