"""The front door: what Vitrine does, shown rather than told."""

from components.landing import landing
from components.shell import guard

guard.visitor()
landing.hero()
landing.steps()
landing.results()
landing.price()
landing.footer()
