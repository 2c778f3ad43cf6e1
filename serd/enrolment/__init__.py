"""Enrolment: a person's reference, made, kept and forgotten.

`profiles` where they are kept; `gathering` what is taken from a microphone or recordings; `reading` a text to read.
"""
