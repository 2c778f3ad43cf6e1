"""The default model: a small network that holds on voices it never heard.

An `experiment` tries a `recipe` on a `dataset`, which `protocol` splits. Its clips become `examples`, of which there
are many `views` through other rooms, microphones and voices (`channel`); in `batches` of these `fit` teaches `many`
networks side by side, as a `schedule` says; `training` keeps what was trained and makes model files of it, `conduct`
asks these about the test clips.
"""
