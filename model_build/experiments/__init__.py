"""Experiments: what is tried, on what, and what is kept of it.

An `experiment` tries a `recipe`, trained as a `schedule` says, on a `dataset`, of which `splits` tells who trains and
who tests; a `study` is a question with the experiments that answer it; a `record` keeps what one of them said of each
test clip. `head_recipe`, `head_schedule` and `head_experiment` are those of a head over a frozen encoder,
`reference_recipe` and `reference_experiment` of one that knows a reference of the person.
"""
