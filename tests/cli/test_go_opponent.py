"""Programs that ``artcnn go match`` plays against: those that are none, those that hang, and how they are ended."""

import errno
import sys
from io import StringIO
from pathlib import Path
from time import sleep
from types import SimpleNamespace

import pytest

from artcnn.errors import ArtcnnError
from artcnn.playing import opponent as opponents
from artcnn.playing.opponent import Opponent, open_opponent


@pytest.mark.parametrize(
    ("command", "timeout", "says"),
    [
        ("no-such-program --mode gtp", "60", "there is no such program"),
        ("true", "60", "it ended without an answer"),
        ("yes", "60", "it does not speak GTP: it answers 'name' by 'y'"),
        ("cat", "60", "it does not speak GTP: it answers 'name' by 'name'"),
        ("cat /dev/zero", "60", "it does not speak GTP"),
        ("tail -f /dev/null", "0.3", "no answer to 'name' within 0.3 s: give it longer by --timeout"),
        ("yes ''", "0.3", "no answer to 'name' within 0.3 s"),
        ("'open", "60", "No closing quotation"),
        ("''", "60", "there is no such program"),
        ("./notes", "60", "it cannot be started"),
    ],
)
def test_an_opponent_that_is_none(artcnn, folder, command, timeout, says):
    (folder / "notes").write_text("no program")
    (folder / "notes").chmod(0o755)
    result = artcnn("go", "match", "--opponent", command, "--games", "1", "--timeout", timeout)
    assert result.exit_code == 1
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not list(folder.glob("go-match*")), "nothing is left behind"


@pytest.mark.slow
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, ArtcnnError])
def test_an_opponent_is_ended_with_what_it_started(folder, error):
    """By itself, by Ctrl-C, and by the limit: its second answer never comes."""
    answers_once = "sleep 1000 & echo $! >child; read line; echo '= parent'; echo; sleep 1000"
    (folder / "parent.sh").write_text(answers_once)

    def ask() -> None:
        with open_opponent("sh parent.sh", 2) as other:
            assert other.ask("name") == "parent"
            if error is ArtcnnError:
                other.ask("version")
            raise error

    with pytest.raises(error):
        ask()
    status = Path("/proc") / (folder / "child").read_text().strip() / "stat"
    for _ in range(100):
        if not status.exists() or status.read_text().split()[2] == "Z":
            return
        sleep(0.05)
    pytest.fail("what it started is still there")


def test_games_are_found_where_systems_put_them(artcnn, folder, monkeypatch):
    (folder / "games").mkdir()
    program = folder / "games" / "gnugo"
    program.write_text(f"#!{sys.executable}\nprint('? it is found\\n')\n")
    program.chmod(0o755)
    monkeypatch.setattr(opponents, "_FOLDERS", (str(folder / "games"),))
    monkeypatch.setenv("PATH", "/nowhere")
    assert "it refuses 'name': 'it is found'" in artcnn("go", "match", "--games", "1").stderr


def test_an_opponent_that_ended_on_windows():
    """There, a pipe without a reader is an argument that is invalid."""

    class Pipe(StringIO):
        def flush(self) -> None:
            raise OSError(errno.EINVAL, "Invalid argument")

    with pytest.raises(ArtcnnError, match="it ended without an answer to 'name'"):
        Opponent("gnugo", SimpleNamespace(stdin=Pipe(), stdout=StringIO()), 60).ask("name")
