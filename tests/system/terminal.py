"""A terminal for programs that write to one: a pseudo terminal, and a screen as xterm would show it."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

import harness

_SEQUENCE = re.compile(
    r"\x1b\[([?>]?)([0-9;]*)([@-~])|\x1b[()][0-9A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[=>78M]")
# What may be the beginning of one.
_BEGUN = re.compile(r"\x1b(?:\[[?>]?[0-9;]*|[()]|\][^\x07\x1b]*)?$")


class Screen:
    """What sequences of control characters make of rows of characters. Attributes are not kept."""

    def __init__(self, rows, columns):
        self.resize(rows, columns)
        self.waiting = ""

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.row = self.column = 0
        self.cells = [[" "] * columns for _ in range(rows)]
        self.last = " "
        self.inserting = False
        self.region = (0, rows)  # what scrolls

    def text(self):
        return "\n".join("".join(row).rstrip() for row in self.cells)

    def feed(self, text):
        text = self.waiting + text
        self.waiting = ""
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                self._character(text[at])
                at += 1
                continue
            match = _SEQUENCE.match(text, at)
            if match:
                if match.group(3):
                    self._sequence(match.group(1), match.group(2), match.group(3))
                elif match.group(0) == "\x1bM" and self.row == self.region[0]:
                    self._scroll(self.row, -1)
                elif match.group(0) == "\x1bM":
                    self.row = max(self.row - 1, 0)
                at = match.end()
            elif _BEGUN.match(text, at):
                self.waiting = text[at:]
                return
            else:
                at += 1

    def _character(self, c):
        if c == "\r":
            self.column = 0
        elif c == "\n":
            if self.row + 1 == self.region[1]:
                self._scroll(self.region[0], 1)
            else:
                self.row = min(self.row + 1, self.rows - 1)
        elif c == "\b":
            self.column = max(self.column - 1, 0)
        elif c == "\t":
            self.column = min((self.column // 8 + 1) * 8, self.columns - 1)
        elif c >= " ":
            if self.column >= self.columns:
                self.column = 0
                self._character("\n")
            self.last = c
            if self.inserting:
                self.cells[self.row].insert(self.column, c)
                self.cells[self.row].pop()
            else:
                self.cells[self.row][self.column] = c
            self.column += 1

    def _scroll(self, top, by):
        """The rows from `top` to the end of what scrolls go up by so many, or down."""
        end = self.region[1]
        many = min(abs(by), end - top)
        blank = [[" "] * self.columns for _ in range(many)]
        kept = self.cells[top + many:end] + blank if by > 0 else blank + self.cells[top:end - many]
        self.cells[top:end] = kept

    def _sequence(self, private, numbers, final):
        if private:
            return
        values = [int(n) if n else 0 for n in numbers.split(";")] if numbers else []
        first = values[0] if values else 0
        many = max(first, 1)
        row = self.cells[self.row]
        if final in "Hf":
            self.row = min(many, self.rows) - 1
            self.column = min(max(values[1] if len(values) > 1 else 1, 1), self.columns) - 1
        elif final == "A":
            self.row = max(self.row - many, 0)
        elif final == "B":
            self.row = min(self.row + many, self.rows - 1)
        elif final == "C":
            self.column = min(self.column + many, self.columns - 1)
        elif final == "D":
            self.column = max(self.column - many, 0)
        elif final == "G":
            self.column = min(many, self.columns) - 1
        elif final == "d":
            self.row = min(many, self.rows) - 1
        elif final == "r":
            self.region = (max(first, 1) - 1, values[1] if len(values) > 1 else self.rows)
            self.row = self.column = 0
        elif final in "ST":
            self._scroll(self.region[0], many if final == "S" else -many)
        elif final in "LM":
            self._scroll(self.row, many if final == "M" else -many)
        elif final in "hl" and first == 4:
            self.inserting = final == "h"
        elif final == "K":
            begin, end = ((self.column, self.columns), (0, self.column + 1), (0, self.columns))[first]
            row[begin:end] = [" "] * (min(end, self.columns) - begin)
        elif final == "J":
            if first == 0:
                row[self.column:] = [" "] * (self.columns - self.column)
            below = range(self.row + 1, self.rows) if first == 0 else range(self.rows)
            for i in below:
                self.cells[i] = [" "] * self.columns
        elif final == "X":
            end = min(self.column + many, self.columns)
            row[self.column:end] = [" "] * (end - self.column)
        elif final == "P":
            row[self.column:] = (row[self.column + many:] + [" "] * many)[:self.columns - self.column]
        elif final == "@":
            row[self.column:] = ([" "] * many + row[self.column:])[:self.columns - self.column]
        elif final == "b":
            for _ in range(many):
                self._character(self.last)


class Terminal:
    """A program that has a terminal to itself, as a shell would start it."""

    def __init__(self, test, arguments, rows=24, columns=100, term="xterm-256color", stderr=None, **env):
        self.master, slave = pty.openpty()
        test.addCleanup(os.close, self.master)
        self.slave = slave
        test.addCleanup(os.close, slave)
        self.screen = Screen(rows, columns)
        self.raw = ""
        self._set_size(rows, columns)
        self.modes = termios.tcgetattr(slave)
        surroundings = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "LINES", "COLUMNS")}
        surroundings.update(TERM=term, LC_ALL="C.UTF-8", **env)
        self.name = str(arguments[0])
        self.process = subprocess.Popen(
            [str(harness.PROGRAM), *map(str, arguments)], stdin=slave, stdout=slave,
            stderr=stderr or slave, start_new_session=True, env=surroundings,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        test.addCleanup(self.process.wait)
        test.addCleanup(self.process.kill)

    def _set_size(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, rows, columns):
        self.pump(0)
        self.screen.resize(rows, columns)
        self._set_size(rows, columns)

    def keys(self, text):
        os.write(self.master, text.encode())

    def pump(self, patience=0.05):
        """Takes what the program has written."""
        while select.select([self.master], [], [], patience)[0]:
            try:
                text = os.read(self.master, 65536).decode("utf-8", "replace")
            except OSError:
                return
            self.raw += text
            self.screen.feed(text)
            patience = 0

    def wait_for(self, what, timeout=30):
        """Until the screen fits a regular expression, or a function of its text is true."""
        holds = what if callable(what) else lambda text: re.search(what, text)
        deadline = time.monotonic() + harness.scaled(timeout)
        while True:
            self.pump()
            if holds(self.screen.text()):
                return self.screen.text()
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {timeout} s: {what}; the screen:\n{self.screen.text()}"
                                     f"\nstatus {self.process.poll()}, the end of all: {self.raw[-2000:]!r}")

    def wait_end(self, timeout=30):
        """The exit status, once the program has ended."""
        deadline = time.monotonic() + harness.scaled(timeout)
        while self.process.poll() is None:
            self.pump()
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name} did not end; the screen:\n{self.screen.text()}")
        self.pump(0)
        return self.process.returncode

    def state(self):
        """One letter of /proc: T for stopped."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0]

    def is_given_back(self):
        """The other screen, the cursor and the modes are as they were."""
        return (self.raw.rfind("\x1b[?1049l") > self.raw.rfind("\x1b[?1049h")
                and self.raw.rfind("\x1b[?25h") > self.raw.rfind("\x1b[?25l")
                and termios.tcgetattr(self.slave) == self.modes)
