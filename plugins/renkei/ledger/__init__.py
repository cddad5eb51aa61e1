"""The ledger: the product's only state, and its chained audit trail."""

from renkei.ledger.adopt import adopt
from renkei.ledger.engine import Ledger, Tx, open_ledger
from renkei.ledger.migrations import migrate
from renkei.ledger.verify import Finding, verdict, verify

__all__ = ["Finding", "Ledger", "Tx", "adopt", "migrate", "open_ledger", "verdict", "verify"]
