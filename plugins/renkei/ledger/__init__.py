"""The ledger: the product's only state, and its chained audit trail."""

from renkei.ledger.engine import Ledger, Tx, open_ledger

__all__ = ["Ledger", "Tx", "open_ledger"]
