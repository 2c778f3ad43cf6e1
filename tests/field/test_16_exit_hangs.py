"""Row 16: an exit that hangs on ZeroMQ. Its peers are dead, stopped, deaf or half-way in when SIGTERM comes."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time

import zmq

from tests.support.fieldwork import in_the_field
from tests.support.soundserver import SoundServer

EXIT_S = 2.0
SLACK_S = 1.0
"""For a machine that has other things to do."""


def test_sigterm_ends_it_with_0_whatever_its_peers_do(serd: str, sound_server: SoundServer, measured):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    tcp = f"tcp://127.0.0.1:{port}"
    with contextlib.ExitStack() as stack:
        field = stack.enter_context(in_the_field(serd, "--publish", tcp, env=sound_server.env))
        field.state("listening")
        code = "import sys, serd\nfor event in serd.subscribe(sys.argv[1]): print(1, flush=True)"
        peers = []
        for _ in range(3):
            peer = subprocess.Popen([sys.executable, "-c", code, tcp], stdout=subprocess.PIPE)
            stack.callback(peer.wait)
            stack.callback(peer.kill)
            assert peer.stdout is not None
            assert peer.stdout.readline(), "it has subscribed"
            peers.append(peer)
        peers[0].kill()
        peers[1].send_signal(signal.SIGSTOP)
        half = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        half.send(b"\xff\0\0")  # a greeting that never ends
        context = stack.enter_context(zmq.Context())
        deaf = stack.enter_context(context.socket(zmq.SUB))
        deaf.set(zmq.SUBSCRIBE, b"")
        deaf.connect(tcp)
        field.frame(after=time.time() + 0.5)
        asked = time.monotonic()
        assert field.end() == 0
        took = time.monotonic() - asked
        assert took < EXIT_S + SLACK_S
        measured(detected_s=took, events_lost=field.events_lost)
