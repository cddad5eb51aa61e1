"""Yesterday's copy of a site's ledger, made and put back as an administrator does it: a file, or pg_dump's.

copy = Backup(site)
…                    # days that the copy does not know
copy.restore()       # the sealed store, the head mark and the peers stay as they are
"""

import shutil

from tests.support.site import Site


class Backup:
    """A copy of one site's ledger, made when it is constructed; nobody has the ledger open then."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.folder = site.home / "backup"
        if site.server and site.database:
            site.server.run("pg_dump", *self._line(site.database), "-Fc", "-f", self._dump)
        else:
            shutil.copytree(site.home / "ledger", self.folder)

    def restore(self) -> None:
        """Put the copy in the ledger's place."""
        site = self.site
        if site.server and site.database:
            site.drop_database()
            site.database = site.server.new_database()
            site.server.run("pg_restore", *self._line(site.database), "--exit-on-error", self._dump)
            site.write_settings()
        else:
            shutil.rmtree(site.home / "ledger")
            shutil.copytree(self.folder, site.home / "ledger")

    @property
    def _dump(self) -> str:
        return f"{self.site.home.name}.dump"

    def _line(self, database: str) -> list[str]:
        assert self.site.server
        return ["-h", str(self.site.server.data), "-U", "renkei", "-d", database]
