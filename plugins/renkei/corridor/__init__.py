"""The steps of the corridor: each takes ids and paths, has its effects in the ledger, and returns a small frozen result."""
