"""The plugins that give the suites their real counterparts; each says in its docstring what it runs."""

pytest_plugins = [
    "tests.support.agency",
    "tests.support.databases",
    "tests.support.openpgp",
    "tests.support.site",
    "tests.support.sshd",
]
