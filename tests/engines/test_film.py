"""Films: what the loop carries on, where it begins anew, and that a killed run makes the same film."""

from itertools import pairwise

import pytest
import torch

from artcnn.engines.film import MemoryHistory, film
from artcnn.engines.film_carry import Carried, Finished, carry, detail_energy, hold_mean, match_detail
from artcnn.engines.film_instant import InstantPainter
from artcnn.engines.motion import Motion
from artcnn.errors import ArtcnnError
from artcnn.image import blur
from artcnn.nets.instant import InstantNetwork, is_table
from artcnn.recipes import FilmRecipe, InstantRecipe

SIZE = 40, 52


class KnownMotion:
    """A flow of the same shift between all neighbors, and a cut wherever the mean color jumps."""

    def __init__(self, shift=0.0):
        self.shift, self.asked = shift, 0

    def estimate(self, before, after):
        self.asked += 1
        distance = round((after[0, 2, 0, 0] - before[0, 2, 0, 0]).item() * 100)  # the clip below counts its frames
        flow = torch.zeros(1, 2, *SIZE)
        flow[:, 0] = -self.shift * distance
        reliable = torch.ones(1, 1, *SIZE)
        if abs((after[:, :2].mean() - before[:, :2].mean()).item()) > 0.2:
            reliable = reliable * 0
        elif self.shift:
            reliable[..., : round(abs(self.shift) * distance)] = 0
        return Motion(flow, reliable)


def clip(photo, count, shift=0, cut=None):
    """Return frames of a photo that moves; blue counts them. From ``cut`` on there is another photo."""
    made = []
    for number in range(count):
        source = photo if cut is None or number < cut else 1 - photo * 0.5
        frame = source.roll(shift * number, 3).clone()
        frame[:, 2] = 0.3 + number / 100
        made.append(frame)
    return made


class Counting:
    """A painter that paints how many pictures of the shot there were before, in steps of 8 bits."""

    reach = 4

    def carries(self, frame, picture):
        return picture

    def carry(self, frame, past, motion, flow):
        return carry(frame, past, motion, flow)

    def paint_alone(self, frame):
        return torch.zeros_like(frame), 1.0

    def paint_next(self, frame, carried, coherence):
        return carried.content + coherence * 10 / 255, 2.0


class Mixing(Counting):
    """A painter that mixes each frame with what is carried."""

    def paint_alone(self, frame):
        return 1 - frame, 0.0

    def paint_next(self, frame, carried, coherence):
        return torch.lerp(1 - frame, carried.content, 0.7 * coherence * carried.reliable).clamp(0, 1), 0.0


def run(frames, painter, flow, history=None, **settings):
    history = MemoryHistory() if history is None else history
    steps = film(lambda first: iter(frames[first:]), len(frames), painter, flow, FilmRecipe(**settings), [history])
    return list(steps), history


def network():
    torch.manual_seed(0)
    made = InstantNetwork(1, (4, 6, 8), (1, 1, 1), 4)
    for name, table in made.state_dict().items():
        if is_table(name):
            table += 0.3 * torch.randn(table.shape)
    return made.eval()


@pytest.fixture
def painter():
    return InstantPainter(network(), torch.ones(1, 1), InstantRecipe(size=52, precision="float32"))


def test_each_step_is_a_frame_and_a_cut_forgets(photo):
    steps, history = run(clip(photo, 8, cut=5), Counting(), KnownMotion())
    shades = [round(step.image.mean().item() * 255) for step in steps]
    assert shades == [0, 10, 20, 30, 40, 0, 10, 20]
    assert [step.index for step in steps] == list(range(1, 9))
    assert [step.value for step in steps] == [1, 2, 2, 2, 2, 1, 2, 2]
    assert (steps[2].total, steps[2].progress, steps[2].stage) == (8, 3 / 8, "frame 3 of 8, 52 x 40")
    assert all(torch.equal(step.image, history[n]) for n, step in enumerate(steps))


@pytest.mark.slow
@pytest.mark.parametrize("cut", [None, 1, 3, 4, 5])
def test_a_killed_film_goes_on_with_the_same_bytes(photo, cut):
    frames, flow, painter = clip(photo, 7, shift=1, cut=cut), KnownMotion(1), Mixing()
    whole, _ = run(frames, painter, flow)
    for done in range(8):
        history = MemoryHistory()
        for step in whole[:done]:
            history.add(step.image)
        rest, history = run(frames, painter, flow, history)
        assert [step.index for step in rest] == list(range(done + 1, 8))
        assert all(torch.equal(history[n], step.image) for n, step in enumerate(whole))


