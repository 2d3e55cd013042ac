-- Magics that tell of tensors, of the process or of its output, through the program itself.
local run = dofile(arg[0]:match("^(.*/)[^/]*$") .. "support/script.lua")
local function matches(text, pattern)
  assert(text:find("^" .. pattern .. "$"), ("%q does not match %q"):format(text, pattern))
end
local time = "[%d.e+]+ [^\n,]+\n"
local times = "CPU times: user " .. time:sub(1, -2) .. ", sys: " .. time:sub(1, -2) .. ", total: " .. time .. "Wall time: " .. time

-- Of %time -a: what tensors take; 400 bytes stay, 800 were held at a time.
matches(run("-- %time -a local x = torch.ones(100):add(1)"), times .. "Tensors: %d allocated, 8%d%d B peak, 400 B kept\n")
matches(run("-- %%time -a\nfor i = 1, 3 do local y = torch.empty(1024) end"), times .. "Tensors: 3 allocated, %d+%.%d KiB peak, 0 B kept\n")

-- Of %memit: as memory_profiler prints it, tensors beside it.
local memory = "peak memory: %d+%.%d%d MiB, increment: %d+%.%d%d MiB, tensors: "
matches(run("-- %memit local x = torch.ones(1024, 1024)"), memory .. "4.00 MiB peak, 0.00 MiB kept\n")
matches(run("-- %memit -r 2 kept = torch.ones(1024, 256)"), memory .. "1.00 MiB peak, [12].00 MiB kept\n")
matches(run("-- %%memit local n = 512\nlocal x = torch.ones(n, n)"), memory .. "1.00 MiB peak, 0.00 MiB kept\n")
matches(run("local r = %memit -r 3 -o 1\nprint(#r.mem_usage, r['repeat'], r.peak >= r.baseline, tostring(r):match('^<MemitResult : peak'))"),
  memory .. "0.00 MiB peak, 0.00 MiB kept\n3\t3\ttrue\t<MemitResult : peak\n")
local text, status = run("-- %memit -t 0.2 while true do end\nprint('unreached')")
assert(status ~= 0 and not text:find("unreached"))
assert(run("-- %memit -t x 1"):find("UsageError: option -t must be a number of seconds above 0, not 'x'", 1, true))

-- Of %seed: torch's and Lua's random numbers begin anew. torch.manual_seed(42); torch.rand(1) gives 0.8823.
assert(run("-- %seed 42\nlocal a = math.random()\nprint(torch.rand(1))\n-- %seed 42\nprint(a == math.random(), torch.initial_seed())\n-- %seed")
  == "Seed: 42\ntensor([0.8823])\nSeed: 42\ntrue\t42\nSeed: 42\n")
assert(run("-- %seed x"):find("UsageError: %seed takes a whole number, not 'x'", 1, true))
assert(run("-- %threads 2\nprint(torch.get_num_threads())\n-- %threads") == "Threads: 2\n2\nThreads: 2\n")
assert(run("-- %threads 0"):find("UsageError: %threads takes a number from 1, not 0", 1, true))

-- Of %stamp: a line for each of the things that figures depend on; the commit from git's own files.
os.execute("mkdir -p .git/refs/heads && printf 'ref: refs/heads/main\\n' > .git/HEAD && printf '0123456789abcdef0123\\n' > .git/refs/heads/main")
text = run("-- %seed 7\n-- %threads 1\n-- %stamp")
for _, row in ipairs { "qrepl +%d+%.%d+", "Lua +5%.4", "oneDNN +%d", "processor +%S", "features", "kernels +%S", "threads +1\n", "seed +7\n", "git +0123456789ab %(main%)\n" } do
  assert(text:find("\n" .. row), row .. " is not in " .. text)
end
assert(run("local s = %stamp -o\nprint(s.git, s.seed == tostring(torch.initial_seed()))") == "0123456789ab (main)\ttrue\n")

-- Of %precision: floats and tensors, and back.
assert(run("%precision 2\n3.14159\ntorch.tensor({1/3})\n%precision\n3.14159, 2\ntorch.tensor({1/3})\n%precision %.3e\n31.4159", "< script.lua")
  == "%.2f\n3.14\ntensor([0.33])\n%.14g\n3.14159\t2\ntensor([0.3333])\n%.3e\n3.142e+01\n")
for _, bad in ipairs { "%d", "-1", "%.3f %.3f", "x", "%s%s" } do
  assert(run("%precision " .. bad, "< script.lua"):find("UsageError: Precision must be a number of digits or a format string, not '" .. bad .. "'", 1, true))
end

-- Of %%capture: what Lua, C and commands write, and the value; in order, both streams, nothing lost where the cell fails.
local captured = [[
-- %%
-- %%capture cap
print("one") os.execute("echo two") io.stderr:write("three\n")
-- %sh echo four
-- %%
print(cap.stdout == "one\ntwo\nfour\n", cap.stderr == "three\n", #cap.outputs, tostring(cap) == cap.stdout)
cap()
-- %%
-- %%capture --no-stderr
io.stderr:write("seen\n") print("unseen")
]]
assert(run(captured) == "true\ttrue\t0\ttrue\none\ntwo\nfour\nthree\nseen\n", run(captured))
assert(run("%%capture c\nprint('a')\n1 + 1, 'b'\n\n#c.outputs, c.outputs[1], c.outputs[2]\nc.show()", "< script.lua") == "2\t2\tb\na\n2\nb\n")
assert(run("%%capture --no-display\nprint('a')\n1 + 1\n\n", "< script.lua") == "2\n")
text, status = run("-- %%\n-- %%capture\nprint('before')\nerror('why', 0)")
assert(text:find("before\n.*why\n") and status == 1, text)

-- Of %%writefile: IPython's lines; a file's cell is written without its comment signs.
local write = "-- %%\n-- %%writefile out.txt\n-- a\n--\n--   b\n-- %%\n-- %sh cat out.txt"
assert(run(write) == "Writing out.txt\na\n\n  b\n")
assert(run(write:gsub("writefile", "writefile -a"), nil) == "Appending to out.txt\na\n\n  b\na\n\n  b\n")
assert(run(write) == "Overwriting out.txt\na\n\n  b\n")
assert(run("%%writefile nowhere/out.txt\nx\n\n", "< script.lua"):find("cannot write nowhere/out.txt: No such file or directory", 1, true))

-- Of %tb: the last error again.
assert(run("-- %tb") == "No traceback available to show.\n")

-- Of %lsmagic --json: what is declared, whole.
text = run("-- %lsmagic --json")
assert(text:sub(1, 2) == "[\n" and text:find('"name": "timeit", "aliases": [], "line": true, "cell": true, "takes": "lua"', 1, true))
assert(run("-- %quickref"):find("\n%%timeit +Times a statement or an expression%.\n"))
