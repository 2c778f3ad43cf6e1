"""Blocks become decisions; pure: no thread, no clock, no device, no socket.

`stride` the stream cut into equal strides; `frontend` samples to log band energies; `quality` level, bands and
clipping of the input; `contract` what a model file says of itself; `interpreter` the one import of a TFLite
interpreter; `scorer` what gives logits; `reference` what is known of a voice; `model` a network with its contract;
`decision` the rules; `segment` stretches of one emotion; `running_reference` a voice's own past; `profile` an enrolled
person's; `known_voice` which of them counts; `history` rows of a stream; `step` all there is to say about one stride;
`pipeline` blocks in, steps out; `reporter` steps put into events.
"""
