"""The recording of `serd --demo`: synthetic voices that read and play emotions, pauses and noise; nobody was recorded.

`voices` speaks lines through free synthesizers, `prosody` changes how they are spoken, `search` looks for prosodies
that a network hears as one emotion, `sounds` computes what is no voice, `programme` says what comes when, `count`
counts what serd hears. A synthesizer does not feel, and nothing about accuracy follows from any of it.
"""
