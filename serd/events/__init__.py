"""Events: what is said, and how it is read."""
