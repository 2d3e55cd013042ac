"""The history of sessions: nothing accepted is lost, and no state of its file stops a session."""
import os
import sqlite3
import threading
import time

from room import check, each, same
from terminal import Terminal


def rows(room):
    with sqlite3.connect(f"{room.folder}/state/qrepl/history.sqlite") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return database.execute("SELECT session, line, source, output FROM history ORDER BY session, line").fetchall()


@check
def history_comes_back(room):
    with Terminal(room) as terminal:
        terminal.cell("remembered = 'yes'")
        terminal.cell("for i = 1, 2 do\n  print(i)\nend")
        terminal.cell("'caf\u00e9', [[a\nb]]")
        assert terminal.end() == 0
    with Terminal(room) as terminal:
        terminal.type("\x1b[A\x1b[A\x1b[A\r")
        terminal.expect("In [2]: ")
        same(terminal.cell("remembered"), "Out[2]: yes\n")
        terminal.type("\x1b[A\x1b[A\x1b[A\x1b[A\r")
        terminal.expect("1\n2\n")
    assert [row[2] for row in rows(room)][:3] == ["remembered = 'yes'", "for i = 1, 2 do\n  print(i)\nend", "'caf\u00e9', [[a\nb]]"]
    assert rows(room)[2][3] == "caf\u00e9\ta\nb"


@check
def two_sessions_at_once_lose_nothing(room):
    count = 500
    problems = []

    def session(name):
        try:
            with Terminal(room) as terminal:
                for start in range(0, count, 50):
                    terminal.type("".join(f"{name} = {i}\r" for i in range(start, start + 50)))
                    terminal.until(lambda: terminal.line.startswith(f"In [{start + 51}]: "), 60, "fifty cells")
                assert terminal.end() == 0
        except AssertionError as error:
            problems.append(error)

    threads = [threading.Thread(target=session, args=(name,)) for name in ("left", "right")]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not problems, problems[0]
    for name in ("left", "right"):
        same([row[2] for row in rows(room) if row[2].startswith(name)], [f"{name} = {i}" for i in range(count)])
    assert len({row[0] for row in rows(room)}) == 2


@check
def a_killed_session_leaves_its_lines(room):
    with Terminal(room) as terminal:
        for i in range(20):
            terminal.cell(f"x = {i}")
        terminal.type("while true do end -- the last\r")
        time.sleep(0.3)
        terminal.kill()
    same([row[2] for row in rows(room)], [f"x = {i}" for i in range(20)] + ["while true do end -- the last"])
    with Terminal(room) as terminal:
        terminal.type("\x1b[A")
        terminal.expect("-- the last")


@check
def a_locked_file_is_written_when_it_is_free(room):
    with Terminal(room) as terminal:
        terminal.cell("a = 1")
        other = sqlite3.connect(f"{room.folder}/state/qrepl/history.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        text = terminal.cell("b = 2", seconds=10)
        assert "history is not written for now: database is locked" in text, text
        same(terminal.cell("b", seconds=10), "Out[3]: 2\n")
        other.execute("ROLLBACK")
        terminal.cell("c = 3")
        terminal.end()
    same([row[2] for row in rows(room)], ["a = 1", "b = 2", "b", "c = 3"])


def is_root():
    return os.geteuid() == 0


BROKEN = {
    "no HOME": (dict(HOME=None, XDG_STATE_HOME=None, XDG_CONFIG_HOME=None), "history is not kept: HOME is not set"),
    "a home that is no folder": (dict(HOME="/dev/null", XDG_STATE_HOME=None, XDG_CONFIG_HOME=None), "history is not kept: cannot open /dev/null/"),
    "a folder that cannot be made": (dict(XDG_STATE_HOME="/proc/nowhere"), "history is not kept: cannot open /proc/nowhere/"),
    "a read-only folder": (dict(XDG_STATE_HOME="/sys/kernel"), "history is not kept: cannot open /sys/kernel/"),
}


@each(BROKEN)
def a_session_goes_on_without_its_history(room, name):
    environment, word = BROKEN[name]
    with Terminal(room, environment=environment) as terminal:
        same(terminal.text().count("qrepl: "), 1, "the number of messages")
        assert word in terminal.text().replace("\n", ""), terminal.text()
        same(terminal.cell("1 + 1"), "Out[1]: 2\n")
        same(terminal.cell("%history"), "1 + 1\n%history\n")
        assert terminal.end() == 0


@check
def a_history_that_is_no_database(room):
    room.write("state/qrepl/history.sqlite", "this is no database at all, " * 100)
    with Terminal(room) as terminal:
        assert "history is not kept" in terminal.text(), terminal.text()
        same(terminal.cell("1 + 1"), "Out[1]: 2\n")
        assert terminal.end() == 0


@check
def lines_are_searched_in_all_sessions(room):
    for source in ("first = 1", "second = 2"):
        with Terminal(room) as terminal:
            terminal.cell(source)
            terminal.end()
    with Terminal(room) as terminal:
        text = terminal.cell("%history -g *= 1")
        assert "1/1: first = 1" in text and "second" not in text, text
