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

from standards.addresses import engine_uri, log_uri, sqlite_url

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
