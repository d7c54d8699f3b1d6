"""A game of Go against the network, one position after the other: the page keeps the moves, and this the rules."""

from collections import Counter
from functools import cache
from typing import Any

from artcnn.datasets.go.board import BLACK, EMPTY, PASS, POINT, WHITE, board_points, move_color
from artcnn.datasets.go.game_state import GameState
from artcnn.datasets.go.points import NAMES, pass_or_point_in_sgf
from artcnn.files.model_registry import bundled_models
from artcnn.jobs.go_player import open_player
from artcnn.playing.gtp import format_score
from artcnn.playing.ownership import dead_stones
from artcnn.playing.player import MoveSelection, Player
from artcnn.studio.live.games import plain_moves, read_game
from artcnn.studio.live.requests import GoRequest

NETWORK = "go-moves"

_COLORS = {"B": BLACK, "W": WHITE}
_LETTERS = {EMPTY: ".", BLACK: "B", WHITE: "W"}
_SELECTION = MoveSelection(temperature=0.3, resign=0.01)
"""As ``artcnn go play`` has it by default."""


@cache
def _player() -> Player:
    return open_player(str(bundled_models()[NETWORK]), selection=_SELECTION)


def play(request: GoRequest) -> dict[str, Any]:
    """Return the position of a game, after the network's move if one is asked for, as plain data.

    Raises:
        DataError: the game is against the rules, or cannot be read.
    """
    game = read_game(request.game)
    state, color, komi = game.state, game.color, request.komi if game.komi is None else game.komi
    played: dict[str, Any] | None = None
    if request.reply and state.passes < 2:
        probabilities = _player().probabilities(state, color)
        point = _player().choose(state, color, komi)
        if point is None:
            played = {"name": "resign", "probability": None}
        else:
            state.play(point, color)
            played = {"name": NAMES[point], "probability": float(probabilities[point])}
            color = WHITE + BLACK - color
    return {"played": played, "notes": list(game.notes), "komi": komi} | _position(state, color, komi, request)


def _position(state: GameState, color: int, komi: float, request: GoRequest) -> dict[str, Any]:
    """Return what a page shows of a position."""
    points = board_points(state.size).tolist()
    probabilities, legal = _player().probabilities(state, color).tolist(), state.legal(color)
    last = None if state.last is None else pass_or_point_in_sgf(state.last, state.size)
    dead = dead_stones(state) if state.passes >= 2 else []
    names = {"PB" if request.network == "B" else "PW": f"artcnn {NETWORK}"} if request.network else {}
    return {
        "size": state.size,
        "moves": plain_moves(state),
        "stones": ["".join(_LETTERS[state.color_at(point)] for point in line) for line in points],
        "turn": next(letter for letter, known in _COLORS.items() if known == color),
        "last": last,
        "captured": _captured(state),
        "legal": [[bool(legal[point]) for point in line] for line in points],
        "probabilities": [[round(probabilities[point], 5) for point in line] for line in points],
        "pass": round(probabilities[PASS], 5),
        "over": state.passes >= 2,
        "dead": [pass_or_point_in_sgf(point, state.size) for point in dead],
        "score": format_score(state.area(komi, dead)) if state.passes >= 2 else None,
        "sgf": state.as_sgf(KM=f"{komi:g}", **names),
    }


def _captured(state: GameState) -> dict[str, int]:
    """Return how many stones of each color were captured: those that were put on the board and are not there."""
    placed = Counter(move_color(move) for move in state.moves if move & POINT != PASS)
    there = Counter(state.color_at(point) for line in board_points(state.size).tolist() for point in line)
    return {letter: placed[color] - there[color] for letter, color in _COLORS.items()}
