"""Large files are compared by two processes; what they find is what one would have found."""

import random
from pathlib import Path

import pytest

from renkei import errors
from renkei.registry import differences, parts
from renkei.registry.compare import Part, differences_of

HEADER = b"registry_number,value\n"


@pytest.fixture(autouse=True)
def every_file_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_WORTH_IT", 0)
    monkeypatch.setattr(parts.os, "cpu_count", lambda: 2)


def written(path: Path, lines: list[bytes]) -> Path:
    path.parent.mkdir()
    path.write_bytes(HEADER + b"".join(line + b"\n" for line in lines))
    return path


def two_days(folder: Path, seed: int) -> tuple[Path, Path]:
    rng = random.Random(seed)
    before = {b"%010d" % number: b"%d" % rng.randrange(9) for number in rng.sample(range(4000), 2000)}
    after = {key: value for key, value in before.items() if rng.random() < 0.9}
    after |= {b"%010d" % number: b"new" for number in rng.sample(range(4000), 300)}
    days = [[key + b"," + day[key] for key in sorted(day)] for day in (before, after)]
    return written(folder / "before" / "r.csv", days[0]), written(folder / "after" / "r.csv", days[1])


class TestTwoProcesses:
    @pytest.mark.parametrize("seed", range(5))
    def test_they_find_what_one_finds(self, tmp_path: Path, seed: int) -> None:
        before, after = two_days(tmp_path, seed)

        assert list(differences(before, after)) == list(differences_of(before, after, Part.whole(before, after)))

    @pytest.mark.parametrize("share", [0.0, 0.01, 0.999, 1.0])
    def test_wherever_the_files_are_split(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float) -> None:
        monkeypatch.setattr(parts, "_FIRST_SHARE", share)
        before, after = two_days(tmp_path, 7)

        assert list(differences(before, after)) == list(differences_of(before, after, Part.whole(before, after)))

    def test_a_file_that_holds_its_header_only(self, tmp_path: Path) -> None:
        before, after = written(tmp_path / "a" / "r.csv", []), written(tmp_path / "b" / "r.csv", [b"0000000001,a"])

        assert [each.after for each in differences(before, after)] == [b"0000000001,a\n"]
        assert [each.before for each in differences(after, before)] == [b"0000000001,a\n"]


class TestFaults:
    @pytest.mark.parametrize("line", range(2, 12))
    def test_a_line_out_of_order_is_refused_wherever_it_stands(self, tmp_path: Path, line: int) -> None:
        lines = [b"%010d,a" % number for number in range(10, 20)]
        before = written(tmp_path / "a" / "r.csv", lines)
        lines[line - 2] = b"0000000000,b" if line > 2 else b"0000000099,b"
        after = written(tmp_path / "b" / "r.csv", lines)

        with pytest.raises(errors.RowsOutOfOrder):
            list(differences(before, after))

    @pytest.mark.parametrize("line", range(2, 12))
    def test_a_line_that_stands_twice(self, tmp_path: Path, line: int) -> None:
        lines = [b"%010d,a" % number for number in range(10, 20)]
        before = written(tmp_path / "a" / "r.csv", lines)
        after = written(tmp_path / "b" / "r.csv", [*lines[: line - 1], *lines[line - 2 :]])

        with pytest.raises(errors.KeyDoubled):
            list(differences(before, after))

    def test_the_second_process_ending_half_way_is_no_result(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(parts.sys, "executable", "/bin/false")
        before, after = two_days(tmp_path, 1)

        with pytest.raises(errors.ComparisonBroken):
            list(differences(before, after))
