"""The Go Text Protocol, version 2, which GNU Go, GoGui and Sabaki speak: lines in, answers out."""

from collections.abc import Callable
from typing import get_args

from artcnn.datasets.go.board import BLACK, EMPTY, PASS, SIZES, WHITE, board_points
from artcnn.datasets.go.game_state import GameState
from artcnn.datasets.go.points import COLUMNS, NAMES, parse_point
from artcnn.errors import ArtcnnError
from artcnn.playing.ownership import Status, chains_with_status, final_lead
from artcnn.playing.player import Player

_COLORS = {"b": BLACK, "black": BLACK, "w": WHITE, "white": WHITE}
_MAX_LINE = 4_000
"""Characters of a line that are read."""
_MAX_KOMI = 361


LoadGame = Callable[[str, int | None], tuple[GameState, float | None]]
"""Reads a game from a file: its moves, all or those before a move's number, and its komi, None where it has none.

It raises an ``ArtcnnError`` when the file cannot be read.
"""


class GtpError(Exception):
    """The answer to a command that cannot be carried out."""


class GtpEngine:
    """A player behind GTP.

    Attributes:
        done: whether it got the command to quit.
    """

    def __init__(self, player: Player, version: str, load: LoadGame) -> None:
        self.done = False
        self._player, self._version, self._load = player, version, load
        self._record, self._komi = GameState(), 7.5
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
            "fixed_handicap": self._fixed_handicap,
            "place_free_handicap": self._place_free_handicap,
            "set_free_handicap": self._set_free_handicap,
            "play": self._play,
            "genmove": self._genmove,
            "reg_genmove": lambda words: _move_name(self._choose(words)),
            "undo": self._undo,
            "loadsgf": self._loadsgf,
            "showboard": lambda _: "\n" + board_diagram(self._record),
            "final_score": lambda _: format_score(final_lead(self._record, self._komi)),
            "final_status_list": self._final_status_list,
            "time_settings": lambda _: "",
            "time_left": lambda _: "",
        }

    def answer(self, line: str) -> str | None:
        """Return the answer to a line, with its two newlines, or None for an empty line."""
        text = "".join(c for c in line.replace("\t", " ")[:_MAX_LINE] if c.isprintable()).partition("#")[0]
        words = text.split()
        if not words:
            return None
        number = words.pop(0) if words[0].isascii() and words[0].isdigit() else ""
        try:
            if not words or words[0] not in self._commands:
                raise GtpError("unknown command")
            answer, sign = self._commands[words[0]](words[1:]), "="
        except GtpError as error:
            answer, sign = str(error), "?"
        return f"{sign}{number} {answer}".rstrip(" ") + "\n\n"

    def _quit(self, _: list[str]) -> str:
        self.done = True
        return ""

    def _boardsize(self, words: list[str]) -> str:
        if len(words) != 1 or words[0] not in map(str, SIZES):
            raise GtpError("unacceptable size")
        self._record = GameState(size=int(words[0]))
        return ""

    def _clear(self, _: list[str]) -> str:
        self._record = GameState(size=self._record.size)
        return ""

    def _set_komi(self, words: list[str]) -> str:
        try:
            (komi,) = map(float, words)
        except ValueError:
            raise GtpError("syntax error") from None
        if not abs(komi) <= _MAX_KOMI:  # false for NaN, too
            raise GtpError("syntax error")
        self._komi = komi
        return ""

    def _play(self, words: list[str]) -> str:
        if len(words) != 2:
            raise GtpError("syntax error")
        try:
            self._record.play(self._point(words[1]), self._color(words))
        except ValueError:
            raise GtpError("illegal move") from None
        return ""

    def _genmove(self, words: list[str]) -> str:
        point = self._choose(words)
        if point is not None:
            self._record.play(point, self._color(words))
        return _move_name(point)

    def _choose(self, words: list[str]) -> int | None:
        return self._player.choose(self._record, self._color(words), self._komi)

    def _loadsgf(self, words: list[str]) -> str:
        number = int(words.pop()) if len(words) > 1 and words[-1].isascii() and words[-1].isdigit() else None
        if not words or number == 0:
            raise GtpError("syntax error")
        try:
            self._record, komi = self._load(" ".join(words), number)
        except ArtcnnError as error:
            raise GtpError(f"cannot load file: {error}") from None
        self._komi = self._komi if komi is None else komi
        return ""

    def _final_status_list(self, words: list[str]) -> str:
        for status in get_args(Status):
            if words == [status]:
                chains = chains_with_status(self._record, status)
                return "\n".join(" ".join(NAMES[point] for point in chain) for chain in chains)
        raise GtpError("invalid status")

    def _undo(self, _: list[str]) -> str:
        try:
            self._record.undo()
        except ValueError:
            raise GtpError("cannot undo") from None
        return ""

    def _fixed_handicap(self, words: list[str]) -> str:
        count, points = self._count(words), _handicap_points(self._record.size)
        if count > len(points):
            raise GtpError("invalid number of stones")
        odd = count > 4 and count % 2 == 1
        return self._set_free_handicap([*points[: count - odd], *(points[-1:] if odd else [])])

    def _place_free_handicap(self, words: list[str]) -> str:
        return self._fixed_handicap([str(min(self._count(words), len(_handicap_points(self._record.size))))])

    def _count(self, words: list[str]) -> int:
        count = int(words[0]) if len(words) == 1 and words[0].isascii() and words[0][:9].isdigit() else 0
        if count < 2:
            raise GtpError("invalid number of stones")
        return count

    def _set_free_handicap(self, words: list[str]) -> str:
        points = [self._point(word) for word in words]
        if self._record.moves:
            raise GtpError("board not empty")
        if len(set(points)) != len(points) or not points or PASS in points:
            raise GtpError("bad vertex list")
        for point in points:
            self._record.play(point, BLACK, setup=True)
        return " ".join(NAMES[point] for point in points)

    def _color(self, words: list[str]) -> int:
        if not words or words[0].lower() not in _COLORS:
            raise GtpError("invalid color")
        return _COLORS[words[0].lower()]

    def _point(self, word: str) -> int:
        try:
            return parse_point(word)
        except ValueError:
            raise GtpError("invalid coordinate") from None


def _move_name(point: int | None) -> str:
    return "resign" if point is None else NAMES[point].upper()


def _handicap_points(size: int) -> list[str]:
    """Return the points of handicap stones, in order, the middle last, as GNU Go places them."""
    low = 3 if size < 12 else 4
    high, middle = size + 1 - low, (size + 1) // 2
    corners = [(low, low), (high, high), (low, high), (high, low)]
    sides = [(low, middle), (high, middle), (middle, low), (middle, high), (middle, middle)]
    points = corners + (sides if size % 2 and size > 7 else [])
    return [f"{COLUMNS[column - 1]}{row}" for column, row in points]


def format_score(lead: float) -> str:
    """Return a score as GTP and SGF write it, from Black's points less White's: ``B+3.5``, ``W+0.5`` or ``0``."""
    return "0" if lead == 0 else f"{'B' if lead > 0 else 'W'}+{abs(lead):g}"


def board_diagram(record: GameState) -> str:
    """Return a board as text: X black, O white, a dot for an empty point."""
    marks = {EMPTY: ".", BLACK: "X", WHITE: "O"}
    heading = "   " + " ".join(COLUMNS[: record.size])
    rows = [
        f"{record.size - row:2} " + " ".join(marks[record.color_at(point)] for point in points)
        for row, points in enumerate(board_points(record.size).tolist())
    ]
    return "\n".join([heading, *rows, heading])
