"""The front door: what Vitrine does, shown rather than told."""

from components import guard, landing

guard.visitor()
landing.hero()
landing.steps()
landing.results()
landing.price()
landing.footer()
