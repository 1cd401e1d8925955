"""An agency list of invented agencies, with the keys of a real one."""

import json
from typing import Any


def agency(number: int, **fields: Any) -> dict[str, Any]:
    """One organisation as the agency list of a sharing register describes it; the details are invented."""
    return {
        "agency_id": f"00000000-0000-5000-8000-{number:012}",
        "slug": f"exampleton-{number}-ca-pd",
        "flock_active_slug": f"exampleton-{number}-ca-pd",
        "flock_slugs": [f"exampleton-{number}-ca-pd"],
        "flock_names": [f"Exampleton {number} CA PD"],
        "display_name": None,
        "agency_role": "police",
        "agency_type": "city",
        "website": None,
        "tags": ["public"],
        "geo": {"kind": "place", "fips": "0600000", "name": "Exampleton", "state": "CA", "lat": 37.5, "lng": -121.5},
        "flags": [],
    } | fields


def as_file(*rows: Any) -> bytes:
    """The rows as the bytes of a JSON list, one row a line: row n stands on line n + 1."""
    return ("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n").encode()
