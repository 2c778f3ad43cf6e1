"""The web page as a browser shows it and a page of the journal's report, in WebP."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from serd.defaults import MODEL
from serd.inference.contract import read_model
from serd.inference.model import find
from serd.journal.reading import read
from serd.journal.report import as_html, as_pdf
from serd.journal.words import words_of
from tests.support.bridging import PATIENCE, bridge, until
from tests.support.browser import Visit, chromium
from tests.support.journal_store import fill, make_store
from tests.support.journal_year import Person, dates
from tests.support.mosquitto import free_port
from tools.checkout import DEMO, ROOT

SIZE = {"width": 900, "height": 620}
PAGE = 3
SEED, WEEKS, SHIFT_FROM, SHIFT = 5, 20, 45, 2.0
"""The report's simulated person: log-odds of one label, told of on PAGE, are raised by SHIFT from that session on."""


def web_page(file: Path, at_s: float) -> dict[bool, bytes]:
    """`serd bridge web` after `at_s` seconds of a serd that hears the file or plays the folder; in the dark (True)."""
    source = ["--demo"] if file == DEMO else ["--demo" if file.is_dir() else "--input", str(file.absolute())]
    with tempfile.TemporaryDirectory() as temporary, chromium() as browser:
        folder, port = Path(temporary), free_port()
        endpoint = f"ipc://{folder}/events"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_RUNTIME_DIR": temporary, "XDG_STATE_HOME": temporary}
        with bridge("web", "--endpoint", endpoint, "--listen", f"127.0.0.1:{port}", folder=folder) as process:
            until(lambda: process.said("open to "))
            daemon = subprocess.Popen(
                [sys.executable, "-m", "serd", *source, "--headless", "--publish", endpoint, "--source", "kitchen",
                 "--wait-subscribers", "1"], stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, env=environment,
            )  # fmt: skip
            try:
                url = f"http://127.0.0.1:{port}/"
                both = {dark: _visit(browser, url, "dark" if dark else "light") for dark in (True, False)}
                both[True].wait("document.querySelector('.device')?.textContent.includes('listening')")
                both[True].page.wait_for_timeout(1000 * at_s)
                # No emotion is asked for in particular, but a picture without any shows little.
                both[True].wait("!/uncertain|speech|…/.test(document.querySelector('.state')?.textContent ?? '…')")
                return {dark: webp(visit.page.screenshot(full_page=True)) for dark, visit in both.items()}
            finally:
                daemon.send_signal(signal.SIGTERM)
                daemon.wait(PATIENCE)


def _visit(browser: Any, url: str, scheme: str) -> Visit:
    return Visit(browser, url, color_scheme=scheme, viewport=SIZE)


def report_page() -> bytes:
    """The report's page with the label that begins to be heard more often in a simulated person, as PDF prints it."""
    person, contract = Person(SEED, minutes=12.0, activation=True), read_model(find(MODEL))[1]
    model = f"{contract.name}/{contract.version}"
    sessions = [
        person.session(when, shift=SHIFT if n >= SHIFT_FROM else 0.0, model=model)
        for n, when in enumerate(dates(WEEKS))
    ]
    with tempfile.TemporaryDirectory() as temporary:
        store = make_store(Path(temporary), encrypted=False)
        with store.open(fill(store, "P-7F3K", sessions)) as file:
            pdf = as_pdf(as_html(read(file, "P-7F3K"), words_of("en")), "pdf/ua-1")
    command = ["pdftoppm", "-png", "-r", "100", "-f", str(PAGE), "-l", str(PAGE), "-"]
    return webp(subprocess.run(command, input=pdf, stdout=subprocess.PIPE, check=True).stdout)


def webp(png: bytes) -> bytes:
    """The same picture, smaller."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(out, "WEBP", quality=85, method=6)
    return out.getvalue()
