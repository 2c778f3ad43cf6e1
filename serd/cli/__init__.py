"""The command line.

`main` and, but for these, one module a command: `flags` flags that are settings; `checks` and `realtime` what `serd
doctor` looks at; `score_flags`, `score_forms` and `score_files` what `serd score` is asked, says, and writes.
"""
