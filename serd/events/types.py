"""Types of events, for editors and type checkers: written by `script/event-types` from the JSON Schema.

What is not required may be missing; readers ignore fields that they do not know.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Envelope(TypedDict):
    """A CloudEvents 1.0 object, the second frame of each message; the first is its topic, `serd.v1.<source>.<kind>.`
    Version 1 only grows: readers ignore fields they do not know."""

    specversion: Literal["1.0"]
    id: str
    """Unique. A repeat for a late subscriber has the id of the original."""
    source: str
    """Name of this serd, or of one of its voices (`serd --voice`)."""
    time: str
    """When it was sent: RFC 3339, UTC, milliseconds."""
    datacontenttype: NotRequired[Literal["application/json"]]
    dataschema: Literal["urn:serd:events:v1"]


class NumberedData(TypedDict):
    """What all events have in common."""

    session: str
    """One run of serd."""
    sequence: int
    """Counts this topic's events in this session from 0, without a hole: one that is missing was lost on its way."""


Reason = Literal[
    "warming-up",
    "silence",
    "noise",
    "little-speech",
    "low-confidence",
    "ambiguous",
    "settling",
    "confident",
    "held",
]


class Activation(TypedDict):
    """How lively the voice sounds, often clear where the emotion is not. `value` is the probability of high activation
    (angry, happy, fearful, surprised against neutral, calm, sad, bored), `confidence` that of the likelier of high and
    low: from 0.8 on it can be relied on. A frame's is smoothed over time, a segment's is the mean over its windows so
    far. null while the emotion network has not been asked; absent where the model does not tell it."""

    value: float
    confidence: float


class Reference(TypedDict):
    """What the voice is compared with: `running`, what this stream has said so far, which is forgotten at mute, at the
    end and when the voice has clearly changed; `enrolled`, a person's profile (`serd --person`); `none`, the model
    could be given one and is not. `seconds` is the speech it is of: 0 while a running one has heard nothing, and of
    little the answer hardly depends on it. Absent where the model cannot know a reference."""

    kind: Literal["none", "running", "enrolled"]
    seconds: float


class Window(TypedDict):
    """What was listened to, a frame's window or a segment's extent, in stream time: seconds of audio since the stream
    began, lost audio counted."""

    start_s: float
    end_s: float


class Channels(TypedDict):
    """There while the channels do not agree, so that their mix would cancel or drown what one of them holds: the one
    that is heard alone, counted from 1, and how far they agreed when that was decided (-1 opposed, 0 unlike, 1 alike).
    """

    heard: int
    agreement: float


class Quality(TypedDict):
    """Quality of the input: a frame's is of its newest stride, a segment's of its loudest so far."""

    level: float
    bands: list[float]
    """Eight bands, low to high, in steps of 3 dB: a meter, too coarse to give speech back."""
    clipping: float
    """Share of samples at full scale."""
    status: NotRequired[Literal["ok", "silent", "constant", "clipped", "offset"]]
    """What is wrong with that stride's samples: nothing but zeros, one other value, too many at full scale, a mean far
    from zero."""
    overflows: int
    """How often audio was lost since the source was opened."""
    channels: NotRequired[Channels]
    """There while the channels do not agree, so that their mix would cancel or drown what one of them holds: the one
    that is heard alone, counted from 1, and how far they agreed when that was decided (-1 opposed, 0 unlike, 1 alike).
    """


class Annotation(TypedDict):
    """In frames, only where serd plays a corpus (`serd --demo FOLDER`): the recording that plays, or in the pause after
    it has, and how its corpus labels it, which may be by a word that the model does not know."""

    label: str
    recording: str


class OtherVoice(TypedDict):
    """In frames with speech, only where one serd hears several voices (`serd --voice`): the voice that is heard in this
    one's channel, louder on a channel of its own, and how likely that is. Absent where it is less likely than not."""

    name: str
    likelihood: float


