"""What the commands of auditors and backfills do: a preview of a range, a month's report, a signed bundle."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import Final

from renkei.cli import showing
from renkei.cli.arguments import login
from renkei.cli.shared import opened
from renkei.cli.texts import say
from renkei.corridor import steps
from renkei.corridor.proving import Expected, preview

_PREVIEW: Final[Mapping[Expected, str]] = {
    Expected.CREATED: "preview_created",
    Expected.SEALED: "preview_sealed",
    Expected.SUPPLEMENT: "preview_supplement",
    Expected.NO_EXTRACT: "preview_no_extract",
    Expected.WAIVED: "preview_waived",
    Expected.BEFORE_BASELINE: "preview_before_baseline",
}


def _preview(given: Namespace) -> bool:
    with opened() as house:
        for each in preview(house, given.first, given.last):
            say(_PREVIEW[each.expected], day=each.day, serial=showing.serials([each.serial] if each.serial else []))
    return True


def _audit_export(given: Namespace) -> bool:
    with opened(given.last) as house:
        made = steps.export_audit(house, given.first, given.last)
    say("audit_exported", path=made.path, rows=made.rows, head=f"{made.head_number}:{made.head_hash}")
    return True


def _month(given: Namespace) -> bool:
    with opened(given.day) as house:
        say("reported", path=steps.write_monthly_reconciliation(house, given.day, f"cli__{login()}").html)
    return True


EVIDENCE_COMMANDS: Final[Mapping[str, Callable[[Namespace], bool]]] = {
    "preview": _preview,
    "audit-export": _audit_export,
    "month": _month,
}
