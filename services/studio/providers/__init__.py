"""Generative providers: one module each. Nothing else in the project talks to one."""
