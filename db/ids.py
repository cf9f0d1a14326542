"""Ids: a prefix that names the kind and a UUIDv7, so that they sort by the time they were made."""

from uuid_utils import uuid7


def new_id(prefix: str) -> str:
    """`new_id("job")` -> `job_` + 32 hexadecimal digits."""
    return f"{prefix}_{uuid7().hex}"
