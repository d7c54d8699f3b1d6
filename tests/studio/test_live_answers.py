"""What the live process answers, against the functions that it asks; and what means harm is a line."""

import base64
import json
from io import BytesIO

import pytest
import torch
from PIL import Image

import artcnn
from artcnn.errors import ArtcnnError
from artcnn.inspection.models import open_network
from artcnn.locations import bundled_samples_dir
from artcnn.studio.live.requests import parse_request

DIGIT = {"pixels": [0.0] * 300 + [1.0] * 60 + [0.0] * 424}
SHA, SOUND = "ab" * 32, "cd" * 32


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Return the live process's answers, with two files."""
    from artcnn.studio.live.answers import Answers

    folder = tmp_path_factory.mktemp("files")
    Image.open(bundled_samples_dir() / "cat.webp").convert("RGB").resize((80, 60)).save(folder / SHA, "PNG")
    (folder / SOUND).write_bytes((bundled_samples_dir() / "word.wav").read_bytes())
    return Answers(folder)


def ask(answers, kind: str, **question):
    request = parse_request(kind, json.dumps(question).encode())
    return json.loads(answers.answer(kind, request.model_dump(mode="json", by_alias=True))[1])


def pixels_of(text: str) -> Image.Image:
    return Image.open(BytesIO(base64.b64decode(text)))


def test_a_digit_is_answered_as_the_network_answers_it(answers):
    found = ask(answers, "answer", network="mnist-lecture", input=DIGIT, first=10)["answers"]
    network = open_network("mnist-lecture")
    with torch.no_grad():
        wanted = network.logits(torch.tensor(DIGIT["pixels"]).view(1, 1, 28, 28)).softmax(1)[0]
    assert {one["name"]: one["probability"] for one in found} == pytest.approx(
        {str(digit): float(p) for digit, p in enumerate(wanted)}
    )
    assert [one["probability"] for one in found] == sorted(wanted.tolist(), reverse=True)


def test_maps_are_those_of_the_layer_on_one_scale_and_values_where_there_are_none(answers):
    made = ask(answers, "maps", network="mnist-lecture", input=DIGIT, layer="conv2", first=4)
    network = open_network("mnist-lecture")
    with torch.no_grad():
        maps = network.run(torch.tensor(DIGIT["pixels"]).view(1, 1, 28, 28), ["conv2"])["conv2"][0]
    best = maps.amax((1, 2)).topk(4)
    assert [one["unit"] for one in made["maps"]] == best.indices.tolist()
    assert [one["maximum"] for one in made["maps"]] == pytest.approx(best.values.tolist())
    largest = float(maps.abs().max())
    assert (made["scale"]["low"], made["scale"]["high"]) == pytest.approx((-largest, largest))
    assert [pixels_of(one["picture"]).size for one in made["maps"]] == [(maps.shape[2], maps.shape[1])] * 4
    values = ask(answers, "maps", network="mnist-lecture", input=DIGIT, layer="fc1")
    assert (len(values["values"]), values["maps"]) == (values["count"], [])


def test_a_place_of_the_input_names_the_units_that_answer_there(answers):
    question = {"network": "mnist-lecture", "input": DIGIT, "layer": "conv1", "first": 3}
    found = ask(answers, "point", **question, y=11, x=10)
    assert (found["place"], found["field"]) == ([10, 9], [10, 9, 3, 3])
    with torch.no_grad():
        shown = torch.tensor(DIGIT["pixels"]).view(1, 1, 28, 28)
        there = open_network("mnist-lecture").run(shown, ["conv1"])["conv1"][0, :, 10, 9]
    assert [one["unit"] for one in found["units"]] == there.topk(3).indices.tolist()
    with pytest.raises(ArtcnnError, match="28 x 28 places"):
        ask(answers, "point", **question, y=28, x=0)
    with pytest.raises(ArtcnnError, match="sees the whole input"):
        ask(answers, "point", **{**question, "layer": "fc1"}, y=1, x=1)


def test_saliency_is_that_of_inspect_with_its_captions(answers):
    found = ask(answers, "saliency", network="mnist-lecture", input=DIGIT, **{"class": "3"})
    made = artcnn.inspect.saliency("mnist-lecture", torch.tensor(DIGIT["pixels"]).view(1, 1, 28, 28), "3")
    assert [one["caption"] for one in found["pictures"]] == [str(tile.caption) for tile in made.tiles]
    drawn = torch.frombuffer(bytearray(pixels_of(found["pictures"][1]["picture"]).tobytes()), dtype=torch.uint8)
    assert drawn.view(168, 168, 3).permute(2, 0, 1).equal(made.pictures[1])
    assert found["pictures"][3]["scale"]["colors"] == "diverging"
    chinese = ask(answers, "saliency", network="mnist-lecture", input=DIGIT, lang="zh")
    assert chinese["title"] != found["title"]


