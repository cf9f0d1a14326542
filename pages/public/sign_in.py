"""Sign in to an existing account."""

from components.auth import auth_page
from components.shell import guard

actor = guard.visitor()
auth_page.draw("sign-in", "Welcome back", "Sign in to your studio.", already=actor)
