"""Benchmarks: `make bench`. Each compares with the plain library or the lower bound in the same run."""
