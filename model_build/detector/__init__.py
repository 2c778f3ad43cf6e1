"""The speech detector: what it learns from, its network, and how well it tells speech from everything else."""
