"""The prompt: values, locals, errors, completion, help, pasting, interrupts, resizing, colours."""
import re
import time

from room import check, each, same
from terminal import Terminal


def shown(room, cells, **options):
    """What each of `cells` shows."""
    with Terminal(room, ["--no-history"], **options) as terminal:
        return [terminal.cell(cell) for cell in cells]


@check
def values_are_shown_and_kept(room):
    same(
        shown(room, ["6 * 7", "_ + 1", "_, __, ___", "x = 5;", "nil", "_1 + Out[2]", "In[1], _i1", "'a\\nb'", "_G.Out == Out"]),
        ["Out[1]: 42\n", "Out[2]: 43\n", "Out[3]: 43\t42\tnil\n", "", "", "Out[6]: 85\n", "Out[7]: 6 * 7\t6 * 7\n", "Out[8]: \na\nb\n", "Out[9]: true\n"])


@check
def a_semicolon_at_the_end_silences(room):
    same(
        shown(room, ["42;", "42; -- why", "'a;b'", "42 -- a;", "[[;]]", "local a = 1; a", "f = function() return 1; end", "f();", "f()"]),
        ["", "", "Out[3]: a;b\n", "Out[4]: 42\n", "Out[5]: ;\n", "Out[6]: 1\n", "", "", "Out[9]: 1\n"])


@check
def locals_live_on(room):
    same(
        shown(room, ["local a, b <const> = 1, 2", "a = a + b", "local function f() a = a + 1 return a end", "f(), a", "b = 3", "a, b",
                     "do local a = 9 end", "a", "%locals off", "a", "local c = 1", "c", "%locals on", "local c = 1", "c"])[3:],
        ["Out[4]: 4\t4\n", "In[5]:1: attempt to assign to const variable 'b'\n  1 | b = 3\n    | ^\n", "Out[6]: 4\t2\n", "", "Out[8]: 4\n",
         "Locals end with their cell.\n", "", "", "", "Locals live on into the next cells.\n", "", "Out[15]: 1\n"])


@check
def an_unfinished_cell_goes_on(room):
    with Terminal(room, ["--no-history"]) as terminal:
        for line, continued in [("for i = 1, 2 do", True), ("  print(i)", True), ("end", False)]:
            terminal.type(line + "\r")
            terminal.until(lambda: terminal.line == ("   ...: " if continued else "In [2]: "), 10, "continuation")
        terminal.type("x = {\r1,\r2}\r")
        terminal.until(lambda: terminal.line == "In [3]: ", 10, "prompt")
        same(terminal.cell("#x", paste=False), "Out[3]: 2\n")
        # A mistake is told at once, whatever is open.
        assert "unexpected symbol" in terminal.cell("if x then = 1", paste=False)
        for number in range(5, 13):
            terminal.cell("1;", paste=False)
        terminal.type("do\r")
        terminal.until(lambda: terminal.line == "    ...: ", 10, "continuation as wide as the prompt")


@check
def errors_have_a_caret_and_the_frames_of_the_cell(room):
    found = shown(room, ["function outer() return inner({}) end\nfunction inner(x) return x.y.z end", "local t = {}\nouter()", "error('plain')", "string.rep()",
                         "torch.ones(2, 3):matmul(torch.ones(2, 3))", "x = = 1", "error({})", "t.a.b = 1", "string.formt('x')", "pritn(1)", "torch.relo(1)"])
    same(found[1], """In[1]:2: attempt to index a nil value (field 'y')
  2 | function inner(x) return x.y.z end
    |                            ^
stack traceback:
\tIn[1]:2: in function 'inner'
\t(...tail calls...)
\tIn[2]:2: in main chunk
""")
    same(found[2], "In[3]:1: plain\n  1 | error('plain')\n    | ^^^^^\nstack traceback:\n\t[C]: in function 'error'\n\tIn[3]:1: in main chunk\n")
    assert "  1 | string.rep()\n    |        ^^^\n" in found[3], found[3]
    assert "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)" in found[4] and "^^^^^^" in found[4], found[4]
    same(found[5], "In[6]:1: unexpected symbol near '='\n  1 | x = = 1\n    |   ^\n")
    assert "(error object is a table value)" in found[6]
    assert "Did you mean 'format'?" in found[8] and "Did you mean 'print'?" in found[9] and "Did you mean 'relu'?" in found[10], found[8:]
    assert "(qrepl)" not in "".join(found)


