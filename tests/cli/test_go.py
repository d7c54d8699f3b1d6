"""``artcnn go`` as a person runs it: a small network that learns from a few games, asked and played against."""

import gzip
import json
import lzma
import signal
import sys
from pathlib import Path
from time import process_time

import numpy as np
import pytest
import torch
from PIL import Image

from artcnn.datasets.go.board import BLACK, OF_WHITE, PASS, WHITE, board_points
from artcnn.datasets.go.game_state import GameState
from artcnn.datasets.go.points import NAMES
from artcnn.datasets.go.sgf import SgfError, parse_games
from artcnn.errors import DataError
from artcnn.files.games import find_games, read_games, read_position
from artcnn.files.model_registry import bundled_models
from artcnn.locations import bundled_games_file, cached_data_dir

SMALL = ["--width", "8", "--depth", "2", "--set", "validation=4", "--set", "epoch_size=600", "--set", "ema_decay=0.9"]
GAMES = Path(__file__).parents[3] / "shared" / "data" / "go"
SMALL += ["--epochs", "3", "--batch", "16", "--lr", "0.01"]


players = pytest.mark.skipif(not GAMES.is_dir(), reason="the games of strong players are not there")


def spiral(start: int, length: int, size: int = 19) -> str:
    """Return a game whose moves follow each other along rows: what comes next is easily learned."""
    record, points = GameState((), size), board_points(size).flatten().tolist()
    for number in range(length):
        record.play(points[(start + 2 * number) % len(points)], 1 + number % 2)
    return record.as_sgf(PB="a ] bracket", GN=f"{start}")


@pytest.fixture
def games(folder: Path) -> Path:
    """Return a folder of twenty games: one packed by xz, one by gzip, ten in one file; and of one that is broken."""
    (folder / "games" / "more").mkdir(parents=True)
    texts = [spiral(3 * number, 60) for number in range(20)]
    (folder / "games" / "many.sgf").write_text("\n".join(texts[:10]))
    (folder / "games" / "a.sgf.xz").write_bytes(lzma.compress("".join(texts[10:15]).encode()))
    (folder / "games" / "more" / "b.SGF.GZ").write_bytes(gzip.compress("".join(texts[15:]).encode(), mtime=0))
    (folder / "games" / "broken.sgf").write_text("(;B[aa];W[aa])")
    (folder / "games" / "notes.txt").write_text("(;B[aa])")
    return folder / "games"


_learned: dict[str, bytes] = {}
"""The files of the network that learned from ``games``: what it is asked does not change it, so it learns once."""


@pytest.fixture
def model(artcnn, games) -> str:
    """Return a small network that learned from ``games``, and put its files into the folder."""
    if not _learned:
        made = artcnn("go", "train", "games", *SMALL, "--quiet")
        assert made.exit_code == 0, made.output
        _learned.update({path.name: path.read_bytes() for path in games.parent.glob("go*") if path.is_file()})
    for name, content in _learned.items():
        (games.parent / name).write_bytes(content)
    return "go.safetensors"


@pytest.mark.slow
def test_train_and_test(artcnn, folder, games):
    made = artcnn("go", "train", "games", *SMALL, "--json")
    assert made.exit_code == 0, made.output
    report = json.loads(made.stdout)
    assert report["out"] == "go.safetensors"
    assert report["validation_accuracy"] > 0.3, "what follows a row is easily seen"
    assert "left out: games/broken.sgf, game 1: move 2 of it breaks the rules" in made.stderr
    assert "20 games, 1,200 moves" in made.stderr
    tested = json.loads(artcnn("go", "test", "go.safetensors", "games", "--held-out", "--json").stdout)
    assert tested["games"] == 4
    assert tested["positions"] == 240
    assert tested["top1_low"] < tested["top1"] < tested["top1_high"]
    assert tested["top1"] == pytest.approx(report["validation_accuracy"], abs=0.02), "in float32 now"
    assert tested["top1"] <= tested["top5"]
    assert tested["by_phase"]["moves 1 to 60"]["positions"] == 240
    part = json.loads(artcnn("go", "test", "go.safetensors", "games", "--sample", "50", "--symmetric", "--json").stdout)
    assert part["positions"] == 50
    everything = json.loads(artcnn("go", "test", "go.safetensors", "games", "--json").stdout)
    assert everything["positions"] == 1200
    assert "top 5" in artcnn("go", "test", "go.safetensors", "games").stdout


