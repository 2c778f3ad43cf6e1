"""Folders of this checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "serd" / "data" / "demo.flac"
"""The synthetic recording that ships."""
CORPORA = ROOT.parent / "shared" / "corpora"
"""The speech corpora, where they are beside the checkout."""
