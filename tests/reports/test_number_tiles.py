"""Numbers drawn in cells, and the frames around some of them."""

import torch

from artcnn.reports.number_tiles import MARK, color_wheel, draw_numbers, frame


def test_each_weight_has_a_color_of_its_own_and_zero_is_white():
    colors = color_wheel(torch.arange(-1, 9)[None], 9)
    assert colors.shape == (1, 3, 1, 10)
    every = [tuple(color) for color in colors[0, :, 0].T.tolist()]
    assert every[0] == (255, 255, 255)
    assert len(set(every)) == 10
    apart = [
        sum(abs(a - b) for a, b in zip(one, other, strict=True)) for one in every for other in every if one != other
    ]
    assert min(apart) > 60, "they are told apart by eye"


def test_a_number_stands_in_its_cell_if_there_is_room():
    values, white = torch.tensor([[0.25, -0.5]]), torch.full((1, 3, 1, 2), 255, dtype=torch.uint8)
    drawn = draw_numbers(values, white, (60, 120))
    assert drawn.shape == (1, 3, 60, 120)
    assert (drawn[..., 5:55, 5:55] < 100).any()
    assert (drawn[..., 5:55, 65:115] < 100).any()
    small = draw_numbers(values, white, (12, 24))
    assert (small[..., :11] == 255).all(), "only the line between the cells"


def test_a_frame_is_around_its_cells():
    black = torch.zeros(1, 3, 40, 80, dtype=torch.uint8)
    framed = frame(black, (1, 2, 2, 4), (2, 4))
    places = (framed[0] == torch.tensor(MARK)[:, None, None]).all(0).nonzero()
    assert (places.amin(0).tolist(), places.amax(0).tolist()) == ([20, 40], [39, 79])
    assert not framed[..., 25:35, 50:70].any()
    assert frame(black, None, (2, 4)).equal(black)
