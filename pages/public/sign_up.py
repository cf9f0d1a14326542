"""Create an account."""

from components import auth_page, guard

actor = guard.visitor()
auth_page.draw(
    "register", "Create your account", "10 credits to start with, and 3 more every day. No card needed.", already=actor
)
