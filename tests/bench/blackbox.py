"""The blackbox exporter beside us: already running, and asked for each URL by `curl -Z`."""

from __future__ import annotations

import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

PORT = 19115
PROGRAMS = ("prometheus-blackbox-exporter", "blackbox_exporter")
_MODULE = "modules:\n  http_2xx:\n    prober: http\n    http:\n      preferred_ip_protocol: ip4\n"


@contextmanager
def blackbox(folder: Path, urls: Sequence[str]) -> Iterator[Sequence[str] | None]:
    """The command that has it probe every URL; None where it (or curl) is not installed."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    curl = shutil.which("curl")
    if program is None or curl is None:
        yield None
        return
    config, listing = folder / "blackbox.yml", folder / "blackbox.cfg"
    config.write_text(_MODULE)
    probe = f"http://127.0.0.1:{PORT}/probe?module=http_2xx&target="
    listing.write_text("".join(f'url="{probe}{quote(url, safe="")}"\noutput="/dev/null"\n' for url in urls))
    server = subprocess.Popen(
        [program, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{PORT}", "--log.level=error"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(f"http://127.0.0.1:{PORT}/-/healthy")
        yield [curl, "-sZ", "--parallel-max", "300", "--parallel-immediate", "-K", str(listing)]
    finally:
        server.kill()
        server.wait()


def _await(url: str) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
