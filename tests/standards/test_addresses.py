"""Addresses of folders: who reads them finds the folder, whatever its name holds."""

from __future__ import annotations

import re
import string
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from dashboards.office.records import office_url
from infra.datadir import DataDirectory
from infra.store_url import choose_store
from standards.addresses import engine_uri, log_uri, settled, sqlite_url
from streams.store import open_store
from streams.store.connect import StoreError

SIGNS = st.one_of(
    st.sampled_from(" %#?'\":@,;&=+$[]{}|^`~!*()<>成都数据é😀"),
    st.sampled_from(["%20", "%2F", "100%", "${sys:x}", "%d", "%%", "file:", "://"]),
    st.sampled_from(string.ascii_letters),
)
NAMES = st.lists(SIGNS, min_size=1, max_size=12).map(lambda parts: "".join(parts).replace("/", "_"))
FOLDERS = st.lists(NAMES.filter(lambda name: name not in (".", "..")), min_size=1, max_size=4).map(
    lambda names: Path("/", *names)
)


@given(FOLDERS)
def test_the_engine_is_given_the_path_as_it_stands(folder):
    """Flink's Path takes what follows the authority literally: nothing may be coded."""
    assert engine_uri(folder) == "file://" + str(folder)


@given(FOLDERS)
def test_an_address_of_settings_of_the_log_decodes_to_the_file_and_has_no_comma(folder):
    address = log_uri(folder)
    assert urllib.request.url2pathname(urlsplit(address).path) == str(folder)
    assert "," not in address and address.isascii()


@given(FOLDERS)
def test_the_address_of_a_store_names_its_file(folder):
    assert sa.make_url(sqlite_url(folder / "store.sqlite")).database == str(folder / "store.sqlite")
    again = sa.make_url(sqlite_url(folder)).render_as_string(hide_password=False)
    assert sa.make_url(again).database == str(folder)


def test_people_see_their_own_folder_in_the_address_of_a_store():
    assert sqlite_url("/数据 中心/store.sqlite") == "sqlite:////数据 中心/store.sqlite"


@pytest.mark.parametrize("write", [engine_uri, log_uri])
def test_an_address_of_a_relative_path_is_refused(write):
    with pytest.raises(ValueError, match="absolute"):
        write(Path("data/topics"))


def test_no_address_of_a_folder_is_written_elsewhere():
    """A path put into an address by hand is right until the path holds a sign that its reader decodes, or does not."""
    root = Path(__file__).resolve().parents[2]
    for package in ("streams", "infra", "dashboards", "ml", "standards"):
        for path in (root / package).rglob("*.py"):
            if path.name != "addresses.py":
                text = path.read_text(encoding="utf-8")
                assert not re.search(r"\.as_uri\(|f[\"'](?:sqlite|file)://", text), path


@pytest.mark.parametrize(
    "address", ["a.db", "./a.db", "sqlite:///a.db", "sqlite:///./b/../a.db", "sqlite+pysqlite:///a.db"]
)
def test_whoever_takes_a_relative_address_finds_one_place(tmp_path, monkeypatch, address):
    """The current folder of the start, whatever folder a later reader stands in: --store, AIRSHED_STORE, AIRSHED_OFFICE."""
    begun = tmp_path / "数据 100%"
    begun.mkdir()
    monkeypatch.chdir(begun)
    data = DataDirectory(tmp_path / "data")
    told = [choose_store(address, data, {}), choose_store(None, data, {"AIRSHED_STORE": address})]
    monkeypatch.setenv("AIRSHED_OFFICE", address)
    told.append(office_url(None))
    engine = open_store(address)
    told.append(str(engine.url))
    engine.dispose()
    monkeypatch.chdir(tmp_path)
    assert {sa.make_url(each).database for each in told} == {str(begun / "a.db")}
    assert [settled(each) for each in told] == told


@pytest.mark.parametrize(
    "address", ["postgresql+psycopg://u@h/d", "sqlite:////a/b.db?timeout=3", "sqlite://", "sqlite:///:memory:"]
)
def test_an_address_that_is_whole_stays_as_it_is(address):
    assert settled(address) == address


def test_a_relative_address_keeps_its_options(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert settled("sqlite:///a.db?timeout=3") == f"sqlite:///{tmp_path}/a.db?timeout=3"


def test_a_store_named_by_a_uri_is_refused_for_it_would_be_another_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match="its path is wanted"):
        open_store("sqlite:///file:a.db?uri=true")
    assert not list(tmp_path.iterdir())
