"""The steps of the corridor: each takes ids and paths, writes to the ledger and returns a small result."""
