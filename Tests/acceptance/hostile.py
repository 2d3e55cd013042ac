"""Bad input: a clear message or silence, never a crash."""
import os
import random
import re
import signal
import subprocess
import time

from room import check, each, same
from terminal import Terminal


def survived(status, what=""):
    assert status >= 0 and status < 128, f"it died with status {status} {what}"


def junk():
    return bytes(random.Random(5).randrange(256) for _ in range(20000))


INPUTS = {
    "binary junk": junk(), "NUL bytes": b"x = 1\0\nprint(x)\n", "NUL in a string": b"print(#'a\0b')\n", "invalid UTF-8": b"print(#'\xff\xfe', '\xff')\n",
    "a lone quote": b"'", "open brackets": b"(" * 5000 + b"\n", "closed brackets": b")" * 5000 + b"\n", "braces": b"{" * 100000, "an open long string": b"x = [==[ abc",
    "an open comment": b"--[[ abc\n", "a 1 MB line": b"x = '" + b"a" * (1 << 20) + b"' print(#x)\n", "1 MB of one name": b"a" * (1 << 20) + b"\n",
    "CR LF": b"x = 1\r\nprint(x)\r\nfor i = 1, 1 do\r\nprint(i)\r\nend\r\n", "only CR": b"print(1)\rprint(2)\r", "nothing": b"", "blanks": b" \n\t\n\n",
    "a byte order mark": b"\xef\xbb\xbfprint(1)\n", "escapes": b"print('\x1b[31m')\n\x1b[A\x1b[B\n", "percents": b"%\n", "a magic of junk": b"%" + junk()[:300].replace(b"\n", b"") + b"\n",
    "bytecode": b"\x1bLua" + junk()[:200], "deep nesting": b"x = " + b"{" * 300 + b"}" * 300 + b"\n", "many locals": b"".join(b"local a%d = %d\n" % (i, i) for i in range(300)) + b"print(a299)\n",
    "a long concatenation": b"x = " + b" .. ".join([b"'a'"] * 300) + b"\n",
}


@each(INPUTS)
def in_a_pipe(room, name):
    survived(room.run(input=INPUTS[name])[0])
    survived(room.run("--plain", input=INPUTS[name])[0], "with --plain")


@each(INPUTS)
def in_a_file(room, name):
    path = room.write("input.lua", INPUTS[name])
    survived(room.run(path)[0])
    survived(room.run(input=f"%run {path}\n")[0], "within %run")


@each(INPUTS)
def at_a_terminal(room, name):
    with Terminal(room) as terminal:
        terminal.cell("kept = 5")
        text = INPUTS[name].replace(b"\x04", b"").replace(b"\x03", b"").replace(b"\x1a", b"").replace(b"\x1c", b"").decode("latin-1" if name == "binary junk" else "utf-8", "replace")
        terminal.paste(text)
        terminal.type("\r")
        time.sleep(0.5)
        terminal.until(lambda: re.match(r"In \[\d+\]: |.*\.\.\.: ", terminal.line), 30, "prompt")
        start = len(terminal.raw)
        terminal.type("\x03")
        terminal.until(lambda: "^C" in terminal.plain(start), 20, "^C")
        terminal.prompt(20)
        assert terminal.cell("kept").endswith(": 5\n"), terminal.text()
        same(terminal.end(), 0, "the status")


@check
def bytes_reach_lua_as_they_are(room):
    same(room.run(input=b"#'\xff\xfe', ('\xff'):byte()\n#'a\0b'\n"), (0, "2\t255\n3\n", ""))


@check
def the_mistake_names_its_line(room):
    status, output, errors = room.run(input=b"x = 1\n\nprint('\xff' + {})\n")
    assert status == 1 and errors.startswith("qrepl: stdin:3: "), errors
    lines = b"\n".join(b"x = %d" % i for i in range(1200))
    status, output, errors = room.run(input=lines + b"\nlocal function f()\n  error('deep')\nend\nf()\n")
    assert errors.startswith("qrepl: stdin:1202: deep\n  1202 |   error('deep')\n"), errors


