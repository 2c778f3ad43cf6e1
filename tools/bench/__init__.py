"""What serd costs: its stages, the real daemon, a window of each network, the usual script, a journal's report."""
