"""Benchmarks anyone can run: `make bench`. Each compares with the plain library or the floor in the same run."""
