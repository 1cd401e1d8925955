"""Benchmarks: how fast a step is, on SQLite and PostgreSQL, always as a ratio to something measured in the same run.

`python -m benchmarks` lists them. Each prints one JSON line a figure. Absolute numbers are those of one machine on one
day; ratios travel.
"""
