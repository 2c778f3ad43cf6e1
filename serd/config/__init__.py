"""Settings, and where each value comes from.

`settings` declares each once; `schema` says how one is declared and read; `file` reads the files; `layers` puts files,
variables and flags together; `voice` is one of several voices, and who speaks in it.
"""