def test_a_recording_is_heard(answers):
    heard = ask(answers, "answer", network="speech-digits", input={"file": SOUND})
    shown = ask(answers, "input", network="speech-digits", input={"file": SOUND})
    assert (
        heard["answers"][0]["name"]
        == artcnn.inspect.saliency("speech-digits", bundled_samples_dir() / "word.wav", method="gradient").settings[
            "class"
        ]
    )
    assert (shown["kind"], shown["height"], shown["width"]) == ("sound", 40, 64)
    assert [text for _, text in shown["axes"]["across"]] == ["0", "0.5", "1 s"]


def test_an_instant_picture_is_that_of_the_command_line(answers):
    settings = {"style": "wave", "strength": 0.6, "precision": "float32"}
    request = parse_request("instant", json.dumps({"photo": SHA, "settings": settings, "size": 64}).encode())
    kind, content = answers.answer("instant", request.model_dump(mode="json"))
    with Image.open(answers._files / SHA) as photo:
        wanted = artcnn.instant(photo, **settings, size=64).to_pil()
    made = Image.open(BytesIO(content))
    assert (kind, made.size) == ("image/jpeg", wanted.size)
    near = torch.tensor(list(made.tobytes())).sub(torch.tensor(list(wanted.tobytes()))).abs().float().mean()
    assert near < 6  # a JPEG


def digit(value) -> dict:
    return {"network": "mnist-lecture", "input": {"pixels": [value] * 784}}


def with_input(**shown) -> dict:
    return {"network": "mnist-lecture", "input": shown}


@pytest.mark.parametrize(
    ("kind", "question", "says"),
    [
        ("layers", {"network": "../../etc/passwd"}, "there is no network"),
        ("layers", {"network": "instant"}, "there is no network"),
        ("answer", digit(float("nan")), "finite"),
        ("answer", digit(2), "less than or equal"),
        ("answer", with_input(pixels=[0.5] * 783), "at least 784"),
        ("answer", with_input(file="../x"), "file"),
        ("answer", with_input(), "give a file, pixels or a game"),
        ("answer", with_input(game={"moves": [], "size": 1000}), "size"),
        ("answer", with_input(game={"moves": [["B", "zz"]]}), "moves"),
        ("answer", with_input(game={"moves": [["B", ""]] * 1001}), "at most 1000"),
        ("maps", digit(0) | {"layer": "conv1", "first": 100_000_000}, "first"),
        ("maximize", {"network": "mnist-lecture"}, "give a layer and a unit, or a class"),
        ("patches", {"network": "mnist-lecture", "layer": "conv1", "unit": -1}, "unit"),
        ("instant", {"photo": SHA, "settings": {"style": "/etc/passwd"}}, "passwd"),
        ("instant", {"photo": SHA, "settings": {"strength": float("inf")}}, "strength"),
        ("instant", {"photo": SHA, "settings": {"depth": 3}}, "unknown setting 'depth'"),
    ],
)
def test_a_wrong_question_is_a_few_lines(answers, kind, question, says):
    with pytest.raises(ArtcnnError, match=says) as caught:
        ask(answers, kind, **question)
    assert len(caught.value.messages) <= 3
    assert all(len(line) <= 300 for line in caught.value.lines)


def test_brackets_without_end_are_a_line():
    with pytest.raises(ArtcnnError, match="JSON"):
        parse_request("instant", b"[" * 100_000)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ({"kind": "maps", "input": DIGIT, "layer": "conv99"}, "has no layer 'conv99'"),
        ({"kind": "patches", "layer": "conv1", "unit": 25}, "no unit conv1:25"),
        ({"kind": "saliency", "input": DIGIT, "class": "cat"}, "class"),
        ({"kind": "saliency", "input": DIGIT, "method": "magic"}, "invalid --method"),
        ({"kind": "occlusion", "input": DIGIT, "window": 60}, "28 pixels"),
        ({"kind": "answer", "input": {"file": SOUND}}, "not a picture"),
        ({"kind": "answer", "input": {"game": {"moves": []}}}, "takes a digit"),
    ],
)
def test_what_the_network_has_not_is_a_line(answers, question, says):
    kind, question = question["kind"], {name: value for name, value in question.items() if name != "kind"}
    with pytest.raises(ArtcnnError, match=says) as caught:
        ask(answers, kind, network="mnist-lecture", **question)
    assert len(caught.value.lines) == 1


def test_errors_call_files_what_the_user_calls_them(answers):
    with pytest.raises(ArtcnnError) as caught:
        ask(answers, "answer", network="mnist-lecture", input={"file": SOUND})
    told = answers.renamed(caught.value, {SOUND: "my word.wav"})
    assert "my word.wav" in str(told)
    assert str(answers._files) not in str(told)


