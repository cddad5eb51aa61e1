"""What happened, as an exit code and one sentence; a foreign exception never shows its text."""

from argparse import Namespace
from collections.abc import Callable

import pytest

from renkei import cli
from renkei.cli import commands
from renkei.cli.main import main
from renkei.errors import HostKeyChanged, LineDropped, PublishUnknown


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Callable[[object], None]:
    """Let `renkei status` end as given."""

    def set_end(outcome: object) -> None:
        def command(given: Namespace) -> bool:
            del given
            if isinstance(outcome, Exception):
                raise outcome
            return bool(outcome)

        monkeypatch.setattr(commands, "COMMANDS", {"status": command})

    return set_end


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (True, 0),
        (False, 3),
        (HostKeyChanged(peer="isa", found="x"), 1),
        (LineDropped(peer="isa", step="put"), 3),
        (PublishUnknown(name="131041-00000001.zip.pgp"), 4),
        (ValueError("山田 太郎"), 4),
    ],
)
def test_the_code_says_who_acts_next(ends: Callable[[object], None], outcome: object, code: int) -> None:
    ends(outcome)
    assert main(["status"]) == code


def test_a_refusal_is_told_in_both_languages(
    ends: Callable[[object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    ends(LineDropped(peer="isa", step="put"))
    main(["status"])
    told = capsys.readouterr().err
    assert "通信が途中で切れました" in told
    assert "broke" in told


def test_a_foreign_exception_shows_its_kind_and_place_alone(
    ends: Callable[[object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    ends(ValueError("山田 太郎"))
    main(["status"])
    told = capsys.readouterr().err
    assert "山田" not in told
    assert "ValueError" in told
    assert "test_exit_codes.py" in told


def test_main_is_what_the_installed_command_calls() -> None:
    assert cli.main is main