@pytest.mark.slow
def test_small_boards_are_learned_from_a_model_of_large_ones(artcnn, folder, games, model):
    (folder / "small.sgf").write_text("".join(spiral(3 * number, 40, 9) for number in range(20)))
    more = ["--from", model, "--set", "small_boards=0.5", "--out", "both.safetensors", "--json"]
    made = artcnn("go", "train", "games", "small.sgf", *SMALL, *more)
    assert made.exit_code == 0, made.output
    assert "40 games, 2,000 moves" in made.stderr
    tested = json.loads(artcnn("go", "test", "both.safetensors", "games", "small.sgf", "--held-out", "--json").stdout)
    assert (tested["games"], tested["positions"]) == (4 + 2, 4 * 60 + 2 * 40)
    assert tested["by_size"]["19 x 19"]["positions"] == 240
    assert tested["by_size"]["9 x 9"]["positions"] == 80
    assert tested["by_size"]["19 x 19"]["top1"] > 0.5, "what was learned before is kept"
    assert tested["by_size"]["9 x 9"]["top1"] > 0.08, "chance is 0.012"
    assert "9 x 9" in artcnn("go", "test", "both.safetensors", "games", "small.sgf").stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["games", "--from", "{model}", "--width", "9"], "has width = 8, not 9"),
        (["games", "--from", "mnist-lecture"], "is a network for digits"),
        (["games", "small.sgf", "--planes", "stones"], "games on boards of 9 to 19 lines"),
        (["games", "small.sgf", "--pool"], "only a network of all planes without pooling"),
    ],
)
def test_a_network_that_cannot_learn_from_them_says_so(artcnn, folder, model, arguments, says):
    (folder / "small.sgf").write_text(spiral(0, 40, 9))
    result = artcnn("go", "train", *SMALL, "--out", "x.safetensors", *(each.format(model=model) for each in arguments))
    assert result.exit_code == 1
    assert says in result.stderr
    assert not (folder / "x.safetensors").exists()


def test_held_out_games_are_those_of_the_files_it_learned_from(artcnn, model, games):
    (games / "one.sgf").write_text(spiral(7, 30))
    result = artcnn("go", "test", model, "games", "--held-out")
    assert result.exit_code == 1
    assert "did not learn from these files" in result.stderr


@pytest.mark.slow
@pytest.mark.exhaustive
def test_going_on_ends_where_it_would_have_ended(artcnn, folder, games, monkeypatch):
    from artcnn.training.loop import Epoch, Training

    assert artcnn("go", "train", "games", *SMALL, "--quiet", "--out", "whole.safetensors").exit_code == 0
    run = Training.run

    def stopped(self):
        for event in run(self):
            yield event
            if isinstance(event, Epoch) and event.index == 2:
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Training, "run", stopped)
    assert artcnn("go", "train", "games", *SMALL, "--quiet", "--out", "part.safetensors").exit_code == 130
    monkeypatch.setattr(Training, "run", run)
    again = artcnn("go", "train", "games", *SMALL, "--quiet", "--out", "part.safetensors", "--resume")
    assert again.exit_code == 0, again.output
    from safetensors.torch import load_file

    whole, part = (load_file(folder / f"{name}.safetensors") for name in ("whole", "part"))
    assert all(bool((whole[name] == part[name]).all()) for name in whole)


@pytest.mark.slow
def test_compare_trains_every_arm_on_the_same_games_and_tests_on_others(artcnn, folder, games, monkeypatch):
    monkeypatch.setattr("artcnn.jobs.tasks.go._COMPARED_POSITIONS", 60)
    sizes = ["--positions", "64", "--set", "batch=16", "--set", "validation_positions=20"]
    few = [*sizes, "--rates", "0.01", "--seeds", "1"]
    made = artcnn("go", "compare", "games", *few, "--json")
    assert made.exit_code == 0, made.output
    rows = json.loads(made.stdout)["rows"]
    assert [row["arm"] for row in rows] == ["no pooling", "stride 1", "stride 2", "stones only"]
    assert [row["lr"] for row in rows] == [[0.01]] * 4
    for row in rows:
        right = 60 * row["mean"] / 100
        assert right == pytest.approx(round(right), abs=1e-3), "a count of sixty"
        assert row["difference"] == pytest.approx(row["mean"] - rows[0]["mean"])
        assert row["half"] is None
    with Image.open(folder / json.loads(made.stdout)["out"]) as chart:
        assert chart.width > 600


def test_the_shipped_games_are_three_hundred_that_the_rules_allow():
    read = read_games([bundled_games_file()])
    assert (len(read.games), read.skipped) == (300, ())
    assert len(read.games.moves) > 50_000


