"""Every magic, as the program itself lists them: a new one is found here by what it declares."""
import json
import re
import time

from room import CHECKS, Room, check, masked
from terminal import Terminal

# What stands for an operand, by what the magic completes it from.
OPERANDS = {
    "files": "sample.lua", "folders": ".", "variables": "sample", "magics": "time", "environment": "HOME", "lua": "1 + 1",
    "nothing": "",
}
# Magics whose words are of a kind of their own.
WORDS = {"writefile": "made.txt", "save": "made.lua 1", "rerun": "1", "recall": "1", "edit": "sample.lua", "expect": "2", "sh": "echo here", "system": "echo here"}
MODELS = ("summary", "sparsity", "qinfo", "spy")
TENSORS = ("plot", "hist")


def declare(program):
    """Declares the checks of each magic."""
    room = Room(program)
    status, output, errors = room.run(input="%lsmagic --json\n")
    assert status == 0, errors
    for magic in json.loads(output):
        CHECKS.append((f"%{magic['name']}: help", lambda room, magic=magic: shows_help(room, magic)))
        CHECKS.append((f"%{magic['name']}: mistakes", lambda room, magic=magic: tells_mistakes(room, magic)))
        CHECKS.append((f"%{magic['name']}: a call", lambda room, magic=magic: can_be_called(room, magic)))
    room.holder.cleanup()


def sign(magic):
    return "%" if magic["line"] else "%%"


def shows_help(room, magic):
    names = [magic["name"], *magic["aliases"]]
    status, output, errors = room.run(input="".join(f"%{name}?\n" for name in names))
    assert status == 0 and errors == "", errors
    head = sign(magic) + magic["name"]
    assert output.count(head) >= len(names) and magic["doc"].split("\n")[0] in output, output
    for option in magic["options"]:
        assert option["spelling"] in output and option["doc"].split("\n")[0] in output, f"{option['spelling']} is not in\n{output}"


def tells_mistakes(room, magic):
    word = f"{sign(magic)}{magic['name']} --no-such-option\n" + ("" if magic["line"] else "y = 1\n\n")
    status, output, errors = room.run(input=word)
    if magic["options"]:
        assert status == 1 and "option --no-such-option not recognized" in errors, output + errors
        for option in magic["options"]:
            assert option["spelling"] in errors, errors
    assert "(qrepl)" not in errors, errors


def operand(magic):
    name = magic["name"]
    if name in WORDS:
        return WORDS[name]
    if name in MODELS:
        return "model"
    if name == "qdiff":
        return "model model"
    if name in TENSORS:
        return "torch.arange(10):to(torch.float32)"
    optional = magic["operands"].startswith("[") or not magic["operands"]
    return "" if optional else "sample" if "name" in magic["operands"] else OPERANDS[magic["completes"]]


def can_be_called(room, magic):
    """A call by what it declares, alone and with each switch: it shows something or says what is wrong, and the session goes on."""
    room.write("sample.lua", "sample_ran = true\n")
    calls = []
    words = operand(magic)
    if magic["line"]:
        calls.append(f"%{magic['name']} {words}".strip())
        calls += [f"%{magic['name']} {option['spelling']} {words}".strip() for option in magic["options"] if option["value"] is None]
        calls += [f"%{magic['name']} {option['spelling']} {choice} {words}".strip() for option in magic["options"] for choice in option["choices"]]
    if magic["cell"]:
        head = f"%%{magic['name']} {words if not magic['line'] or magic['name'] in WORDS else ''}".strip()
        body = "echo body" if magic["name"] in ("sh", "system") else "y = 1"
        calls.append(f"{head}\n{body}")
    with Terminal(room) as terminal:
        terminal.cell("sample = 2")
        terminal.cell("model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU())")
        terminal.cell("sample")
        for call in calls:
            number = terminal.prompt()
            start = len(terminal.raw)
            terminal.paste(call)
            terminal.type("\r")

            def settled():
                if re.fullmatch(r" *\.\.\.: ", terminal.line):
                    terminal.type("\r")
                    while re.fullmatch(r" *\.\.\.: ", terminal.line):
                        terminal.read()
                elif re.search(r"(?i)(y/\[n\]\)|\[y\]/n\))\? ?$", terminal.line):
                    terminal.type("n\r")
                    while terminal.line.endswith("? n"):
                        terminal.read()
                elif re.search(r"(debug|lua_debug|ldb)\S*> ?$", terminal.line) or terminal.line.startswith(("ldb", "(debug)")):
                    terminal.type("q\r")
                    terminal.read(0.2)
                found = re.fullmatch(r"In \[(\d+)\]: ?", terminal.line)
                if found and int(found[1]) > number:
                    return True
                # %reset may count anew, and %recall and the like put a text at the next prompt.
                return "\x1b[?2004h" in terminal.raw[start:] and time.time() - terminal.changed > 1

            terminal.until(settled, 90, f"prompt after {call!r}")
            text = terminal.plain(start)
            assert "(qrepl)" not in text and "Fatal error" not in text, f"{call}\n{text}"
            if not re.fullmatch(r"In \[\d+\]: ?", terminal.line):
                terminal.type("\x03")
                terminal.prompt()
        assert terminal.cell("1 + 1").endswith("2\n")
        assert terminal.end() == 0


@check
def completion_offers_every_magic_and_option(room):
    status, output, _ = room.run(input="%lsmagic --json\n")
    magics = json.loads(output)
    with Terminal(room, ["--no-history"], rows=60, columns=200) as terminal:
        terminal.type("%\t\t")
        terminal.until(lambda: "%who_ls" in terminal.text() and terminal.line.endswith("%"), 10, "list of magics")
        shown = set(re.findall(r"%+\w+", terminal.text()))
        for magic in magics:
            names = [magic["name"], *magic["aliases"]]
            missing = [name for name in names if (sign(magic) + name) not in shown]
            assert not missing, f"{missing} not offered in\n{terminal.text()}"


@check
def a_misspelt_magic_gets_a_suggestion(room):
    status, output, errors = room.run(input="%timit 1\n")
    assert status == 1 and errors.startswith("qrepl: UsageError: Line magic function `%timit` not found. Did you mean `%timeit`?"), errors
    status, output, errors = room.run(input="%timit?\n")
    assert output == "Object `%timit` not found. Did you mean `%timeit`?\n", output
