"""The base of the tables, and the kinds of columns that they share."""

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase, mapped_column

from renkei.ledger.columns import SHA256, Instant, Json

Id = Annotated[int, mapped_column(Integer, primary_key=True, autoincrement=True)]
Digest = Annotated[str, mapped_column(SHA256)]
Code = Annotated[str, mapped_column(String(64))]
RegistryNumber = Annotated[str, mapped_column(String(32))]
NoticeId = Annotated[str, mapped_column(String(32))]


class Base(DeclarativeBase):
    """Names every constraint, so that SQLite and PostgreSQL have the same ones."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant(), dict[str, Any]: Json(), list[Any]: Json()}  # noqa: RUF012  SQLAlchemy's own form
