"""Debian's Chromium, driven by playwright, with axe-core and an eye on what a page asks for."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.bridging import until

MODULES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "serd-tests" / "npm" / "node_modules"
"""Where script/lib.sh puts packages of npm."""

PATIENCE_MS = 60_000


def missing() -> str:
    """Why it cannot be run here, or nothing."""
    if not shutil.which("chromium"):
        return "no chromium here; script/test installs it"
    if importlib.util.find_spec("playwright") is None:
        return "no playwright here; script/test installs it"
    return "" if (MODULES / "axe-core").is_dir() else "no axe-core in the cache; script/test installs it"


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A browser without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"], timeout=2 * PATIENCE_MS
        )
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """A page, with all that it asked for and all that went wrong in it."""

    def __init__(self, browser: Any, url: str, **options: Any) -> None:
        self.page = browser.new_page(**options)
        self.page.set_default_timeout(PATIENCE_MS)
        self.requests: list[str] = []
        self.faults: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._note)
        self.page.goto(url)

    def wait(self, expression: str) -> Any:
        """The first true value of a JavaScript expression."""
        # Not by wait_for_function, which the page's own policy does not let look twice.
        return until(lambda: self.page.evaluate(expression), PATIENCE_MS / 1000)

    def text(self, selector: str) -> str:
        """What is there to read; the first where there are more."""
        found: str = self.page.locator(selector).first.inner_text()
        return found

    def violations(self) -> list[Any]:
        """What axe-core finds: what hinders people who read with other means."""
        self.page.evaluate((MODULES / "axe-core" / "axe.min.js").read_text("utf-8"))
        found: list[Any] = self.page.evaluate(
            "axe.run(document, {resultTypes: ['violations']}).then((found) =>"
            " found.violations.map((v) => [v.id, v.nodes.length, v.nodes[0].html]))"
        )
        return found

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning") and "net::ERR_" not in message.text:
            self.faults.append(message.text)
