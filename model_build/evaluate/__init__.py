"""`python -m model_build evaluate MODEL`: every figure that one model file can have, through the daemon's own pipeline.

A row is marked by whether the model's training has heard its speakers: `seen`, `unseen`, or `mixed`.
"""
