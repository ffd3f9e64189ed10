"""What was published, and what it was computed from, is compared with its SHA-256 by `airshed check`; a backup brings both back."""

from __future__ import annotations

import json
import sqlite3

from dashboards.publications.office_tables import blob
from infra import cli
from tests.dashboards.office.conftest import quick  # noqa: F401 - a fixture
from tests.infra.test_publications import home, publish, said, store  # noqa: F401 - fixtures
from tests.streams.store.test_refusals import run


def test_contents_and_recorded_inputs_of_publications_are_compared_with_their_digests(
    home, store, tmp_path_factory, capsys, monkeypatch  # noqa: F811
):  # fmt: skip
    monkeypatch.setenv("AIRSHED_LANG", "en")
    publish(home, store)
    store.dispose()
    assert cli.main(["check", "--data", str(home)]) == 0
    backups = tmp_path_factory.mktemp("backups")
    said(capsys, "backup", str(backups), "--data", str(home))
    path = home / "portal/office/office.db"
    with sqlite3.connect(path) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
        triggers = [name for (name,) in connection.execute(query, (blob.name,))]
    connection.close()
    run(
        path,
        *(f"DROP TRIGGER {name}" for name in triggers),
        "UPDATE office_blob SET body = x'789c0300' WHERE kind = 'inputs'",
    )
    capsys.readouterr()
    assert cli.main(["check", "--json", "--data", str(home)]) == 1
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert fault["place"] == "2026-001" and "recorded inputs" in fault["what"] and "airshed restore" in fault["remedy"]
    new = tmp_path_factory.mktemp("new") / "place"
    said(capsys, "restore", str(backups), "--data", str(new))
    assert cli.main(["check", "--data", str(new)]) == 0
    capsys.readouterr()
    assert "comes out of its recorded inputs" in said(capsys, "publications", "verify", "2026-001", "--data", str(new))
