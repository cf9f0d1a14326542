"""One cache of compiled statements for all the databases that a test process opens one after the other.

SQLAlchemy keeps what it compiled with the engine and its dialect. A process of the product has one engine; one of the
tests has a new one with each test, and would compile every statement again and again.
"""

from typing import Any

import sqlalchemy as sa

_make = sa.create_engine
_first: dict[type[sa.Dialect], sa.Engine] = {}


def share() -> None:
    """Give every engine made from here on the dialect and the cache of the first of its kind."""
    sa.create_engine = _create_engine


def _create_engine(url: str | sa.URL, **options: Any) -> sa.Engine:
    engine = _make(url, **options)
    first = _first.setdefault(type(engine.dialect), engine)
    if first.dialect.server_version_info is None:  # it never met its server, from which a dialect learns
        _first[type(engine.dialect)] = engine
    else:
        engine.dialect = engine.pool._dialect = first.dialect
        engine._compiled_cache = first._compiled_cache
    return engine
