"""The Go Text Protocol, version 2: what GNU Go, GoGui and Sabaki speak. Lines in, answers out; no file, no screen."""

from collections.abc import Callable

from artcnn.datasets.go.board import BLACK, EMPTY, PASS, SIZE, WHITE, points_of
from artcnn.datasets.go.points import COLUMNS, NAMES, point_of
from artcnn.datasets.go.record import Record
from artcnn.playing.player import Player

_COLOURS = {"b": BLACK, "black": BLACK, "w": WHITE, "white": WHITE}
_STARS = "D4", "Q16", "D16", "Q4", "D10", "Q10", "K4", "K16"
_MIDDLE = "K10"
_LONGEST = 4_000
"""Characters of a line that are looked at."""
_MOST_KOMI = 361


class GtpError(Exception):
    """What an engine answers to a command that it cannot carry out."""


class Engine:
    """A player that is told and asked in GTP.

    Attributes:
        done: whether it was told to quit.
    """

    def __init__(self, player: Player, version: str) -> None:
        self.done = False
        self._player, self._version = player, version
        self._record, self._komi = Record(), 7.5
        self._commands: dict[str, Callable[[list[str]], str]] = {
            "protocol_version": lambda _: "2",
            "name": lambda _: "artcnn",
            "version": lambda _: self._version,
            "known_command": lambda words: "true" if words and words[0] in self._commands else "false",
            "list_commands": lambda _: "\n".join(self._commands),
            "quit": self._quit,
            "boardsize": self._boardsize,
            "clear_board": self._clear,
            "komi": self._set_komi,
            "fixed_handicap": self._handicap,
            "place_free_handicap": self._handicap,
            "set_free_handicap": self._free_handicap,
            "play": self._play,
            "genmove": self._genmove,
            "reg_genmove": lambda words: NAMES[self._choose(words)].upper(),
            "undo": self._undo,
            "showboard": lambda _: "\n" + drawn(self._record),
            "final_score": lambda _: score(self._record.area(self._komi)),
            "time_settings": lambda _: "",
            "time_left": lambda _: "",
        }

    def answer(self, line: str) -> str | None:
        """Return the answer to a line, both of its newlines behind it, or None where there is nothing to answer."""
        text = "".join(c for c in line.replace("\t", " ")[:_LONGEST] if c.isprintable()).partition("#")[0]
        words = text.split()
        if not words:
            return None
        number = words.pop(0) if words[0].isascii() and words[0].isdigit() else ""
        try:
            if not words or words[0] not in self._commands:
                raise GtpError("unknown command")
            said, sign = self._commands[words[0]](words[1:]), "="
        except GtpError as error:
            said, sign = str(error), "?"
        return f"{sign}{number} {said}".rstrip(" ") + "\n\n"

    def _quit(self, _: list[str]) -> str:
        self.done = True
        return ""

    def _boardsize(self, words: list[str]) -> str:
        if words != [str(SIZE)]:
            raise GtpError("unacceptable size")
        return self._clear(words)

    def _clear(self, _: list[str]) -> str:
        self._record = Record()
        return ""

    def _set_komi(self, words: list[str]) -> str:
        try:
            (komi,) = map(float, words)
        except ValueError:
            raise GtpError("syntax error") from None
        if not abs(komi) <= _MOST_KOMI:  # so that what is no number is refused, too
            raise GtpError("syntax error")
        self._komi = komi
        return ""

    def _play(self, words: list[str]) -> str:
        if len(words) != 2:
            raise GtpError("syntax error")
        try:
            self._record.play(self._point(words[1]), self._colour(words))
        except ValueError:
            raise GtpError("illegal move") from None
        return ""

    def _genmove(self, words: list[str]) -> str:
        point = self._choose(words)
        self._record.play(point, self._colour(words))
        return NAMES[point].upper()

    def _choose(self, words: list[str]) -> int:
        return self._player.choose(self._record, self._colour(words))

    def _undo(self, _: list[str]) -> str:
        try:
            self._record.undo()
        except ValueError:
            raise GtpError("cannot undo") from None
        return ""

    def _handicap(self, words: list[str]) -> str:
        count = int(words[0]) if words and words[0].isascii() and words[0].isdigit() else 0
        if not 2 <= count <= len(_STARS) + 1:
            raise GtpError("invalid number of stones")
        odd = count > 4 and count % 2 == 1
        return self._free_handicap([*_STARS[: count - odd], *([_MIDDLE] if odd else [])])

    def _free_handicap(self, words: list[str]) -> str:
        points = [self._point(word) for word in words]
        if self._record.moves:
            raise GtpError("board not empty")
        if len(set(points)) != len(points) or not points or PASS in points:
            raise GtpError("bad vertex list")
        for point in points:
            self._record.play(point, BLACK, setup=True)
        return " ".join(NAMES[point] for point in points)

    def _colour(self, words: list[str]) -> int:
        if not words or words[0].lower() not in _COLOURS:
            raise GtpError("invalid color")
        return _COLOURS[words[0].lower()]

    def _point(self, word: str) -> int:
        try:
            return point_of(word)
        except ValueError:
            raise GtpError("invalid coordinate") from None


def score(lead: float) -> str:
    """Return a result as GTP and SGF tell it, from Black's points less White's: ``B+3.5``, ``W+0.5`` or ``0``."""
    return "0" if lead == 0 else f"{'B' if lead > 0 else 'W'}+{abs(lead):g}"


def drawn(record: Record) -> str:
    """Return a board in letters: X black, O white, a dot for an empty point."""
    marks = {EMPTY: ".", BLACK: "X", WHITE: "O"}
    heading = "   " + " ".join(COLUMNS[: record.size])
    rows = [
        f"{record.size - row:2} " + " ".join(marks[record.colour_at(point)] for point in points)
        for row, points in enumerate(points_of(record.size).tolist())
    ]
    return "\n".join([heading, *rows, heading])
