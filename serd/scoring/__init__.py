"""Whole recordings, through the live pipeline, faster than real time.

`score` is `serd.score`, `result` what it returns; `clip` sums windows up, `bandwidth` notices a telephone. `recordings`
finds what files and folders hold, `ffmpeg` reads what libsndfile does not; `samples` is an array read as the numbers it
holds. `labels` writes segments as other programs read them, `frame` windows and segments as pandas does.
"""
