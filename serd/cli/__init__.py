"""The command line.

`main` parses and runs what `commands` lists, with `parser` and the settings' `flags`; a command's work stands in a
module of its name. `checks` and `realtime` are what `serd doctor` looks at; `score_flags`, `score_forms` and
`score_files` what `serd score` is asked, says and writes; `manual` makes completion and man pages for the wheel.
"""
