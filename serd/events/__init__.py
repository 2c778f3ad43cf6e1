"""What serd says, and how it leaves a process and enters another.

`event` the CloudEvents envelope, topics, the schema; `status` the daemon's state; `payload` an event's fields as a
reader wants them; `endpoint` sockets of both ends; `connection` one over either family of addresses; `publisher` the
XPUB socket, sequence numbers, last-value cache; `subscribe` is `serd.subscribe`, `subscriber` one serd's events,
`several` those of several serds, `iteration` over them by `for` and `async for`, `types` what they are, written from
the schema; `sequence` which events have come, come again, or never came; `silence` what a reader says while it hears
nothing; `keys` CURVE keys and who is allowed; `curve` keys on sockets; `requests` what a running serd can be asked
for, and asking it; `occupant` which serd publishes at an endpoint.
"""
