"""Cases: running processes with a number, an inbox and a timeline."""