class JudgementData(NumberedData):
    """What frames and segments have in common."""

    reason: Reason
    """Why the state is what it is: no-speech (silence; noise; warming-up is reserved and not sent), uncertain
    (little-speech: too little in the window to ask; low-confidence: no label stands out; ambiguous: two are close;
    settling: the lead has not lasted yet), emotion (confident; held: kept through a doubt)."""
    label: str | None
    """The emotion; null unless the state is `emotion`."""
    probabilities: dict[str, float] | None
    """Of all labels, given that there is speech; they sum to 1. A frame's are smoothed over time, a segment's are the
    mean over its windows so far. null while the emotion network has not been asked."""
    speech: float
    """Probability of speech."""
    confidence: float | None
    """Probability of the label, or of the likeliest while uncertain."""
    activation: NotRequired[Activation | None]
    """How lively the voice sounds, often clear where the emotion is not. `value` is the probability of high activation
    (angry, happy, fearful, surprised against neutral, calm, sad, bored), `confidence` that of the likelier of high and
    low: from 0.8 on it can be relied on. A frame's is smoothed over time, a segment's is the mean over its windows so
    far. null while the emotion network has not been asked; absent where the model does not tell it."""
    reference: NotRequired[Reference]
    window: Window
    """What was listened to, a frame's window or a segment's extent, in stream time: seconds of audio since the stream
    began, lost audio counted."""
    latency_ms: float
    """From the delivery of the window's last sample to the send."""
    quality: Quality
    """Quality of the input: a frame's is of its newest stride, a segment's of its loudest so far."""
    gap: bool
    """Whether audio is missing right before."""
    annotation: NotRequired[Annotation]
    """In frames, only where serd plays a corpus (`serd --demo FOLDER`): the recording that plays, or in the pause after
    it has, and how its corpus labels it, which may be by a word that the model does not know."""
    other_voice: NotRequired[OtherVoice]
    """In frames with speech, only where one serd hears several voices (`serd --voice`): the voice that is heard in this
    one's channel, louder on a channel of its own, and how likely that is. Absent where it is less likely than not."""
    model: str
    """name/version"""


class FrameData(JudgementData):
    """One each stride."""

    state: Literal["no-speech", "uncertain", "emotion"]


class Frame(Envelope):
    """A frame, in its envelope."""

    type: Literal["serd.v1.frame"]
    data: FrameData


class SegmentData(JudgementData):
    """A stretch of one emotion: one event when it starts, one with the same `segment` when it ends."""

    state: Literal["emotion"]
    segment: str
    """Unique within the session of its source."""
    phase: Literal["start", "end"]
    duration_s: float
    ended_by: Literal[None, "change", "gap", "mute", "stop"]
    """null while it lasts."""


class Segment(Envelope):
    """A segment, in its envelope."""

    type: Literal["serd.v1.segment"]
    data: SegmentData


class Device(TypedDict):
    """`device` of an event."""

    name: str
    rate: int | None
    """Samples per second, before resampling; 0 or null while unknown."""
    channels: int | None
    """Before mixing; 0 or null while unknown."""


class StatusData(NumberedData):
    """What the daemon says of itself: at each change of state, and every 5 s."""

    state: Literal["waiting", "listening", "stalled", "silent", "lost", "muted", "failed", "stopped"]
    reason: str
    device: Device
    model: str
    """name/version"""
    labels: list[str]
    """All that the model can name."""
    reference: NotRequired[Reference]
    voices: NotRequired[list[str]]
    """Where this serd hears several voices: the sources of all of them, this one among them (`serd --voice`). Absent
    where its source is heard as a whole."""
    stride_s: float
    """Time between windows."""
    uptime_s: float
    stream_s: float
    """The stream's length so far."""
    realtime_ratio: float | None
    """Time spent on computing, as a share of the audio's; null while unknown. Above 1 serd cannot keep up."""
    overflows: int
    gaps: int
    skipped: NotRequired[int]
    """Strides that were not judged because the machine was too slow."""
    reanchored: NotRequired[int]
    """How often the stream's time was set anew because the device's clock and this machine's had come apart."""
    dropped: int
    """Events that found a subscriber's queue full; a lower bound, each subscriber sees its own loss by the sequence."""
    cpu: float | None
    """Share of one core; null while unknown."""
    synthetic: bool
    """Whether it listens to the demonstration's recording."""
    live: NotRequired[bool]
    """Whether it listens to a microphone; false for a recording or a pipe."""
    version: str
    """serd's."""


class Status(Envelope):
    """A status, in its envelope."""

    type: Literal["serd.v1.status"]
    data: StatusData


Event = Frame | Segment | Status
"""What `serd.subscribe` yields; `event["type"]` says which it is."""
