"""``--lang`` and ``--scale`` of ``artcnn inspect``."""

import pytest
from matplotlib.font_manager import findSystemFonts
from PIL import Image


@pytest.mark.slow
def test_every_look_may_be_in_chinese_and_for_a_projector(artcnn, folder, samples):
    if not any("CJK" in name for name in findSystemFonts()):
        pytest.skip("no font with Chinese is installed")
    command = "inspect", "saliency", samples / "digit.png", "--method", "gradient", "--html", "-q", "-o"
    plain = artcnn(*command, "plain")
    styled = artcnn(*command, "styled", "--lang", "zh", "--scale", "projector")
    assert (plain.exit_code, styled.exit_code) == (0, 0), styled.output
    with Image.open("plain/sheet.png") as small, Image.open("styled/sheet.png") as large:
        assert small.width < large.width <= 1920
        assert large.height <= 1080
    page = (folder / "styled" / "page.html").read_text()
    assert '<html lang="zh"' in page
    assert ":root { font-size: 4vh; }" in page
    assert "4vh; }" not in (folder / "plain" / "page.html").read_text()
    for name in ("values.csv", "run.json"):
        assert (folder / "plain" / name).read_bytes() == (folder / "styled" / name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--lang", "fr"], "invalid --lang fr: choose from en, zh"),
        (["--scale", "wall"], "invalid --scale wall: choose from screen, projector"),
    ],
)
def test_a_style_that_there_is_not_is_one_line(artcnn, folder, samples, arguments, says):
    for command in (["saliency", samples / "digit.png"], ["report"], ["layers", "--html"]):
        result = artcnn("inspect", *command, *arguments)
        assert (result.exit_code, result.stderr) == (1, f"error: {says}\n")
    assert {path.name for path in folder.iterdir()} == {"photo.png", "painting.png"}
