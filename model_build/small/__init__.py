"""The default model: a small network that holds on voices it never heard.

corpora → `examples` (rows and targets) → `channel` (other rooms, microphones, voices) → `fit`, as a `recipe` says
"""
