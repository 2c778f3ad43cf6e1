"""What serd costs: stages of its pipeline, the daemon, a window of each network, the usual script, a year's report."""