@pytest.mark.slow
def test_suggest(artcnn, folder, model):
    (folder / "g.sgf").write_text(spiral(0, 60))
    made = artcnn("go", "suggest", model, "g.sgf", "--move", "30", "--json")
    assert made.exit_code == 0, made.output
    report = json.loads(made.stdout)
    assert (report["move"], report["to_play"], report["played"]) == (30, "white", "B16")
    probabilities = [best["probability"] for best in report["best"]]
    assert probabilities == sorted(probabilities, reverse=True)
    assert 0 < sum(probabilities) <= 1
    with Image.open(folder / report["picture"]) as image:
        assert min(image.size) > 800
    shown = artcnn("go", "suggest", model, "g.sgf", "--out", "b.png")
    rows = [line.split() for line in shown.stdout.splitlines()[1:20]]
    assert [row[0] for row in rows] == [str(number) for number in range(19, 0, -1)]
    assert sum(cell in ("X", "O") for row in rows for cell in row[1:]) == 60
    assert {"1", "2", "3", "4", "5"} <= {cell for row in rows for cell in row[1:]}
    assert "move 61, Black:" in shown.stdout


@pytest.mark.slow
def test_suggest_shows_what_there_is_and_notes_the_rest(artcnn, folder, model):
    (folder / "g.sgf").write_text("(;SZ[9]AB[cc][gg];W[cg];B[ee];W[ee])")
    made = artcnn("go", "suggest", model, "g.sgf", "--json")
    assert made.exit_code == 0, made.output
    report = json.loads(made.stdout)
    assert (report["board"], report["move"], report["to_play"]) == (9, 3, "white")
    assert made.stderr == f"note: g.sgf: {report['notes'][0]}\n"
    assert report["notes"][0].startswith("move 3 of it breaks the rules")
    assert {best["move"][0] for best in report["best"]} <= set("ABCDEFGHJ")
    assert all(int(best["move"][1:]) <= 9 for best in report["best"])
    shown = artcnn("go", "suggest", model, "g.sgf", "--out", "b.png")
    rows = [line.split() for line in shown.stdout.splitlines()[1:10]]
    assert [row[0] for row in rows] == [str(number) for number in range(9, 0, -1)]
    assert {len(row) for row in rows} == {10}
    assert (rows[2][3], rows[6][3], rows[4][5], rows[6][7]) == ("X", "O", "X", "X")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none.sgf"], "no such file: none.sgf"),
        (["g.sgf", "--move", "99"], "the game has 60 moves: give 1 to 61"),
        (["g.sgf", "--game", "2"], "there is no game 2 in it, only 1"),
        (["broken.sgf"], "broken.sgf, game 1: it is on a board of '19:13', not of 7 to 19 lines each way"),
        (["g.sgf", "--out", "x.jpg"], "ends in .png"),
    ],
)
def test_suggest_tells_what_is_wrong(artcnn, folder, model, arguments, says):
    (folder / "g.sgf").write_text(spiral(0, 60))
    (folder / "broken.sgf").write_text("(;SZ[19:13];B[aa])")
    result = artcnn("go", "suggest", model, *arguments)
    assert result.exit_code == 1
    assert says in result.stderr


def test_a_network_for_something_else_does_not_play(artcnn, folder):
    (folder / "g.sgf").write_text(spiral(0, 60))
    result = artcnn("go", "suggest", "mnist-lecture", "g.sgf")
    assert result.exit_code == 1
    assert "is a network for digits, and this takes one for go" in result.stderr


@pytest.mark.slow
def test_play_is_an_engine_on_standard_input_and_output(folder, begin):
    (folder / "a game.sgf").write_text("(;SZ[9]KM[-3.5];B[ee];W[cc];B[ee])")
    lines = b"boardsize 19\nclear_board\nplay black D4\ngenmove white\nfly\xff\n7 name\n"
    lines += b"loadsgf a game.sgf\nplay w E5\nloadsgf a game.sgf 2\nfinal_score\nloadsgf none.sgf\nquit\nname\n"
    with begin("-m", "artcnn", "go", "play", input=lines) as process:
        told, errors = process.communicate()
    assert process.returncode == 0, errors
    answers = told.split("\n\n")
    assert answers[:3] == ["=", "=", "="]
    assert answers[3].startswith("= ")
    assert answers[4:8] == ["? unknown command", "=7 artcnn", "=", "? illegal move"]
    assert answers[8:] == ["=", "= B+84.5", "? cannot load file: no such file: none.sgf", "=", ""]
    assert "note: a game.sgf: move 3 of it breaks the rules" in errors


