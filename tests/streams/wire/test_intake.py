"""What a file was and brought, on its way to the store: all that is needed to come back from a number to its file."""

from __future__ import annotations

import pytest

from streams.records import Intake
from streams.store.lines import effect_of
from streams.wire.arrays import WireError
from streams.wire.messages import intake_from, intake_line

ROWS_IN, REJECTED = {-1: 2, 473_352: 3, 473_353: 1, 473_360: 1}, {-1: 2, 473_360: 1}
INTAKE = Intake("station-csv", "成都.csv", 12.5, ROWS_IN, REJECTED, digest="ab" * 32, simulated=True, released_at=11.5)
OLD = (
    'station-csv\t{"schema":"intake/1","source":"station-csv","file":"a.csv","received_at":12.5,'
    '"rows_in":{"473352":3},"rejected":{}}'
)


def test_file_digest_source_hours_rows_receipt_and_mark_travel() -> None:
    line = intake_line(INTAKE)
    assert line.startswith("station-csv\t") and '"schema":"intake/3"' in line
    back, received_at = intake_from(line)
    assert back == INTAKE and received_at == 12.5
    assert (back.file, back.digest, back.source, back.simulated) == ("成都.csv", "ab" * 32, "station-csv", True)
    assert (back.first_hour, back.last_hour, back.rows) == (473_352, 473_353, 7)


def test_a_file_of_which_nothing_was_passed_on_has_no_hours() -> None:
    nothing = Intake("emissions", "a.csv", 0.0, {-1: 1}, {-1: 1})
    assert (nothing.first_hour, nothing.last_hour, nothing.rows) == (None, None, 1)


def test_an_older_message_is_still_read_and_stored() -> None:
    back, _ = intake_from(OLD)
    assert isinstance(back, Intake) and (back.rows, back.digest, back.simulated) == (3, "", False)
    (count,) = effect_of(OLD).counts
    assert (count.source, count.numbers) == ("station-csv", {"rows_in": 3, "rejected": 0})


def test_a_newer_message_than_is_known_is_no_intake() -> None:
    with pytest.raises(WireError, match="intake/4"):
        intake_from(OLD.replace("intake/1", "intake/4"))
