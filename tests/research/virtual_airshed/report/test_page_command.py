"""The commands: what they write and how they refuse."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from research.virtual_airshed.__main__ import main
from research.virtual_airshed.scenarios import SCENARIOS


def test_the_scenarios_are_listed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert main(["scenarios"]) == 0
    assert all(name in caplog.text for name in SCENARIOS)


def test_a_page_is_written_where_it_is_asked_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    target = tmp_path / "new" / "page.html"
    assert (
        main(
            [
                "report",
                "--scenario",
                "winter_haze",
                "--days",
                "1",
                "--seed",
                "5",
                "--forecasts",
                "0",
                "--lang",
                "en",
                "--out",
                str(target),
            ]
        )
        == 0
    )
    page = target.read_text(encoding="utf-8")
    assert 'data-lang="en"' in page and "seed 5" in page
    assert "SIMULATED: running winter_haze, 1 days, seed 5." in caplog.text
    assert f"wrote {target}" in caplog.text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scenario", "nowhere"], "unknown scenario 'nowhere', expected one of winter_haze"),
        (["--days", "0"], "days is 0, expected 1 to 1100"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_done(
    arguments: list[str], said: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert main(["report", *arguments, "--out", str(tmp_path / "page.html")]) == 2
    assert said in caplog.text
    assert not list(tmp_path.iterdir())