@pytest.mark.slow
def test_a_position_of_a_game_is_that_of_the_rules_and_of_go_suggest(answers):
    from artcnn.jobs.go_player import suggest

    sgf = (bundled_samples_dir() / "game.sgf").read_text()
    found, wanted = ask(answers, "go", game={"sgf": sgf}), suggest("go-moves", bundled_samples_dir() / "game.sgf")
    probabilities = [p for line in found["probabilities"] for p in line]
    assert probabilities == pytest.approx(wanted.probabilities[:361].tolist(), abs=1e-5)
    assert (found["turn"], found["size"], found["over"]) == (wanted.color_name[0], 19, False)
    again = ask(answers, "go", game={"moves": found["moves"], "size": 19})
    assert {key: again[key] for key in ("stones", "turn", "legal", "captured", "last")} == {
        key: found[key] for key in ("stones", "turn", "legal", "captured", "last")
    }
    saved = ask(answers, "go", game={"sgf": again["sgf"]})
    assert saved["moves"] == found["moves"]


def test_captures_passes_and_the_score_of_a_small_game(answers):
    moves = [["B", "ab"], ["W", "aa"], ["B", "ba"], ["W", ""], ["B", ""]]
    found = ask(answers, "go", game={"moves": moves, "size": 9}, komi=0.5, network="W")
    assert (found["captured"], found["over"], found["score"]) == ({"B": 0, "W": 1}, True, "B+80.5")
    assert found["stones"][:2] == [".B.......", "B........"]
    assert (
        found["sgf"] == "(;GM[1]FF[4]CA[UTF-8]SZ[9]RU[Chinese]KM[0.5]PW[artcnn go-moves];B[ab];W[aa];B[ba];W[];B[])\n"
    )
    handicap = ask(answers, "go", game={"moves": [["AB", "cc"], ["AB", "gg"]], "size": 9})
    assert handicap["turn"] == "W"
    replied = ask(answers, "go", game={"moves": [["B", "ee"]], "size": 9}, reply=True)
    assert [color for color, _ in replied["moves"]] == ["B", "W"]
    assert (replied["turn"], replied["last"]) == ("B", replied["moves"][1][1])
    assert 0 < replied["played"]["probability"] <= 1


@pytest.mark.parametrize(
    ("game", "says"),
    [
        ({"moves": [["B", "ee"], ["W", "ee"]], "size": 9}, "move 2: E5 is not a legal move"),
        ({"moves": [["B", "ss"]], "size": 9}, "move 1: there is no point 'ss'"),
        ({"sgf": "Dear reader"}, "there is no game in it"),
        ({"sgf": "(;GM[2];B[aa])"}, "no game of Go"),
        ({"sgf": "(;SZ[1000];B[aa])"}, "1000"),
        ({"sgf": "(" * 200_000}, "there is no game in it"),
        ({"sgf": "(;" + "B[aa];W[]" * 600 + ")"}, "more than 1,000 moves"),
        ({"sgf": "(;" + "AB[aa:ss]AE[aa:ss]" * 10_000 + ")"}, "more than 1,000 moves"),
        ({"sgf": "(;B[aa])" * 40_000}, "300000"),
    ],
    ids=["taken", "off the board", "no SGF", "chess", "a huge board", "brackets", "long", "stones", "too much text"],
)
def test_a_game_that_is_none_is_a_line(answers, game, says):
    with pytest.raises(ArtcnnError, match=says) as caught:
        ask(answers, "go", game=game)
    assert len(caught.value.lines) == 1


def test_patches_become_those_of_inspect_step_by_step_and_a_second_unit_needs_no_second_search(answers, monkeypatch):
    from artcnn.inspection import collection
    from artcnn.studio.live import patches

    few = collection.load_mnist("test").take(torch.arange(60))
    monkeypatch.setattr(collection, "load_mnist", lambda _: few)
    monkeypatch.setattr(collection, "_BATCH_SIZE", 20)
    monkeypatch.setattr(patches, "SECONDS", -1)  # a batch for each question
    for searched in (20, 40, 60, 60):
        found = ask(answers, "patches", network="mnist-lecture", layer="conv2", unit=3, count=4)
        assert (found["searched"], found["of"]) == (searched, 60)
    monkeypatch.setattr(patches, "search_patches", None)
    other = ask(answers, "patches", network="mnist-lecture", layer="conv2", unit=7, count=4)
    for unit, made in ((3, found), (7, other)):
        wanted = artcnn.inspect.patches("mnist-lecture", f"conv2:{unit}", count=4)
        assert made["rows"] == [dict(row) for row in wanted.rows]
        assert [one["caption"] for one in made["pictures"]] == [str(tile.caption) for tile in wanted.tiles]
    with pytest.raises(ArtcnnError, match="no unit conv1:25"):
        ask(answers, "patches", network="mnist-lecture", layer="conv1", unit=25)
