"""Bridges: subscribers in processes of their own that hand a running serd's events on to other systems."""
