"""`.venv/bin/alpr`: the command, for the service of the project's own data folder unless the environment names one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from workflow_app.local.environment import read_env

_ENV = Path(__file__).resolve().parents[2] / "data" / "env"

_NOTHING_YET = (
    "No service has run in data/ yet. Start it with `python3 dev.py up`, "
    "or name another folder's service with `set -a; . DIR/env`."
)


def main() -> None:
    """Settings already in the environment win: `set -a; . DIR/env` speaks to another folder's service."""
    given = {"DATABASE_URL", "ALPR_DATABASE_URL", "DATABASE_URL_FILE", "ALPR_DATABASE_URL_FILE"} & os.environ.keys()
    if not given and _ENV.exists():
        os.environ.update({**read_env(_ENV), **os.environ})
    elif not given and "ALPR_SECRET_KEY" not in os.environ and not {"--help", "-h"} & set(sys.argv):
        print(_NOTHING_YET, file=sys.stderr)
    from workflow_app.cli import main as run  # after the environment is complete

    run()


if __name__ == "__main__":
    main()
