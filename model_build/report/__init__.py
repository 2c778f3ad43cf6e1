"""The report: RESULTS.md, its plots and the model card, worked out from the study's records and nothing else.

`records` finds the records of a study, `compare` sets networks against each other, `sections/` has one module a
question, `plots` draws, and two kinds of model cards tell of the shipped files and of what was `tried` for the targets
that they miss.
What is said in words follows from the figures at the time of writing: no sentence is decided beforehand.
"""
