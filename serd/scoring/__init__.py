"""Whole recordings, through the live pipeline, faster than real time.

`score` is `serd.score`; `samples` an array read as the numbers it holds.
"""
