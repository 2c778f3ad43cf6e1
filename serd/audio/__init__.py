"""Sound comes in: sources of blocks.

`source` the protocol; `microphone` capture through PortAudio, by `ring`, `portaudio` and `devices`; `recording` a
file, by `reader`, its `parts` and, for what a header does not know, `part`, `chunks`, `flac` and `frames`, and `loop`
one without an end; `pipe` standard input, told a `container` from raw samples (`pcm`) and reading `wav`; `mix` many
channels to one; `resampler` streaming conversion of rates; `drift` a stream's time against the computer's.
"""
