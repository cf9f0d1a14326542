"""Money: what credits cost."""
