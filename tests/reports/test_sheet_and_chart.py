import numpy as np
import pytest
import torch
from PIL import Image

from artcnn.reports.chart import Series, write_confusion_matrix, write_interval_chart, write_learning_curve
from artcnn.reports.colormaps import Legend, fit_scale, overlay
from artcnn.reports.messages import message
from artcnn.reports.prediction_chart import Prediction, write_prediction_chart
from artcnn.reports.sheet import Sheet, write_sheet
from artcnn.training.loop import Epoch


def test_a_sheet_shows_each_pixel_as_a_square_in_reading_order(tmp_path):
    tiles = torch.zeros(5, 1, 4, 6, dtype=torch.uint8)
    tiles[:, 0, 0, 0] = torch.tensor([10, 60, 110, 160, 210])
    write_sheet(tmp_path / "sheet.png", Sheet(tiles, 3, scale=2))
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (6 + 3 * 18, 6 + 2 * 14)
        corners = [sheet.getpixel((6 + column * 18 + 1, 6 + row * 14 + 1)) for row in (0, 1) for column in (0, 1, 2)]
    assert [color[0] for color in corners] == [10, 60, 110, 160, 210, 255]


def test_captions_and_title_have_room(tmp_path):
    tiles = torch.zeros(2, 3, 28, 28, dtype=torch.uint8)
    write_sheet(tmp_path / "plain.png", Sheet(tiles, 2))
    write_sheet(tmp_path / "full.png", Sheet(tiles, 2, ["7 as 1", "2 as 3"], "mistakes"))
    with Image.open(tmp_path / "plain.png") as plain, Image.open(tmp_path / "full.png") as full:
        assert full.size == (plain.width, plain.height + 18 + 34)
        assert min(full.convert("L").crop((0, 0, full.width, 34)).tobytes()) < 90, "there is a title in the room"


def test_a_long_title_is_not_cut_off(tmp_path):
    tiles = torch.zeros(1, 1, 28, 28, dtype=torch.uint8)
    write_sheet(tmp_path / "sheet.png", Sheet(tiles, 1, title="a title that is wider than the only picture"))
    with Image.open(tmp_path / "sheet.png") as sheet:
        right = sheet.convert("L").crop((sheet.width - 6, 0, sheet.width, 34))
        assert sheet.width > 6 + 56 + 6
        assert min(right.tobytes()) == 255, "the title ends before the edge"


@pytest.mark.slow
def test_charts_are_written_and_the_same_each_time(tmp_path):
    epochs = [
        Epoch(i, 1 / i, {"accuracy": 1 - 0.5 / i}, 0.8 / i, 0.1, {"accuracy": 1 - 0.4 / i}, 1.0) for i in (1, 2, 3)
    ]
    matrix = torch.tensor([[5, 1], [0, 4]])
    heard = Prediction(
        "a.wav", torch.rand(40, 64, generator=torch.Generator().manual_seed(0)), "no", {"no": 0.7, "yes": 0.3}
    )
    series = [Series("a", [[9, 8], [3, 2]]), Series("b", [[9], [4]])]
    for name, draw in {
        "curve": lambda path: write_learning_curve(path, epochs, 3, "toy"),
        "confusion": lambda path: write_confusion_matrix(path, matrix, "ab", "toy"),
        "error": lambda path: write_interval_chart(path, ["10", "100"], series, ("digits", "error"), "toy", log=True),
        "accuracy": lambda path: write_interval_chart(
            path, ["ann", "bob"], series, ("left out", "%"), "toy", log=False
        ),
        "hearing": lambda path: write_prediction_chart(
            path, [heard, Prediction("silence", torch.zeros(40, 64), "nothing", {})]
        ),
    }.items():
        draw(tmp_path / f"{name}.png")
        first = (tmp_path / f"{name}.png").read_bytes()
        draw(tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").read_bytes() == first
        with Image.open(tmp_path / f"{name}.png") as chart:
            assert min(chart.size) > 300 or name == "confusion"
            assert len(chart.convert("RGB").getcolors(1 << 20)) > 20


def test_an_error_of_nothing_is_drawn_on_a_logarithmic_axis(tmp_path):
    right = {"accuracy": 1.0}
    epochs = [Epoch(1, 0.1, right, 0.1, 0.01, right, 1.0), Epoch(2, 0.05, right, 0.02, 0.01, right, 1.0)]
    write_learning_curve(tmp_path / "curve.png", epochs, 2, "perfect")
    assert (tmp_path / "curve.png").stat().st_size > 1000


def rows_with(pixels, color):
    return sorted({int(row) for row in (pixels == np.array(color)).all(2).nonzero()[0]})


def test_a_scale_stands_once_above_the_pictures_that_share_it_and_below_one_that_has_it_alone(tmp_path):
    shared, alone = fit_scale(torch.tensor([-1.0, 3.0]), message("weight")), fit_scale(torch.tensor([0.0, 2.0]))
    assert (shared.low, shared.high, shared.ends) == (-3, 3, ("-3", "+3"))
    assert (alone.low, alone.high, alone.ends) == (0, 2, ("0", "2"))
    tiles = torch.cat([shared.to_rgb(torch.zeros(2, 1, 9, 9)), alone.to_rgb(torch.full((1, 1, 9, 9), 2.0))])
    sheet = Sheet(tiles, 3, ["a", "b", "c"], "title", 8, ["one", "one", "two"], [shared, shared, alone])
    write_sheet(tmp_path / "sheet.png", sheet)
    with Image.open(tmp_path / "sheet.png") as opened:
        pixels = np.asarray(opened)
    blue, yellow = shared.bar(9)[:, 0, 0].tolist(), alone.bar(9)[:, 0, -1].tolist()
    (first, *_, last) = rows_with(pixels, blue)
    assert 34 < first < last < 34 + 6 + 30, "between the title and the first row"
    assert last - first < 15, "and nowhere else"
    ends = rows_with(pixels, yellow)
    assert len(ends) > 72, "the picture, and its scale below it"
    assert ends[-1] - ends[0] > 72 + 18


def test_no_two_answers_have_one_color():
    ranks = torch.arange(14).view(1, 1, 2, 7)
    ten, many = (
        Legend([str(digit) for digit in range(10)]),
        Legend([str(name) for name in range(14)], message("others")),
    )
    assert ten.to_rgb(torch.arange(10).view(1, 1, 2, 5))[0].flatten(1).unique(dim=1).shape == (3, 10)
    assert [str(name) for name, _ in many.entries] == [*map(str, range(9)), "others"]
    colors = many.to_rgb(ranks)[0].flatten(1).T.tolist()
    assert colors[9:] == [[127, 127, 127]] * 5
    assert len({tuple(color) for color in colors}) == 10


def test_colors_lie_over_a_picture_as_far_as_they_should():
    picture, colors = (
        torch.full((1, 3, 1, 3), 100, dtype=torch.uint8),
        torch.full((1, 3, 1, 3), 200, dtype=torch.uint8),
    )
    found = overlay(picture, colors, torch.tensor([0.0, 0.5, 1.0]))
    assert found.dtype == torch.uint8
    assert found[0, 0, 0].tolist() == [100, 150, 200]
    dark = overlay(colors, torch.zeros_like(colors), 0.25)
    assert dark.unique().tolist() == [150]