def test_coherence_zero_is_each_frame_alone_to_the_bit(photo, painter):
    frames, flow = clip(photo, 4, shift=1), KnownMotion(1)
    steps, history = run(frames, painter, flow, coherence=0)
    assert flow.asked == 0
    for number, (frame, step) in enumerate(zip(frames, steps, strict=True)):
        alone = MemoryHistory()
        alone.add(painter.paint_alone(frame)[0])
        assert torch.equal(step.image, alone[0])
        assert torch.equal(history[number], alone[0])


@pytest.mark.slow
def test_a_still_scene_stays_still(photo, painter):
    steps, _ = run([photo] * 6, painter, KnownMotion())
    for a, b in pairwise(steps):
        assert (a.image - b.image).abs().max() < 1.5 / 255
    assert (steps[0].image - steps[-1].image).abs().mean() < 0.5 / 255


def test_more_coherence_is_less_change(photo, painter):
    """Along the motion, of a clip whose brightness flickers."""
    frames = [(frame * (1 + 0.1 * (-1) ** n)).clamp(0, 1) for n, frame in enumerate(clip(photo, 6))]

    class Still(KnownMotion):
        def estimate(self, before, after):
            return Motion(torch.zeros(1, 2, *SIZE), torch.ones(1, 1, *SIZE))

    changes = []
    for coherence in (0, 0.3, 1):
        steps, _ = run(frames, painter, Still(), coherence=coherence)
        changes.append(torch.stack([(a.image - b.image).square().mean() for a, b in pairwise(steps)]).mean())
    assert changes[0] > 1.5 * changes[1] > 3 * changes[2]


def test_what_is_protected_is_the_frame(photo):
    mask = torch.zeros(1, 1, *SIZE)
    mask[..., :20] = 1
    painter = InstantPainter(network(), torch.ones(1, 1), InstantRecipe(size=52, precision="float32"), mask)
    frames = clip(photo, 3, shift=1)
    for frame, step in zip(frames, run(frames, painter, KnownMotion(1))[0], strict=True):
        assert (step.image - frame)[..., :20].abs().max() < 0.51 / 255


def test_without_strength_the_film_is_the_clip(photo):
    painter = InstantPainter(network(), torch.ones(1, 1), InstantRecipe(size=52, precision="float32", strength=0))
    frames = clip(photo, 4, shift=1)
    for frame, step in zip(frames, run(frames, painter, KnownMotion(1))[0], strict=True):
        assert (step.image - frame).abs().max() < 1.1 / 255


def test_a_clip_that_ends_early_is_an_error(photo, painter):
    frames = clip(photo, 3)
    with pytest.raises(ArtcnnError, match="the clip has 3 frames, and it should have 5"):
        list(film(lambda first: iter(frames[first:]), 5, painter, KnownMotion(), FilmRecipe(), [MemoryHistory()]))


def test_far_frames_speak_only_where_near_ones_are_unreliable():
    """Frame i back is of shade i; it is reliable from row 10 i' on, where i' is its place among those asked."""

    class Rows:
        def estimate(self, before, after):
            return self.motion({2: 10, 4: 25}[round(before.mean().item() * 10)])

        def motion(self, below):
            reliable = torch.zeros(1, 1, *SIZE)
            reliable[..., : SIZE[0] - below, :] = 1 if below != 25 else 0
            reliable[..., below:, :] = 1
            return Motion(torch.zeros(1, 2, *SIZE), reliable)

    near = torch.zeros(1, 1, *SIZE)
    near[..., 20:, :] = 1
    flat = torch.ones(1, 3, *SIZE)
    past = [Finished(flat * i / 10, flat * i / 10) for i in (4, 3, 2, 1)]
    made = carry(flat, past, Motion(torch.zeros(1, 2, *SIZE), near), Rows())
    torch.testing.assert_close(made.content[..., 26:, :], torch.full_like(made.content[..., 26:, :], 0.1))
    torch.testing.assert_close(made.content[..., :16, :], torch.full_like(made.content[..., :16, :], 0.2))
    assert (made.reliable == 1).all()


def test_the_light_of_the_clip_is_measured_where_it_is_reliable(photo):
    """The clip moves by two pixels and becomes darker; at the left, where nothing is known, it is white."""
    darker = photo.roll(2, 3) - torch.tensor([0.1, 0.05, 0.0]).view(1, 3, 1, 1)
    darker[..., :2] = 1
    flow, reliable = torch.zeros(1, 2, *SIZE), torch.ones(1, 1, *SIZE)
    flow[:, 0], reliable[..., :2] = -2, 0
    made = carry(darker, [Finished(photo, photo)], Motion(flow, reliable), KnownMotion())
    torch.testing.assert_close(made.change.flatten(), torch.tensor([-0.1, -0.05, 0.0]), atol=1e-5, rtol=0)
    held = hold_mean(photo * 0.5, photo, torch.ones(1, 1, *SIZE))
    torch.testing.assert_close(held.mean((2, 3)), photo.mean((2, 3)))
    assert torch.equal(hold_mean(photo, photo * 0.5, torch.zeros(1, 1, *SIZE)), photo)


