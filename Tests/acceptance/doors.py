"""The same cells through a terminal, a pipe, a script and %run give the same text, prompts and colour aside."""
import os
import re

from room import check, each, masked, same
from terminal import Terminal

FILE = os.path.dirname(os.path.realpath(__file__)) + "/transcript.lua"
with open(FILE) as file:
    SOURCE = file.read()
CELLS = [cell.split("\n", 1)[1].strip("\n") for cell in re.split(r"(?m)^(?=-- %%(?: |$))", SOURCE) if cell]


def seen(text):
    """What is compared: times, and the place of an error, differ by their nature."""
    text = re.sub(r"(?m)^The slowest run took .*\n", "", masked(text))
    text = re.sub(r"(?m)^qrepl: ", "", text)
    text = re.sub(r"(In\[\d+\]|stdin|[\w/.-]*transcript\.lua):\d+", "PLACE", text)
    text = re.sub(r"(?m)^ *\d* \|", "LINE |", text)
    # A function has other names where it is called from another cell, and %run has a frame of its own.
    return text.split("stack traceback:")[0]


def scripted(room):
    status, output, errors = room.run(FILE)
    same(status, 1, "the status")
    return seen(output + errors)


@check
def a_script_prints_what_its_cells_print(room):
    text = scripted(room)
    for part in ["1\t11\t11\n", "23\tfunction\tLua 5.4\n1 2 3\n", "shell 1\n", "1!\t2!\n", "before\n", "(field 'missing')", "^^^^^^^"]:
        assert part in text, f"{part!r} is not in\n{text}"
    assert "not reached" not in text


@check
def a_pipe_gives_the_same_text(room):
    status, output, errors = room.run(input="\n\n".join(CELLS) + "\n")
    same(status, 1, "the status")
    same(seen(output + errors), scripted(room))


@check
def running_it_from_a_cell_gives_the_same_text(room):
    status, output, errors = room.run(input=f"%run {FILE}\n")
    same(status, 1, "the status")
    same(seen(output + errors), scripted(room))


TERMINALS = {
    "80x24": dict(), "40x10": dict(rows=10, columns=40), "no colour": dict(environment={"NO_COLOR": "1"}),
    "the C locale": dict(environment={"LC_ALL": "C", "LANG": None}), "vt220": dict(environment={"TERM": "vt220"}),
}


@each(TERMINALS)
def a_terminal_gives_the_same_text(room, name):
    with Terminal(room, ["--no-history"], **TERMINALS[name]) as terminal:
        text = "".join(terminal.cell(cell) for cell in CELLS)
        same(seen(text), scripted(room))
        assert terminal.end() == 0


@check
def a_terminal_gives_the_same_text_to_run(room):
    with Terminal(room, ["--no-history"]) as terminal:
        same(seen(terminal.cell(f"%run {FILE}")), scripted(room))


@check
def a_dumb_terminal_gives_the_same_text(room):
    with Terminal(room, ["--no-history"], environment={"TERM": "dumb"}) as terminal:
        for cell in CELLS:
            number = terminal.prompt()
            # Without brackets around it a paste is typing; an empty line ends a cell magic's body.
            for line in cell.split("\n") + ([""] if "%%" in cell else []):
                terminal.type(line + "\r")
            terminal.until(lambda: re.fullmatch(r"In \[\d+\]: ", terminal.line) and terminal.prompt() > number, 20, "next prompt")
        terminal.expect("stack traceback")
        assert "\x1b" not in terminal.raw, "a dumb terminal got an escape"
        found = terminal.plain()
        for line in scripted(room).split("\n"):
            if "LINE" not in line:
                assert line in seen(found), f"{line!r} is not in\n{found}"


@each(["0", "1", "2", "3", "4"], name=lambda n: f"cell {n}")
def a_value_is_the_same_at_a_prompt_and_in_a_pipe(room, index):
    cell = ["6 * 7", "1, nil, 'x'", "{1, 2} and 'é'", "torch.arange(6):reshape(2, 3)", "x = 5 x"][int(index)]
    with Terminal(room, ["--no-history"]) as terminal:
        shown = terminal.cell(cell)
    status, output, errors = room.run(input=cell + "\n")
    same(errors, "", "standard error")
    same(re.sub(r"^Out\[1\]: \n?", "", shown), output)
