"""The ledger: the product's only state, and its chained audit trail."""

from renkei.ledger.engine import Ledger, Tx, open_ledger
from renkei.ledger.migrations import migrate

__all__ = ["Ledger", "Tx", "migrate", "open_ledger"]