def test_detail_that_was_lost_is_amplified_and_more_of_it_is_left(photo):
    energy = detail_energy(photo)
    dull = torch.lerp(photo, blur(photo, 1.0), 0.15)
    assert detail_energy(dull).mean() < 0.8 * energy.mean()
    torch.testing.assert_close(detail_energy(match_detail(dull, energy)), energy, rtol=0.1, atol=1e-5)
    assert torch.equal(match_detail(photo, energy * 0.5), photo)


def test_blending_is_by_coherence_and_reliability(photo, painter):
    painted, _ = painter.paint_alone(photo)
    nothing = Carried(torch.zeros_like(photo), torch.zeros(1, 1, *SIZE), torch.zeros(1, 3, 1, 1))
    torch.testing.assert_close(painter.paint_next(photo, nothing, 1.0)[0], painted, atol=1e-6, rtol=0)
    half = torch.ones(1, 1, *SIZE)
    half[..., 26:] = 0
    made, _ = painter.paint_next(photo, Carried(1 - blur(painted, 3.0), half, torch.zeros(1, 3, 1, 1)), 1.0)
    assert (made - painted)[..., 30:].abs().mean() < 0.005
    assert (made - painted)[..., :20].abs().mean() > 0.05


@pytest.mark.parametrize("passes", [2, 3])
def test_passes_go_to_and_fro_and_the_last_one_forwards(photo, passes):
    frames = clip(photo, 20)
    histories = [MemoryHistory() for _ in range(passes)]
    recipe = FilmRecipe(passes=passes)
    steps = list(film(lambda first: iter(frames[first:]), 20, Counting(), KnownMotion(), recipe, histories))
    assert [len(history) for history in histories] == [20] * passes
    assert [step.progress for step in steps] == [(n + 1) / (20 * passes) for n in range(20 * passes)]
    assert steps[20].stage == f"pass 2 of {passes}, frame 1 of 20, 52 x 40"
    assert torch.equal(steps[-1].image, histories[-1][19])


class Echo(Mixing):
    """A painter that shows the frame, and notes which frames it was asked for, and with what."""

    def __init__(self):
        self.seen = []

    def paint_alone(self, frame):
        self.seen.append((round(frame[0, 2, 0, 0].item() * 100) - 30, None))
        return frame, 0.0

    def paint_next(self, frame, carried, coherence):
        self.seen.append((round(frame[0, 2, 0, 0].item() * 100) - 30, carried))
        return frame, 0.0


def test_a_later_pass_begins_from_the_pass_before_and_what_is_carried(photo):
    frames, painter = clip(photo, 18), Echo()
    recipe, histories = FilmRecipe(passes=2), [MemoryHistory(), MemoryHistory()]
    list(film(lambda first: iter(frames[first:]), 18, painter, KnownMotion(), recipe, histories))
    assert [number for number, _ in painter.seen] == [*range(17, -1, -1), *range(18)]
    first, second = painter.seen[18][1], painter.seen[19][1]
    torch.testing.assert_close(first.content, histories[0][17])
    assert second.content[:, 2].mean().item() == pytest.approx(0.305, abs=0.003), "between the blue of frames 0 and 1"
    assert (second.reliable == 1).all()


@pytest.mark.slow
def test_a_film_of_passes_that_was_killed_goes_on_with_the_same_bytes(photo):
    frames, flow, recipe = clip(photo, 6, shift=1, cut=3), KnownMotion(1), FilmRecipe(passes=2)

    def make(histories):
        return [step.image for step in film(lambda first: iter(frames[first:]), 6, Mixing(), flow, recipe, histories)]

    whole = make([MemoryHistory(), MemoryHistory()])
    for done in range(13):
        histories = [MemoryHistory(), MemoryHistory()]
        for number, image in enumerate(whole[:done]):
            histories[number // 6].add(image)
        assert len(make(histories)) == 12 - done
        assert all(torch.equal(histories[n // 6][n % 6], image) for n, image in enumerate(whole))


@pytest.mark.parametrize("passes", [1, 2])
def test_each_shot_is_as_in_a_film_of_it_alone(photo, passes):
    frames, flow = clip(photo, 6, shift=1, cut=3), KnownMotion(1)

    def make(shot):
        histories = [MemoryHistory() for _ in range(passes)]
        recipe = FilmRecipe(passes=passes)
        list(film(lambda first: iter(shot[first:]), len(shot), Mixing(), flow, recipe, histories))
        return [histories[-1][number] for number in range(len(shot))]

    both = make(frames)
    assert all(torch.equal(a, b) for a, b in zip(both, make(frames[:3]) + make(frames[3:]), strict=True))