COMPLETIONS = [
    ("box.inn\t.tre\t", "box.inner.treasure"), ("box['in\t", "box['inner"), ('box["a k\t', 'box["a key'), ("box:gre\t", "box:greet"),
    ("nn.LSTM{hid\t", "nn.LSTM{hidden_size = "), ("nn.Linear(2, 3, {bi\t", "nn.Linear(2, 3, {bias = "),
    ("model.encoder.la\t", "model.encoder.layer"), ("model.encoder.layer.wei\t", "model.encoder.layer.weight"), ("model:named_par\t", "model:named_parameters"),
    ("%timei\t", "%timeit "), ("%timeit --cm\t", "%timeit --cmp "), ("%xdel bo\t", "%xdel box "), ("%cd fol\t", "%cd folder/"),
    ("io.open('sam\t", "io.open('sample.txt"), ("!cat sam\t", "!cat sample.txt"), ("whil\t", "while"), ("alp\t", "alphabet"), ("torch.linalg.ve\t", "torch.linalg.vec"),
    ("trap.se\t", "trap.se"), ("trap.a.b\t", "trap.a.b"), ("%env HOM\t", "%env HOME "), ("box.inner\t.", "box.inner."),
]


@check
def completion(room):
    room.write("sample.txt", "x")
    room.write("folder/x", "x")
    with Terminal(room, ["--no-history"], columns=120) as terminal:
        terminal.cell("box = {inner = {treasure = 17}, ['a key'] = 1, greet = print, green = 2} local alphabet = 1")
        terminal.cell("nn = torch.nn model = nn.Module() model.encoder = nn.Module() model.encoder.layer = nn.Linear(2, 2)")
        terminal.cell("trap = setmetatable({}, {__index = function(t, k) touched = k return {} end})")
        for typed, expected in COMPLETIONS:
            number = terminal.prompt()
            terminal.type(typed)
            expected = f"In [{number}]: {expected}".rstrip()
            try:
                terminal.until(lambda: terminal.line.rstrip() == expected, 5, f"completion of {typed!r}")
            finally:
                terminal.type("\x03")
            terminal.prompt()
        same(terminal.cell("touched"), "", "what completion has run")


@check
def help_is_shown(room):
    found = shown(room, ["-- Adds.\nfunction add(a, b)\n  return a + b\nend", "add?", "?add", "add??", "torch.relu?", "nothing_such?", "%who?", "%pinfo add", "pritn?"])
    for text in found[1:3] + found[7:8]:
        assert "Signature:   add(a, b)\n" in text and "Docstring:\nAdds.\n" in text, text
    assert "Source:\nfunction add(a, b)\n  return a + b\nend" in found[3], found[3]
    assert "relu(Tensor self) -> Tensor" in found[4] and "torch.relu" in found[4], found[4]
    same(found[5], "Object `nothing_such` not found.\n")
    assert found[6].startswith("%who"), found[6]
    same(found[8], "Object `pritn` not found. Did you mean `print`?\n")


@check
def pasted_prompts_are_stripped(room):
    same(
        shown(room, ["In [7]: local q = 1\n   ...: for i = 1, 3 do\n   ...:   q = q + i\n   ...: end\n   ...: q", "> y = 2\n>> y", "> y"]),
        ["Out[1]: 7\n", "Out[2]: 2\n", "Out[3]: 2\n"])


@check
def a_pasted_block_is_one_cell(room):
    same(
        shown(room, ["a = 1\n\n\tb = 2\n\nprint(a,\n  b)\n", "x = [[\n  In [3]: y\n]]\nx", "%%timeit -n1 -r1 -q\na = 2", "-- only a comment", "#In"]),
        ["1\t2\n", "Out[2]: \n  In [3]: y\n\n", "", "", "Out[5]: 5\n"])


@check
def a_long_paste_is_one_cell_behind_a_remark(room):
    with Terminal(room) as terminal:
        text = terminal.cell("function f()\n" + "  x = {1, 'abc'}\n" * 20000 + "  return #x\nend\nf()", seconds=60)
        same(text, "Out[1]: 2\n")
        assert "--[[pasted 1: 20004 lines, 340" in terminal.text(), terminal.text()[:500]
        terminal.paste("y = [[" + "z" * 40000 + "]]")
        terminal.type(" .. 'w'\r")
        terminal.expect("In [3]: ")
        same(terminal.cell("#y, #In[2], In[2]:sub(-6)"), "Out[3]: 40001\t40015\t.. 'w'\n")
        terminal.paste("q" * 40000)
        terminal.expect("--[[pasted 1: 1 lines, 40000 bytes]]")
        terminal.type("\x03")
        terminal.prompt()
        same(terminal.cell("1"), "Out[4]: 1\n")


INTERRUPTED = [
    "while true do end", "pcall(function() while true do end end) while true do end", "os.execute('sleep 20')", "io.popen('sleep 20'):read('a')", "io.read()",
    "!sleep 20", "%sh sleep 20", "m = torch.nn.LSTM(64, 64) while true do m(torch.randn(50, 8, 64)) end",
    "a = torch.randn(4000, 4000) for i = 1, 1000 do b = a:matmul(a) end", "a = torch.randn(10000000) for i = 1, 99 do b = a:sort() end",
    "coroutine.wrap(function() while true do end end)()", "%timeit while true do end", "setmetatable({}, {__index = function() while true do end end}).x.y = 1",
]


