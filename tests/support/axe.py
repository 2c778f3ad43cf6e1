"""axe-core in Chromium on a page: what hinders people who read with other means."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

MODULES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "serd-tests" / "npm" / "node_modules"
FOUND = re.compile(r'<pre id="axe-found">(.*?)</pre>', re.DOTALL)
RUN = """<script>addEventListener("load", () => axe.run(document, {resultTypes: ["violations"]}).then((found) => {
const pre = document.createElement("pre"); pre.id = "axe-found";
pre.textContent = JSON.stringify(found.violations.map((v) => [v.id, v.nodes.length, v.nodes[0].html]));
document.body.append(pre); }));</script>"""


def missing() -> str:
    """Why it cannot be run here, or nothing."""
    if not shutil.which("chromium"):
        return "no chromium here; script/test installs it"
    return "" if (MODULES / "axe-core").is_dir() else "no axe-core in the cache; script/test installs it"


def violations(page: str) -> list[Any]:
    """What axe-core finds on a page, whose own policy would not let it in: it is taken out of this copy."""
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    script = (MODULES / "axe-core" / "axe.min.js").read_text("utf-8").replace("</script", "<\\/script")
    copy = bare.replace("</body>", f"<script>{script}</script>{RUN}</body>")
    dom = _chromium(copy, "--dump-dom", "--virtual-time-budget=60000")
    found = FOUND.search(dom)
    assert found, f"axe did not answer: {dom[-500:]}"
    listed: list[Any] = json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    return listed


def screenshot(page: str, out: Path, width: int, height: int, zoom: float = 1.0) -> None:
    """What the page looks like."""
    _chromium(page, f"--screenshot={out}", f"--window-size={width},{height}", f"--force-device-scale-factor={zoom}")


def _chromium(page: str, *arguments: str) -> str:
    with tempfile.TemporaryDirectory(prefix="serd-axe-") as folder:
        file = Path(folder, "page.html")
        file.write_text(page, "utf-8")
        done = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile", *arguments,
             file.as_uri()],
            capture_output=True, text=True, timeout=300, check=True,
        )  # fmt: skip
        return done.stdout
