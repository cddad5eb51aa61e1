"""The synthetic registry of a ward: invented residents, their events, and one extract a day.

A program of its own. It knows the layouts in `schemas/` and shares no code with the product that reads them.
"""
