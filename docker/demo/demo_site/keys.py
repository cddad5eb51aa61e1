"""Freshly made keys of the ward: OpenPGP, SSH, person references. None is ever replaced."""

import secrets
import tempfile
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


def gpg(place: Place, home: Path, *arguments: str, data: str = "") -> str:
    """Run gpg in one GnuPG home and stop its agent; returns what it wrote to its standard output."""
    command = ["gpg", "--homedir", str(home), "--batch", "--no-tty", "--quiet", *arguments]
    try:
        return call("gpg", command, environment(place, {"LC_ALL": "C"}), data)
    finally:
        call("gpgconf", ["gpgconf", "--homedir", str(home), "--kill", "all"], environment(place))


def make_openpgp(place: Place) -> str:
    """Make the ward's ed25519 and cv25519 key as of before the first day; returns its primary fingerprint.

    Its halves part at once: what signs goes to the home for sealing, what decrypts to the home for opening.
    """
    for home in (place.gnupg_seal, place.gnupg_open):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.gnupg_seal.parent.chmod(0o700)
    found = fingerprints(place, place.gnupg_open)
    if not found:
        found = _make_halves(place)
    public = gpg(place, place.gnupg_open, "--armor", "--export", found[0])
    (place.home / "keys" / "ward.asc").write_text(public, encoding="ascii")
    return found[0]


def _make_halves(place: Place) -> list[str]:
    # In the home's own temporary folder the name of the agent's socket might become too long.
    with tempfile.TemporaryDirectory(prefix="gpg-") as folder:
        whole = Path(folder)
        gpg(place, whole, "--faked-system-time", KEYS_MADE, "--generate-key", data=PARAMETERS)
        primary, encryption = found = fingerprints(place, whole)
        revocation = (whole / "openpgp-revocs.d" / f"{primary}.rev").read_text(encoding="utf-8")
        write_private(place.home / "keys" / "ward.rev", revocation)
        signing = gpg(place, whole, "--armor", "--export-secret-keys", f"{primary}!")
        gpg(place, place.gnupg_seal, "--import", data=signing)
        # The last one: a ward whose key stands here has both halves.
        decrypting = gpg(place, whole, "--armor", "--export-secret-subkeys", f"{encryption}!")
        gpg(place, place.gnupg_open, "--import", data=decrypting)
    return found


def make_evidence(place: Place) -> str:
    """Make the key that signs bundles for auditors, in a home of its own; returns its fingerprint."""
    home = place.evidence
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not fingerprints(place, home):
        parameters = PARAMETERS.replace(f"ward {MUNICIPALITY}", f"evidence {MUNICIPALITY}")
        gpg(place, home, "--faked-system-time", KEYS_MADE, "--generate-key", data=parameters)
    return fingerprints(place, home)[0]


def fingerprints(place: Place, home: Path) -> list[str]:
    """Return the fingerprints of the ward's own key and its subkeys, none where it is not made yet."""
    rows = [line.split(":") for line in gpg(place, home, "--with-colons", "--list-secret-keys").splitlines()]
    return [row[9] for row in rows if row[0] == "fpr"]


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
    """Take a public key of the other side into both homes; peers.toml says which one counts when."""
    for home in (place.gnupg_seal, place.gnupg_open):
        gpg(place, home, "--import", "--", str(key))
