"""Create an account."""

from components.auth import auth_page
from components.shell import guard

actor = guard.visitor()
auth_page.draw(
    "register", "Create your account", "10 credits to start with, and 3 more every day. No card needed.", already=actor
)
