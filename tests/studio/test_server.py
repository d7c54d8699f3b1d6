"""``artcnn studio`` as a program: it is there at once, lets in who has the key, and ends as told."""

import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from threading import Thread

import httpx2 as httpx
import pytest

from artcnn.studio.guard import cookie_name
from artcnn.studio.server import _secret


@contextmanager
def studio(folder, *arguments: str):
    command = [sys.executable, "-m", "artcnn", "studio", "--no-browser", "--folder", str(folder), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline().split()[-1]
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


@pytest.mark.slow
def test_the_address_lets_one_browser_in_and_a_restart_knows_it(tmp_path):
    with studio(tmp_path / "studio") as (process, url):
        assert httpx.get(url.partition("/enter")[0]).status_code == 403
        with httpx.Client() as browser:
            entered = browser.get(url)
            assert (entered.status_code, entered.headers["location"]) == (303, "/")
            cookie = browser.cookies[cookie_name((tmp_path / "studio" / "secret").read_text())]
            assert browser.get(url.replace("enter?", "api/options?")).status_code == 200
        assert httpx.get(url).status_code == 403
        assert (tmp_path / "studio" / "secret").stat().st_mode & 0o077 == 0
    assert process.returncode in (0, 130, -signal.SIGINT)
    with studio(tmp_path / "studio") as (_, url):
        again = httpx.get(url.partition("/enter")[0] + "/api/options", cookies={cookie_name(cookie): cookie})
        assert again.status_code == 200


@pytest.mark.slow
def test_ctrl_c_ends_it_in_silence_while_a_page_is_open(tmp_path):
    with studio(tmp_path / "studio") as (process, url), httpx.Client() as browser:
        browser.get(url)
        address = url.partition("/enter")[0]
        with browser.stream("GET", f"{address}/api/events") as events:
            assert next(events.iter_lines()).startswith("id: ")
            sha256 = browser.get(f"{address}/api/samples").json()[0]["sha256"]
            asking = Thread(target=browser.get, args=[f"{address}/api/files/{sha256}/thumbnail.jpg"])
            asking.start()
            process.send_signal(signal.SIGINT)
            process.wait(30)
            asking.join()
        assert process.stderr.read() == ""


def test_a_secret_that_a_killed_studio_has_not_written_is_made_anew(tmp_path):
    (tmp_path / "secret").touch()
    secret = _secret(tmp_path)
    assert len(secret) >= 32
    assert _secret(tmp_path) == secret


@pytest.mark.slow
def test_a_port_that_is_taken_is_a_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "artcnn", "studio", "--no-browser", "--folder", str(tmp_path), "--port", port]
        ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"error: cannot listen at 127.0.0.1, port {port}")
    assert ran.stderr.count("\n") == 1


def test_a_folder_that_is_a_file_is_a_line(tmp_path):
    (tmp_path / "photo.jpg").write_text("no folder")
    command = [sys.executable, "-m", "artcnn", "studio", "--no-browser", "--folder", str(tmp_path / "photo.jpg")]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 1
    assert ran.stderr.startswith("error: cannot use the folder")
    assert ran.stderr.count("\n") == 1


@pytest.mark.slow
def test_at_all_addresses_a_browser_on_this_machine_is_let_in(tmp_path):
    with studio(tmp_path / "studio", "--host", "0.0.0.0") as (_, url), httpx.Client() as browser:  # noqa: S104
        assert url.startswith("http://127.0.0.1:")
        assert browser.get(url).status_code == 303
        assert browser.get(url.partition("/enter")[0], headers={"Host": "evil.example:80"}).status_code == 403
