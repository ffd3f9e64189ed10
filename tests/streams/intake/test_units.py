"""What a folder holds for the platform: which files are read, which make an inventory, and what is passed over with a reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from streams.intake.units import Aside, units_below, walk

DATA = "station,hour_end,pm25_ugm3\n"


def lay_down(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(DATA)
    return folder


def read(folder: Path) -> set[str]:
    return {unit.relative_to(folder).as_posix() for unit in units_below(folder)}


def passed_over(folder: Path) -> dict[str, str]:
    asides = (each for each in walk(folder) if isinstance(each, Aside))
    return {os.path.relpath(each.path, folder): each.reason for each in asides}


def test_an_inventory_in_the_folder_itself_takes_its_parts_and_nothing_else(tmp_path) -> None:
    lay_down(
        tmp_path, "inventory.csv", "stations.csv", "later/wide.csv", "profiles/monthly.csv", "meta.toml", "measured.csv"
    )
    assert read(tmp_path) == {".", "stations.csv", "later/wide.csv", "measured.csv"}
    assert not passed_over(tmp_path)


def test_inventories_below_one_another_are_each_their_own(tmp_path) -> None:
    parts = ("inventory.csv", "meta.toml", "profiles/monthly.csv", "profiles/weekly.csv", "profiles/hourly.csv")
    lay_down(tmp_path, *parts, *(f"2022/{name}" for name in parts), "2022/cems.csv", "2022/profiles/notes.csv")
    assert read(tmp_path) == {".", "2022", "2022/cems.csv", "2022/profiles/notes.csv"}


def test_parts_without_an_inventory_are_passed_over_with_the_reason(tmp_path) -> None:
    lay_down(tmp_path, "a/meta.toml", "a/profiles/hourly.csv", "a/profiles/wide.csv", "hourly.csv")
    assert read(tmp_path) == {"a/profiles/wide.csv", "hourly.csv"}
    told = passed_over(tmp_path)
    assert set(told) == {"a/meta.toml", "a/profiles/hourly.csv"}
    assert all("no inventory.csv lies with it" in reason for reason in told.values())


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("_x.csv", "the name of the file begins with _"),
        ("_old/x.csv", "the name of the folder begins with _"),
        ("x.json", "notes, settings and programs"),
        ("README.md", "notes, settings and programs"),
        ("X.TOML", "notes, settings and programs"),
        ("x.csv.part", "not brought to its end"),
    ],
)
def test_what_is_passed_over_is_named_with_the_reason(tmp_path, name, reason) -> None:
    lay_down(tmp_path, name, "good.csv")
    assert read(tmp_path) == {"good.csv"}
    ((_, told),) = passed_over(tmp_path).items()
    assert reason in told


def test_hidden_files_and_folders_are_named_too(tmp_path) -> None:
    lay_down(tmp_path, ".DS_Store", ".git/config", "good.csv")
    assert read(tmp_path) == {"good.csv"}
    assert passed_over(tmp_path) == {
        ".DS_Store": "the name of the file begins with .", ".git": "the name of the folder begins with .",
    }  # fmt: skip


def test_a_folder_that_cannot_be_listed_hides_nothing_else(tmp_path, monkeypatch) -> None:
    lay_down(tmp_path, "a.csv", "closed/b.csv", "z/c.csv")
    scandir = os.scandir

    def refuse(path: str):
        if os.path.basename(path) == "closed":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert read(tmp_path) == {"a.csv", "z/c.csv"}
    (aside,) = (each for each in walk(tmp_path) if isinstance(each, Aside))
    assert aside.wrong and aside.path.endswith("closed") and "Permission denied" in aside.reason


def test_a_link_back_is_followed_once_and_named(tmp_path) -> None:
    lay_down(tmp_path, "a/b/x.csv")
    (tmp_path / "a" / "b" / "back").symlink_to(tmp_path / "a")
    assert read(tmp_path) == {"a/b/x.csv"}
    assert "leads back" in passed_over(tmp_path)["a/b/back"]


def test_what_is_no_file_is_not_opened(tmp_path) -> None:
    lay_down(tmp_path, "a.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "nowhere.csv").symlink_to(tmp_path / "gone.csv")
    (tmp_path / "round.csv").symlink_to(tmp_path / "round.csv")
    assert read(tmp_path) == {"a.csv"}
    nowhere = "it is a link that leads to nothing"
    assert passed_over(tmp_path) == {
        "pipe.csv": "it is a pipe, and no file", "nowhere.csv": nowhere, "round.csv": nowhere,
    }  # fmt: skip
    (pipe,) = walk(tmp_path / "pipe.csv")
    assert isinstance(pipe, Aside)


def test_an_inventory_given_by_its_table_is_the_same_as_by_its_folder(tmp_path) -> None:
    lay_down(tmp_path, "inv/inventory.csv", "inv/meta.toml", "x.csv")
    assert (
        list(units_below(tmp_path / "inv" / "inventory.csv"))
        == list(units_below(tmp_path / "inv"))
        == [tmp_path / "inv"]
    )
    assert list(units_below(tmp_path / "x.csv")) == [tmp_path / "x.csv"]


def test_a_tag_table_is_read_with_the_files_beside_it_and_is_told_as_such(tmp_path) -> None:
    lay_down(tmp_path, "run.nc", "run.nc.tags.toml", "tags.toml", "notes.toml")
    assert read(tmp_path) == {"run.nc"}
    reasons = passed_over(tmp_path)
    assert (
        reasons["tags.toml"]
        == reasons["run.nc.tags.toml"]
        == "a tag table: it is read with the tag files that lie beside it"
    )
    assert reasons["notes.toml"] == "notes, settings and programs are not read"
