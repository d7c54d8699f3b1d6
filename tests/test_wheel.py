"""What ``benchmarks/check_wheel.py`` finds in wheels."""

from zipfile import ZipFile

import pytest
from programs import load_program


@pytest.fixture
def check_wheel():
    return load_program("benchmarks/check_wheel.py")


@pytest.mark.parametrize(
    ("more", "less", "problem"),
    [
        ([], None, None),
        (["artcnn/__pycache__/x.pyc"], None, "artcnn/__pycache__/x.pyc does not belong into it"),
        (["tests/test_x.py"], None, "tests/test_x.py does not belong into it"),
        (["artcnn/data/.DS_Store"], None, "artcnn/data/.DS_Store does not belong into it"),
        ([], "artcnn/py.typed", "artcnn/py.typed is missing"),
        ([], "artcnn-1.dist-info/licenses/NOTICE", "LICENSE or NOTICE is missing"),
    ],
)
def test_a_wheel_has_what_belongs_into_it(check_wheel, tmp_path, more, less, problem):
    names = [*check_wheel.WANTED, *(f"artcnn-1.dist-info/licenses/{name}" for name in ("LICENSE", "NOTICE")), *more]
    names.append("artcnn/cli/mnist/test.py")
    with ZipFile(tmp_path / "artcnn.whl", "w") as wheel:
        for name in names:
            if name != less:
                wheel.writestr(name, "")
    assert check_wheel.problems_of(tmp_path / "artcnn.whl") == ([problem] if problem else [])


def test_a_wheel_is_not_too_large(check_wheel, monkeypatch, tmp_path):
    monkeypatch.setattr(check_wheel, "LARGEST", 10)
    with ZipFile(tmp_path / "artcnn.whl", "w"):
        pass
    assert check_wheel.problems_of(tmp_path / "artcnn.whl")[-1] == "it has 22 bytes, more than 10"
    assert check_wheel.main(str(tmp_path / "artcnn.whl")) == 1
