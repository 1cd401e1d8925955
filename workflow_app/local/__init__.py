"""The whole service on one machine, with nothing installed beforehand: stores, mail catcher, launcher.

For trying out, for development and for the tests. A real installation runs the same `alpr` commands under its own
supervisor, with its own database, Redis and mail provider.
"""
