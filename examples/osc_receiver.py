"""Prints what `serd bridge osc` sends: python osc_receiver.py [PORT]"""

import contextlib
import sys

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 9000


def show(address: str, *values: object) -> None:
    """One line a message."""
    print(address, *values, flush=True)


dispatcher = Dispatcher()
dispatcher.map("/serd/*/emotion", show)
dispatcher.map("/serd/*/speech", show)
dispatcher.map("/serd/*/probabilities", show)
with contextlib.suppress(KeyboardInterrupt):
    BlockingOSCUDPServer(("127.0.0.1", PORT), dispatcher).serve_forever()
