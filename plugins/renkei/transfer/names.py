"""Names and folders at the peer (contract §1). A name that does not fit never becomes a path."""

import re
import secrets
from typing import Final

from renkei.errors import NameRefused

INBOX: Final = "inbox"
RECEIPTS: Final = "receipts"
OUTBOX: Final = "outbox"
ACKS: Final = "acks"
TEMPORARY: Final = ".tmp-"

_FORMS: Final = {
    INBOX: re.compile(r"[0-9]{6}-[0-9]{8}\.zip\.pgp", re.ASCII),
    RECEIPTS: re.compile(r"[0-9]{6}-[0-9]{8}\.receipt\.json\.pgp", re.ASCII),
    OUTBOX: re.compile(r"[0-9]{6}-(?!0{8})[0-9]{8}\.zip\.pgp", re.ASCII),
    ACKS: re.compile(r"[0-9]{6}-[0-9]{8}(?:\.(?:[2-9]|[1-9][0-9]{1,2}))?\.ack\.json\.pgp", re.ASCII),
}


def fits(folder: str, name: str) -> bool:
    """Tell whether a name has the form agreed for a folder."""
    return _FORMS[folder].fullmatch(name) is not None


def checked(folder: str, name: str) -> str:
    """Return the name if it has the form agreed for a folder, else raise `NameRefused`."""
    if not fits(folder, name):
        raise NameRefused(folder=folder)
    return name


def goes_to(name: str) -> str:
    """Return the folder into which the ward puts a file of this name, else raise `NameRefused`."""
    if not fits(ACKS, name):
        checked(INBOX, name)
        return INBOX
    return ACKS


def receipt_of(name: str) -> str:
    """Return the name of the receipt that answers a file."""
    return checked(RECEIPTS, checked(INBOX, name).removesuffix(".zip.pgp") + ".receipt.json.pgp")


def temporary(name: str) -> str:
    """Return a fresh temporary name for an upload.

    Each attempt has its own: a second process can then remove what it takes for a leftover, but never slip
    its own half-written file under the name that the first is about to publish.
    """
    return f"{TEMPORARY}{name}-{secrets.token_hex(8)}"
