"""What is wrong with the sealing: who signed, for whom, and the OpenPGP message itself."""

import itertools
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from mock_agency import gpg
from mock_agency.clock import read_instant
from mock_agency.errors import GpgError
from mock_agency.keys import export, make_openpgp_key, own_fingerprint
from mock_agency.site import Site, write_whole
from mock_agency.telling.scenarios.hostile.case import MIB, Case
from mock_agency.telling.sending import Sealing

BOMB_MIB: Final = 512
COMPRESSED: Final = ["-z", "9", "--compress-algo", "zlib"]
STRANGER, OLD = "stranger", "old"


def unsigned(sealing: Sealing) -> bytes:
    """Encrypt only."""
    clock = sealing.now.gpg_options
    return gpg.seal(sealing.ring, sealing.package, signer=None, recipient=sealing.trust.fingerprint, clock=clock)


def by_another(name: str) -> Callable[[Sealing], bytes]:
    """Sign with another key of the agency's home, whose public half stands in `public/`."""

    def seal(sealing: Sealing) -> bytes:
        home = f"{name}-{sealing.counterparty}" if name == OLD else name
        with another_key(sealing.site, home) as (ring, signer):
            ring.call("--import", data=sealing.ring.call("--export", sealing.trust.fingerprint)[0])
            recipient, clock = sealing.trust.fingerprint, sealing.now.gpg_options
            return gpg.seal(ring, sealing.package, signer=signer, recipient=recipient, clock=clock)

    return seal


@contextmanager
def another_key(site: Site, name: str) -> Iterator[tuple[gpg.Keyring, str]]:
    """Give keyring and fingerprint of a key that stands beside those of the counterparties, made when first asked."""
    home, public = site.home / "gnupg" / name, site.home / "public"
    ring = gpg.Keyring(home)
    try:
        if not (public / f"{name}.fingerprint").exists():
            fingerprint = make_openpgp_key(home, name, read_instant(site.keys_from))
            write_whole(public / f"{name}.asc", export(ring, fingerprint))
            write_whole(public / f"{name}.fingerprint", f"{fingerprint}\n".encode())
        yield ring, (public / f"{name}.fingerprint").read_text(encoding="ascii").strip()
    finally:
        ring.stop_agent()


def for_another(sealing: Sealing) -> bytes:
    """Encrypt to the agency itself."""
    own = own_fingerprint(sealing.site, sealing.counterparty)
    return gpg.seal(sealing.ring, sealing.package, signer=own, recipient=own, clock=sealing.now.gpg_options)


def flipped(sealing: Sealing) -> bytes:
    """Flip one bit."""
    sealed = bytearray(sealing.sealed())
    sealed[len(sealed) * 2 // 3] ^= 1
    return bytes(sealed)


def truncated(sealing: Sealing) -> bytes:
    """Leave the last third out."""
    sealed = sealing.sealed()
    return sealed[: len(sealed) * 2 // 3]


def doubled(sealing: Sealing) -> bytes:
    """Append a second message, unsigned."""
    return sealing.sealed() + unsigned(sealing)


def armored(sealing: Sealing) -> bytes:
    """Seal as text."""
    return _sealed(sealing, ["-z", "0", "--armor"], [sealing.package])


def compressed(sealing: Sealing) -> bytes:
    """Compress inside OpenPGP."""
    return _sealed(sealing, COMPRESSED, [sealing.package])


def bomb(mebibytes: int) -> Callable[[Sealing], bytes]:
    """Seal so many MiB of zeros, compressed."""
    return lambda sealing: _sealed(sealing, COMPRESSED, itertools.repeat(bytes(MIB), mebibytes))


def _sealed(sealing: Sealing, options: list[str], pieces: Iterable[bytes]) -> bytes:
    """Sign and encrypt with other options, piece by piece."""
    own = own_fingerprint(sealing.site, sealing.counterparty)
    command = sealing.ring.command(
        *sealing.now.gpg_options, "--cipher-algo", "AES256", "--digest-algo", "SHA512", *options, "--sign",
        "--local-user", own, "--encrypt", "--recipient", sealing.trust.fingerprint, "--output", "-",
    )  # fmt: skip
    with tempfile.TemporaryFile() as out:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.DEVNULL) as process:
            assert process.stdin is not None  # noqa: S101 - Popen was asked for a pipe
            for piece in pieces:
                process.stdin.write(piece)
            process.stdin.close()
        if process.returncode:
            raise GpgError(f"gpg ended with status {process.returncode}")
        out.seek(0)
        return out.read()


def _fault(seal: Callable[[Sealing], bytes]) -> Callable[[Case], dict[str, Any]]:
    return lambda case: case.told(case.tell(case.strangers(), shown=seal), layer="openpgp")


def _bomb(case: Case) -> dict[str, Any]:
    return case.told(case.tell(case.strangers(), shown=bomb(case.number or BOMB_MIB)), layer="openpgp")


FAULTS: Final[Mapping[str, Callable[[Case], dict[str, Any]]]] = {
    "unsigned": _fault(unsigned),
    "stranger": _fault(by_another(STRANGER)),
    "old-key": _fault(by_another(OLD)),
    "other-recipient": _fault(for_another),
    "bit-flipped": _fault(flipped),
    "truncated": _fault(truncated),
    "two-messages": _fault(doubled),
    "armored": _fault(armored),
    "compressed": _fault(compressed),
    "openpgp-bomb": _bomb,
}
