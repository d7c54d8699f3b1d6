"""Positions: planes against a second implementation with sets, the eight symmetries, and games that are split."""

import numpy as np
import pytest
import torch

from artcnn.datasets.go.board import FIRST, OF_WHITE, PASS, POINT, POINTS, SETUP, SIZE
from artcnn.datasets.go.games import Games
from artcnn.datasets.go.planes import ALL
from artcnn.datasets.go.points import NAMES
from artcnn.datasets.go.sgf import parse_games
from artcnn.datasets.go.symmetry import COUNT, random_symmetry, sizes_in, symmetry_table, transform
from artcnn.nets.go import CHANNELS


def around(point: int) -> list[int]:
    row, column = divmod(point, SIZE)
    near = [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
    return [r * SIZE + c for r, c in near if 0 <= r < SIZE and 0 <= c < SIZE]


def chain(stones: dict[int, int], point: int) -> tuple[set[int], set[int]]:
    """Return a chain's stones and liberties."""
    found, todo, free = {point}, [point], set()
    while todo:
        for near in around(todo.pop()):
            if near not in stones:
                free.add(near)
            elif stones[near] == stones[point] and near not in found:
                found.add(near)
                todo.append(near)
    return found, free


def after(stones: dict[int, int], point: int, color: int) -> tuple[dict[int, int], set[int]]:
    """Return the stones after a move, and what it captured."""
    board, captured = stones | {point: color}, set()
    for near in around(point):
        if board.get(near) == 1 - color:
            dead, free = chain(board, near)
            if not free:
                captured |= dead
    return {at: who for at, who in board.items() if at not in captured}, captured


def expected(moves: list[int]) -> list[dict[str, set[int]]]:
    """Return the planes before each move by name: the points where they are 1."""
    stones, ko, positions = {}, None, []
    for number, move in enumerate(moves):
        own, planes = int(bool(move & OF_WHITE)), {name: set() for name in ALL}
        for point in range(POINTS):
            planes["board"].add(point)
            if point in stones:
                planes["own" if stones[point] == own else "theirs"].add(point)
                planes[ALL[3 + min(4, len(chain(stones, point)[1]))]].add(point)
                continue
            planes["empty"].add(point)
            if point == ko:
                planes["ko"].add(point)
                continue
            board, captured = after(stones, point, own)
            free = len(chain(board, point)[1])
            if free:
                planes["legal"].add(point)
                planes[ALL[17 + min(3, free)]].add(point)
            if captured:
                planes[ALL[14 + min(3, len(captured))]].add(point)
        for ago in range(min(5, number)):
            planes[ALL[8 + ago]].add(moves[number - 1 - ago] & POINT)
        positions.append(planes)
        stones, captured = after(stones, move & POINT, own)
        mine, free = chain(stones, move & POINT)
        ko = min(captured) if len(captured) == len(mine) == len(free) == 1 else None
    return positions


def random_moves(seed: int, count: int) -> np.ndarray:
    """Return a game of random moves on a corner of the board, so that much is captured."""
    rng = np.random.default_rng(seed)
    corner = [row * SIZE + column for row in range(7) for column in range(7)]
    stones, ko, moves = {}, None, []
    while len(moves) < count:
        own = len(moves) % 2
        choices = [p for p in corner if p not in stones and p != ko]
        choices = [p for p in choices if chain(after(stones, p, own)[0], p)[1]]
        point = int(rng.choice(choices)) if choices else 360 - len(moves)
        stones, captured = after(stones, point, own)
        mine, free = chain(stones, point)
        ko = min(captured) if len(captured) == len(mine) == len(free) == 1 else None
        moves.append(point | OF_WHITE * own)
    moves[0] |= FIRST
    return np.array(moves, np.uint16)


KO = "(;B[bq];B[cp];B[cr];W[dr];W[dp];W[eq];W[cq];B[dq];W[ss];B[cq])"


@pytest.mark.slow
def test_planes_are_those_of_a_second_implementation():
    seen = dict.fromkeys(ALL, 0)
    for moves in (*(random_moves(seed, 120) for seed in range(3)), *parse_games(KO)):
        wanted = expected((moves & ~np.uint16(FIRST)).tolist())
        planes, points = Games.concatenate([moves]).positions("all").batch(torch.arange(len(moves)))
        assert points.tolist() == (moves & POINT).tolist()
        assert planes.shape == (len(moves), CHANNELS["all"], SIZE, SIZE)
        for number, position in enumerate(wanted):
            takes = set().union(*(position[name] for name in ALL[15:18]))
            for index, name in enumerate(ALL):
                found = set(planes[number, index].flatten().nonzero().flatten().tolist())
                seen[name] += len(found)
                if name.startswith("then"):  # where something is captured, not all of its liberties are counted
                    assert found - takes == position[name] - takes, (number, name)
                else:
                    assert found == position[name], (number, name)
    assert all(seen.values()), "there was something to see on every plane"


def test_a_ko_is_shown_to_whom_it_binds():
    """Black has taken at cq."""
    for whose, bound in (("B", False), ("W", True)):
        (moves,) = parse_games(f"{KO.partition(';W[ss]')[0]};{whose}[aa])")
        (position,), _ = Games.concatenate([moves]).positions("all").batch(torch.tensor([len(moves) - 1]))
        planes = dict(zip(ALL, position, strict=True))
        assert bool(planes["ko"][16, 2]) is bound
        assert bool(planes["legal"][16, 2]) is not bound


@pytest.mark.parametrize("size", [7, 9, 12])
def test_a_small_board_is_what_it_would_be_as_a_corner_of_the_largest(size):
    """Its planes are those of a second implementation: the game goes on beyond walls that White cannot pass."""
    (moves,) = parse_games(f"(;SZ[{size}];B[aa];W[ba];B[{'abcdefghijkl'[size - 1]}a];W[ab])")
    planes, points = Games.concatenate([moves]).positions("all").batch(torch.arange(4))
    assert planes.shape == (4, len(ALL), size, size)
    named = dict(zip(ALL, planes[3], strict=True))
    assert named["board"].all()
    assert named["own"].nonzero().tolist() == [[0, 1]]
    assert named["theirs"].nonzero().tolist() == [[0, 0], [0, size - 1]]
    assert named["1 liberty"].nonzero().tolist() == [[0, 0]]
    assert named["2 liberties"].nonzero().tolist() == [[0, 1], [0, size - 1]]
    assert named["takes 1"].nonzero().tolist() == [[1, 0]]
    assert named["legal"].sum() == size * size - 3
    assert [NAMES[point] for point in points.tolist()][:2] == [f"A{size}", f"B{size}"]


def test_boards_of_several_sizes_in_a_batch_are_turned_each_on_its_own():
    found = [game for text in ("(;SZ[9];B[aa];W[ib])", "(;SZ[13];B[ba];W[])") for game in parse_games(text)]
    games = Games.concatenate(found)
    assert games.sizes() == [9, 13]
    planes, points = games.positions("all").batch(torch.tensor([1, 3] * 16))
    assert planes.shape == (32, len(ALL), 13, 13)
    assert sizes_in(planes).tolist() == [9, 13] * 16
    assert planes[0, :, :4].sum() == planes[0, :, :, 9:].sum() == 0
    turned_planes, moved = random_symmetry(planes, points, torch.Generator().manual_seed(0))
    assert torch.equal(turned_planes[:, ALL.index("board")], planes[:, ALL.index("board")])
    assert (moved[1::2] == PASS).all()
    corners = {"A1", "A9", "J1", "J9"}
    for position, point in zip(turned_planes[::2], moved[::2].tolist(), strict=True):
        (stone,) = position[ALL.index("theirs")].nonzero().tolist()
        assert NAMES[(6 + stone[0]) * SIZE + stone[1]] in corners
        assert NAMES[point] in {"A2", "B1", "A8", "B9", "J2", "H1", "J8", "H9"}
    assert len(set(moved[::2].tolist())) > 4


def test_stones_are_1_and_minus_1_for_whoever_moves():
    (moves,) = parse_games("(;AB[aa]AW[sa];W[dd];B[ss];W[])")
    planes, points = Games.concatenate([moves]).positions("stones").batch(torch.arange(3))
    assert points.tolist() == [3 * SIZE + 3, 360, PASS]
    assert planes[0, 0, 0, 0] == -1
    assert planes[0, 0, 0, 18] == 1
    assert planes[1, 0, 0, 0] == 1
    assert planes[1, 0, 3, 3] == -1
    assert planes.abs().sum((1, 2, 3)).tolist() == [2, 3, 4]


def test_a_pass_and_the_handicap_are_no_last_moves():
    (moves,) = parse_games("(;AB[aa];W[dd];B[];W[ss])")
    planes, _ = Games.concatenate([moves]).positions("all").batch(torch.arange(3))
    assert planes[0, 8:13].sum() == 0
    assert planes[2, 8].sum() == 0
    assert planes[2, 9, 3, 3] == 1
    assert planes[2, 8:13].sum() == 1


def test_games_are_split_whole():
    games = Games.concatenate([random_moves(seed, 10 + seed) for seed in range(20)])
    assert len(games) == 20
    assert [len(games.game(number)) for number in range(20)] == list(range(10, 30))
    train, validation = games.split(5, seed=3)
    assert sorted([*train.tolist(), *validation.tolist()]) == list(range(20))
    assert len(validation) == 5
    assert not torch.equal(games.split(5, seed=4)[1], validation)
    positions = games.positions("stones", validation)
    assert len(positions) == sum(10 + number for number in validation.tolist())
    assert {int(first) for first in positions.first} == {int(games.starts[number]) for number in validation}
    assert len(positions.sample(7)) == 7
    assert positions.numbers().min() == 0
    setup = np.array([3 | SETUP | FIRST, 4 | OF_WHITE], np.uint16)
    assert len(Games.concatenate([setup, setup]).positions("all")) == 2


def on_board(size: int, count: int) -> list[np.ndarray]:
    """Return games of two moves on boards of that size."""
    return [game for _ in range(count) for game in parse_games(f"(;SZ[{size}];B[aa];W[bb])")]


def test_each_size_of_board_is_held_out_of_by_itself():
    large, small = [random_moves(seed, 10) for seed in range(20)], on_board(9, 30)
    alone = Games.concatenate(large).split(5, seed=0)[1]
    train, validation = Games.concatenate([*large, *small]).split(5, seed=0)
    assert set(alone.tolist()) == {number for number in validation.tolist() if number < 20}, "whatever is added"
    assert sum(number >= 20 for number in validation.tolist()) == 3, "a tenth of the small ones"
    assert sorted([*train.tolist(), *validation.tolist()]) == list(range(50))


def test_small_boards_are_repeated_until_they_are_a_part():
    positions = Games.concatenate(
        [*(random_moves(seed, 30) for seed in range(4)), *on_board(9, 5), *on_board(13, 5)]
    ).positions("all")
    assert dict(zip(*np.unique(positions.sizes(), return_counts=True), strict=True)) == {9: 10, 13: 10, 19: 120}
    for part, small in ((0.5, 120), (0.25, 40), (0.04, 5), (0.0, 20)):
        sizes = positions.with_small(part).sizes()
        assert (sizes < 19).sum() == small
        assert (sizes == 19).sum() == 120
    assert len(Games.concatenate(on_board(9, 3)).positions("all").with_small(0.5)) == 6, "no other ones are there"
    mixed = positions.with_small(0.5)
    planes, points = mixed.batch(torch.tensor([0, len(mixed) - 1]))
    assert planes.shape[-1] == 19
    assert points[1] == (19 - 13 + 1) * 19 + 1, "the last of the small ones"


def test_a_symmetry_takes_planes_and_moves_along():
    planes = torch.zeros(1, 1, SIZE, SIZE)
    planes[0, 0, 2, 5] = 1
    places = set()
    for number in range(COUNT):
        moved = transform(planes, number).flatten().nonzero().item()
        assert moved == symmetry_table()[number, 2 * SIZE + 5]
        places.add(moved)
    assert len(places) == 8
    assert (symmetry_table()[:, PASS] == PASS).all()
    assert all(sorted(row.tolist()) == list(range(PASS + 1)) for row in symmetry_table())


def test_each_position_of_a_batch_is_turned_by_itself():
    positions = Games.concatenate([random_moves(0, 64)]).positions("all")
    planes, points = positions.batch(torch.arange(64))
    before = planes.clone()
    found, moved = random_symmetry(planes, points, torch.Generator().manual_seed(1))
    assert torch.equal(planes, before)
    drawn = torch.randint(COUNT, (64,), generator=torch.Generator().manual_seed(1))
    assert len(drawn.unique()) == COUNT
    for index, number in enumerate(drawn.tolist()):
        assert torch.equal(found[index], transform(planes[index], number))
        assert moved[index] == symmetry_table()[number, points[index]]
        assert found[index, 2].flatten()[moved[index]] == 1, "what is played is still an empty point"
