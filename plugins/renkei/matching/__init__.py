"""Agency notices against the ward's registry: who is meant, why we think so, and what the notice asks (domain §7).

Pure: rows, card numbers and what is known of deleted persons are handed in; nothing here knows the ledger. The way
of a day: `ToldNotice.of` each record, `find_persons` in one or two passes over the residents, `judge` each of them.
"""

from renkei.matching.cascade import Match
from renkei.matching.forms import Forms
from renkei.matching.judging import Case, Judgement, holds, judge
from renkei.matching.notice import ToldNotice, items_of
from renkei.matching.persons import Former, Roll, find_persons
from renkei.matching.relations import Told, contradicted, later_one
from renkei.matching.roll import Seen

__all__ = [
    "Case",
    "Former",
    "Forms",
    "Judgement",
    "Match",
    "Roll",
    "Seen",
    "Told",
    "ToldNotice",
    "contradicted",
    "find_persons",
    "holds",
    "items_of",
    "judge",
    "later_one",
]
