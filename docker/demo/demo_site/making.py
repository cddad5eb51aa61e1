"""Makes the site: each step once, and a site cut short is made to its end by the next command."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from demo_site import airflow_site, keys, living
from demo_site.calls import agency
from demo_site.house import opened
from demo_site.place import (
    BASELINE,
    CLOCK,
    COUNTERPARTIES,
    FIRST_DAY,
    LAST_DAY,
    MUNICIPALITY,
    ROOT,
    Place,
    write_private,
)
from demo_site.ports import HOST
from demo_site.texts import say, text
from renkei.corridor.baseline import accept_baseline
from renkei.ledger import migrate

SETTINGS = """# The demo site; README.md explains each setting.
municipality = "{municipality}"
ward_fingerprint = "{fingerprint}"
evidence_fingerprint = "{evidence}"
schedule_start = {first}
schedule_end = {last}
clock = "{clock}"
poke_seconds = 1
receipt_deadline = 10
extract_deadline = 10
"""
PEER = """[[peer]]
id = "{id}"
host = "{host}"
port = {port}
host_key = "{host_key}"
openpgp = [{{ fingerprint = "{fingerprint}" }}]
folder = "{folder}"
connection_id = "renkei_{id}"
username = "ward-{municipality}"
key_file = "{key_file}"
"""


def make(place: Place, ports: dict[str, int]) -> None:
    """Make what is not there yet; Airflow's database at the same time as the rest."""
    # A folder that somebody made before may be open to others; what stands in it names people.
    for folder in (place.home, place.extracts):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    done = set(place.read("made") or ())

    def once(name: str, step: Callable[[Place], None]) -> None:
        if name not in done:
            step(place)
            done.add(name)
            place.remember("made", sorted(done))
            say(name)

    if "baseline" not in done:
        say("making", home=place.home)
    with ThreadPoolExecutor(1) as worker:
        other = worker.submit(airflow_site.make, place, ports)
        once("keys", _keys)
        once("extracts", _extracts)
        once("agency", _agency)
        write_private(place.home / "peers.toml", peers(place, ports))
        once("baseline", _baseline)
        other.result()
    airflow_site.connect(place, ports, host_keys(place))


def peers(place: Place, ports: dict[str, int]) -> str:
    """Return peers.toml: where each counterparty is reached and by which keys."""
    found = host_keys(place)
    return "\n".join(
        PEER.format(
            id=name,
            host=HOST,
            port=ports[name],
            host_key=found[name],
            fingerprint=public(place, name, "fingerprint"),
            folder=MUNICIPALITY,
            municipality=MUNICIPALITY,
            key_file=place.ssh_key,
        )
        for name in COUNTERPARTIES
    )


def host_keys(place: Place) -> dict[str, str]:
    """Return the SSH host key of each counterparty, as OpenSSH writes it."""
    return {name: public(place, name, "host_key") for name in COUNTERPARTIES}


def public(place: Place, name: str, suffix: str) -> str:
    """Return what a counterparty has made public about itself."""
    return (place.agency / "public" / f"{name}.{suffix}").read_text(encoding="ascii").strip()


def _keys(place: Place) -> None:
    fingerprint = keys.make_openpgp(place)
    keys.make_ssh(place)
    keys.make_reference_key(place)
    settings = SETTINGS.format(
        municipality=MUNICIPALITY,
        fingerprint=fingerprint,
        evidence=keys.make_evidence(place),
        first=FIRST_DAY,
        last=LAST_DAY,
        clock=CLOCK,
    )
    write_private(place.home / "renkei.toml", settings)


def _extracts(place: Place) -> None:
    with living.registry(place) as registry:
        registry.extract(FIRST_DAY)


def _agency(place: Place) -> None:
    served = ("--municipality", MUNICIPALITY)
    if not (place.agency / "site.json").exists():
        names = [word for name in COUNTERPARTIES for word in ("--counterparty", name)]
        agency(place, "init", "--schemas", str(ROOT / "schemas"), *served, *names, "--clock", "message")
    own = ("--openpgp", str(place.home / "keys" / "ward.asc"), "--ssh", str(place.ssh_key.with_suffix(".pub")))
    agency(place, "trust", *served, *own)
    baseline = str(place.extracts / str(BASELINE))
    if agency_is_empty(place):
        agency(place, "seed", *served, "--extract", baseline, "--reference-key", str(place.reference_keys))
    for name in COUNTERPARTIES:
        keys.import_public(place, place.agency / "public" / f"{name}.asc")


def agency_is_empty(place: Place) -> bool:
    """Tell whether the agency's register holds nobody yet."""
    out = place.state / "register.csv"
    place.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return agency(place, "register", "--municipality", MUNICIPALITY, "--out", str(out)).strip() == "0"
    finally:
        out.unlink(missing_ok=True)


def _baseline(place: Place) -> None:
    with opened(place) as house:
        migrate(house.ledger)
        accept_baseline(house, BASELINE, reason=text("baseline"), asker="demo")
