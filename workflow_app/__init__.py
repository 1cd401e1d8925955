"""ALPR Casework: case management for errors and violations in a licence-plate-reader programme."""
