"""Who may do what: one table of permissions, and the questions that pages ask of it."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.office.errors import NotSignedIn, Refused

CITY_OFFICER, DUTY_OFFICER, RESEARCHER, ADMINISTRATOR = "city_officer", "duty_officer", "researcher", "administrator"
ROLES = (CITY_OFFICER, DUTY_OFFICER, RESEARCHER, ADMINISTRATOR)

OWN, ANY = "own", "any"
PERMISSIONS: dict[str, dict[str, str]] = {
    "draft": {CITY_OFFICER: ANY, DUTY_OFFICER: ANY, RESEARCHER: ANY, ADMINISTRATOR: ANY},
    "freeze": {CITY_OFFICER: OWN, DUTY_OFFICER: ANY, ADMINISTRATOR: ANY},
    "revise": {CITY_OFFICER: OWN, DUTY_OFFICER: ANY, ADMINISTRATOR: ANY},
    "withdraw": {CITY_OFFICER: OWN, DUTY_OFFICER: ANY, ADMINISTRATOR: ANY},
    "edit_targets": {CITY_OFFICER: OWN, ADMINISTRATOR: ANY},
    "edit_events": {CITY_OFFICER: OWN, DUTY_OFFICER: ANY, ADMINISTRATOR: ANY},
    "meeting_edit": {CITY_OFFICER: OWN, DUTY_OFFICER: ANY, ADMINISTRATOR: ANY},
    "action_update": {CITY_OFFICER: OWN, DUTY_OFFICER: ANY, ADMINISTRATOR: ANY},
    "bench_run": {CITY_OFFICER: OWN, DUTY_OFFICER: ANY, RESEARCHER: ANY, ADMINISTRATOR: ANY},
    "users_manage": {ADMINISTRATOR: ANY},
    "audit_read": {DUTY_OFFICER: ANY, ADMINISTRATOR: ANY},
}
"""By action and role how far it reaches: any city and the region, or what belongs to the officer's own city alone.

A draft changes nothing, so everybody who is signed in may make one of any city. A meeting belongs to its host city. What is of no
one city (the region's publications, the accounts) no city officer changes.
"""


@dataclass(frozen=True)
class Officer:
    """Who is signed in. city: code of a city officer's city, None for the others; must_change: may only set a new password."""

    name: str
    display: str
    role: str
    city: str | None = None
    must_change: bool = False


def may(officer: Officer | None, action: str, city: str | None = None) -> bool:
    """Tell whether an officer may do this for a city (None: for the region, or what belongs to no city).

    Raises KeyError for an action that is not in the table.
    """
    reach = PERMISSIONS[action]
    if officer is None or officer.must_change:
        return False
    found = reach.get(officer.role)
    return found == ANY or (found == OWN and city is not None and city == officer.city)


def require(officer: Officer | None, action: str, city: str | None = None) -> Officer:
    """Give the officer where he may do this; raise NotSignedIn or Refused, which a page answers in words and the log keeps."""
    if officer is None:
        raise NotSignedIn
    if officer.must_change:
        raise Refused("office.change_first")
    if not may(officer, action, city):
        raise Refused("office.may_not", action=action, city=city or "")
    return officer
