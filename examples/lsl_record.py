"""Records the streams of `serd bridge lsl` into an XDF file: python lsl_record.py FILE.xdf SECONDS

LabRecorder does this for any number of streams; here it is in small, by the format's specification (XDF 1.0).
"""

import struct
import sys
import time
from pathlib import Path

import pylsl

PATH, SECONDS = Path(sys.argv[1]), float(sys.argv[2])
HEADER, STREAM_HEADER, SAMPLES, OFFSET, STREAM_FOOTER = 1, 2, 3, 4, 6


def sized(n: int) -> bytes:
    """A length as XDF has it: how many bytes it takes, then itself."""
    return b"\x01" + struct.pack("<B", n) if n < 256 else b"\x04" + struct.pack("<I", n)


def chunk(tag: int, content: bytes) -> bytes:
    """One part of the file."""
    return sized(len(content) + 2) + struct.pack("<H", tag) + content


def encoded(sample: list, text: bool) -> bytes:
    """The values of one sample: numbers as float32, texts with their lengths."""
    if not text:
        return struct.pack(f"<{len(sample)}f", *sample)
    return b"".join(sized(len(one.encode())) + one.encode() for one in sample)


found = {}
end = time.monotonic() + SECONDS
while time.monotonic() < end and len(found) < 2:
    for info in pylsl.resolve_streams(1.0):
        if info.type() in ("VoiceEmotion", "Markers"):
            found.setdefault(info.source_id(), pylsl.StreamInlet(info))
if not found:
    sys.exit("no stream of serd was found; is `serd bridge lsl` running?")
with PATH.open("wb") as file:
    file.write(b"XDF:" + chunk(HEADER, b"<info><version>1.0</version></info>"))
    inlets = list(enumerate(found.values(), 1))
    counts = dict.fromkeys(found, 0)
    for number, inlet in inlets:
        file.write(chunk(STREAM_HEADER, struct.pack("<I", number) + inlet.info(5.0).as_xml().encode()))
        offset = struct.pack("<Idd", number, pylsl.local_clock(), inlet.time_correction(5.0))
        file.write(chunk(OFFSET, offset))
        inlet.open_stream(5.0)
    print(f"recording {len(inlets)} streams", flush=True)
    while time.monotonic() < end:
        for number, inlet in inlets:
            samples, stamps = inlet.pull_chunk(0.1)
            if not samples:
                continue
            text = inlet.channel_format == pylsl.cf_string
            rows = [b"\x08" + struct.pack("<d", t) + encoded(s, text) for s, t in zip(samples, stamps, strict=True)]
            file.write(chunk(SAMPLES, struct.pack("<I", number) + sized(len(rows)) + b"".join(rows)))
    for number, _ in inlets:
        file.write(chunk(STREAM_FOOTER, struct.pack("<I", number) + b"<info/>"))
