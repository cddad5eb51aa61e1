"""Flow d, the agency's own notices: files into `outbox/` under own serials, and the ward's answers in `acks/`."""
