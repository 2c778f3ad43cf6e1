"""serd for a long time: its memory, threads, handles and events, in fast motion, by the clock, and muted often."""
