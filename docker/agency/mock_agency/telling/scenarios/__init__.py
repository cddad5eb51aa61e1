"""Seeded, named scenarios of the agency's notices."""
