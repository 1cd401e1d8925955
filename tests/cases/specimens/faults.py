"""Whether the handlers that were written to fail have been mended meanwhile."""

mended = False
