"""The words of the studio's pages: the same in each language, and all that the pages use."""

import re

import pytest

from artcnn.errors import ArtcnnError
from artcnn.locations import studio_pages_dir
from artcnn.studio.options import describe_options
from artcnn.studio.samples import describe_samples
from artcnn.studio.store import Store
from artcnn.studio.words import studio_words

KINDS = "instant", "style", "dream", "texture"
"""What the workshop offers."""

QUESTIONS = "saliency", "occlusion", "maximize", "fool"
"""What is asked of the network of digits."""


def source() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(studio_pages_dir().glob("js/**/*.js")))


def plain(text: str) -> str:
    """As the page has it."""
    return " ".join(text.replace("``", "").split())


def fields(text: str) -> list[str]:
    return sorted(re.findall(r"\{\w+\}", text))


def test_each_language_has_the_same_words_with_the_same_fields():
    english, chinese = studio_words("en"), studio_words("zh")
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        if key == "phrases":
            assert text.keys() <= chinese[key].keys()
        elif isinstance(text, dict):
            assert text.keys() == chinese[key].keys()
        else:
            assert fields(text) == fields(chinese[key]), key


def test_pages_use_words_that_there_are_and_no_others():
    words = studio_words("en")
    used = set(re.findall(r"'([a-z]+(?:_[a-z]+)*)'", source()))
    asked = set(re.findall(r"\bt\('(\w+)'", source()))
    assert asked - words.keys() == set()
    made = {f"{start}_{kind}{end}" for start, end in (("kind", ""), ("kind", "_text")) for kind in KINDS}
    made |= {f"state_{state}" for state in ("running", "waiting", "paused", "failed")}
    made |= {
        f"{role}_{part}"
        for role in ("protect", "mask", "rules", "guide_mask")
        for part in ("title", "about", "text", "alt")
    }
    made |= {f"page_{name}" for name in re.findall(r"^  (\w+): \(\) => import\(", source(), re.MULTILINE)}
    made |= {f"digits_about_{kind}" for kind in ("convolution", "pooling", "flatten", "connected", "relu")}
    made |= {f"digits_unit_{kind}" for kind in ("flatten", "connected", "relu")}
    made |= {f"digits_pooling_{pooling}" for pooling in ("max", "average")}
    made |= {f"digits_{start}_{question}" for start in ("ask", "about") for question in QUESTIONS}
    assert made <= words.keys()
    assert {key for key, text in words.items() if isinstance(text, str)} - used - made == set()


def test_every_setting_and_look_has_a_name_and_every_sentence_is_translated(tmp_path):
    options, english, phrases = describe_options(), studio_words("en"), studio_words("zh")["phrases"]
    needed = []
    for kind in KINDS:
        settings = options["kinds"][kind]["settings"]
        assert settings.keys() - {"style", "blend"} <= english["settings"].keys()
        needed += [one["help"] for name, one in settings.items() if name not in ("style", "blend")]
        if kind != "instant":
            needed += [one["about"] for one in options["kinds"][kind]["presets"]]
            assert {one["name"] for one in options["kinds"][kind]["presets"]} <= english["looks"].keys()
    assert options["film"].keys() <= english["settings"].keys()
    needed += [one["help"] for one in options["film"].values()]
    needed += [one["title"] for one in describe_samples(Store(tmp_path))]
    for style in options["styles"].values():
        needed += [style["title"], style["artist"].partition(" (")[0]]
    assert {plain(text) for text in needed} - phrases.keys() == set()


def test_another_language_is_a_line():
    with pytest.raises(ArtcnnError, match="there is no language 'xx'"):
        studio_words("xx")
