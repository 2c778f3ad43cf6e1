"""Clips: where a recording speaks, its log band energies, the windows that are cut from them.

And what is done to sound on its way: noise, rooms, microphones and telephones as waveforms (`acoustics`) or as band
energies (`channel`), and streams of sound in which nobody speaks (`streams`). For a pre-trained encoder `sound_views`
draws windows of a clip through waveforms, of one person on the same `lines` where they are to be compared, and
`speech_windows` finds those that the pipeline would ask about.
"""
