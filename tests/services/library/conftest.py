"""People who own pictures, and pictures drawn in memory."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

import db
from config import Settings
from db.models import User
from services.accounts.actor import Actor


def encoded(image: Image.Image, format: str = "JPEG", **options: object) -> bytes:
    """`image` as a file."""
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def drawn(size: tuple[int, int] = (640, 480), mode: str = "RGB") -> Image.Image:
    """A picture with something to see: a gradient in every channel."""
    ramp = Image.linear_gradient("L").resize(size)
    if mode == "RGBA":
        return Image.merge("RGBA", (ramp, ramp.transpose(Image.Transpose.ROTATE_180), ramp, ramp))
    return Image.merge("RGB", (ramp, ramp.transpose(Image.Transpose.ROTATE_180), ramp)).convert(mode)


def person(email: str) -> Actor:
    """A new person, as an actor."""
    with db.transaction() as session:
        user = User(email=email, email_key=email, password_hash="x", role="user")
        session.add(user)
    return Actor(user.id, user.email, "", user.role, user.tier)


@pytest.fixture
def owner(vitrine: Settings) -> Actor:
    """A person on each of the two databases in turn."""
    return person("owner@example.com")


@pytest.fixture
def sqlite_owner(vitrine_sqlite: Settings) -> Actor:
    """A person on SQLite."""
    return person("owner@example.com")


@pytest.fixture
def make_person() -> Callable[[str], Actor]:
    """Makes further people."""
    return person
