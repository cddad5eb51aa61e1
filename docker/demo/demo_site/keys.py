"""Freshly made keys of the ward: OpenPGP, SSH, person references. None is ever replaced."""

import secrets
from pathlib import Path

from demo_site.calls import call, environment
from demo_site.place import KEYS_MADE, MUNICIPALITY, Place, write_private

PARAMETERS = f"""%no-protection
Key-Type: eddsa
Key-Curve: ed25519
Key-Usage: cert,sign
Subkey-Type: ecdh
Subkey-Curve: cv25519
Subkey-Usage: encrypt
Name-Real: ward {MUNICIPALITY}
Expire-Date: 0
%commit
"""


def gpg(place: Place, *arguments: str, data: str = "") -> str:
    """Run gpg with the ward's home; returns what it wrote to its standard output."""
    command = ["gpg", "--homedir", str(place.gnupg), "--batch", "--no-tty", "--quiet", *arguments]
    return call("gpg", command, environment(place, {"LC_ALL": "C"}), data)


def make_openpgp(place: Place) -> str:
    """Make the ward's ed25519 and cv25519 key as of before the first day; returns its primary fingerprint."""
    place.gnupg.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.gnupg.parent.chmod(0o700)
    found = fingerprint(place)
    if not found:
        gpg(place, "--faked-system-time", KEYS_MADE, "--generate-key", data=PARAMETERS)
        found = fingerprint(place)
    public = gpg(place, "--armor", "--export", found)
    (place.home / "keys" / "ward.asc").write_text(public, encoding="ascii")
    return found


def fingerprint(place: Place) -> str:
    """Return the primary fingerprint of the ward's own key, or nothing."""
    rows = [line.split(":") for line in gpg(place, "--with-colons", "--list-secret-keys").splitlines()]
    return next((row[9] for row in rows if row[0] == "fpr"), "")


def make_ssh(place: Place) -> None:
    """Make the ward's ed25519 login key; ssh-keygen is not needed."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if place.ssh_key.exists():
        return
    key = Ed25519PrivateKey.generate()
    form = serialization.PrivateFormat.OpenSSH
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    place.ssh_key.with_suffix(".pub").write_bytes(public + b"\n")
    write_private(place.ssh_key, private.decode())


def make_reference_key(place: Place) -> None:
    """Make the key of the person references."""
    if not place.reference_keys.exists():
        write_private(place.reference_keys, f"k1:{secrets.token_hex(32)}\n")


def import_public(place: Place, key: Path) -> None:
    """Take a public key of the other side into the ward's keyring; peers.toml says which one counts when."""
    gpg(place, "--import", "--", str(key))
