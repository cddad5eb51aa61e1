"""The verifier: recomputes chain and stored digests; each kind of damage gives a finding that names it."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from renkei.ledger import Ledger, verdict, verify
from renkei.ledger.columns import canonical_digest
from renkei.ledger.decisions import ask
from renkei.ledger.states import DecisionKind, Outcome
from renkei.ledger.tables import NoticeAttempt, Receipt, ReportRow
from renkei.settings import Settings
from tests.unit.ledger.sealed import notice_id, seal


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def lived(ledger: Ledger, ledger_site: Settings) -> Ledger:
    """A ledger with three files, a receipt, a report, a decision and a notice with its content."""
    for serial in (1, 2, 3):
        seal(ledger, ledger_site, serial)
    ledger_site.reports_dir.mkdir(parents=True)
    paths = {kind: ledger_site.reports_dir / f"report.{kind}" for kind in ("html", "csv", "json")}
    kept, signed = ledger_site.sealed_dir / "receipt.pgp", ledger_site.sealed_dir / "receipt.signed"
    for path in (*paths.values(), kept, signed):
        path.write_text(path.name)
    now = ledger.clock.now()
    with ledger.transaction() as tx:
        tx.session.add(
            Receipt(
                serial=1,
                sealed_sha256="a" * 64,
                receipt_sha256=sha256(kept),
                signed_sha256=sha256(signed),
                outcome=Outcome.ACCEPTED,
                code="F00",
                received_at=now,
                verified_at=now,
                path="sealed/receipt.pgp",
                signed_path="sealed/receipt.signed",
                final=True,
            )
        )
        tx.trail("receipt.taken_in", "00000001", receipt=sha256(kept))
        relative = {kind: path.relative_to(ledger_site.home).as_posix() for kind, path in paths.items()}
        tx.session.add(
            ReportRow(
                business_date=now.date(),
                run_id="run",
                attempt=1,
                path_html=relative["html"],
                path_csv=relative["csv"],
                path_json=relative["json"],
                sha256={kind: sha256(path) for kind, path in paths.items()},
                written_at=now,
            )
        )
        ask(tx, DecisionKind.RELEASE, "notice", digest="a" * 64, asker="clerk", reason="確認済み")
        row = tx.session.get_one(NoticeAttempt, (notice_id(1), 1))
        row.content = {"name": "a"}
        row.content_sha256 = canonical_digest(row.content)
    return ledger


def test_what_is_whole_passes(lived: Ledger, ledger_site: Settings) -> None:
    assert verify(lived, ledger_site) == []
    assert verdict([]) == "PASS"


FILES: dict[str, tuple[str, str]] = {
    "00000002-*/*.zip.pgp": ("file 00000002, sealed bytes", "the digest differs from the ledger's"),
    "00000002-*/inputs.json": ("file 00000002, inputs.json", "the digest differs from the ledger's"),
    "receipt.pgp": ("receipt ", "the digest differs from the ledger's"),
    "receipt.signed": ("signed message", "the digest differs from the ledger's"),
    "../reports/report.csv": ("report 1, csv", "the digest differs from the ledger's"),
}


class TestStoredFiles:
    @pytest.mark.parametrize("pattern", FILES)
    @pytest.mark.parametrize("damage", ["changed", "gone"])
    def test_a_file_that_changed_or_is_gone(
        self, lived: Ledger, ledger_site: Settings, pattern: str, damage: str
    ) -> None:
        (path,) = (
            (ledger_site.sealed_dir / Path(pattern).parent).glob(Path(pattern).name)
            if ("*" not in Path(pattern).parent.name)
            else ledger_site.sealed_dir.glob(pattern)
        )
        expected_where, expected_rule = FILES[pattern]
        if damage == "gone":
            path.unlink()
            expected_rule = "missing"
        else:
            path.write_text("changed")
        (finding,) = verify(lived, ledger_site)
        assert expected_where in finding.where
        assert finding.rule == expected_rule
        assert verdict([finding]) == "FAIL"


def unguarded(ledger: Ledger) -> Callable[[str], None]:
    """Return a way to change the database behind its triggers."""

    def execute(statement: str) -> None:
        with ledger.engine.begin() as line:
            if line.dialect.name == "sqlite":
                names = line.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars()
                for name in list(names):
                    line.execute(text(f"DROP TRIGGER {name}"))
                line.execute(text(statement))
            else:
                line.execute(text("SET session_replication_role = replica"))
                line.execute(text(statement))

    return execute


class TestRowsThatWereForged:
    @pytest.mark.parametrize(
        ("statement", "rule"),
        [
            ("UPDATE files SET sealed_sha256 = package_sha256 WHERE serial = 2", "sealed digest differs"),
            ("UPDATE files SET previous = sealed_sha256 WHERE serial = 3", "names another predecessor"),
            ("DELETE FROM files WHERE serial = 3", "told in the trail, gone from the ledger"),
            ("UPDATE receipts SET receipt_sha256 = signed_sha256", "the trail does not tell of it"),
            ("UPDATE decisions SET reason = 'another'", "the reason differs from the trail's digest"),
            ("UPDATE notice_attempts SET content = '{}' WHERE serial = 1", "the content differs"),
            ("UPDATE trail SET actor = 'somebody' WHERE number = 3", "hash does not fit the row"),
            ("DELETE FROM trail WHERE number > 4", "the ledger does not reach its head mark"),
        ],
    )
    def test_each_is_found(self, lived: Ledger, ledger_site: Settings, statement: str, rule: str) -> None:
        unguarded(lived)(statement)
        findings = verify(lived, ledger_site)
        assert any(rule in finding.rule for finding in findings), findings
        assert verdict(findings) == "FAIL"
