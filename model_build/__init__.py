"""From recordings to model files: corpora, features, networks, training, quantization, evaluation.

Needs the extra `build` (tensorflow). Nothing in `serd` imports it; it imports the daemon's front end
and contract, so a network is trained on what it will be fed.
"""
