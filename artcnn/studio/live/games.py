"""Games of Go that pages send: moves one by one, or SGF."""

from contextlib import suppress
from dataclasses import dataclass

from artcnn.datasets.go.board import BLACK, OF_WHITE, POINT, SETUP, WHITE
from artcnn.datasets.go.encodings import decode
from artcnn.datasets.go.game_state import GameState
from artcnn.datasets.go.points import pass_or_point_in_sgf, point_in_sgf
from artcnn.datasets.go.position import position_in
from artcnn.datasets.go.sgf import SgfError, main_lines
from artcnn.errors import DataError
from artcnn.studio.live.requests import MOST_MOVES, Game

WHOSE = {"B": 0, "W": OF_WHITE, "AB": SETUP, "AW": SETUP | OF_WHITE}

_PLAYS = {"B", "W", "AB", "AW", "AE"}
"""Properties of SGF that change the board."""


@dataclass(frozen=True, eq=False)
class ReadGame:
    """A game up to a position.

    Attributes:
        state: its moves.
        color: to move.
        komi: points for White, or None where nobody says.
        notes: what was wrong with it, a sentence each.
    """

    state: GameState
    color: int
    komi: float | None = None
    notes: tuple[str, ...] = ()


def read_game(game: Game) -> ReadGame:
    """Return a game.

    Raises:
        DataError: a move is against the rules, or there is no game of Go in the SGF.
    """
    if game.sgf is not None:
        return _read_sgf(game.sgf)
    state = GameState(size=game.size)
    for number, (key, place) in enumerate(game.moves or [], 1):
        bits = WHOSE[key]
        try:
            point = point_in_sgf(place, game.size)
            state.play(point, WHITE if bits & OF_WHITE else BLACK, setup=bool(bits & SETUP))
        except ValueError as error:
            raise DataError(f"move {number}: {error}") from error
    if state.count:
        return ReadGame(state, state.next_color)
    turn = game.turn or ("W" if state.moves else "B")
    return ReadGame(state, WHITE if turn == "W" else BLACK)


def _read_sgf(text: str) -> ReadGame:
    with suppress(UnicodeEncodeError):  # it is text, and no file's bytes
        text = decode(text.encode("latin-1"))
    line = next(main_lines(text))
    if isinstance(line, SgfError):
        raise DataError(f"this SGF cannot be read: {line.reason}")
    if sum(len(values) for key, values in line.properties if key in _PLAYS) > MOST_MOVES:
        raise DataError(f"this game has more than {MOST_MOVES:,} moves")
    position = position_in(line)
    return ReadGame(GameState(position.moves, position.size), position.color, position.komi, position.notes)


def plain_moves(state: GameState) -> list[tuple[str, str]]:
    """Return the moves of a game as pages have them."""
    names = {bits: key for key, bits in WHOSE.items()}
    return [(names[move & ~POINT], pass_or_point_in_sgf(move & POINT, state.size)) for move in state.moves]
