"""`python docker/demo run|up|down`."""

import sys

from demo_site.commands import main

if __name__ == "__main__":
    sys.exit(main())
