"""The reproduction of the thesis (arXiv 2406.10741), frozen: its networks, trained and tested as in the records.

It has a training loop of its own: Keras' Adam with dropout as Keras draws it, and the epoch chosen on validation clips.
`training.fit` has AdamW, averaged weights and other draws: through it no number of the records in results/thesis would
come out the same.

There are two recipes of the same network: `experiment`, which `fit` trains for the records (bands standardised, windows
laid on the speech), and `plan`, which `training` trains for the file that ships (inputs as the daemon's front end gives
them, windows drawn as the daemon may cut them, resumed where it was interrupted).
"""
