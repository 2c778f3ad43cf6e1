"""The study: the thesis' experiments and the questions it left open, as named, seeded runs.

`run.py` says what one run is, `studies.py` which runs answer which question, `protocol.py` who trains and who
tests, `examples.py` what a network sees, `fit.py` how it is trained, `record.py` what is kept of it,
`command.py` which run comes next.
"""
