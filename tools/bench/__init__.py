"""What serd costs: its pipeline's stages, the real daemon, a window of each network, the usual script, a year's report."""