@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_match_against_itself(artcnn, folder):
    itself = f"{sys.executable} -m artcnn go play --temperature 0"
    command = ["go", "match", "--opponent", itself, "--games", "2", "--size", "7", "--temperature", "0"]
    made = artcnn(*command, "--out", "m", "--json")
    assert made.exit_code == 0, made.output
    report = json.loads(made.stdout)
    assert report["opponent"].startswith("artcnn ")
    assert [game["color"] for game in report["each"]] == ["black", "white"]
    first, second = (read_position(folder / "m" / name) for name in ("0001.sgf", "0002.sgf"))
    assert first.size == 7
    assert first.count == report["each"][0]["moves"] > 20
    assert first.moves == second.moves, "who draws nothing plays the same game again"
    assert report["each"][0]["result"] == report["each"][1]["result"]
    assert report["won"] == 1, "the same color wins both"
    assert artcnn("go", "match", "--out", "m").exit_code == 1, "the folder is there already"


WEAK = """
for line in open(0):
    print("= weak" if line.startswith(("name", "version")) else "=", end="\\n\\n", flush=True)
    if line.startswith("genmove"):
        break
"""


def test_a_game_whose_opponent_gives_up_is_void(artcnn, folder):
    (folder / "weak.py").write_text(WEAK)
    made = artcnn("go", "match", "--opponent", f"{sys.executable} weak.py", "--games", "2", "--out", "w", "--json")
    assert made.exit_code == 0, made.output
    report = json.loads(made.stdout)
    assert [(game["result"], game["won"]) for game in report["each"]] == [("Void", None)] * 2
    assert report["won"] == 0
    assert "there is no point ''" in made.stderr
    assert read_position(folder / "w" / "0001.sgf").count == 1


def test_games_come_from_the_cache_and_a_damaged_one_is_made_anew(games):
    files = find_games([games])
    assert len(files) == 4
    first = read_games(files)
    assert len(first.games) == 20
    (skipped,) = first.skipped
    assert str(skipped) == f"{games / 'broken.sgf'}, game 1: move 2 of it breaks the rules"
    (cached,) = cached_data_dir().glob("go*.npy")
    assert cached.stat().st_size == 128 + 2 * 1200, "two bytes a move"
    moves = first.games.moves.copy()
    assert np.array_equal(read_games(files).games.moves, moves)
    spoilt = cached.read_bytes()[:-2] + b"\xff\x01"  # the last move is on no board
    for damage in (b"damaged", b"", cached.read_bytes()[:-1], spoilt):
        cached.write_bytes(damage)
        assert np.array_equal(read_games(files).games.moves, moves)


def test_files_that_are_no_games_say_so(folder):
    for name, content in (("cut.sgf.xz", lzma.compress(b"(;B[aa])" * 99)[:-20]), ("bad.sgf.gz", b"\x1f\x8bnothing")):
        (folder / name).write_bytes(content)
        with pytest.raises(DataError, match="damaged or cannot be read"):
            read_games([folder / name])
    (folder / "empty.sgf").write_text("")
    with pytest.raises(DataError, match="there is no game to be read: .*there is no game in it"):
        read_games([folder / "empty.sgf"])
    (folder / "nothing").mkdir()
    with pytest.raises(DataError, match="there are no games in it"):
        find_games([folder / "nothing"])


def test_a_record_is_read_back(folder):
    record = GameState()
    record.play(72, 1, setup=True)
    record.play(75, 1, setup=True)
    record.play(74, 2, setup=True)
    record.play(73, 2)
    record.play(PASS, 1)
    (game,) = parse_games(record.as_sgf(C="a \\ and a ]"))
    assert not isinstance(game, SgfError)
    assert GameState(game.tolist()).moves == record.moves
    assert record.moves[3] == 73 | OF_WHITE
    assert "AB[pd][sd]AW[rd];W[qd];B[]" in record.as_sgf()


@pytest.mark.slow
def test_inspect_looks_into_it(artcnn, folder, model):
    (folder / "g.sgf").write_text(spiral(0, 60))
    layers = artcnn("inspect", "layers", "-m", model)
    assert layers.exit_code == 0, layers.output
    assert "answer" in layers.stdout
    for command, name in (("filters", "filters"), ("activations", "activations"), ("saliency", "saliency")):
        made = artcnn("inspect", command, *([] if command == "filters" else ["g.sgf"]), "-m", model, "-o", command)
        assert made.exit_code == 0, made.output
        arrays = np.load(folder / command / "data.npz")
        assert name in arrays
    assert arrays["saliency"].shape == (19, 19)
    assert arrays["saliency"].max() > 0
    refused = artcnn("inspect", "report", "-m", model)
    assert refused.exit_code == 1
    assert "plays Go" in refused.stderr


