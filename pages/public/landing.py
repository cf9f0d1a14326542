"""The landing page: what Vitrine does, in pictures."""

from components.landing import landing
from components.shell import guard

guard.visitor()
landing.hero()
landing.steps()
landing.results()
landing.price()
landing.footer()
