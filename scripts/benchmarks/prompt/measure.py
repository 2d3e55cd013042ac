"""Measures the prompt. measure.py PROGRAM ROUNDS [PATTERN]: medians, each beside what it is to stay under."""
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import pexpect

program, rounds, pattern = sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""
home = tempfile.mkdtemp(prefix="qrepl-bench-")
environment = {
    "HOME": home, "PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LANG": "C.UTF-8", "INPUTRC": "/dev/null", "QREPL_HOME": os.environ["QREPL_HOME"],
    "NO_COLOR": "1",
}
PROMPT = re.compile(rb"In \[\d+\]: (\x1b\[\?2004h)?$|\x1b\[\?2004h(\x1b\[[0-9;]*m)*In \[\d+\]: $")


class Session:
    """A prompt whose answers are timed from the key to the next prompt."""

    def __init__(self, *arguments):
        start = time.perf_counter()
        self.child = pexpect.spawn(program, list(arguments), env=environment, cwd=home, dimensions=(24, 80), timeout=600)
        self.child.delaybeforesend = None
        self.child.ptyproc.delayafterclose = 0
        self.wait(b"In [1]: ")
        self.started = time.perf_counter() - start

    def wait(self, text):
        seen = b""
        while text not in seen:
            seen = (seen + os.read(self.child.child_fd, 1 << 16))[-4096:]

    def cell(self, source, number):
        """The seconds from Enter to prompt `number`."""
        os.write(self.child.child_fd, source)
        time.sleep(0.02)
        start = time.perf_counter()
        os.write(self.child.child_fd, b"\r")
        self.wait(b"In [%d]: " % number)
        return time.perf_counter() - start

    def close(self):
        self.child.close(force=True)


def start():
    times = []
    for _ in range(rounds):
        session = Session()
        times.append(session.started)
        session.close()
    return times


def empty_cell():
    session = Session()
    times = [session.cell(b";", number) for number in range(2, 2 + 10 * rounds)]
    session.close()
    return times


def completion():
    session = Session()
    session.cell(b"for i = 1, 10000 do _G['global_' .. i] = i end", 2)
    times = []
    for _ in range(rounds):
        os.write(session.child.child_fd, b"x = global_777")
        time.sleep(0.05)
        start = time.perf_counter()
        # Of 111 names that begin so, the one that is as long as what they share: a bell.
        os.write(session.child.child_fd, b"7\t;")
        session.wait(b"7;")
        times.append(time.perf_counter() - start)
        os.write(session.child.child_fd, b"\x03")
        session.wait(b"In [2]: ")
        time.sleep(0.02)
    session.close()
    return times


def loop(command, text):
    """Nanoseconds a round of an empty loop."""
    found = subprocess.run(command, input=text, capture_output=True, env=environment, cwd=home, timeout=120).stdout
    return found.decode()


def timeit():
    lua = shutil.which("lua5.4")
    if lua is None:
        return None
    ours, theirs = [], []
    for _ in range(rounds):
        result = loop([program], b"r = %timeit -n 20000000 -r 5 -q -o\nr.best * 1e9\n")
        ours.append(float(result.split()[-1]))
        script = b"local best = 1e9 for i = 1, 5 do local c = os.clock() for i = 1, 20000000 do end best = math.min(best, os.clock() - c) end print(best / 20000000 * 1e9)"
        theirs.append(float(loop([lua, "-"], script)))
    return [a / b for a, b in zip(ours, theirs)]


TEXTS = {
    "one function": lambda n: b"function f()\n" + b"".join(b'  x = {%d, "abc"}\n' % i for i in range(n // 22)) + b"end\n",
    "one string": lambda n: b"x = [[\n" + b"some text that is long enough to be read\n" * (n // 41) + b"]]\n",
    "cells of a line": lambda n: b"".join(b"x = %d + 1\n" % i for i in range(n // 15)),
}


def piped(make, size):
    text = make(size)
    start = time.perf_counter()
    subprocess.run([program], input=text, env=environment, cwd=home, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def pasted(make, size):
    session = Session("--no-history")
    text = b"\x1b[200~" + make(size).rstrip(b"\n") + b"\x1b[201~"
    start = time.perf_counter()
    view = memoryview(text)
    os.set_blocking(session.child.child_fd, False)
    last = b""
    entered = False
    while b"In [2]: " not in last:
        try:
            if view:
                view = view[os.write(session.child.child_fd, view[: 1 << 16]):]
            elif not entered:
                os.write(session.child.child_fd, b"\r")
                entered = True
        except BlockingIOError:
            pass
        try:
            last = (last + os.read(session.child.child_fd, 1 << 16))[-4096:]
        except BlockingIOError:
            time.sleep(0.001)
    seconds = time.perf_counter() - start
    session.close()
    return seconds


def report(name, found, limit, unit, scale):
    if found is None:
        print(f"{name:<44} not measured: lua5.4 is missing")
        return
    value = statistics.median(found) * scale
    print(f"{name:<44} {value:9.2f} {unit:<3} at most {limit:g}{'' if value <= limit else '   MISSED'}", flush=True)


CASES = [
    ("start to first prompt", start, 40, "ms", 1e3), ("empty cell", empty_cell, 1, "ms", 1e3), ("completion among 10,000 globals", completion, 20, "ms", 1e3),
    ("%timeit of nothing, times lua5.4's own loop", timeit, 1.2, "", 1),
]
for name, measure, limit, unit, scale in CASES:
    if re.search(pattern, name):
        report(name, measure(), limit, unit, scale)
for way, measure in (("piped", piped), ("pasted", pasted)):
    for text, make in TEXTS.items():
        name = f"{way}, {text}"
        if re.search(pattern, name):
            small, large = (measure(make, size) for size in (1_000_000, 10_000_000))
            print(f"{name:<44} {small:9.2f} s for 1 MB, {large:.2f} s for 10 MB: {large / small:.1f} times{'' if large < 15 * small else '   MISSED'}", flush=True)
shutil.rmtree(home, ignore_errors=True)
