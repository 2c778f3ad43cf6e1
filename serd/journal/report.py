"""The report: one page that shows how a voice sounded to the program, with what is not known of it.

The same journal gives the same page, byte for byte, wherever and whenever it is made. It holds no script and asks for
nothing; its content security policy allows its own style and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from functools import cache
from importlib.resources import files
from typing import Any

import serd
from serd.errors import UsageError, brings
from serd.journal import charts
from serd.journal.course import Point, Stretch, course, shifts
from serd.journal.known import known_error
from serd.journal.moment import local
from serd.journal.reading import Reading
from serd.journal.session_part import session_part
from serd.journal.summary import ACTIVATION, MINIMUM_SPEECH_S, UNCERTAIN, Summary
from serd.journal.words import Words


def as_html(reading: Reading, words: Words) -> str:
    """The page. Raises UsageError where Jinja is not installed."""
    try:
        import jinja2
        import markupsafe
    except ImportError:
        raise UsageError(f"report: needs Jinja; {brings('journal')}") from None
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=False)
    template = environment.from_string(_file("report.html"))
    style = _file("report.css")
    page = template.render(
        content(reading, words, markupsafe.Markup),
        style=markupsafe.Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )
    return page + "\n"


def as_pdf(page: str, variant: str) -> bytes:
    """The page as tagged PDF: `pdf/ua-1`, or `pdf/a-3a` for archives. Raises UsageError without WeasyPrint."""
    for name in ("weasyprint", "weasyprint.progress", "fontTools"):  # of styles that are for screens, and its steps
        logging.getLogger(name).disabled = True  # before the import, which has something to say, too
    try:
        import weasyprint
    except (ImportError, OSError) as error:  # OSError: without pango
        what = "pango's libraries (Debian: libpango-1.0-0 libpangoft2-1.0-0)" if isinstance(error, OSError) else "it"
        raise UsageError(f"report: PDF needs WeasyPrint; {brings('pdf')}, and install {what}") from None

    def refuse(url: str, *_: object, **__: object) -> Any:
        raise ValueError(f"{url}: a report asks for nothing")

    made = weasyprint.HTML(string=page, url_fetcher=refuse).write_pdf(pdf_variant=variant, pdf_tags=True)
    assert made is not None
    return bytes(made)


def content(reading: Reading, words: Words, raw: Any) -> dict[str, Any]:
    """What the template shows; `raw` marks text that is markup already."""
    w, sessions = words.part("report"), reading.sessions
    stretches = course(sessions, reading.earlier)
    times = [charts.began(one) for one in sessions] + [local(row["at"], row["offset_min"]) for row in reading.ratings]
    days = charts.Days.of(times) if times else None
    minimum = words.duration(MINIMUM_SPEECH_S)
    rated = [row for row in reading.ratings if row["mood"] is not None]
    return {
        "language": words.language, "w": w, "title": w["title"].format(person=reading.person),
        "subtitle": _subtitle(reading, times, words),
        "marked": [w["marked"].format(origin=words.names("origins")[origin]) for origin in _strange(sessions)],
        "timeline": raw(charts.timeline(sessions, stretches, days, words)) if days else "",
        "timeline_note": w["timeline_note"].format(minimum=minimum),
        "weeks_notes": _weeks_notes(stretches, words), "figures": _figures(stretches, days, words, raw),
        "moods": raw(charts.moods(reading.ratings, days, words)) if rated and days else "",
        "ratings": [_rating(row, words) for row in reading.ratings],
        "sessions": [session_part(one, reading, words, raw) for one in sessions],
        "limits": w["limits"], "known": _known(stretches, words), "contacts": _contacts(reading, w),
        "consents": [_consent(one, words) for one in reading.consents],
        "made": w["made"].format(version=serd.__version__),
    }  # fmt: skip


def _rating(row: dict[str, Any], words: Words) -> dict[str, Any]:
    when = words.time(local(row["at"], row["offset_min"]))
    return {"when": when, "mood": row["mood"] or "", "note": row["note"] or ""}


def _subtitle(reading: Reading, times: list[Any], words: Words) -> str:
    days = sorted(time.date() for time in times)
    first, last = reading.first or (days[0] if days else None), reading.last or (days[-1] if days else None)
    shown = [words.day(day) if day else "…" for day in (first, last)]
    return str(words.part("report")["subtitle"]).format(first=shown[0], last=shown[1])


def _strange(sessions: tuple[Summary, ...]) -> list[str]:
    """Origins that are no microphone."""
    origins = dict.fromkeys(context.origin for session in sessions for context in session.settings)
    return [origin for origin in origins if origin != "microphone"]


def _weeks_notes(stretches: list[Stretch], words: Words) -> list[str]:
    w = words.part("report")
    notes = [w["no_band"].format(missing=stretches[-1].missing)] if stretches and stretches[-1].missing else []
    if not any(ACTIVATION[0] in stretch.figures for stretch in stretches):
        notes.append(w["no_activation"])
    return notes


def _figures(stretches: list[Stretch], days: charts.Days | None, words: Words, raw: Any) -> list[dict[str, Any]]:
    """Activation first, where there is one, then uncertain, then the labels."""
    if days is None:
        return []
    names = dict.fromkeys(name for stretch in stretches for name in stretch.figures)
    order = [*ACTIVATION, UNCERTAIN]
    ordered = [name for name in order if name in names] + [name for name in names if name not in order]
    return [
        {
            "name": words.label(name), "picture": raw(charts.figure(name, stretches, days, words)),
            "findings": _findings(name, stretches, words), "known": _known_of(name, stretches, words),
        }
        for name in ordered
    ]  # fmt: skip


def _findings(name: str, stretches: list[Stretch], words: Words) -> list[str]:
    w = words.part("report")
    points = [point for stretch in stretches for point in stretch.figures.get(name, ())]
    if not any(point.band for point in points):
        return [w["no_baseline"]]
    begun = {id(point) for stretch in stretches for point in shifts(stretch.figures.get(name, ()))}
    lines = [_finding("shift", point, words) for point in points if id(point) in begun]
    if once := [_finding("one_off", point, words) for point in points if point.mark == "one-off"]:
        compared = sum(point.band is not None for point in points)
        lines.append(w["one_offs"].format(count=len(once), compared=compared, days="; ".join(once)))
    return lines or [w["none_outside"]]


def _finding(kind: str, point: Point, words: Words) -> str:
    assert point.share is not None
    assert point.band is not None
    low, high = words.percent(point.band.low), words.percent(point.band.high)
    day = words.day(charts.began(point.session))
    return str(words.part("report")[kind]).format(day=day, value=words.percent(point.share.value), low=low, high=high)


def _known_of(name: str, stretches: list[Stretch], words: Words) -> str:
    """What is known of a figure's error, of the newest model that has it."""
    w = words.part("report")
    if name == UNCERTAIN:
        return str(w["known_uncertain"])
    model = next(stretch.context.model for stretch in reversed(stretches) if name in stretch.figures)
    known = known_error(model)
    if known is not None and name in ACTIVATION and known.activation and known.activation_sure:
        sure = words.three(known.activation_sure)["value"]
        return str(w["known_activation"]).format(sure=sure, **words.three(known.activation))
    if known is None or name not in known.recall:
        return str(w["known_none"]).format(model=model)
    return str(w["known_label"]).format(name=words.label(name), **words.three(known.recall[name]))


