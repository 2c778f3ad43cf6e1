"""A private PulseAudio: a sound server without a sound card, for tests with a real one.

Its null sink `vmic` is what a test plays into; the sink's monitor is the default source, which PortAudio
reaches through ALSA's pulse plugin. Each server has its own HOME and runtime directory, so that any number
of them live side by side, and no one's own sound server is touched.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

ASOUNDRC = "\n".join(f"{kind}.{name} {{ type pulse }}" for kind in ("pcm", "ctl") for name in ("pulse", "!default"))


class SoundServer:
    """`pulseaudio` as a child process."""

    def __init__(self, rate: int = 16000, channels: int = 1) -> None:
        # Not under pytest's directory: the path of a socket has room for 107 bytes.
        self.home = Path(tempfile.mkdtemp(prefix="serd-sound-", dir="/tmp"))
        runtime = self.home / "run"
        runtime.mkdir(mode=0o700)
        (self.home / ".asoundrc").write_text(ASOUNDRC + "\n")
        self._script = self.home / "server.pa"
        self._script.write_text(
            f"load-module module-native-protocol-unix socket={runtime}/native\n"
            f"load-module module-null-sink sink_name=vmic rate={rate} channels={channels} format=s16le\n"
            "set-default-sink vmic\n"
            "set-default-source vmic.monitor\n"
        )
        outside = ("PULSE", "XDG_", "DBUS", "DISPLAY", "JACK", "PIPEWIRE", "ALSA")
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(outside)}
        self.env |= {
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(runtime),
            "PULSE_SERVER": f"unix:{runtime}/native",  # naming it also keeps clients from starting another
            "PULSE_COOKIE": str(self.home / "cookie"),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._players: list[subprocess.Popen[bytes]] = []

    @property
    def pid(self) -> int:
        """Of the running server."""
        assert self._process is not None, "the sound server is not running"
        return self._process.pid

    def start(self) -> None:
        """Start and wait until it answers."""
        orphaned = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []  # it goes when we go
        with (self.home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*orphaned, "pulseaudio", "-n", "-F", self._script, "--daemonize=no", "--use-pid-file=no",
                 "--exit-idle-time=-1", "--high-priority=no", "--realtime=no", "--log-target=stderr"],
                env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        until = time.monotonic() + 20
        while subprocess.run(["pactl", "info"], env=self.env, capture_output=True, check=False).returncode:
            if self._process.poll() is not None or time.monotonic() > until:
                log_text = (self.home / "server.log").read_text(errors="replace")
                self.close()
                raise RuntimeError(f"pulseaudio does not start: {log_text[-2000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """As `kill -9`: clients see their connection break."""
        os.kill(self.pid, signal.SIGKILL)
        assert self._process is not None
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        """As SIGSTOP: connections stay, nothing answers any more."""
        os.kill(self.pid, signal.SIGSTOP)

    def cont(self) -> None:
        """After `stop`: go on."""
        os.kill(self.pid, signal.SIGCONT)

    def restart(self) -> None:
        """A new server in the place of the old one, killed or not."""
        if self._process is not None:
            self.kill()
        self.start()

    def play(self, path: Path, sink: str = "vmic", lead_s: float = 0.3) -> subprocess.Popen[bytes]:
        """Play a sound file in real time, after `lead_s` seconds of silence; wait for it with `.wait()`.

        The silence has a reason: a stream that joins makes the server render anew what it had rendered ahead,
        and what listens at the monitor has had that part already, so up to 50 ms of a beginning go unheard.
        """
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        copy = self.home / f"play-{len(self._players)}.wav"
        soundfile.write(copy, np.concatenate([np.zeros((round(rate * lead_s), samples.shape[1])), samples]), rate)
        player = subprocess.Popen(
            ["paplay", f"--device={sink}", copy], env=self.env,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._players.append(player)
        return player

    def pactl(self, *arguments: str) -> str:
        """What `pactl` prints; raises CalledProcessError."""
        done = subprocess.run(
            ["pactl", *arguments], env=self.env, check=True, capture_output=True, text=True, timeout=20
        )
        return done.stdout.strip()

    def load(self, module: str, *arguments: str) -> int:
        """Load a module, say ("module-null-sink", "sink_name=other", "rate=48000"); its index."""
        return int(self.pactl("load-module", module, *arguments))

    def unload(self, module: int | str) -> None:
        """Unload by index, or all of a name."""
        self.pactl("unload-module", str(module))

    def close(self) -> None:
        """End the server, its players and its directory."""
        if self._process is not None:
            self.kill()
        for player in self._players:
            player.kill()
            player.wait()
        self._players.clear()
        shutil.rmtree(self.home, ignore_errors=True)


def missing() -> str:
    """Why there can be no sound server here, or nothing."""
    lacking = [command for command in ("pulseaudio", "pactl", "paplay") if not shutil.which(command)]
    plugins = [*Path("/usr").glob("lib*/alsa-lib/*pcm_pulse.so"), *Path("/usr").glob("lib*/*/alsa-lib/*pcm_pulse.so")]
    if lacking or not plugins:
        return f"no {', '.join(lacking) or 'ALSA plugin for PulseAudio'} here; script/test installs it"
    return ""


@pytest.fixture
def sound_server() -> Iterator[SoundServer]:
    """A server of the test's own, which it may kill."""
    if reason := missing():
        pytest.skip(reason)
    server = SoundServer()
    try:
        server.start()
        yield server
    finally:
        server.close()
