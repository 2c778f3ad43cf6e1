"""serd/bridges/static: the live page and the overlay in a real Chromium."""

from __future__ import annotations

import contextlib
import os
import signal
import struct
import subprocess
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from serd.events.event import Event
from tests.support import wire
from tests.support.bridging import PATIENCE, ROOT, Process, Room, bridge, serd_at_a_pipe, until
from tests.support.browser import Visit, chromium, missing
from tests.support.mosquitto import free_port

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

PHONE = {"width": 360, "height": 740}
TOKEN = "0123456789abcdef-token"
STATE = "document.querySelector('.state')?.textContent"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@contextlib.contextmanager
def web(folder: Path, port: int, *endpoints: str, more: tuple[str | Path, ...] = ()) -> Iterator[Process]:
    listed = [flag for endpoint in endpoints for flag in ("--endpoint", endpoint)]
    with bridge("web", *listed, "--listen", f"127.0.0.1:{port}", *more, folder=folder) as process:
        until(lambda: process.said("open to "))
        yield process


@contextlib.contextmanager
def demonstration(serd: str, endpoint: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real serd that hears its own recording, which lasts a minute."""
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder), "XDG_STATE_HOME": str(folder)}
    command = [serd, "--demo", "--headless", "--publish", endpoint, "--source", "kitchen", "--wait-subscribers", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def frame(label: str, confidence: float = 0.71, **more: Any) -> Event:
    labels = dict.fromkeys(("happy", "sad", "calm"), round((1 - confidence) / 2, 3)) | {label: confidence}
    data = {**wire.frame().data, "label": label, "confidence": confidence, "probabilities": labels, **more}
    return Event("frame", data, time.monotonic())


def shown(visit: Visit, room: Room, event: Event, text: str, selector: str = ".state") -> None:
    """Send it over and over, as a serd does, until it can be read."""

    def is_shown() -> bool:
        room.send(event)
        time.sleep(0.1)
        return bool(visit.page.locator(selector).first.text_content() == text)

    until(is_shown)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with contextlib.closing(Room(f"ipc://{tmp_path}/events")) as room:
        yield room


@pytest.fixture(scope="module")
def place(serd: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """HOST:PORT of a bridge beside a real serd."""
    folder, port = tmp_path_factory.mktemp("place"), free_port()
    endpoint = f"ipc://{folder}/events"
    with web(folder, port, endpoint), demonstration(serd, endpoint, folder):
        yield f"127.0.0.1:{port}"


@pytest.mark.parametrize(("scheme", "size"), [("light", None), ("dark", None), ("light", PHONE)])
def test_a_real_serd_is_shown_to_everybody(place: str, browser: Any, scheme: str, size: dict[str, int] | None) -> None:
    visit = Visit(browser, f"http://{place}/", color_scheme=scheme, viewport=size)
    visit.wait("document.querySelector('.device')?.textContent.includes('listening')")
    visit.wait("document.querySelectorAll('.probabilities .bar').length === 8")
    visit.wait("/^(happy|angry|sad|calm|neutral|fearful|disgust|surprised)$/.test(" + STATE + ")")
    visit.page.locator("summary").click()
    visit.wait("document.querySelector('dl').textContent.includes('serd-small')")
    visit.wait("document.querySelector('.summary:not(summary)').textContent.includes('%')")
    assert visit.text("#connection") == "live"
    assert visit.violations() == []
    width = visit.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], "nothing sticks out"
    size_px = visit.page.evaluate("parseFloat(getComputedStyle(document.querySelector('.state')).fontSize)")
    assert size_px >= (40 if size else 72), "it can be read across a room"
    assert {urlsplit(request).netloc for request in visit.requests} == {place}
    assert visit.faults == []
    visit.page.close()


def test_rooms_stand_side_by_side_with_what_each_of_them_tells(browser: Any, tmp_path: Path, room: Room) -> None:
    port = free_port()
    with (
        contextlib.closing(Room(f"ipc://{tmp_path}/other", "attic")) as attic,
        web(tmp_path, port, room.endpoint, attic.endpoint),
    ):
        room.wait()
        attic.wait()
        visit = Visit(browser, f"http://127.0.0.1:{port}/")
        attic.send(wire.status("muted"))
        room.send(wire.status(), wire.segment())
        event = frame("happy", activation={"value": 0.81, "confidence": 0.62})
        shown(visit, room, event, "happy", "[data-source=room1] .state")
        visit.wait("[...document.querySelectorAll('.state')].map((one) => one.textContent)[0] === 'muted'")
        assert visit.page.locator("h2:visible").all_inner_texts() == ["attic", "room1"]
        tops = [box.bounding_box()["y"] for box in visit.page.locator(".room").all()]
        assert tops[0] == tops[1]
        assert visit.text("[data-source=room1] .confidence") == "71 %"
        assert "81 %, sure 62 %" in visit.text("[data-source=room1] .activation")
        assert not visit.page.locator("[data-source=attic] .activation").is_visible()
        assert not visit.page.locator(".mute").first.is_visible(), "there is no token"
        announced = "document.getElementById('announcer').textContent.includes('room1: happy, 70 %')"
        # Sent on, as a serd does: a room that falls silent has no news, which would be announced instead.
        until(lambda: not room.send(wire.segment(), event) and visit.page.evaluate(announced))

        strip = visit.page.locator("[data-source=room1] .strip")
        until(lambda: not room.send(event) and strip.locator("canvas").count())
        strip.focus()
        visit.page.keyboard.press("End")
        visit.page.keyboard.press("ArrowLeft")
        assert "happy 71 %" in (strip.get_attribute("aria-valuetext") or "")
        assert "activation 81 %" in strip.locator(".tip").inner_text()
        visit.page.keyboard.press("Escape")
        assert not strip.locator(".tip").is_visible()

        def is_told() -> bool:
            room.send(event)
            box = strip.locator(".u-over").bounding_box()
            visit.page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 30)
            time.sleep(0.2)
            visit.page.mouse.move(box["x"] + box["width"] - 3, box["y"] + 31)
            return bool(strip.locator(".tip").is_visible())

        until(is_told)
        assert visit.violations() == []
        assert visit.faults == []
        visit.page.close()


def test_the_page_outlives_the_bridge_and_the_serd(browser: Any, tmp_path: Path) -> None:
    port, endpoint = free_port(), f"ipc://{tmp_path}/events"
    with contextlib.closing(Room(endpoint)) as room:
        with web(tmp_path, port, endpoint) as process:
            room.wait()
            visit = Visit(browser, f"http://127.0.0.1:{port}/")
            room.send(wire.status())
            shown(visit, room, frame("happy"), "happy")
            process.end(signal.SIGKILL)
        visit.wait("document.getElementById('connection').dataset.state === 'lost'")
        visit.wait(STATE + " === 'no news'")
        with web(tmp_path, port, endpoint):
            room.wait()
            visit.wait("document.getElementById('connection').dataset.state === 'connected'")
            shown(visit, room, frame("sad"), "sad")
            visit.wait("/happy .*sad|sad .*happy/.test(document.querySelector('p.summary').textContent)")
            room.close()
            with contextlib.closing(Room(endpoint, session="another")) as again:
                again.wait()
                again.send(wire.status())
                shown(visit, again, frame("calm"), "calm")
    assert visit.page.locator(".room").count() == 1
    assert visit.faults == []
    visit.page.close()


def test_a_real_serd_that_is_killed_and_started_anew_is_shown_again(serd: str, browser: Any, tmp_path: Path) -> None:
    port, endpoint = free_port(), f"ipc://{tmp_path}/events"
    heard = "document.querySelectorAll('.probabilities .bar').length === 8 && " + STATE
    with web(tmp_path, port, endpoint):
        visit = Visit(browser, f"http://127.0.0.1:{port}/")
        with demonstration(serd, endpoint, tmp_path) as first:
            visit.wait(f"{heard} !== 'no news'")
            first.kill()
            visit.wait(f"{STATE} === 'no news'")
        with demonstration(serd, endpoint, tmp_path):
            visit.wait(f"{heard} !== 'no news'")
            assert visit.page.locator(".room").count() == 1, "it is the same room"
        visit.wait(f"{STATE} === 'stopped'")
    assert visit.faults == []
    visit.page.close()


def test_a_person_mutes_with_the_token(serd: str, browser: Any, tmp_path: Path) -> None:
    port, endpoint, token = free_port(), f"ipc://{tmp_path}/events", tmp_path / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    more = ("--token-file", token, "--allow-unmute")
    with serd_at_a_pipe(serd, endpoint, tmp_path), web(tmp_path, port, endpoint, more=more):
        visit = Visit(browser, f"http://127.0.0.1:{port}/")
        mute = visit.page.get_by_role("button", name="Mute room1", exact=True)
        for typed in ("wrong", TOKEN):
            mute.click()
            assert visit.violations() == []
            visit.page.get_by_label("token file").fill(typed)
            visit.page.get_by_role("button", name="Go on").click()
            if typed == "wrong":
                visit.wait("document.querySelector('.fault').textContent === 'not the token'")
        visit.wait(STATE + " === 'muted'")
        visit.page.get_by_role("button", name="Unmute room1").click()
        mute.wait_for()
        visit.wait(STATE + " !== 'muted'")
        visit.page.close()


def test_what_a_stranger_calls_an_emotion_stays_text(browser: Any, tmp_path: Path, room: Room) -> None:
    port, label = free_port(), "<img src=//evil.example onerror=alert(1)>"
    with web(tmp_path, port, room.endpoint):
        room.wait()
        visit = Visit(browser, f"http://127.0.0.1:{port}/")
        status = {**wire.status().data, "labels": [label, "__proto__", "constructor"]}
        room.send(Event("status", status, None))
        data = {
            **wire.frame().data,
            "label": label,
            "probabilities": {label: 0.7, "__proto__": 0.2, "constructor": 0.1},
        }
        shown(visit, room, Event("frame", data, time.monotonic()), label)
        assert visit.page.locator("img").count() == 0
        assert {urlsplit(request).netloc for request in visit.requests} == {f"127.0.0.1:{port}"}
        assert visit.faults == []
        visit.page.close()


def test_the_overlay_is_letters_on_nothing(browser: Any, tmp_path: Path, room: Room) -> None:
    port = free_port()
    with web(tmp_path, port, room.endpoint):
        room.wait()
        visit = Visit(browser, f"http://127.0.0.1:{port}/overlay?source=room1", viewport={"width": 640, "height": 240})
        room.send(wire.status())
        shown(visit, room, frame("happy"), "happy 71 %", "#state")
        picture = visit.page.screenshot(omit_background=True)
        alphas = alphas_of(picture)
        assert alphas[-1] == 0, "the picture behind shines through"
        assert max(alphas) == 255
        assert visit.faults == []
        shown(visit, room, wire.quiet(), "", "#state")
        assert max(alphas_of(visit.page.screenshot(omit_background=True))) == 0
        visit.page.close()


def alphas_of(png: bytes) -> bytes:
    """Opacity of the pixels of a PNG of 8-bit RGBA, row after row."""
    content, at = b"", 8
    width = depth = 0
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, _, depth, colour = struct.unpack(">IIBB", body[:10])
            assert (depth, colour) == (8, 6), "RGBA"
        content += body if kind == b"IDAT" else b""
        at += length + 12
    raw, row = zlib.decompress(content), 4 * width
    before, found = bytearray(row), bytearray()
    for start in range(0, len(raw), row + 1):
        line = bytearray(raw[start + 1 : start + 1 + row])
        for i in range(3, row, 4):  # each channel is filtered by itself
            a, b, c = line[i - 4] if i >= 4 else 0, before[i], before[i - 4] if i >= 4 else 0
            line[i] = (line[i] + (0, a, b, (a + b) // 2, paeth(a, b, c))[raw[start]]) & 255
        found += line[3::4]
        before = line
    return bytes(found)


def paeth(a: int, b: int, c: int) -> int:
    """PNG's fourth filter."""
    p = a + b - c
    return min((a, b, c), key=lambda one: abs(p - one))
