"""What serd costs: stages of its pipeline, the real daemon, a window of each network, the usual script, a year's report."""
