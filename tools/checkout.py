"""Folders of this checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "serd" / "data" / "demo.opus"
"""The synthetic recording that ships."""
VOICES = ROOT / "tests" / "data" / "voices.flac"
"""The shorter one, lossless, that tests and measurements hear."""
CORPORA = ROOT.parent / "shared" / "corpora"
"""The speech corpora, where they are beside the checkout."""