def _known(stretches: list[Stretch], words: Words) -> list[str]:
    w, lines = words.part("report"), []
    for model in dict.fromkeys(stretch.context.model for stretch in stretches):
        known = known_error(model)
        if known is None or "mean" not in known.recall:
            lines.append(w["known_none"].format(model=model))
        else:
            mean = words.three(known.recall["mean"])
            line = w["known_mean"].format(model=model, protocol=known.protocol, **mean)
            if known.elsewhere:
                abroad = words.three(known.elsewhere)
                line += " " + w["known_elsewhere"].format(protocol=known.elsewhere_protocol or "", **abroad)
            lines.append(line)
        lines.append(w["card"].format(name=model.partition("/")[0]))
    return lines


def _contacts(reading: Reading, w: dict[str, Any]) -> list[str]:
    contacts = dict.fromkeys(one.contact for one in reading.consents if one.contact)
    return [w["ask_contact"].format(contact=contact) for contact in contacts] or [w["ask_none"]]


def _consent(one: Any, words: Words) -> str:
    w = words.part("report")
    withdrawn = ""
    if one.withdrawn_at:
        withdrawn = w["withdrawn"].format(day=words.day(local(one.withdrawn_at, one.offset_min)))
    line = w["consent_line"].format(
        day=words.day(local(one.agreed_at, one.offset_min)), purpose=one.purpose, until=one.until, notice=one.notice,
        withdrawn=withdrawn,
    )  # fmt: skip
    return str(line) + (w["by_guardian"] if one.by == "guardian" else "")


@cache
def _file(name: str) -> str:
    return files("serd.journal").joinpath("templates", name).read_text("utf-8")
