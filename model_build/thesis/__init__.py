"""The reproduction of the thesis (arXiv 2406.10741), frozen: its networks, trained and tested as in the records.

It has a training loop of its own: Keras' Adam with dropout as Keras draws it, and the epoch chosen on validation clips.
`training.fit` has AdamW, averaged weights and other draws: through it no number of the records in results/thesis would
come out the same.
"""
