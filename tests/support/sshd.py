"""A real OpenSSH `sshd` on a free loopback port: internal-sftp only, key login only, pinned algorithms.

Run by root it confines the login to its tree (chroot); run by another user it starts in that tree. Either way
the paths that a client uses are relative to the tree: `131041/inbox/…`.
"""

import contextlib
import getpass
import os
import resource
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDERS = ("inbox", "receipts", "outbox", "acks")
MUNICIPALITY = "131041"
_CONFIG = """
ListenAddress 127.0.0.1:{port}
HostKey {host_key}
AuthorizedKeysFile {authorized}
AuthenticationMethods publickey
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM {pam}
PidFile none
LogLevel VERBOSE
MaxStartups 100
AllowTcpForwarding no
X11Forwarding no
PermitTTY no
Ciphers {ciphers}
MACs hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com
KexAlgorithms {kex}
Subsystem sftp internal-sftp
{confine}
ForceCommand internal-sftp -d {start}
"""


@dataclass(frozen=True, slots=True)
class Sshd:
    """A running server and what a client needs for it."""

    host: str
    port: int
    host_key: str
    tree: Path
    username: str
    key_file: Path
    confined: bool
    log: Path

    @property
    def municipality(self) -> Path:
        """The ward's folder, as it lies on the server's disk."""
        return self.tree / MUNICIPALITY

    def seen(self) -> str:
        """Return the server's log."""
        return self.log.read_text(errors="replace")


def make_key(path: Path, kind: str = "ed25519") -> str:
    """Make an SSH key pair at `path`; return the public line without its comment."""
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", path], check=True, capture_output=True)
    kind_name, blob = Path(f"{path}.pub").read_text().split()[:2]
    return f"{kind_name} {blob}"


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@contextlib.contextmanager
def running(
    work: Path,
    *,
    host_key_kind: str = "ed25519",
    largest_file: int | None = None,
    ciphers: str = "aes256-gcm@openssh.com,aes256-ctr",
    kex: str = "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256",
    more: str = "",
    port: int | None = None,
) -> Iterator[Sshd]:
    """Run a server with its keys in `work`; writes beyond `largest_file` bytes fail, as on a full disk."""
    root = os.geteuid() == 0
    with _tree(confined=root) as tree:
        host_key = make_key(work / "host-key", host_key_kind)
        authorized = work / "authorized-keys"
        authorized.write_text(make_key(work / "login-key") + "\n")
        chosen = port or free_port()
        config = work / "sshd.conf"
        config.write_text(
            _CONFIG.format(
                port=chosen,
                host_key=work / "host-key",
                authorized=authorized,
                pam="yes" if root and _locked("root") else "no",
                ciphers=ciphers,
                kex=kex,
                confine=f"ChrootDirectory {tree}" if root else "",
                start="/" if root else tree,
            )
            + more
        )
        server = Sshd(
            host="127.0.0.1",
            port=chosen,
            host_key=host_key,
            tree=tree,
            username=getpass.getuser() if not root else "root",
            key_file=work / "login-key",
            confined=root,
            log=work / "sshd.log",
        )
        with _serving(config, server, largest_file):
            yield server


@contextlib.contextmanager
def _serving(config: Path, server: Sshd, largest_file: int | None) -> Iterator[None]:
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    program = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin")
    assert program, "openssh-server is needed"
    with server.log.open("wb") as log:
        # Python ignores SIGXFSZ; left so, the server reports a file grown too large as a failed write.
        process = subprocess.Popen([program, "-D", "-e", "-f", config], stderr=log, restore_signals=False)
        try:
            if largest_file is not None:
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (largest_file, largest_file))
            _await_banner(process, server)
            yield
        finally:
            process.terminate()
            process.wait(10)


def _await_banner(process: subprocess.Popen[bytes], server: Sshd) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        assert process.poll() is None, server.seen()
        with (
            contextlib.suppress(OSError),
            socket.create_connection((server.host, server.port), timeout=2) as line,
        ):
            if line.recv(4) == b"SSH-":
                return
        time.sleep(0.02)
    raise AssertionError(f"sshd did not answer: {server.seen()}")


@contextlib.contextmanager
def _tree(*, confined: bool) -> Iterator[Path]:
    # sshd confines a login only to a folder whose parents root alone may write to; /srv is one everywhere.
    base = Path(tempfile.mkdtemp(prefix="sftp-", dir="/srv" if confined else None))
    base.chmod(0o755)
    for folder in FOLDERS:
        (base / MUNICIPALITY / folder).mkdir(parents=True)
    try:
        yield base
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _locked(user: str) -> bool:
    lines = Path("/etc/shadow").read_text().splitlines()
    return any(line.startswith(f"{user}:!") for line in lines)


@pytest.fixture
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """A server for this test alone, with empty folders for one municipality."""
    with running(tmp_path_factory.mktemp("sshd")) as server:
        yield server
