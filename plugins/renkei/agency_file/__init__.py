"""What the agency sends: the form of its package, and the content of its records (flow d, schemas/README.md).

Nothing gets here that the envelope has not verified; still, whoever holds the agency's server may hold its key.
"""

from renkei.agency_file.content import content_findings
from renkei.agency_file.model import COUNTED_ACTIONS, NOTICES, AgencyFile, Expected
from renkei.agency_file.reader import check_expected, read

__all__ = ["COUNTED_ACTIONS", "NOTICES", "AgencyFile", "Expected", "check_expected", "content_findings", "read"]
