"""A password in the address of a database, however it is written: read as it was meant, and shown nowhere."""

from __future__ import annotations

import io
import logging
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote, unquote

import psutil
import pytest
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st

from dashboards.office.records import office_url
from infra import cli
from infra.datadir import DataDirectory
from infra.store_url import NoWayToHide, choose_store, split_password, sqlite_file
from infra.unlisted import without_password
from standards import logged
from standards.passwords import masked, well_formed

ROOT = Path(__file__).resolve().parents[1]
PASSWORDS = st.text("/@:%?#&=+!$'\"ab04中", min_size=1, max_size=12)
WRITTEN = st.text("/@:%ab04", min_size=1, max_size=10)
"""As a person may write it into an address who does not know of percent codes."""
RESTS = st.sampled_from(
    ["@h/d", "@db.example:5432/air", "@[::1]:5432/d?sslmode=require", "@h", "@/d?host=/run/pg&x=a@b"]
)
ODD = st.text("%#?'\":@,;&=+ []成ab04", min_size=1, max_size=12)
"""Of names of users, databases and folders."""
SCHEMES = st.sampled_from(["postgres", "postgresql", "postgresql+psycopg"])
USERS = st.sampled_from(["u", "", "u@server"])


@given(SCHEMES, USERS, PASSWORDS, RESTS, st.booleans())
def test_no_text_that_holds_an_address_shows_its_password(scheme, user, password, rest, coded) -> None:
    before = f"{scheme}://{user}:"
    url = f"{before}{quote(password, safe='') if coded else password}{rest}"
    tail = rest.rpartition("@")[2]
    assert masked(url) == f"{before}***@{tail}"
    assert masked(f"cannot reach {url} now: 3 of 4") == f"cannot reach {before}***@{tail} now: 3 of 4"
    assert masked(masked(url)) == masked(url)


@given(SCHEMES, WRITTEN, st.sampled_from(["@h/d", "@h:5432/d", "@h", "@h/d?sslmode=require"]))
def test_a_password_reaches_the_database_as_it_was_meant(scheme, password, rest) -> None:
    for url in (f"{scheme}://u:{password}{rest}", f"{scheme}://u:{quote(unquote(password), safe='')}{rest}"):
        found = sa.make_url(choose_store(url, None, {}))
        assert (found.username, found.password, found.host) == ("u", unquote(password), "h")
        assert well_formed(choose_store(url, None, {})) == choose_store(url, None, {})
        shown, split = split_password(url.replace(f"{scheme}:", "postgresql+psycopg:"))
        assert split == unquote(password)
        assert sa.make_url(shown).password is None and sa.make_url(shown).host == "h"


@given(SCHEMES, ODD, PASSWORDS, ODD, st.booleans())
def test_all_parts_of_an_address_reach_the_processes_on_the_store(scheme, user, password, database, named) -> None:
    """An address is rewritten where it is chosen, where its password is taken out, and where it is opened."""
    user, database = quote(user, safe=""), quote(database, safe="")
    secret = quote(password, safe="")
    url = f"{scheme}://{user}{'' if named else f':{secret}'}@db.example:5432/{database}?application_name=a%25b"
    url += f"&password={secret}" if named else ""
    shown, split = split_password(choose_store(url, None, {}))
    assert split == password
    assert masked(shown) == shown
    for address in (sa.make_url(shown), sa.make_url(choose_store(shown, None, {})), sa.make_url(well_formed(shown))):
        assert (address.username, address.password, address.host) == (unquote(user), None, "db.example")
        assert (address.database, dict(address.query)) == (unquote(database), {"application_name": "a%b"})


@given(st.lists(ODD.filter(lambda name: name.strip(".")), min_size=1, max_size=3))
@example(["password=secret"])
@example(["a sslpassword = b", "u:p@h"])
def test_a_folder_of_any_name_is_no_password(names) -> None:
    data = DataDirectory(Path("/", *names))
    for asked in (None, str(data.root / "store.sqlite")):
        url = choose_store(asked, data, {})
        assert split_password(url) == (url, None)
        assert sqlite_file(url) == data.root / "store.sqlite"


@given(SCHEMES, WRITTEN, ODD)
def test_the_address_of_the_office_is_read_as_that_of_the_store(scheme, password, database) -> None:
    url = office_url(None, "", f"{scheme}://u:{password}@h/{quote(database, safe='')}")
    found = sa.make_url(url)
    assert (found.username, found.password, found.host) == ("u", unquote(password), "h")
    assert found.database == database
    assert office_url(None, "", url) == url


@given(st.lists(ODD.filter(lambda name: name.strip(".")), min_size=1, max_size=3))
def test_the_office_may_lie_in_a_folder_of_any_name(names) -> None:
    folder = Path("/", *names)
    for url in (office_url(folder), office_url(None, "", str(folder / "office" / "office.db"))):
        assert sa.make_url(url).database == str(folder / "office" / "office.db")


