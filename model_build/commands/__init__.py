"""The commands of `python -m model_build`, one module each, with `add_arguments` and `run`."""
