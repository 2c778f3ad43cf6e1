"""Prints each emotion as it begins and ends: python subscriber.py [ENDPOINT]"""

import sys

import serd

ENDPOINT = sys.argv[1] if len(sys.argv) > 1 else "tcp://127.0.0.1:5556"

try:
    # Repeats are dropped and losses counted by `subscribe`; it waits for serd, and for serd's return.
    with serd.subscribe(ENDPOINT, kinds=("segment",)) as events:
        for event in events:
            data = event["data"]
            if data["phase"] == "start":
                print(f"{event['time']} {data['label']} ({data['confidence']:.0%})", flush=True)
            else:
                print(f"{event['time']} {data['label']} ended after {data['duration_s']:.2f} s", flush=True)
            if events.lost:
                print(f"{events.lost} events were lost so far", file=sys.stderr)
except KeyboardInterrupt:
    pass
