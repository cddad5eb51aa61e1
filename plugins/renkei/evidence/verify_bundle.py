"""Checks a bundle of evidence, offline, with nothing but Python's standard library (and gpg, where it is there).

    python3 verify.py [FOLDER or ZIP] [--key FINGERPRINT] [--head NUMBER:HASH]

Every file must be in SHA256SUMS with its digest, and nothing else be there. In trail.jsonl each row must carry the
number after the one before it, the hash before it and the hash of itself. Each report that the trail tells of must
be there as it was written. The last line says PASS or FAIL; the exit status is 0 or 1.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

UNSUMMED = {"SHA256SUMS", "SHA256SUMS.asc", "evidence-key.asc"}


def read(place: str) -> dict[str, bytes]:
    """Return the files of a folder or ZIP by name."""
    if os.path.isdir(place):
        found: dict[str, bytes] = {}
        for folder, _, names in os.walk(place):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as stream:
                    found[os.path.relpath(path, place).replace(os.sep, "/")] = stream.read()
        return found
    with zipfile.ZipFile(place) as archive:
        names = archive.namelist()
        if len(names) != len(set(names)):
            raise ValueError("a name stands twice in the ZIP")
        return {name: archive.read(name) for name in names}


def check_sums(files: dict[str, bytes]) -> Iterator[str]:
    """Yield what differs from SHA256SUMS."""
    told = {}
    for line in files.get("SHA256SUMS", b"").decode().splitlines():
        digest, _, name = line.partition("  ")
        told[name] = digest
    if not told:
        yield "SHA256SUMS is missing or empty"
    for name, digest in told.items():
        if name not in files:
            yield name + ": missing"
        elif hashlib.sha256(files[name]).hexdigest() != digest:
            yield name + ": its digest differs"
    for name in sorted(set(files) - set(told) - UNSUMMED):
        yield name + ": not in SHA256SUMS"


def check_trail(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Yield where the chain does not hold."""
    last: dict[str, Any] | None = None
    for row in rows:
        where = "trail row %s: " % row["number"]
        if last is not None and row["number"] != last["number"] + 1:
            yield where + "the number does not follow"
        before = last["hash"] if last is not None else ("0" * 64 if row["number"] == 1 else row["previous_hash"])
        if row["previous_hash"] != before:
            yield where + "the hash before it differs"
        told = [row[name] for name in ("number", "previous_hash", "at", "actor", "action", "subject", "facts")]
        text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if hashlib.sha256(text.encode()).hexdigest() != row["hash"]:
            yield where + "its own hash differs"
        last = row


def check_reports(rows: list[dict[str, Any]], files: dict[str, bytes]) -> Iterator[str]:
    """Yield the reports that the trail tells of and that are not here as written."""
    for row in rows:
        if row["action"] == "report.written":
            for name, digest in json.loads(row["facts"])["files"].items():
                found = files.get("reports/" + name)
                if found is None:
                    yield "reports/" + name + ": missing"
                elif hashlib.sha256(found).hexdigest() != digest:
                    yield "reports/" + name + ": not as the trail tells"


def check_signature(files: dict[str, bytes], wanted: str) -> Iterator[str]:
    """Yield what is wrong with the signature; a note where there is no gpg to check it."""
    if "SHA256SUMS.asc" not in files or "evidence-key.asc" not in files:
        yield "the signature or its key is missing"
        return
    if shutil.which("gpg") is None:
        print("note: gpg is not installed, the signature was not checked")
        if wanted:
            yield "a key was named, and there is no gpg to check it"
        return
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o700)
        for name in UNSUMMED:
            with open(os.path.join(home, name), "wb") as stream:
                stream.write(files[name])
        base = ["gpg", "--homedir", home, "--batch", "--no-tty", "--no-options", "--status-fd", "1"]
        paths = {name: os.path.join(home, name) for name in UNSUMMED}
        subprocess.run([*base, "--import", paths["evidence-key.asc"]], capture_output=True)
        said = subprocess.run(
            [*base, "--verify", paths["SHA256SUMS.asc"], paths["SHA256SUMS"]], capture_output=True, text=True
        ).stdout
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], capture_output=True)
    valid = [line.split() for line in said.splitlines() if line.startswith("[GNUPG:] VALIDSIG ")]
    if len(valid) != 1:
        yield "the signature over SHA256SUMS is not valid"
        return
    print("signed by " + valid[0][-1])
    if wanted and valid[0][-1] != wanted:
        yield "signed by another key than " + wanted


def check_head(rows: list[dict[str, Any]], wanted: str) -> Iterator[str]:
    """Yield if the chain does not contain a head that was printed on a report."""
    number, _, digest = wanted.partition(":")
    if not any(str(row["number"]) == number and row["hash"] == digest for row in rows):
        yield "the head %s is not in the trail" % number


def option(words: list[str], name: str) -> str:
    """Take an option with its value out of the command line."""
    if name not in words:
        return ""
    place = words.index(name)
    value = words[place + 1]
    del words[place : place + 2]
    return value


def main(words: list[str]) -> int:
    """Check, and say so in the last line."""
    key, head = option(words, "--key"), option(words, "--head")
    files = read(words[0] if words else os.path.dirname(os.path.abspath(__file__)))
    rows = [json.loads(line) for line in files.get("trail.jsonl", b"").decode().splitlines()]
    wrong = [*check_sums(files), *check_trail(rows), *check_reports(rows, files), *check_signature(files, key)]
    if head:
        wrong += check_head(rows, head)
    for each in wrong:
        print("wrong: " + each)
    if rows:
        print("trail: rows %d to %d, head %s" % (rows[0]["number"], rows[-1]["number"], rows[-1]["hash"]))
    print("FAIL (%d)" % len(wrong) if wrong else "PASS (%d files, %d rows)" % (len(files), len(rows)))
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Exception as error:
        print("FAIL (%s)" % type(error).__name__)
        sys.exit(1)
