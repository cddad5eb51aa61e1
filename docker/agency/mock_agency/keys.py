"""The keys of the counterparties, and those of the wards that they trust."""

import os
import re
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from mock_agency.clock import gpg_clock, read_instant
from mock_agency.errors import GpgError, SiteError
from mock_agency.gpg import Keyring
from mock_agency.site import Site, Trust, write_whole

PARAMETERS = """%no-protection
Key-Type: eddsa
Key-Curve: ed25519
Key-Usage: cert,sign
Subkey-Type: ecdh
Subkey-Curve: cv25519
Subkey-Usage: encrypt
Name-Real: {name}
Expire-Date: {expire}
Preferences: AES256 SHA512 SHA384 SHA256 Uncompressed
%commit
"""
SSH_KEY = re.compile(r"(ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|ssh-rsa) [A-Za-z0-9+/=]+")


def make_openpgp_key(home: Path, name: str, made: datetime, expire: str = "0") -> str:
    """Make an ed25519 + cv25519 key without passphrase as of an instant; returns its primary fingerprint."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    parameters = PARAMETERS.format(name=name, expire=expire).encode()
    _, status = Keyring(home).call(*gpg_clock(made), "--generate-key", data=parameters)
    words = next(line for line in status if line.startswith("KEY_CREATED ")).split(" ")
    return words[2]


def export(ring: Keyring, fingerprint: str) -> bytes:
    """Return a public key, armored."""
    return ring.call("--armor", "--export", fingerprint)[0]


def encryption_keys(ring: Keyring, fingerprint: str) -> frozenset[str]:
    """Return the long key ids of a key's encryption subkeys."""
    listing = ring.call("--with-colons", "--list-keys", fingerprint)[0].decode()
    rows = [line.split(":") for line in listing.splitlines()]
    return frozenset(row[4] for row in rows if row[0] in {"pub", "sub"} and "e" in row[11])


def make_counterparty(site: Site, counterparty: str, name: str, expire: str) -> None:
    """Make a counterparty's OpenPGP key and SSH host key and publish their public halves under `public/`."""
    home, public = site.gnupg(counterparty), site.home / "public"
    fingerprint = make_openpgp_key(home, name, read_instant(site.keys_from), expire)
    write_whole(public / f"{counterparty}.asc", export(Keyring(home), fingerprint))
    write_whole(public / f"{counterparty}.fingerprint", f"{fingerprint}\n".encode())
    host_key = make_host_key(site.ssh_host_key(counterparty))
    write_whole(public / f"{counterparty}.host_key", f"{host_key}\n".encode())


def make_host_key(path: Path) -> str:
    """Make an ed25519 SSH host key; returns its public line (`ssh-ed25519 AAAA…`)."""
    import asyncssh  # slow to import, and the commands that only process need no SSH

    key = asyncssh.generate_private_key("ssh-ed25519")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(key.export_private_key())
    return " ".join(key.export_public_key().decode().split()[:2])


def own_fingerprint(site: Site, counterparty: str) -> str:
    """Return the primary fingerprint of a counterparty's own key."""
    return (site.home / "public" / f"{counterparty}.fingerprint").read_text(encoding="utf-8").strip()


def keyring(site: Site, counterparty: str, municipality: str) -> Keyring:
    """Return the keyring that holds a counterparty's own key and the one ward's key, and no other."""
    return Keyring(site.gnupg(counterparty), f"{municipality}.kbx")


def ssh_line(path: Path) -> str:
    """Read an SSH public key file: type and key without the comment; raises SiteError for anything else."""
    found = SSH_KEY.match(path.read_text(encoding="utf-8", errors="replace").strip())
    if not found:
        raise SiteError(f"{path.name} is not an SSH public key")
    return found[0]


def primary_fingerprint(home: Path, key: Path) -> str:
    """Return the primary fingerprint of the one public key in a file; raises SiteError if it is not exactly one."""
    listing = Keyring(home).call("--with-colons", "--show-keys", "--", str(key))[0].decode()
    rows = [line.split(":") for line in listing.splitlines()]
    primaries = [after[9] for row, after in pairwise(rows) if row[0] == "pub" and after[0] == "fpr"]
    if len(primaries) != 1:
        raise SiteError(f"{key.name} holds {len(primaries)} OpenPGP keys, not one")
    return primaries[0]


def trust_ward(site: Site, municipality: str, openpgp: Path, ssh: Path) -> Trust:
    """Pin a ward's OpenPGP key (by its primary fingerprint) and its SSH key at every counterparty."""
    site.known(municipality)
    ssh_key = ssh_line(ssh)
    try:
        fingerprint = primary_fingerprint(site.gnupg(site.counterparties[0]), openpgp)
        for counterparty in site.counterparties:
            ring = keyring(site, counterparty, municipality)
            (ring.home / f"{municipality}.kbx").unlink(missing_ok=True)
            own = site.home / "public" / f"{counterparty}.asc"
            ring.call("--import", "--", str(own), str(openpgp))
    except GpgError:
        raise SiteError(f"{openpgp.name} is not an OpenPGP public key that gpg can read") from None
    trust = Trust(municipality, fingerprint, ssh_key)
    site.keep_trust(trust)
    return trust
