"""Mock of the Immigration Services Agency: reads a ward's change files and answers with signed receipts.

An independent second implementation of the exchange. It knows `schemas/` and public tools (gpg, zip, csv) only and
shares no code with the ward's library, so that a mistake in one is not cancelled by the same mistake in the other.
"""