def piped(room, command, **options):
    return room.shell(command, **options)


@check
def a_reader_that_goes_away(room):
    same(piped(room, "qrepl -e 'for i = 1, 1e5 do print(i) end' | head -1"), (0, "1\n", ""))
    status, output, errors = piped(room, "trap '' PIPE; qrepl -e 'for i = 1, 1e5 do print(i) end' | head -1; echo ${PIPESTATUS[0]}")
    same((output, errors), ("1\n0\n", ""))


@check
def closed_streams(room):
    same(piped(room, "qrepl -e 'print(1)' >&-; echo $?"), (0, "0\n", ""))
    same(piped(room, "qrepl -e 'print(1)' 2>&-; echo $?"), (0, "1\n0\n", ""))
    same(piped(room, "qrepl -e 'print(io.read())' <&-; echo $?"), (0, "nil\n0\n", ""))
    same(piped(room, "qrepl <&- >&- 2>&-; echo $?"), (0, "0\n", ""))
    same(piped(room, "qrepl -e 'f = io.open(\"x\", \"w\") print(\"lost\") f:write(\"kept\")' >&-; cat x"), (0, "kept", ""))


@check
def a_full_disk(room):
    for code in ["print(1)", "for i = 1, 1e5 do print(i) end", "io.write(1)"]:
        status, output, errors = piped(room, f"qrepl -e '{code}' > /dev/full")
        assert status == 1 and errors.startswith("qrepl: cannot write to standard output: "), (status, errors)
    status, output, errors = piped(room, "echo '1 + 1' | qrepl > /dev/full")
    assert status == 1 and "No space left on device" in errors, (status, errors)
    status, output, errors = piped(room, "qrepl -e 'error(1)' 2> /dev/full")
    same(status, 1)
    status, output, errors = piped(room, "echo '%history -f /dev/full' | qrepl")
    survived(status)


@check
def a_terminal_that_goes_away(room):
    with Terminal(room) as terminal:
        terminal.cell("x = 1")
        terminal.type("while true do end\r")
        terminal.read(0.3)
        # Through the object that owns the descriptor, or it would be closed a second time when it is another's.
        terminal.child.ptyproc.fileobj.close()
        terminal.child.ptyproc.closed = terminal.child.closed = True
        terminal.child.child_fd = -1
        for _ in range(100):
            if os.waitpid(terminal.child.pid, os.WNOHANG)[0]:
                break
            time.sleep(0.1)
        else:
            os.kill(terminal.child.pid, signal.SIGKILL)
            raise AssertionError("it runs on without its terminal")
        terminal.child.ptyproc.terminated = True


@check
def a_script_is_interrupted_with_130(room):
    room.write("loop.lua", "os.execute('(sleep 0.3; kill -INT $PPID) &');\nwhile true do pcall(function() while true do end end) end\n")
    same(room.shell("qrepl loop.lua; echo $?")[1], "130\n")
    same(room.shell("qrepl < loop.lua; echo $?")[1], "130\n")
    same(room.shell("qrepl --plain loop.lua; echo $?")[1], "130\n")
    same(room.shell("qrepl -e 'os.execute(\"kill -INT $$\") print(1)'; echo $?")[1], "130\n")


@check
def ten_times_the_text_takes_ten_times_the_time(room):
    def seconds(text):
        """Of processor time: the machine may have other things to do."""
        path = room.write("input.txt", text)
        with open(path, "rb") as file:
            process = subprocess.Popen([room.program], stdin=file, stdout=subprocess.DEVNULL, cwd=room.folder, env=room.environment())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        assert status == 0, status
        return usage.ru_utime + usage.ru_stime

    for make in (lambda n: b"x = 1\n" * n, lambda n: b"function f()\n" + b"  x = {1, 'abc'}\n" * n + b"end\n", lambda n: b"x = [[\n" + b"some text\n" * n + b"]]\n"):
        small, large = min(seconds(make(600)) for _ in range(3)), seconds(make(6000))
        assert large < 30 * small, f"{small:.2f} s and, for ten times as much, {large:.2f} s"
