"""Networks: their layers in Keras, many trained side by side, int8, and the model file with its contract."""
