"""The press makes pages when the store changed and is still, keeps what it made while the store cannot be read, and no more."""

import datetime as dt
import errno
import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from dashboards import pulse
from dashboards.folder import secret_in
from dashboards.snapshots import __main__ as process
from dashboards.snapshots import press as presses
from dashboards.snapshots.press import Press, hot, made
from dashboards.snapshots.shelf import KEPT, Shelf, State, body_of


@pytest.fixture
def press(declared_pages, context):
    return Press(context, Shelf(context.folder / "shelf"), pause=lambda _: None)


def test_all_cities_in_both_languages_are_made_ahead(declared_pages, context):
    addresses = [address for address, *_ in hot(context)]
    assert len(addresses) == 2 * (1 + 8) and "/en/probe/512000" in addresses and "/" in addresses
    assert set(made(context, "v")) == {*addresses, *(f"fragments{each}" for each in addresses)}


def test_nothing_is_made_while_nothing_changes(press):
    assert press.look()
    version = press.version
    assert not press.look() and press.version == version


def test_a_change_of_the_hour_into_the_past_of_the_clock_is_a_new_version(press, context):
    press.look()
    before = press.version
    context.clock = lambda: dt.datetime(2023, 1, 21, 15, 10)  # the same hour is live now, not replayed
    assert press.look() and press.version != before


def test_pages_stay_up_with_a_word_while_the_store_cannot_be_read(press, monkeypatch):
    press.look()
    version = press.version
    monkeypatch.setattr(presses, "pulse_of", lambda _: ("", "tables"))
    assert not press.look()
    state = Shelf(press.shelf.folder).state()
    assert (state.version, state.trouble) == (version, "tables")
    assert press.shelf.get(version, "/") is not None


def test_it_waits_until_the_store_is_still(press, monkeypatch):
    answers = iter([("a", ""), ("b", ""), ("c", ""), ("c", "")])
    waited = []
    monkeypatch.setattr(presses, "pulse_of", lambda _: next(answers))
    press.pause = waited.append
    press.look()
    assert len(waited) == 3 and press.version == presses.version_of(press.context, "c")


def test_one_page_that_cannot_be_drawn_keeps_no_other_old(press, monkeypatch, caplog):
    real = presses.drawn

    def drawn(context, page, view, params, version):
        if view.city == "510700":
            raise RuntimeError("no")
        return real(context, page, view, params, version)

    monkeypatch.setattr(presses, "drawn", drawn)
    press.look()
    assert press.shelf.get(press.version, "/probe/510700") is None and press.shelf.get(press.version, "/probe/510100")
    assert "page /probe/510700 cannot be drawn" in caplog.text


def test_old_versions_leave(tmp_path):
    shelf = Shelf(tmp_path)
    for n in range(10):
        shelf.put(f"v{n}", {"/": body_of(str(n), 1)})
        shelf.say(State(f"v{n}", "", 0.0, "r"))
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) == [f"v{n}" for n in range(10 - KEPT, 10)]
    assert shelf.get("v9", "/").raw == b"9" and shelf.get("v0", "/") is None and shelf.get("../v9", "/") is None


def test_a_thousand_viewers_ask_the_store_as_often_as_one(context, monkeypatch):
    asked = []
    monkeypatch.setattr(pulse, "pulse_of", lambda _: asked.append(1) or ("a", ""))
    for _ in range(1000):
        context.pulse()
    assert len(asked) <= 3


def test_the_secret_stays_and_is_its_owners(tmp_path):
    first = secret_in(tmp_path / "portal")
    assert secret_in(tmp_path / "portal") == first and len(first) == 64
    assert stat.S_IMODE((tmp_path / "portal" / "secret").stat().st_mode) == 0o600
    assert secret_in(None) != secret_in(None)


@pytest.mark.parametrize("damage", [b"", b"\xff\x00" * 40, b"ab12"])
def test_a_damaged_secret_is_replaced_and_said_once(tmp_path, caplog, damage):
    first = secret_in(tmp_path)
    (tmp_path / "secret").write_bytes(damage)
    second = secret_in(tmp_path)
    assert second != first and len(second) == 64 and secret_in(tmp_path) == second
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_store_that_is_lost_while_pages_are_made_lies_under_no_version_of_data(press, context, tmp_path):
    """The words of trouble would stay on every screen until the next hour comes."""
    readable, version = context.engine(), presses.version_of(context, presses.pulse_of(context)[0])
    context._engine = sa.create_engine(f"sqlite:///{tmp_path}/gone/store.sqlite")
    assert made(context, version) == {}
    trouble = presses.version_of(context, "")
    assert trouble != version and "/" in made(context, trouble)
    assert press.look() and press.version == trouble
    context._engine = readable
    assert press.look() and press.version == version and press.shelf.state().trouble == ""


def test_a_shelf_that_was_taken_away_is_filled_again(press):
    press.look()
    shutil.rmtree(press.shelf.folder)
    assert press.look() and press.shelf.get(press.version, "/") is not None
    assert not press.look()


def test_a_full_disk_leaves_nothing_half_made_and_the_next_look_makes_all(press, monkeypatch):
    real, written = Path.write_bytes, []

    def full(path, data):
        if len(written) >= 7:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(path)
        return real(path, data)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="No space"):
            press.look()
    assert len(written) == 7 and list(press.shelf.folder.rglob("*")) == []
    assert press.look() and press.shelf.get(press.version, "/") is not None


def test_presses_at_once_lay_down_one_whole_version(tmp_path):
    bodies = {f"/{n}": body_of(str(n), 1) for n in range(40)}

    def work(_):
        shelf = Shelf(tmp_path)
        for n in range(5):
            shelf.put("v", bodies)
            shelf.say(State("v", "", float(n), "r"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert all(Shelf(tmp_path).get("v", name).raw == body.raw for name, body in bodies.items())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["current", "v"]


def test_what_a_killed_press_left_half_made_leaves_and_costs_no_version(tmp_path):
    shelf = Shelf(tmp_path)
    for n in range(3):
        shelf.put(f"v{n}", {"/": body_of("x", 1)})
    for n in range(4):
        (tmp_path / f".making-{n}").mkdir()
        os.utime(tmp_path / f".making-{n}", (1.0, 1.0) if n else None)
    shelf.say(State("v2", "", 0.0, "r"))
    assert sorted(p.name for p in tmp_path.iterdir()) == [".making-0", "current", "v0", "v1", "v2"]


def test_a_press_in_trouble_rests_longer_before_it_draws_every_page_again(press, monkeypatch, caplog):
    assert process.looked(press) == presses.LOOK_S
    monkeypatch.setattr(press.shelf, "say", lambda _: (_ for _ in ()).throw(OSError("full")))
    assert process.looked(press) == process.AFTER_FAULT_S >= 10 * presses.LOOK_S
    assert "pages could not be made" in caplog.text
