"""Settings, and where each value comes from.

`settings` declares each once; `schema` says how one is declared and read; `layers` the files, variables and flags.
"""
