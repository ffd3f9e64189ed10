"""What a command is given and cannot use is refused in the reader's language, with the entry of the handbook."""

from __future__ import annotations

import pytest

from infra import cli

WRONG = [
    (("map", "FILE", "--zone", "8"), 2, "command-refused"),
    (("map", "FILE", "--label", "noon"), 2, "command-refused"),
    (("assess", "2026-13"), 2, "command-refused"),
    (("assess", "2026-11", "--edition", "1999"), 2, "command-refused"),
    (("models", "show", "x", "y"), 1, "models-not-served"),
    (("publications", "show", "77"), 1, ""),
    (("users", "add", "x", "--role", "emperor"), 2, "command-refused"),
    (("ozone", "day", "nofile"), 2, "command-refused"),
]


@pytest.mark.parametrize(
    ("asked", "code", "entry"), WRONG, ids=lambda part: " ".join(part) if isinstance(part, tuple) else ""
)
def test_it_is_said_in_the_language_asked_for_and_leads_to_the_handbook(
    tmp_path, monkeypatch, capsys, asked, code, entry
):
    monkeypatch.setenv("AIRSHED_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("AIRSHED_STORE", raising=False)
    monkeypatch.setenv("AIRSHED_PASSWORD", "a long phrase of words")
    path = tmp_path / "a.md"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    for lang in ("zh", "en"):
        monkeypatch.setenv("AIRSHED_LANG", lang)
        assert cli.main([str(path) if word == "FILE" else word for word in asked]) == code
        said = capsys.readouterr().err
        assert f"docs/handbook.md#{entry}" in said and ("expected" in said) <= (lang == "en"), said
