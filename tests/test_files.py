"""Files: replaced as a whole, written into where they are no files, with modes that keep secrets."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from llmprobe import files
from llmprobe.files import read_bytes, write_bytes, write_text
from tests.support import Served, clean_env, llmprobe

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def in_background(work: Callable[[], bytes]) -> Callable[[], bytes]:
    """Start it now; the result is waited for when it is asked for."""
    found: list[bytes] = []
    thread = threading.Thread(target=lambda: found.append(work()), daemon=True)
    thread.start()

    def result() -> bytes:
        thread.join(20)
        return found[0]

    return result


def test_a_file_is_replaced_behind_its_symbolic_link(tmp_path: Path) -> None:
    """The link stays a link, relative and through another one."""
    (tmp_path / "deep").mkdir()
    real = tmp_path / "deep" / "real.json"
    real.write_text("old")
    (tmp_path / "link").symlink_to("deep/real.json")
    (tmp_path / "again").symlink_to("link")
    write_text(tmp_path / "again", "new")

    assert (tmp_path / "link").is_symlink()
    assert real.read_text() == "new"


def test_a_link_that_leads_nowhere_yet_leads_to_the_new_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("later.txt")
    write_text(tmp_path / "link", "x")
    assert (tmp_path / "later.txt").read_text() == "x"
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("before", [0o600, 0o640, 0o644, 0o666])
def test_a_file_keeps_its_mode(tmp_path: Path, before: int) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    path.chmod(before)
    write_text(path, "new")
    assert (mode(path), path.read_text()) == (before, "new")
    write_text(path, "secret", private=True)
    assert mode(path) == 0o600


@ROOT_ONLY
def test_a_file_keeps_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    os.chown(path, 1234, 2345)
    write_text(path, "new")
    assert (path.stat().st_uid, path.stat().st_gid, path.read_text()) == (1234, 2345, "new")


def test_a_new_file_follows_the_umask_and_a_private_one_does_not(tmp_path: Path) -> None:
    code = f"import os, sys; os.umask(0o{{}}); from llmprobe.files import write_text; write_text('{tmp_path}/a{{}}', 'x'); write_text('{tmp_path}/b{{}}', 'x', private=True)"
    for mask in ("022", "000", "077"):
        subprocess.run([sys.executable, "-c", code.format(mask, mask, mask)], check=True, env=clean_env())
    assert [mode(tmp_path / f"a{m}") for m in ("022", "000", "077")] == [0o644, 0o666, 0o600]
    assert [mode(tmp_path / f"b{m}") for m in ("022", "000", "077")] == [0o600] * 3


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    path.write_text("old")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["f"]


def test_a_file_in_a_folder_that_takes_no_new_ones_is_written_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a single file that is mounted into a container."""
    path = tmp_path / "f"
    path.write_text("a longer old text")
    monkeypatch.setattr(
        Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(16, "Device or resource busy"))
    )
    write_text(path, "new")
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["f"]


def test_a_fifo_gets_the_text_also_where_its_reader_comes_later(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)

    def late() -> bytes:
        time.sleep(0.2)
        return fifo.read_bytes()

    received = in_background(late)
    write_bytes(fifo, b"x" * 300_000)
    assert received() == b"x" * 300_000
    assert stat.S_ISFIFO(fifo.stat().st_mode)


def test_a_fifo_without_a_reader_is_an_error_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "fifo")
    monkeypatch.setattr("llmprobe.files.write._READER_WITHIN_S", 0.1)
    with pytest.raises(OSError, match="no reader opened it"):
        write_bytes(tmp_path / "fifo", b"x")


