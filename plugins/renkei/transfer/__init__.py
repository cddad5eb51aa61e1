"""SFTP: publish exactly once, look, fetch. Only with the one peer, by pinned keys and strong algorithms."""

from renkei.transfer.connection import Credentials, check_connection, connect
from renkei.transfer.line import Line, Look

__all__ = ["Credentials", "Line", "Look", "check_connection", "connect"]