def test_of_two_passwords_the_one_that_the_client_takes_is_handed_on() -> None:
    """SQLAlchemy writes what stands in the query over what stands before (psycopg's create_connect_args)."""
    url = "postgresql+psycopg://u:first@h/d?password=second"
    _, options = sa.make_url(url).get_dialect()().create_connect_args(sa.make_url(url))
    assert split_password(url) == ("postgresql+psycopg://u@h/d", options["password"])


def test_a_password_that_no_environment_can_hand_on_is_refused_in_words() -> None:
    """PostgreSQL's client reads sslpassword from an address or its file of services alone (libpq, 34.1.2 and 34.15)."""
    with pytest.raises(NoWayToHide, match="service"):
        split_password("postgresql+psycopg://u@h/d?sslpassword=secret")


@given(st.text("/@:%ab04 .?&=", max_size=30))
def test_what_is_no_address_with_a_password_is_left_as_it_is(text) -> None:
    assert masked(text) == text
    assert well_formed(f"sqlite:///{text}") == f"sqlite:///{text}"
    assert masked(f"sqlite:////data/{text}") == f"sqlite:////data/{text}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://h/d?sslpassword=a/b%40&x=1", "postgresql://h/d?sslpassword=***&x=1"),
        ("host=h password='a b@' dbname=d", "host=h password=*** dbname=d"),
        ("host=h password=a/b dbname=d", "host=h password=*** dbname=d"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        ("http://127.0.0.1:8050/ a@b", "http://127.0.0.1:8050/ a@b"),
    ],
)
def test_passwords_with_a_name_are_hidden_and_texts_without_any_stay(text, shown) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_log_shows_a_password_in_a_line_a_value_or_a_trace(lang) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logged.Told(lang))
    url = "postgresql://u:se/cr@t@h/d"
    try:
        raise ValueError(f"no host for {url}")
    except ValueError:
        trace = sys.exc_info()
    for line, values in (("%s: %s", (url, url)), (url, ()), ("reading failed", ())):
        handler.handle(logging.LogRecord("x", logging.ERROR, "", 0, line, values, trace))
    assert stream.getvalue().count("u:***@h/d") >= 5  # two with no space between are hidden as one
    assert "se/" not in stream.getvalue() and "cr@" not in stream.getvalue()


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (["-m", "infra", "up", "--store", "postgres://u:a/b@h/d", "--port", "1"], ["-m", "infra", "up", "--port", "1"]),
        (["up", "--store=postgres://u:a@b@h/d"], ["up"]),
    ],
)
def test_an_address_with_a_password_leaves_the_arguments(given, left) -> None:
    kept, store = without_password(given)
    assert kept == left and store.startswith("postgres://u:a")


@pytest.mark.parametrize(
    "given", [["up", "--store", "sqlite:///a.db"], ["up", "--store", "a.db"], ["up", "--store"], []]
)
def test_arguments_without_a_password_stay(given) -> None:
    assert without_password(given) == (given, None)


@pytest.mark.parametrize("debug", ["", "1"])
@pytest.mark.parametrize("password", ["se/cr@t:%", "se@cr/t", "se%2Fcr%40t", "%", "[se/cr]@t"])
def test_no_error_of_a_store_that_cannot_be_reached_shows_its_password(monkeypatch, capsys, tmp_path, debug, password):
    monkeypatch.setenv("AIRSHED_DEBUG", debug)
    url = f"postgresql://airshed:{password}@127.0.0.1:9/d"  # RFC 863's port, which nobody serves
    assert cli.main(["store", "upgrade", "--store", url, "--data", str(tmp_path)]) == 1
    said = "".join(capsys.readouterr())
    assert "127.0.0.1" in said
    assert not re.search(r"se[/@%\]]|cr[/@%\]]|:%", said.replace("127.0.0.1:9", "")), said


def test_a_command_with_a_password_is_not_listed_with_it(tmp_path) -> None:
    """PostgreSQL at a port that nobody serves: the command ends in words, and is looked at meanwhile."""
    url = "postgresql://u:se/cr%40:t%@127.0.0.1:9/d"
    command = (sys.executable, "-m", "infra", "store", "path", "--store", url, "--data", str(tmp_path))
    environment = {**os.environ, "AIRSHED_BOOTSTRAP": "off"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    seen, end = [], time.monotonic() + 20
    while process.poll() is None and time.monotonic() < end:
        try:
            seen.append(psutil.Process(process.pid).cmdline())
        except psutil.Error:
            break
        time.sleep(0.02)
    said = process.communicate()[0].decode()
    assert said.strip() == "postgresql+psycopg://u:***@127.0.0.1:9/d"
    assert seen and "se/cr" not in " ".join(seen[-1])
