"""The journal: how a consenting person's voice sounded over weeks, in files that belong to that person.

A subscriber in a process of its own: it reads events, and knows neither sound nor the networks. Events become bins
(`bins`), which a recorder (`recorder`) puts into the person's file (`person`) of a store (`store`) as long as a consent
(`consent`) is active, and with them talk time and turns beside a companion who agreed, too (`conversation`). Figures of
a session (`summary`) and over time (`course`) go into a `report` and exports.
"""
