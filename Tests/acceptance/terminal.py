"""A program on a pseudo-terminal whose screen is kept by a terminal emulator."""
import os
import re
import signal
import time

import pexpect
import pyte

ESCAPE = re.compile(r"\x1b(\[[?0-9;]*[a-zA-Z]|_G.*?\x1b\\|[=>])", re.S)
PASTE_ON, PASTE_OFF = "\x1b[?2004h", "\x1b[?2004l"


class Terminal:
    """Types at qrepl and looks at what it shows."""

    def __init__(self, room, arguments=(), rows=24, columns=80, environment=None, prompt=True):
        self.child = pexpect.spawn(
            room.program, list(arguments), env=room.environment(environment), cwd=room.folder, dimensions=(rows, columns),
            encoding="utf-8", codec_errors="replace")
        self.child.delaybeforesend = None
        self.screen = pyte.HistoryScreen(columns, rows, history=5000)
        self.stream = pyte.Stream(self.screen)
        self.raw = ""
        self.changed = time.time()
        if prompt:
            self.prompt()

    def read(self, seconds=0.02):
        """Takes what the program has written by now; false once it has ended."""
        try:
            text = self.child.read_nonblocking(1 << 16, timeout=seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += text
        self.changed = time.time()
        self.stream.feed(text)
        return True

    def until(self, condition, seconds=20, what="something"):
        """Reads until `condition()` holds."""
        end = time.time() + seconds
        while not condition():
            if not self.read() and not condition():
                raise AssertionError(f"the program ended before {what}:\n{self.text()}")
            if time.time() > end:
                raise AssertionError(f"no {what} within {seconds} s:\n{self.text()}")

    def plain(self, start=0):
        """What has been written from `start` on, without escapes."""
        return ESCAPE.sub("", self.raw[start:]).replace("\r", "").replace("\x07", "")

    def expect(self, text, seconds=20, start=0):
        """Waits until `text` has been written after `start`."""
        self.until(lambda: text in self.plain(start), seconds, repr(text))

    @property
    def line(self):
        """The text of the line the cursor is on, up to the cursor."""
        return self.screen.display[self.screen.cursor.y][: self.screen.cursor.x]

    def prompt(self, seconds=20):
        """Waits for an empty `In [n]: ` and gives n."""
        self.until(lambda: re.fullmatch(r"In \[\d+\]: ?", self.line), seconds, "prompt")
        return int(re.search(r"\d+", self.line)[0])

    def text(self):
        """All lines of the screen and above it."""
        width = self.screen.columns
        above = ["".join(line[x].data for x in range(width)).rstrip() for line in self.screen.history.top]
        return "\n".join(above + [line.rstrip() for line in self.screen.display]).rstrip()

    def type(self, text):
        self.child.send(text)

    def paste(self, text):
        self.child.send("\x1b[200~" + text + "\x1b[201~")

    def cell(self, text, seconds=20, paste=True):
        """Runs a cell and gives what it has shown, without the prompts."""
        number = self.prompt()
        start = len(self.raw)
        self.paste(text) if paste else self.type(text)
        self.type("\r")

        def settled():
            if re.fullmatch(r" *\.\.\.: ", self.line):
                # An empty line ends the body of a cell magic.
                self.type("\r")
                while re.fullmatch(r" *\.\.\.: ", self.line):
                    self.read()
            found = re.fullmatch(r"In \[(\d+)\]: ?", self.line)
            return found and int(found[1]) > number

        self.until(settled, seconds, f"prompt after {text!r}")
        shown = [ESCAPE.sub("", part.split(PASTE_ON)[0]) for part in self.raw[start:].split(PASTE_OFF)[1:]]
        return "".join(shown).replace("\r", "")

    def resize(self, rows, columns):
        self.child.setwinsize(rows, columns)
        self.screen.resize(rows, columns)

    def end(self, seconds=10):
        """Leaves with Ctrl-D and gives the exit status."""
        self.type("\x04")
        return self.status(seconds)

    def status(self, seconds=10):
        """Waits for the program to end and gives its status; of a signal, its number below zero."""
        end = time.time() + seconds
        while self.read(0.05):
            if time.time() > end:
                raise AssertionError(f"it did not end within {seconds} s:\n{self.text()}")
        self.child.close()
        return self.child.exitstatus if self.child.signalstatus is None else -self.child.signalstatus

    def kill(self):
        os.kill(self.child.pid, signal.SIGKILL)
        self.child.close(force=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.isalive():
            self.child.close(force=True)
