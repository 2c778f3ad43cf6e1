"""serd's version: said here, and by the distribution that is built."""

__version__ = "0.2.0"
LINE = f"serd {__version__}"
"""What `serd --version` prints."""
