"""A teacher: EfficientAT's mn04_as, trained on AudioSet, brought to Keras and tuned to our labels.

`frontend` makes its input, `network` is its shape, `weights` brings its weights, `mels` keeps the inputs of whole
clips, `tune` fits it to clips with labels. What it says of clips may be distilled into our networks. Its weights,
and those tuned from them, are neither shipped nor committed.
"""
