"""`python -m synthetic_registry`."""

import sys

from synthetic_registry.cli import main

if __name__ == "__main__":
    sys.exit(main())
