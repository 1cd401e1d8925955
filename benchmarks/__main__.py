"""`python -m benchmarks NAME [NAME ...]` runs benchmarks; without a name it lists them."""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = {
    "step": "a durable step against a bare engine loop, young and old cases, HTTP, the race of four",
    "profile": "where the time of a durable step goes: functions and SQL statements",
    "inbox": "the inbox and what is due among 1,000, 10,000 and 100,000 open tasks, with query plans",
    "chaos": "a minute in which everything is killed at random; ends with 1 when anything was lost",
    "timers": "10,000 timers armed: lateness one by one; all due at once: seconds, and the inbox meanwhile",
    "verify": "a million entries of the record checked: entries a second, memory, seals, and only what is new",
    "mail": "5,000 e-mails due at once: how many leave in a second, with a provider that is sometimes late",
    "fanout": "500 child cases opened, then answered one by one and by eight threads at once",
}
_MODULES = {"profile": "profile_step"}


def main(names: list[str]) -> None:
    """Run these benchmarks one after another; exits with 2 for a name that is none."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise SystemExit(_refusal(unknown[0]))
    if not names:
        print("\n".join(f"{name:8} {words}" for name, words in NAMES.items()))
    for name in names:
        import_module(f"benchmarks.{_MODULES.get(name, name)}").main()


def _refusal(name: str) -> int:
    print(f"There is no benchmark {name!r}; there are {', '.join(NAMES)}.", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main(sys.argv[1:])
