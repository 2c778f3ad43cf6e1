"""Training of the default models: small networks that hold on voices they never heard.

Clips become `examples`, of which there are many `views` through other rooms, microphones and voices; in `batches` of
these `fit` teaches networks side by side, on a graphics card at once, on a processor in turn, with a `checkpoint` to go
on from. A `session` keeps what was trained and makes model files of it; `probe` asks a network for the corpus.
"""
