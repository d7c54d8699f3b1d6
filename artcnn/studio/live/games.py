"""Games of Go that pages send: moves one by one, or SGF."""

from dataclasses import dataclass

from artcnn.datasets.go.board import BLACK, OF_WHITE, SETUP, WHITE
from artcnn.datasets.go.game_state import GameState
from artcnn.datasets.go.points import NAMES, point_in_sgf
from artcnn.datasets.go.position import position_in
from artcnn.datasets.go.sgf import SgfError, main_lines
from artcnn.errors import DataError
from artcnn.studio.live.requests import MOST_MOVES, Game

WHOSE = {"B": 0, "W": OF_WHITE, "AB": SETUP, "AW": SETUP | OF_WHITE}


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
    handicap = bool(state.moves) and state.count == 0
    return ReadGame(state, WHITE if handicap else state.next_color)


def _read_sgf(text: str) -> ReadGame:
    line = next(main_lines(text))
    if isinstance(line, SgfError):
        raise DataError(f"this SGF cannot be read: {line.reason}")
    if sum(key in ("B", "W") for key, _ in line.properties) > MOST_MOVES:
        raise DataError(f"this game has more than {MOST_MOVES:,} moves")
    position = position_in(line)
    return ReadGame(GameState(position.moves, position.size), position.color, position.komi, position.notes)


def name_of(point: int) -> str:
    """Return the name of a point, such as Q16, or ``pass``."""
    return NAMES[point]
