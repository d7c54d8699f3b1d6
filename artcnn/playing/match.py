"""A match: games of a network against another engine, which counts the points at the end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Literal

from artcnn.datasets.go.board import BLACK, WHITE
from artcnn.datasets.go.game_state import GameState
from artcnn.datasets.go.points import NAMES, parse_point
from artcnn.errors import ArtcnnError
from artcnn.playing.gtp import format_score
from artcnn.playing.opponent import Opponent, open_opponent
from artcnn.playing.ownership import final_lead
from artcnn.playing.player import Player

MAX_MOVES = 722
"""Moves after which a game has no result: twice as many as there are points."""

ChooseMove = Callable[[GameState, int], int | None]
"""Returns the move of a color in a game, or None to resign."""


@dataclass(frozen=True, eq=False)
class Ending:
    """How a game ended.

    Attributes:
        reason: why it is over.
        loser: the color that resigned or broke the rules; None where the board decides.
    """

    reason: Literal["resign", "illegal", "passes", "length"]
    loser: int | None = None


def play_game(black: ChooseMove, white: ChooseMove, record: GameState) -> Ending:
    """Play a game until both pass, a player resigns or breaks the rules, or it is too long.

    Args:
        black: chooses Black's moves.
        white: chooses White's moves.
        record: an empty game, which takes the moves.
    """
    color = BLACK
    while record.passes < 2:
        if len(record.moves) >= MAX_MOVES:
            return Ending("length")
        point = (black if color == BLACK else white)(record, color)
        if point is None:
            return Ending("resign", color)
        try:
            record.play(point, color)
        except ValueError:
            return Ending("illegal", color)
        color = WHITE if color == BLACK else BLACK
    return Ending("passes")


@dataclass(frozen=True)
class MatchSettings:
    """What each game of a match is played by.

    Attributes:
        opponent: the command that starts the other engine.
        timeout: seconds that it has for an answer.
        size: lines of the board.
        komi: points that White is given.
        seed: of the network's draws in the first game; one higher in each game after it.
    """

    opponent: str
    timeout: float = 60
    size: int = 19
    komi: float = 7.5
    seed: int = 0


@dataclass(frozen=True, eq=False)
class MatchGame:
    """A game of a match.

    Attributes:
        color: the network's, ``"black"`` or ``"white"``.
        record: its moves.
        result: in SGF's notation.
        won: whether the network won; None where nobody did.
        seconds: the longest that the network took for a move.
        error: why the opponent gave up, where it did; the game is void then.
    """

    color: str
    record: GameState
    result: str
    won: bool | None
    seconds: float
    error: ArtcnnError | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "color": self.color,
            "moves": len(self.record.moves),
            "result": self.result,
            "won": self.won,
            "slowest_move_seconds": round(self.seconds, 4),
        }


def play_match(player: Player, games: int, settings: MatchSettings) -> Iterator[MatchGame]:
    """Yield each game of a match as it ends; the network has black in every other game, the first of them.

    Each game gets a new process of the opponent: engines crash.

    Raises:
        ArtcnnError: the opponent cannot be started.
    """
    for number in range(games):
        player.generator.manual_seed(settings.seed + number)
        with open_opponent(settings.opponent, settings.timeout) as opponent:
            yield _play_match_game(player, opponent, "white" if number % 2 else "black", settings)


def _play_match_game(player: Player, opponent: Opponent, color: str, settings: MatchSettings) -> MatchGame:
    times, record, failure = [0.0], GameState(size=settings.size), None

    def ours(record: GameState, color: int) -> int | None:
        start = perf_counter()
        point = player.choose(record, color, settings.komi)
        times.append(perf_counter() - start)
        if point is not None:
            opponent.ask(f"play {_name(color)} {NAMES[point]}")
        return point

    def theirs(_: GameState, color: int) -> int | None:
        return _opponents_move(opponent, color)

    try:
        for command in (f"boardsize {settings.size}", "clear_board", f"komi {settings.komi:g}"):
            opponent.ask(command)
        black, white = (ours, theirs) if color == "black" else (theirs, ours)
        result = _result(play_game(black, white, record), record, opponent, settings.komi)
    except ArtcnnError as error:
        result, failure = "Void", error
    won = result.startswith(color[0].upper()) if result[:1] in ("B", "W") else None
    return MatchGame(color, record, result, won, max(times), failure)


def _opponents_move(opponent: Opponent, color: int) -> int | None:
    """Return the opponent's move, None where it resigns.

    Raises:
        ArtcnnError: its answer is no point.
    """
    answer = opponent.ask(f"genmove {_name(color)}")
    if answer.lower() == "resign":
        return None
    try:
        return parse_point(answer)
    except ValueError as error:
        raise ArtcnnError(f"the opponent's move: {error}") from error


def _result(ending: Ending, record: GameState, opponent: Opponent, komi: float) -> str:
    """Return the result in SGF's notation; the opponent counts, where it can."""
    if ending.loser is not None:
        winner = "W" if ending.loser == BLACK else "B"
        return f"{winner}+{'Resign' if ending.reason == 'resign' else 'Forfeit'}"
    if ending.reason == "length":
        return "Void"
    try:
        return opponent.ask("final_score")
    except ArtcnnError:  # GTP leaves it to the engine whether it counts
        return format_score(final_lead(record, komi))


def _name(color: int) -> str:
    return "black" if color == BLACK else "white"
