"""`python -m serd`, for where the command is not on the path."""

import sys

from serd.cli.start import main

sys.exit(main())
