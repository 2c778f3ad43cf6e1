"""What serd costs: stages of its pipeline, the real daemon, one window of each network, and the usual script."""
