"""Retention: what is older than the store's policy allows is removed, and the audit says so."""

from __future__ import annotations

from datetime import timedelta

from serd.journal.crash import settle
from serd.journal.keys import PersonKey
from serd.journal.moment import Moment, utc_text
from serd.journal.store import Store
from serd.journal.words import Words


def enforce(store: Store, now: Moment) -> dict[str, dict[str, int]]:
    """Remove sessions, and frames of sessions, that are over their time; what was removed, by person's number.

    Raises UsageError, ConfigError.
    """
    removed: dict[str, dict[str, int]] = {}
    if store.is_made and (store.policy.sessions_days or store.policy.frames_days):
        for key in store.people().values():
            counts = _enforce(store, key, now)
            if any(counts.values()):
                removed[key.number] = counts
                store.log(key, "retention", now, **counts)
    return removed


def _enforce(store: Store, key: PersonKey, now: Moment) -> dict[str, int]:
    policy = store.policy
    counts = {"sessions": 0, "ratings": 0, "frames": 0}
    with store.open(key) as file:
        settle(store, key, file, now)  # a session without an end would never be over its time
        with file.transaction():
            if policy.sessions_days is not None:
                before = _before(now, policy.sessions_days)
                counts["sessions"] = file.change("DELETE FROM session WHERE ended_at < :before", before=before)
                counts["ratings"] = file.change("DELETE FROM rating WHERE at < :before", before=before)
            if policy.frames_days is not None:
                old = "SELECT id FROM session WHERE ended_at < :before"
                counts["frames"] = file.change(
                    f"DELETE FROM frame WHERE session IN ({old})", before=_before(now, policy.frames_days)
                )
        if any(counts.values()):
            file.shrink()
    return counts


def kept(store: Store, words: Words) -> str:
    """How long things are kept, in words, for who is asked to agree."""
    ask, policy = words.names("ask"), store.policy if store.is_made else None
    rules = {"kept_sessions": policy and policy.sessions_days, "kept_frames": policy and policy.frames_days}
    return "; ".join(ask[name].format(days=days) for name, days in rules.items() if days) or ask["kept_erased"]


def _before(now: Moment, days: int) -> str:
    return utc_text(now.utc - timedelta(days=days))
