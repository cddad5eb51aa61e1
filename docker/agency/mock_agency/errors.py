"""What can stop the agency.

AgencyError               the base; its text is safe to show, it never quotes a person's data
├── SiteError             this agency is not set up, or not for that municipality or counterparty
├── GpgError              gpg could not do what was asked of it (our side)
├── SeedError             the extract for the seeding does not hold together
├── Unreadable            a sealed file that the acceptance rule turns away (codes F10, F11)
├── AckWrong              an answer of the ward's that is not as agreed
└── FileRefused           a file refused whole for its form (codes F20 … F27)
"""


class AgencyError(Exception):
    """Base of all errors of the mock agency; the text names files, rules and counts, never a person's data."""


class SiteError(AgencyError):
    """The home folder is missing, or does not know the municipality or counterparty asked for."""


class GpgError(AgencyError):
    """A call of gpg for the agency's own work failed (making keys, sealing a receipt)."""


class SeedError(AgencyError):
    """The baseline extract cannot seed the register."""


class Unreadable(AgencyError):
    """A sealed file fails the acceptance rule; `code` is F10 (signature) or F11 (cannot be opened)."""

    def __init__(self, code: str, clause: str) -> None:
        super().__init__(f"{code}: {clause}")
        self.code = code
        self.clause = clause


class AckWrong(AgencyError):
    """An acknowledgement fails the acceptance rule or a rule of its form; it is kept as a fault and counts nothing."""


class FileRefused(AgencyError):
    """A file is refused whole; `code` is one of F20 … F27, `clause` names the rule and the place."""

    def __init__(self, code: str, clause: str) -> None:
        super().__init__(f"{code}: {clause}")
        self.code = code
        self.clause = clause
