"""Every parser against what strangers may send; `script/fuzz` runs a million inputs."""
