"""The report: RESULTS.md, its plots and the model card, worked out from the study's records and nothing else.

`judged.py` and `uncertainty.py` turn records into figures with intervals, `book.py` finds the records of a
study, `compare.py` sets networks against each other, `sections/` has one module a question, `plots.py` draws.
What is said in words follows from the figures at the time of writing: no sentence is decided beforehand.
"""
