"""The time of day, at the edge: UTC to the millisecond, with the place's offset and the name of its zone."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

UTC_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
ZONE = re.compile(r"[A-Za-z0-9_+\-]{1,32}(/[A-Za-z0-9_+\-]{1,32}){0,2}")


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time where somebody is."""

    utc: datetime
    offset_min: int
    """Minutes that the place's clocks are ahead of UTC."""
    zone: str
    """Name of the zone in the IANA time zone database."""

    @classmethod
    def now(cls) -> Moment:
        """By this machine's clock and zone."""
        zone = _zone_of_machine()
        return cls.at(datetime.now(UTC), zone)

    @classmethod
    def at(cls, utc: datetime, zone: str) -> Moment:
        """A moment in a zone, whose rules give the offset."""
        offset = utc.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
        return cls(utc.astimezone(UTC), round(offset.total_seconds() / 60), zone)

    @property
    def text(self) -> str:
        """The moment as it is stored: UTC, RFC 3339, milliseconds."""
        return utc_text(self.utc)

    def later(self, seconds: float) -> datetime:
        """UTC so many seconds later."""
        return self.utc + timedelta(seconds=seconds)


def utc_text(utc: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return utc.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_utc(text: str) -> datetime:
    """The inverse of `utc_text`. Raises ValueError."""
    if not UTC_TIME.fullmatch(text):
        raise ValueError(f"{text!r} is no UTC time")
    return datetime.fromisoformat(text)


def local(text: str, offset_min: int) -> datetime:
    """A stored time as the clocks there showed it."""
    return parse_utc(text) + timedelta(minutes=offset_min)


def known_zone(name: str) -> bool:
    """Whether the zone database has it."""
    try:
        return bool(ZONE.fullmatch(name) and ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _zone_of_machine() -> str:
    """From $TZ, else /etc/timezone, else where /etc/localtime points to; `UTC` where none names a zone."""
    try:
        stated = Path("/etc/timezone").read_text("utf-8").strip()
    except (OSError, ValueError):
        stated = ""
    linked = os.path.realpath("/etc/localtime").rpartition("/zoneinfo/")[2]
    for name in (os.environ.get("TZ", "").lstrip(":"), linked, stated):
        if known_zone(name):
            return name
    return "UTC"
