"""The tree of errors: each with its sentences, drawn on top of the file, raised with all its references."""

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from renkei import errors
from renkei.errors import Doubt, Refusal, RenkeiError, Retryable

LIBRARY = Path(errors.__file__).parent


def below(base: type[RenkeiError]) -> Iterator[type[RenkeiError]]:
    for each in base.__subclasses__():
        yield each
        yield from below(each)


ALL = sorted(set(below(RenkeiError)), key=lambda each: each.__name__)
BRANCHES = (Retryable, Refusal, Doubt)
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")


def shown(kind: type[RenkeiError]) -> str:
    return kind.__name__


class TestEveryError:
    @pytest.mark.parametrize("kind", ALL, ids=shown)
    def test_has_a_japanese_and_an_english_sentence_of_its_own(self, kind: type[RenkeiError]) -> None:
        parents = [parent for parent in kind.__mro__[1:] if issubclass(parent, RenkeiError)]
        assert JAPANESE.search(kind.ja)
        assert re.search(r"[A-Za-z]{3}", kind.en)
        # Terms of law such as 個人番号 stay as they are; a Japanese sentence would show by its kana.
        assert not re.search(r"[ぁ-ん]", kind.en)
        assert {kind.ja, kind.en}.isdisjoint({text for parent in parents for text in (parent.ja, parent.en)})

    @pytest.mark.parametrize("kind", ALL, ids=shown)
    def test_ends_its_sentences(self, kind: type[RenkeiError]) -> None:
        assert kind.ja.endswith(("。", "}"))
        assert kind.en.endswith((".", "}"))

    @pytest.mark.parametrize("kind", ALL, ids=shown)
    def test_belongs_to_one_branch(self, kind: type[RenkeiError]) -> None:
        assert sum(issubclass(kind, branch) for branch in BRANCHES) == 1

    @pytest.mark.parametrize("kind", ALL, ids=shown)
    def test_stands_in_the_drawn_tree(self, kind: type[RenkeiError]) -> None:
        assert re.search(rf"\b{kind.__name__}\b", errors.__doc__ or "")

    @pytest.mark.parametrize("kind", ALL, ids=shown)
    def test_shows_its_references_in_both_languages(self, kind: type[RenkeiError]) -> None:
        found = kind(**{name: f"<{name}>" for name in kind.fields()})
        assert str(found) == f"{found.sentence('ja')} / {found.sentence('en')}"
        assert "?" not in found.sentence("en")

    @pytest.mark.parametrize("kind", ALL, ids=shown)
    def test_passes_a_process_boundary(self, kind: type[RenkeiError]) -> None:
        found = kind(**dict.fromkeys(kind.fields(), 7))
        again = pickle.loads(pickle.dumps(found))  # noqa: S301  our own bytes, of this moment
        assert (type(again), again.refs, str(again)) == (kind, found.refs, str(found))


def test_the_drawn_tree_names_no_class_that_is_gone() -> None:
    drawn = (errors.__doc__ or "").split("\n\n")[1]
    named = set(re.findall(r"\b[A-Z][a-z]+(?:[A-Z][a-zA-Z]*)+\b", drawn))
    assert named <= {kind.__name__ for kind in ALL} | {"RenkeiError"}


def test_a_reference_that_was_not_given_does_not_hide_the_error() -> None:
    assert "?" in str(errors.SerialTaken())


def calls() -> Iterator[tuple[str, ast.Call, type[RenkeiError]]]:
    """Yield every place of the library that makes one of these errors."""
    kinds = {kind.__name__: kind for kind in ALL}
    for path in sorted(LIBRARY.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name in kinds:
                    yield f"{path.relative_to(LIBRARY)}:{node.lineno}", node, kinds[name]


def test_each_place_gives_every_reference_that_the_sentence_shows() -> None:
    missing = {
        f"{where} {kind.__name__}": sorted(lacking)
        for where, node, kind in calls()
        if not any(each.arg is None for each in node.keywords)
        and (lacking := kind.fields() - {each.arg for each in node.keywords})
    }
    assert missing == {}


def test_no_place_gives_a_sentence_of_its_own() -> None:
    assert [where for where, node, _ in calls() if node.args] == []
