"""Batches: one recipe on up to five hundred pictures, a job for each. Jobs know nothing of them."""
