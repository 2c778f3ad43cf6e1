"""Studies: which experiments answer which question, what they are expected to take, and how one is carried out."""
