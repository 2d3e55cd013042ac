"""A check, and the folder it has to itself."""
import os
import re
import subprocess
import tempfile

CHECKS = []


def check(function):
    """Declares a check: a function of the room it runs in."""
    CHECKS.append((title(function), function))
    return function


def each(cases, name=str):
    """Declares a check for each of `cases`."""

    def declare(function):
        for case in cases:
            CHECKS.append((f"{title(function)}: {name(case)}", lambda room, case=case: function(room, case)))
        return function

    return declare


def title(function):
    return function.__name__.replace("_", " ")


class Room:
    """A folder with home, state and configuration of its own, and the program in it."""

    def __init__(self, program):
        self.program = program
        self.holder = tempfile.TemporaryDirectory(prefix="qrepl-acceptance-")
        self.folder = self.holder.name

    def environment(self, changes=None):
        """A small environment; what is None in `changes` is unset."""
        values = {
            "HOME": self.folder, "XDG_STATE_HOME": f"{self.folder}/state", "XDG_CONFIG_HOME": f"{self.folder}/config",
            "PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LANG": "C.UTF-8", "INPUTRC": "/dev/null",
            "QREPL_HOME": os.environ["QREPL_HOME"], "EDITOR": "true",
        }
        values.update(changes or {})
        return {name: value for name, value in values.items() if value is not None}

    def write(self, name, text):
        path = f"{self.folder}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    def run(self, *arguments, input=b"", environment=None, seconds=30):
        """Runs the program and gives its status, output and errors."""
        result = subprocess.run(
            [self.program, *arguments], input=input if isinstance(input, bytes) else input.encode(), capture_output=True,
            cwd=self.folder, env=self.environment(environment), timeout=seconds)
        return result.returncode, result.stdout.decode(errors="replace"), result.stderr.decode(errors="replace")

    def shell(self, command, environment=None, seconds=30):
        """Runs a command of the shell in which `qrepl` is the program; gives status, output and errors."""
        result = subprocess.run(
            ["/bin/bash", "-c", f"qrepl() {{ '{self.program}' \"$@\"; }}; {command}"], stdin=subprocess.DEVNULL,
            capture_output=True, cwd=self.folder, env=self.environment(environment), timeout=seconds)
        return result.returncode, result.stdout.decode(errors="replace"), result.stderr.decode(errors="replace")


def same(found, expected, what="the text"):
    assert found == expected, f"{what} differs\n--- expected\n{expected}\n--- found\n{found}"


def masked(text):
    """`text` with times and addresses as `N`."""
    text = re.sub(r"\d[\d.,]*(e[+-]?\d+)? ?(ns|μs|us|ms|s|min|h)\b", "T", text)
    text = re.sub(r"\d[\d,]* (runs?|loops?)\b", r"N \1", text)
    return re.sub(r"0x[0-9a-f]+", "0xN", text)
