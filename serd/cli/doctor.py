"""`serd doctor`: what may be wrong on this machine, and what mends it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict

from serd.cli.checks import examine, worst
from serd.cli.finding import Finding
from serd.config.settings import Settings
from serd.errors import escaped


def run(settings: Callable[[], Settings], as_json: bool) -> int:
    """Print the findings; the exit code of the worst."""
    findings: list[Finding] = []
    for finding in examine(settings):
        findings.append(finding)
        if not as_json:
            print(f"{finding.level:<8} {finding.check:<14} {escaped(finding.text)}", flush=True)
            if finding.remedy:
                print(f"{'':<23} -> {escaped(finding.remedy)}", flush=True)
    code = worst(findings)
    if as_json:
        print(json.dumps({"exit_code": code, "findings": [asdict(finding) for finding in findings]}, indent=1))
    return code
