"""Evaluation: the rows of one model file, through the daemon's own pipeline, each with its target.

A `model_under_test` is asked about a `selection` of clips under each `condition` (`scoring`), or hears `conversations`
(`replay`, `alignment`); a `row` is one figure of it. Rows are marked by whether the model's training has heard the
speakers: `seen`, `unseen`, or `mixed`. `offline` asks a network without the pipeline.
"""
