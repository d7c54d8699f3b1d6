"""What goes wrong with --cluster and --shard is told in one line, before anything is started."""

import socket
from threading import Thread

import pytest

pytest.importorskip("ray", reason="the extra 'cluster' is not installed")

DREAM = "dream", "photo.png", "--size", "48"


@pytest.mark.parametrize(
    ("says", "arguments"),
    [
        ("write auto, or HOST:PORT", ["--cluster", "here"]),
        ("write auto, or HOST:PORT", ["--cluster", "10.0.0.1:70000"]),
        ("a picture that grows elsewhere is not seen here", ["--cluster", "auto", "--preview"]),
        ("returns finished pictures only", ["--cluster", "auto", "--save-every", "2"]),
        ("a cluster computes on cpu or cuda", ["--cluster", "auto", "--device", "mps"]),
        ("makes files of files, not of pipes", ["--cluster", "auto", "-o", "-"]),
        ("--shared says what the machines of a --cluster see", ["--shared"]),
        ("write it as 3/16", ["--shard", "17/16"]),
        ("write it as 3/16", ["--shard", "0/3"]),
        ("write it as 3/16", ["--shard", "a half"]),
    ],
)
def test_what_cannot_go_together_is_told(refused, says, arguments):
    refused(says, *DREAM, *arguments)


def test_a_cluster_that_may_let_in_everybody_is_not_joined(refused, monkeypatch):
    monkeypatch.delenv("RAY_AUTH_MODE", raising=False)
    refused("whoever reaches a cluster's ports can run programs on its machines", *DREAM, "--cluster", "127.0.0.1:6379")
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    refused("start Ray with RAY_AUTH_MODE=token everywhere", *DREAM, "--cluster", "127.0.0.1:6379")


def test_where_nothing_answers_is_told(refused, monkeypatch):
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        refused("nothing answers at 127.0.0.1", *DREAM, "--cluster", f"127.0.0.1:{taken.getsockname()[1]}")


def test_what_answers_and_is_not_ray_is_told(refused, monkeypatch):
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(100)
                connection.sendall(b"HTTP/1.0 400 Bad Request")

        thread = Thread(target=answer)
        thread.start()
        refused("is not Ray", *DREAM, "--cluster", f"127.0.0.1:{server.getsockname()[1]}")
        thread.join()


def test_a_film_whose_pieces_cannot_be_joined_is_refused(refused, folder):
    from PIL import Image

    frames = [Image.new("RGB", (64, 48), (n * 40, 90, 120)) for n in range(4)]
    frames[0].save(folder / "clip.gif", save_all=True, append_images=frames[1:], duration=40)
    for out in ([], ["-o", "film.gif"]):
        refused("is no ", "instant", "clip.gif", "--size", "64", "--cluster", "auto", *out)
