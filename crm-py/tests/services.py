"""An example as whoever starts it has it: a process of uvicorn, or several."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

EXAMPLES = Path(__file__).parents[2] / "examples"

#: What serves an application, with so many processes, at a port.
SERVERS = {
    "uvicorn": ["uvicorn", "app:app", "--port", "{port}", "--workers", "{workers}"],
    # The application is made once, and its processes are forks of the one that made it.
    "gunicorn": ["gunicorn", "app:app", "--preload", "-k", "uvicorn_worker.UvicornWorker", "-b", "127.0.0.1:{port}", "-w", "{workers}"],
}


@contextmanager
def served(
    example: str,
    environment: dict[str, str],
    folder: Path,
    workers: int,
    answers: str = "/health",
    server: str = "uvicorn",
) -> Iterator[str]:
    """The example, copied to where nobody else is and started there. A second start finds what the first one left."""
    here = folder / "example"
    if not here.exists():
        shutil.copytree(EXAMPLES / example, here, ignore=shutil.ignore_patterns("*.db*", "*.secret", "__pycache__"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", *(word.format(port=port, workers=workers) for word in SERVERS[server])]
    log = (folder / "log").open("w+")
    process = subprocess.Popen(command, cwd=here, env=os.environ | environment, stderr=log, stdout=log)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}{answers}", process, folder / "log")
        yield url
    finally:
        # As whoever stops a service does; an interrupt from the keyboard may show a traceback wherever it comes.
        process.terminate()
        assert process.wait(30) is not None
    assert "Traceback" not in (folder / "log").read_text()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Waits until the service answers."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"it did not start:\n{log.read_text()}")
