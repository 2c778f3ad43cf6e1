"""Sound comes in: sources of blocks.

`source` the protocol; `microphone` capture through PortAudio, by `ring`, `portaudio` and `devices`, or one source of
the `soundserver`, at which its `placement` is watched; `recording` a file, by `reader`, its `parts` and, for what a
header does not know, `part`, `chunks`, `flac` and `frames`; `loop` one without an end; `playlist` the recordings of a
labelled `corpus`; `pipe` standard input, told a `container` from raw samples (`pcm`) and reading `wav`; `mix` many
channels to one; `resampler` streaming conversion of rates; `drift` a stream's time against the computer's.
"""
