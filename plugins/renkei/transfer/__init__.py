"""SFTP: publish exactly once, look, fetch. Only with the one peer, by pinned keys and strong algorithms."""

from renkei.transfer.connection import Credentials, check_connection, connect
from renkei.transfer.line import Line, Listed, Look, Outbox

__all__ = ["Credentials", "Line", "Listed", "Look", "Outbox", "check_connection", "connect"]
