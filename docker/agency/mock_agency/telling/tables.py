"""The tables of the agency's own files: what was sealed, what it told of whom, what the ward answered."""

TABLES = """
CREATE TABLE IF NOT EXISTS own_files (
    municipality TEXT NOT NULL, serial INTEGER NOT NULL, counterparty TEXT NOT NULL, scenario TEXT NOT NULL,
    fault TEXT NOT NULL, day TEXT NOT NULL, sealed_at TEXT NOT NULL, records INTEGER NOT NULL,
    package_sha256 TEXT NOT NULL, package BLOB NOT NULL, sealed BLOB NOT NULL, shown BLOB, state TEXT NOT NULL,
    PRIMARY KEY (municipality, serial));
CREATE TABLE IF NOT EXISTS own_sealings (
    municipality TEXT NOT NULL, serial INTEGER NOT NULL, sealed_sha256 TEXT NOT NULL, package_sha256 TEXT NOT NULL,
    PRIMARY KEY (municipality, serial, sealed_sha256));
CREATE TABLE IF NOT EXISTS own_records (
    municipality TEXT NOT NULL, serial INTEGER NOT NULL, record INTEGER NOT NULL, notice_id TEXT NOT NULL,
    person_reference TEXT NOT NULL, kind TEXT NOT NULL, expected TEXT NOT NULL, content TEXT NOT NULL,
    PRIMARY KEY (municipality, serial, record));
CREATE TABLE IF NOT EXISTS told (
    municipality TEXT NOT NULL, person_reference TEXT NOT NULL, item TEXT NOT NULL, before TEXT NOT NULL,
    PRIMARY KEY (municipality, person_reference, item, before));
CREATE TABLE IF NOT EXISTS acks (
    municipality TEXT NOT NULL, counterparty TEXT NOT NULL, name TEXT NOT NULL, sealed_sha256 TEXT NOT NULL,
    serial INTEGER NOT NULL, answer INTEGER NOT NULL, outcome TEXT NOT NULL, code TEXT NOT NULL,
    fault TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (municipality, counterparty, name, sealed_sha256));
CREATE TABLE IF NOT EXISTS ack_classes (
    municipality TEXT NOT NULL, serial INTEGER NOT NULL, record INTEGER NOT NULL, answer INTEGER NOT NULL,
    class TEXT NOT NULL, final INTEGER NOT NULL, PRIMARY KEY (municipality, serial, record, answer));
"""
