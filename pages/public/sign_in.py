"""Sign in to an existing account."""

from components import auth_page, guard

actor = guard.visitor()
auth_page.draw("sign-in", "Welcome back", "Sign in to your studio.", already=actor)