@each(INTERRUPTED, name=lambda cell: cell[:50])
def control_c_ends_the_cell_and_keeps_the_session(room, cell):
    with Terminal(room, ["--no-history"]) as terminal:
        terminal.cell("kept = 5")
        terminal.type(cell + "\r")
        time.sleep(0.7)
        start = len(terminal.raw)
        terminal.type("\x03")
        began = time.time()
        terminal.until(lambda: terminal.line == "In [3]: ", 20, "prompt after Ctrl-C")
        assert time.time() - began < 10, f"it took {time.time() - began:.1f} s"
        assert "interrupted!" in terminal.plain(start) or "signal 2" in terminal.plain(start), terminal.text()
        same(terminal.cell("kept"), "Out[3]: 5\n")
        assert terminal.end() == 0


@check
def control_c_drops_what_is_typed(room):
    with Terminal(room, ["--no-history"]) as terminal:
        terminal.type("not to be run")
        terminal.expect("not to be run")
        terminal.type("\x03")
        terminal.expect("^C")
        terminal.prompt()
        terminal.type("for i = 1, 2 do\r")
        terminal.until(lambda: terminal.line == "   ...: ", 10, "continuation")
        terminal.type("\x03")
        assert terminal.prompt() == 1
        terminal.type("\x04")
        assert terminal.status() == 0


@check
def resizing_while_a_line_is_typed(room):
    with Terminal(room, ["--no-history"], rows=10, columns=40) as terminal:
        terminal.type("x = 'a long line that wraps in forty columns' .. ' and more'")
        terminal.expect("and more'")
        for rows, columns in [(24, 80), (10, 40), (12, 30), (24, 80)]:
            terminal.resize(rows, columns)
            time.sleep(0.15)
            terminal.read()
        terminal.type(" .. '!'\r")
        terminal.prompt()
        same(terminal.cell("x"), "Out[2]: a long line that wraps in forty columns and more!\n")
        terminal.type("while resizing do end resizing = 1 os.execute('sleep 0.5') print(7)\r")
        terminal.resize(20, 60)
        terminal.expect("\n7\n")
        terminal.prompt()


COLOURS = [
    ({}, [], True), ({"NO_COLOR": "1"}, [], False), ({"NO_COLOR": ""}, [], True), ({"CLICOLOR": "0"}, [], False),
    ({"CLICOLOR": "0", "CLICOLOR_FORCE": "1"}, [], True), ({"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, [], False), ({"TERM": "dumb"}, [], False),
    ({"NO_COLOR": "1"}, ["--color=always"], True), ({}, ["--color", "never"], False),
]


@each(COLOURS, name=lambda case: f"{case[0]} {case[1]}")
def colours(room, case):
    environment, arguments, expected = case
    with Terminal(room, ["--no-history", *arguments], environment=environment) as terminal:
        terminal.type("error('x')\r")
        terminal.expect("In [2]: ")
        assert ("\x1b[0;3" in terminal.raw) == expected, repr(terminal.raw)


@check
def nothing_but_text_goes_into_a_pipe(room):
    for arguments, input in [([], "error('x')\n"), (["-i", "-e", "x = 1"], "x\n"), (["--color=never"], "1 +\n")]:
        status, output, errors = room.run(*arguments, input=input)
        assert "\x1b" not in output + errors and "In [" not in output, output + errors
    status, output, errors = room.run(input="1\n2\nx.y.z = 1\n3\n")
    same((status, output), (1, "1\n2\n"))


@check
def the_program_has_its_name_in_inputrc(room):
    room.write(".inputrc", '$if qrepl\n"\\C-o": "6 * 7"\n$endif\n$if bash\n"\\C-o": "wrong"\n$endif\n')
    with Terminal(room, ["--no-history"], environment={"INPUTRC": None}) as terminal:
        terminal.type("\x0f\r")
        terminal.expect("Out[1]: 42\n")


@check
def the_init_file_runs_first(room):
    room.write("config/qrepl/init.lua", "local greeting = 'hello'\nfunction greet() return greeting end\n")
    same(shown(room, ["greet()", "greeting", "%who"]), ["Out[1]: hello\n", "Out[2]: hello\n", "Interactive namespace is empty.\n"])
    room.write("config/qrepl/init.lua", "this is no Lua")
    with Terminal(room, ["--no-history"]) as terminal:
        assert "init.lua:1:" in terminal.text(), terminal.text()
        same(terminal.cell("1"), "Out[1]: 1\n")


@check
def leaving(room):
    for typed, status in [("\x04", 0), ("os.exit(3)\r", 3), ("os.exit(true, true)\r", 0), ("os.exit(false)\r", 1)]:
        with Terminal(room) as terminal:
            terminal.type(typed)
            same(terminal.status(), status)
