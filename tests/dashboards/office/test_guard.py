"""Who may do what, for every role, action and city."""

from __future__ import annotations

import pytest

from dashboards.office import guard
from dashboards.office.errors import NotSignedIn, Refused
from dashboards.office.guard import Officer, may, require
from streams import registry

CITIES = tuple(registry.load().cities)
CHENGDU, DEYANG = CITIES[:2]
OF_A_CITY = {
    "freeze",
    "revise",
    "withdraw",
    "edit_targets",
    "edit_events",
    "meeting_edit",
    "action_update",
    "bench_run",
}
DUTY = {
    "draft",
    "freeze",
    "revise",
    "withdraw",
    "edit_events",
    "meeting_edit",
    "action_update",
    "audit_read",
    "bench_run",
}
ALL = DUTY | {"edit_targets", "users_manage"}


def _officer(role: str, **more) -> Officer:
    return Officer("wang", "王工", role, CHENGDU if role == guard.CITY_OFFICER else None, **more)


def test_every_role_and_action_is_decided():
    assert set(guard.PERMISSIONS) == ALL
    assert all(
        set(reach) <= set(guard.ROLES) and set(reach.values()) <= {"own", "any"} for reach in guard.PERMISSIONS.values()
    )


@pytest.mark.parametrize("city", [*CITIES, None, "", "999999"])
@pytest.mark.parametrize("action", sorted(ALL))
def test_who_may_do_what(action, city):
    assert may(_officer("duty_officer"), action, city) == (action in DUTY)
    assert may(_officer("administrator"), action, city)
    assert may(_officer("researcher"), action, city) == (action in ("draft", "bench_run"))
    own = action in OF_A_CITY and city == CHENGDU
    assert may(_officer("city_officer"), action, city) == (own or action == "draft")
    for nobody in (None, _officer("mayor"), *(_officer(role, must_change=True) for role in guard.ROLES)):
        assert not may(nobody, action, city)


@pytest.mark.parametrize("action", sorted(OF_A_CITY))
def test_an_officer_of_one_city_cannot_change_anothers(action):
    for own in CITIES:
        officer = Officer("o", "o", guard.CITY_OFFICER, own)
        assert [city for city in (*CITIES, None) if may(officer, action, city)] == [own]


@pytest.mark.parametrize("action", sorted(OF_A_CITY))
def test_a_city_officer_without_a_city_changes_nothing(action):
    assert not any(may(Officer("o", "o", guard.CITY_OFFICER), action, city) for city in (None, "", *CITIES))


def test_an_unknown_action_is_no_permission():
    with pytest.raises(KeyError):
        may(_officer("administrator"), "everything")


def test_require_says_why_not():
    assert require(_officer("city_officer"), "freeze", CHENGDU).name == "wang"
    with pytest.raises(NotSignedIn):
        require(None, "freeze", CHENGDU)
    with pytest.raises(Refused) as refused:
        require(_officer("city_officer"), "freeze", DEYANG)
    assert (refused.value.key, refused.value.values) == ("office.may_not", {"action": "freeze", "city": DEYANG})
    with pytest.raises(Refused) as refused:
        require(_officer("administrator", must_change=True), "freeze", DEYANG)
    assert refused.value.key == "office.change_first"
