"""The command line's words: every command has its help in both languages, exit codes are documented."""

import argparse
import re
import subprocess
import sys
from pathlib import Path

import pytest

from renkei.cli import texts
from renkei.cli.arguments import parser
from renkei.cli.commands import COMMANDS
from renkei.cli.main import Exit, main


def commands() -> dict[str, argparse.ArgumentParser]:
    (action,) = [each for each in parser()._actions if isinstance(each, argparse._SubParsersAction)]
    return dict(action.choices)


def test_every_command_that_is_offered_is_carried_out() -> None:
    assert set(commands()) == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_each_command_explains_itself_and_its_exit_codes(name: str) -> None:
    shown = commands()[name].format_help()
    assert re.search("[ぁ-ん]", shown)
    for code in ("0", "1", "2", "3", "4"):
        assert code in shown
    for argument in commands()[name]._actions:
        assert argument.help, argument.dest


@pytest.mark.parametrize("name", ["baseline", "release", "close", "waive", "resend", "export", "adopt"])
def test_no_decision_without_a_reason(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([name, "1"])
    assert caught.value.code == Exit.USAGE
    assert "--reason" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["run", "2019-02-31"], ["resend", "0"], ["nonsense"], ["close", "x"], []])
def test_wrong_usage_ends_with_two(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(wrong)
    assert caught.value.code == Exit.USAGE


def test_every_text_stands_in_both_languages() -> None:
    for part, found in texts._texts().items():
        for name, sentence in found.items():
            assert set(sentence) == {"ja", "en"}, (part, name)


def test_every_sentence_is_said_somewhere() -> None:
    said = "".join(each.read_text(encoding="utf-8") for each in Path(texts.__file__).parent.glob("*.py"))
    for name in texts._texts()["say"]:
        assert f'"{name}"' in said, name


def test_help_needs_no_heavy_room() -> None:
    code = "import sys, renkei.cli.arguments as a; a.parser().format_help(); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for heavy in ("pandas", "paramiko", "sqlalchemy", "airflow"):
        assert f"'{heavy}'" not in done.stdout
