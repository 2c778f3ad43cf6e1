"""What serd costs: stages of its pipeline, the real daemon, one window of each network, the usual script, a year's report."""
