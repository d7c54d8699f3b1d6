"""A board of Go on the terminal, the best moves numbered on it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artcnn.datasets.go.game_state import GameState

_WOOD = "on #d9b36c"


def show_board(record: "GameState", best: Sequence[int]) -> None:
    """Print a board: stones, the last of them underlined, and 1, 2, 3 ... where the best moves are.

    Without colors, X is black and O is white.
    """
    from rich.console import Console
    from rich.text import Text

    from artcnn.datasets.go.board import BLACK, WHITE, board_points
    from artcnn.datasets.go.points import COLUMNS

    console = Console(highlight=False, soft_wrap=True)
    plain = console.color_system is None
    marks = {point: str(place) for place, point in enumerate(best, start=1)}
    console.print("    " + " ".join(COLUMNS[: record.size]), style="dim")
    for row, points in enumerate(board_points(record.size).tolist()):
        text = Text(f"{record.size - row:2} ", style="dim")
        text.append(" ", _WOOD)
        for point in points:
            color = record.color_at(point)
            if color in (BLACK, WHITE):
                ink = "#000000" if color == BLACK else "#ffffff"
                letter = ("X" if color == BLACK else "O") if plain else "●"
                text.append(letter, f"bold {ink} {_WOOD}" + (" underline" if point == record.last else ""))
            else:
                ink = "bold #b3261e" if point in marks else "#8a6a35"
                text.append(marks.get(point, "·"), f"{ink} {_WOOD}")
            text.append(" ", _WOOD)
        console.print(text)
