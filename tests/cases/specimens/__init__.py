"""Small processes that exist to be raced, killed and broken. `ALL` is what the house in these tests runs."""

from pathlib import Path

from tests.cases.specimens.clockwork import process as clockwork
from tests.cases.specimens.four_hands import process as four_hands
from tests.cases.specimens.fragile import process as fragile
from tests.cases.specimens.letter import process as letter
from tests.cases.specimens.letters import process as letters
from tests.cases.specimens.long_way import process as long_way
from tests.cases.specimens.own_affair import process as own_affair
from tests.cases.specimens.verdict import process as verdict

ALL = (four_hands, letters, letter, clockwork, fragile, long_way, own_affair, verdict)
PROFILE = str(Path(__file__).parent / "agency.toml")