@pytest.mark.slow
def test_a_board_has_its_own_colors_and_the_p_of_suggest(artcnn, folder, model):
    (folder / "g.sgf").write_text(spiral(0, 61))
    made = artcnn("inspect", "saliency", "g.sgf", "-m", model, "--method", "gradient", "--html", "-o", "found")
    assert made.exit_code == 0, made.output
    told = json.loads(artcnn("go", "suggest", model, "g.sgf", "--json", "-o", "suggest.png").stdout)
    assert told["to_play"] == "white"
    run = json.loads((folder / "found" / "run.json").read_text())
    best = told["best"][0]
    assert (run["class"], run["to_play"]) == (best["move"], "White")
    assert run["probability"] == pytest.approx(best["probability"], abs=1e-5)
    assert made.stdout.startswith(f"{best['move']}, p = {best['probability']:.3f} by all eight views of the board")
    position = read_position(folder / "g.sgf")
    record = GameState(position.moves, position.size)
    with Image.open(folder / "found" / "sheet.png") as sheet:
        board = np.asarray(sheet)[34 + 6 :, 6:][: 19 * 11, : 19 * 11]
    points = board.reshape(19, 11, 19, 11, 3).transpose(0, 2, 1, 3, 4).reshape(361, 11, 11, 3)
    for point, stone in enumerate(points[:, 1, 5].mean(1)):
        assert (stone < 60) == (record.color_at(point) == BLACK), "black stones are Black's"
        assert (stone > 230) == (record.color_at(point) == WHITE)
    red = [point for point, pixels in enumerate(points[:, 5, 5]) if tuple(pixels) == (179, 38, 30)]
    blue = [NAMES[point] for point, pixels in enumerate(points[:, 5, 5]) if tuple(pixels) == (36, 99, 168)]
    assert (red, blue) == ([record.last], [best["move"]])


def test_marks_stand_on_the_points_of_a_small_board(artcnn, folder, model):
    (folder / "g.sgf").write_text("(;SZ[9];B[ee];W[cc];B[gg];W[gc];B[cg])")
    for look, side in (("saliency", 19), ("activations", 9)):
        more = ["--method", "gradient"] if look == "saliency" else ["conv1"]
        made = artcnn("inspect", look, "g.sgf", *more, "-m", model, "-o", look)
        assert made.exit_code == 0, made.output
        with Image.open(folder / look / "sheet.png") as sheet:
            board = np.asarray(sheet)[34 + 6 :, 6:][: 9 * side, : 9 * side]
        red = (board == (179, 38, 30)).all(2).nonzero()
        assert [places.mean() for places in red] == [6.5 * side - 0.5, 2.5 * side - 0.5], "Black's C3, in its middle"


@pytest.mark.slow
def test_the_shipped_network_opens_in_a_corner_within_the_time(folder):
    from artcnn.datasets.go.board import BLACK, WHITE
    from artcnn.jobs.go_player import open_player

    assert bundled_models()["go-moves"].stat().st_size < 5_000_000
    player, record = open_player("go-moves"), GameState()
    player.choose(record, BLACK, 7.5)
    start = process_time()
    for number in range(8):
        record.play(player.choose(record, 1 + number % 2, 7.5), 1 + number % 2)
    assert (process_time() - start) / 8 < 0.1, "of the processor's time"
    quarters = {((move & 511) // 19 // 10, (move & 511) % 19 // 10) for move in record.moves[:4]}
    assert all(1 <= (move & 511) // 19 <= 17 and 1 <= (move & 511) % 19 <= 17 for move in record.moves)
    assert len(quarters) == 4, "the corners come first"
    with torch.no_grad():
        probabilities = player.probabilities(GameState(), WHITE)
    turned_board = probabilities[:PASS].view(19, 19)
    torch.testing.assert_close(turned_board, turned_board.T, atol=1e-5, rtol=1e-3)


@players
@pytest.mark.slow
def test_the_shipped_network_plays_what_was_played(artcnn):
    tested = artcnn("go", "test", "go-moves", GAMES, "--held-out", "--sample", "3000", "--json")
    assert tested.exit_code == 0, tested.output
    report = json.loads(tested.stdout)
    assert (report["games"], report["positions"]) == (500, 3000)
    assert report["top1"] > 0.40
    assert report["top5"] > 0.70
