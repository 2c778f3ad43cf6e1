"""The operating system, each part of it in one place; nothing here knows a sound or an event.

`paths` runtime and state directories, files written whole; `streams` the program's standard streams; `stderr` what C
libraries write to descriptor 2; `signals` what ends a process; `descriptors` whether enough files may be opened;
`log` log lines that neither flood nor wait; `threads` the process ends when one of its threads dies; `malloc` the
allocator's arenas; `systemd` readiness, watchdog and status for the service manager.
"""
