"""`python -m mock_agency`."""

import sys

from mock_agency.cli import main

if __name__ == "__main__":
    sys.exit(main())