def test_a_socket_gets_the_text(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen()

        def accept() -> bytes:
            client, _ = server.accept()
            with client, client.makefile("rb") as stream:
                return stream.read()

        received = in_background(accept)
        write_bytes(tmp_path / "s", b"hello")
        assert received() == b"hello"


@ROOT_ONLY
def test_a_device_stays_a_device(tmp_path: Path) -> None:
    device = tmp_path / "null"
    try:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        write_bytes(device, b"x")
    except PermissionError:
        pytest.skip("this system lets nobody make devices")
    assert stat.S_ISCHR(device.stat().st_mode)


@pytest.mark.parametrize("to_file", [True, False])
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_a_report_to_our_own_standard_output_comes_before_the_table_and_replaces_nothing(
    sim: Served, tmp_path: Path, name: str, to_file: bool
) -> None:
    """Through a pipe, and where standard output is a file that would be cut off if it were replaced."""
    if not os.path.exists(name):
        pytest.skip(f"this system has no {name}")
    line = [
        sys.executable,
        "-m",
        "llmprobe",
        "check",
        "--base-url",
        sim.url,
        "-m",
        "sim-1",
        "-q",
        "-o",
        f"json:{name}",
    ]
    if to_file:
        with open(tmp_path / "out", "wb") as out:
            subprocess.run(line, env=clean_env(), check=True, stdout=out)
        text = (tmp_path / "out").read_text()
    else:
        text = subprocess.run(line, env=clean_env(), check=True, capture_output=True, text=True).stdout
    assert json.loads(text)["status"] == "healthy"


def test_a_report_into_the_file_of_standard_output_does_not_cut_it_off(sim: Served, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with out.open("wb") as stream:
        line = [
            sys.executable,
            "-m",
            "llmprobe",
            "check",
            "--base-url",
            sim.url,
            "-m",
            "sim-1",
            "-o",
            f"ndjson:{out}",
        ]
        subprocess.run(line, env=clean_env(), check=True, stdout=stream)
    first, rest = out.read_text().split("\n", 1)
    assert json.loads(first)["status"] == "healthy"
    assert "1 healthy" in rest or "healthy" in rest


def test_a_report_goes_into_a_process_substitution(sim: Served, tmp_path: Path) -> None:
    line = f"{sys.executable} -m llmprobe check --base-url {sim.url} -m sim-1 -q -o json:>(cat > {tmp_path}/r.json; echo > {tmp_path}/done)"
    subprocess.run(["bash", "-c", line], env=clean_env(), check=True)
    until = time.monotonic() + 10
    while not (tmp_path / "done").exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert json.loads((tmp_path / "r.json").read_text())["status"] == "healthy"


def test_reading_ends_at_its_limit_of_bytes(tmp_path: Path) -> None:
    with pytest.raises(files.TooLongError, match="more than 64 KiB"):
        read_bytes("/dev/zero", most=1 << 16)
    (tmp_path / "f").write_bytes(b"x" * 100)
    assert read_bytes(tmp_path / "f", most=100) == b"x" * 100


def test_reading_ends_at_its_limit_of_time(tmp_path: Path) -> None:
    """A FIFO whose writer never comes, and one whose writer is late."""
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(TimeoutError, match="nothing came in time"):
        read_bytes(tmp_path / "fifo", most=100, within_s=0.1)

    def late() -> bytes:
        time.sleep(0.2)
        (tmp_path / "fifo").write_bytes(b"key")
        return b""

    in_background(late)
    assert read_bytes(tmp_path / "fifo", most=100, within_s=20) == b"key"


@pytest.mark.parametrize("path", ["", "a\0b", "~no-such-user/x", "\ud800", "x" * 5000, "loop"])
def test_a_path_that_cannot_be_one_is_an_os_error_with_a_reason(tmp_path: Path, path: str) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    path = str(tmp_path / "loop") if path == "loop" else path
    for work in (lambda: read_bytes(path, most=10), lambda: write_text(path, "x")):
        with pytest.raises(OSError) as caught:  # noqa: PT011
            work()
        assert caught.value.strerror
    assert not files.exists(path)


def test_missing_folders_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    files.private_folder(tmp_path / "a" / "b")
    assert [mode(tmp_path / "a"), mode(tmp_path / "a" / "b")] == [0o700, 0o700]


@pytest.mark.parametrize("mask", [0o000, 0o022])
def test_what_a_run_leaves_behind_is_for_its_owner_alone(sim: Served, tmp_path: Path, mask: int) -> None:
    """The bundle, the database (also one that was open to all), the lock and their folders."""
    state, bundle = tmp_path / "state" / "llmprobe", tmp_path / "b.zip"
    bundle.write_text("an older file that everybody reads")
    bundle.chmod(0o666)
    env = clean_env({"XDG_STATE_HOME": str(tmp_path / "state")})
    line = [
        sys.executable,
        "-m",
        "llmprobe",
        "check",
        "--base-url",
        sim.url,
        "-m",
        "sim-1",
        "--record",
        "--on-change",
        "--bundle",
        str(bundle),
    ]
    for _ in range(2):
        subprocess.run(line, env=env, check=True, umask=mask)
        (state / "history.db").chmod(0o666)
    subprocess.run(line, env=env, check=True, umask=mask)

    assert zipfile.is_zipfile(bundle)
    assert mode(bundle) == 0o600
    found = {path.relative_to(tmp_path).as_posix(): mode(path) for path in (tmp_path / "state").rglob("*")}
    assert {m for name, m in found.items() if (tmp_path / name).is_file()} == {0o600}
    assert {m for name, m in found.items() if (tmp_path / name).is_dir()} == {0o700}
    assert sqlite3.connect(state / "history.db").execute("SELECT count(*) FROM runs").fetchone() == (3,)


def test_config_add_and_remove_keep_the_mode_and_the_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "llmprobe.toml"
    real.write_text('[targets.a]\nprovider = "openai"\napi_key = "sk-x1234567"\n')
    real.chmod(0o600)
    link.symlink_to("real.toml")
    for args in (["add", "b", "--provider", "openai"], ["remove", "b"]):
        assert llmprobe("config", *args, "-c", str(link)).returncode == 0
        assert (mode(real), link.is_symlink()) == (0o600, True)


def test_a_new_configuration_is_for_its_owner_alone(tmp_path: Path) -> None:
    done = llmprobe("config", "add", "b", "--provider", "openai", "-c", str(tmp_path / "new.toml"))
    assert done.returncode == 0
    assert mode(tmp_path / "new.toml") == 0o600


FORMATS = (
    "table",
    "json",
    "ndjson",
    "junit",
    "tap",
    "github",
    "markdown",
    "csv",
    "prometheus",
    "cloudprober",
    "nagios",
    "html",
)
ENCODED = [(f, "ascii") for f in FORMATS] + [("table", e) for e in ("latin-1", "koi8-r", "utf-16", "cp037")]


@pytest.mark.parametrize(("format", "encoding"), ENCODED)
def test_standard_output_of_any_encoding_gets_every_format(sim: Served, encoding: str, format: str) -> None:
    """A model's name in three scripts, which none of these encodings has whole (and which is not known there)."""
    env = clean_env({"PYTHONIOENCODING": encoding})
    line = [
        sys.executable,
        "-m",
        "llmprobe",
        "check",
        "--base-url",
        sim.url,
        "-m",
        "modèle-модель-模型",
        "-f",
        format,
    ]
    done = subprocess.run(line, capture_output=True, env=env)
    assert done.returncode == (2 if format == "nagios" else 4), done.stderr
    assert b"Traceback" not in done.stderr
    assert done.stdout.decode(encoding)
