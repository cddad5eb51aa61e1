"""The command line `renkei`: each step by hand, each decision with its reason."""

from renkei.cli.main import main

__all__ = ["main"]
