"""One game between two players, by a referee who knows the rules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from artcnn.datasets.go.board import BLACK, WHITE
from artcnn.datasets.go.record import Record

MOST_MOVES = 722
"""Moves after which a game has no result: twice as many as there are points."""

Choose = Callable[[Record, int], int | None]
"""Makes a move of a game and a colour, or None to resign."""


@dataclass(frozen=True, eq=False)
class Played:
    """A game that was played.

    Attributes:
        record: its moves.
        loser: who resigned or broke the rules; None where the board decides.
        how: it ended.
    """

    record: Record
    loser: int | None
    how: Literal["resign", "illegal", "passes", "length"]


def play_game(black: Choose, white: Choose, record: Record) -> Played:
    """Play a game until both have passed, somebody resigns or breaks the rules, or there is no end to it.

    Args:
        black: makes Black's moves.
        white: makes White's.
        record: takes the moves, none before.
    """
    colour = BLACK
    while record.passes < 2:
        if len(record.moves) >= MOST_MOVES:
            return Played(record, None, "length")
        point = (black if colour == BLACK else white)(record, colour)
        if point is None:
            return Played(record, colour, "resign")
        try:
            record.play(point, colour)
        except ValueError:
            return Played(record, colour, "illegal")
        colour = WHITE if colour == BLACK else BLACK
    return Played(record, None, "passes")
