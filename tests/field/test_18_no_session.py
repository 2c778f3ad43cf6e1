"""Row 18: run as a system service, where the desktop's sound server cannot be reached. Here: its environment."""

from __future__ import annotations

import os
from pathlib import Path

from tests.support.fieldwork import in_the_field

UNITS = Path(__file__).resolve().parents[2] / "systemd"


def test_the_message_says_which_unit_to_use(serd: str, run, measured, tmp_path: Path):
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    with in_the_field(serd, env=env) as field:
        waiting = field.state("waiting", reason="no capture device is here")
        done = run(
            "--once", "--publish", f"{field.endpoint}-once", env={**env, "PULSE_SERVER": "", "XDG_RUNTIME_DIR": ""}
        )
        assert field.end() == 0
        assert "systemctl --user" in waiting["reason"]
        assert field.events_lost == 0
        assert any("systemctl --user" in line for line in field.stderr)
        measured(detected_s=waiting["uptime_s"], events_lost=field.events_lost)
    assert done.returncode == 69
    assert "systemctl --user" in done.stderr
    assert (UNITS / "serd.service").is_file()
    assert (UNITS / "user" / "serd.service").is_file()
