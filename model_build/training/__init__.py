"""Training of the default models: small networks that hold on voices they never heard.

Clips become `examples`, of which there are many `views` through other rooms, microphones and voices; in `batches` of
these `fit` teaches networks side by side, on a graphics card at once, on a processor in turn, with a `checkpoint` to go
on from. A `session` keeps what was trained and makes model files of it; `probe` asks a network for the corpus.

A head over a frozen encoder is trained apart, in numpy: the encoder's states are computed once (`encoder_states`,
`encoded_clips`), `head_inputs` are taken from them, `head_fit` learns, `head_answers` says what a head says of clips,
`head_calibration` fits its temperatures, and a `head_session` keeps what was trained.

A second head is given a reference of the person beside: `reference_inputs` with `reference_draws` of what each window
is compared with; `histories` of test clips, `reference_answers` of both heads as one, and a `reference_session`.
"""
