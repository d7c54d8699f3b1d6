"""What a player makes of what its network wants: when it passes and resigns, what it draws."""

import pytest
import torch
from torch import Tensor, nn

from artcnn.datasets.go.board import BLACK, PASS, POINT, WHITE
from artcnn.datasets.go.game_state import GameState
from artcnn.datasets.go.points import NAMES, parse_point
from artcnn.playing.player import MoveSelection, Player


class Even(nn.Module):
    """A network that has no wish, but that it holds some points for as probable as it is told, in logarithms."""

    def __init__(self, **wishes: float) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.arange(PASS + 1) * -1e-4)
        for name, logit in wishes.items():
            self.logits.data[parse_point(name)] = logit

    def forward(self, planes: Tensor) -> Tensor:
        return self.logits.expand(len(planes), -1)


def choose(record: GameState, color: int, player: Player | None = None) -> str:
    point = (player or Player(Even(), "stones")).choose(record, color, 0.5)
    return "resign" if point is None else NAMES[point]


@pytest.mark.parametrize("color", [BLACK, WHITE])
def test_it_passes_where_nothing_is_open_and_fills_no_eye(draw_record, color):
    record = draw_record("decided")
    assert choose(record, color) == "pass"
    record.play(PASS, BLACK + WHITE - color)
    assert choose(record, color) == "pass"


@pytest.mark.slow
@pytest.mark.parametrize("color", [BLACK, WHITE])
def test_a_point_that_is_nobodys_yet_is_taken_also_after_a_pass(draw_record, color):
    record = draw_record("decided", "XXXXOO.", "XXX.OO.")
    record.play(PASS, BLACK + WHITE - color)
    assert choose(record, color) == "D5"


def test_it_does_not_fill_territory_that_is_settled(draw_record):
    record = draw_record("decided", "XXXXOOO\nXXXXOOO\n", "O.XXOOO\n..XXOOO\n")
    assert choose(record, BLACK, Player(Even(A4=9, B5=9), "stones")) == "pass"


@pytest.mark.parametrize("color", [BLACK, WHITE])
def test_it_does_not_break_a_seki(draw_record, color):
    assert choose(draw_record("seki"), color, Player(Even(A6=9, B3=9), "stones")) == "pass"


@pytest.mark.parametrize("moves", [0, 20, 100, 130])
def test_a_pass_in_the_middle_of_a_game_is_not_answered_by_one(moves):
    record = GameState()
    for number in range(moves):
        record.play((number * 62) % 361, 1 + number % 2)
    record.play(PASS, BLACK)
    assert choose(record, WHITE) != "pass"


def test_it_resigns_what_is_hopeless_late_in_a_game_where_it_may(draw_record):
    record = draw_record("decided")
    resigning = Player(Even(), "stones", MoveSelection(resign=0.01))
    assert choose(record, WHITE, resigning) == "resign"
    assert choose(record, BLACK, resigning) == "pass"
    assert choose(record, WHITE) == "pass"
    assert choose(GameState(size=7), WHITE, resigning) != "resign"


def opening(seed: int, temperature: float) -> list[int]:
    network = Even(E5=3, C3=2.5, G7=2, C7=-3)
    player, record = Player(network, "stones", MoveSelection(temperature)), GameState(size=9)
    player.generator.manual_seed(seed)
    for number in range(9):
        record.play(player.choose(record, 1 + number % 2, 7.5), 1 + number % 2)
    return [move & POINT for move in record.moves]


@pytest.mark.slow
def test_moves_of_the_opening_are_drawn_from_the_seed():
    games = [opening(seed, 1) for seed in range(20)]
    assert games[3] == opening(3, 1)
    first = [game[0] for game in games]
    assert {parse_point("E5"), parse_point("C3"), parse_point("G7")} == set(first), (
        "not what is a tenth as probable, or less"
    )
    assert first.count(parse_point("E5")) > 5
    assert len({tuple(game) for game in games}) > 10
    assert len({tuple(opening(seed, 0)) for seed in range(3)}) == 1
    assert [opening(seed, 0.01)[0] for seed in range(3)] == [parse_point("E5")] * 3


def test_moves_behind_the_opening_are_not_drawn():
    network, record = Even(**dict.fromkeys(("E5", "C3"), 0.01)), GameState(size=9)
    for number, name in enumerate(("A1", "A3", "A5", "A7", "A9", "C9", "E9")):
        record.play(parse_point(name), 1 + number % 2)
    player = Player(network, "stones", MoveSelection(5))
    assert len({choose(record, WHITE, player) for _ in range(10)}) == 1


def test_it_computes_by_one_thread_and_leaves_the_others_their_number():
    seen = list[int]()

    class Watching(Even):
        def forward(self, planes: Tensor) -> Tensor:
            seen.append(torch.get_num_threads())
            return super().forward(planes)

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        Player(Watching(), "stones").choose(GameState(size=9), BLACK, 7.5)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert seen == [1]
