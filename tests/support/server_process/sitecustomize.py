"""What the servers and workers that tests start do first: hash passwords at bcrypt's lowest cost, as the tests do."""

import bcrypt

_salt = bcrypt.gensalt


def _cheap_salt(rounds: int = 12, prefix: bytes = b"2b") -> bytes:
    return _salt(4, prefix)


bcrypt.gensalt = _cheap_salt
