"""Encryption at rest (AES-256-GCM), under keys derived from the secret key, for the few values that are read back."""

import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from config import settings

_NONCE_BYTES = 12


def seal(plain: bytes, *, purpose: str, owner: str) -> bytes:
    """`plain`, encrypted; opens only for the same purpose and owner."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(settings().secret_key.get_secret_value(), purpose).encrypt(nonce, plain, owner.encode())


def unseal(sealed: bytes, *, purpose: str, owner: str) -> bytes | None:
    """What `seal` encrypted; None if it was changed, is another owner's, or the secret key has changed."""
    cipher = _cipher(settings().secret_key.get_secret_value(), purpose)
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], owner.encode())
    except (InvalidTag, ValueError):
        return None


@cache
def _cipher(secret: str, purpose: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=f"vitrine:{purpose}".encode()).derive(secret.encode()))
