"""The commands `airshed users …`: who may draft, freeze and revise."""

from __future__ import annotations

from typing import Annotated

import typer

from infra.commands.options import Data, Store
from infra.datadir import data_directory
from infra.messages import say
from infra.usage import wrong

app = typer.Typer(no_args_is_help=True, help="Look after the accounts of the people who work with the platform.")
ROLES = "city_officer, duty_officer, researcher or administrator."
Name = Annotated[str, typer.Argument(metavar="NAME", help="The name by which the person signs in.")]
Role = Annotated[str, typer.Option(metavar="ROLE", help=ROLES)]
City = Annotated[str, typer.Option(metavar="CITY", help="The city of a city officer, by code.")]


@app.command()
def add(
    name: Name, role: Role,
    city: City = "",
    display: Annotated[str, typer.Option(metavar="TEXT", help="As others see the name [NAME].")] = "",
    keep: Annotated[
        bool, typer.Option("--keep", help="The person chose this password: it need not be changed at the first sign-in.")
    ] = False,
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Make an account; its password is asked for, or read from AIRSHED_PASSWORD or the input. The first may keep its own."""
    from dashboards.office import accounts
    from infra.office import caller, is_first, office, password
    from streams.registry.kept import registry_in_use

    _require_role(role)
    directory = data_directory(data).create()
    with office(directory, store) as engine:
        must_change = not (keep or is_first(engine))
        made = accounts.add(
            engine, name, role, password(), caller(), city=city or None, display=display, must_change=must_change,
            cities=registry_in_use(directory.own_registry).cities,
        )  # fmt: skip
    print(say("users_added_first" if must_change else "users_added", name=made))


@app.command("list")
def list_(store: Store = None, data: Data = None) -> None:
    """Show all accounts."""
    from dashboards.office import accounts
    from infra.messages import language
    from infra.office import accounts_table, office
    from infra.tables import show
    from streams.registry.kept import registry_in_use

    directory = data_directory(data)
    with office(directory, store) as engine, engine.connect() as connection:
        found = accounts.listed(connection)
    if not found:
        print(say("users_none"))
        return
    cities = registry_in_use(directory.own_registry).cities.values()
    show(accounts_table(found, {each.code: each.name_zh if language() == "zh" else each.name_en for each in cities}))


@app.command()
def role(
    name: Name,
    role: Annotated[str, typer.Argument(metavar="ROLE", help=ROLES)],
    city: City = "",
    store: Store = None,
    data: Data = None,
) -> None:
    """Give an account another role or city; who is signed in by it must sign in again."""
    from dashboards.office import accounts
    from infra.office import caller, office
    from streams.registry.kept import registry_in_use

    _require_role(role)
    directory = data_directory(data)
    with office(directory, store) as engine:
        accounts.set_role(
            engine, name, role, caller(), city=city or None, cities=registry_in_use(directory.own_registry).cities
        )
    print(say("users_role", name=name))


@app.command()
def password(name: Name, store: Store = None, data: Data = None) -> None:
    """Give an account a new password, which its owner must change at the next sign-in."""
    from dashboards.office import accounts
    from infra import office

    with office.office(data_directory(data), store) as engine:
        accounts.set_password(engine, name, office.password(), office.caller())
    print(say("users_password_set", name=name))


@app.command()
def lock(name: Name, store: Store = None, data: Data = None) -> None:
    """Lock an account; its sessions end at once."""
    _set_active(name, False, store, data)


@app.command()
def unlock(name: Name, store: Store = None, data: Data = None) -> None:
    """Unlock an account, also one that must wait after wrong passwords."""
    _set_active(name, True, store, data)


def _require_role(role: str) -> None:
    from dashboards.office.guard import ROLES as KNOWN

    if role not in KNOWN:
        raise wrong("ROLE", "usage_one_of", value=repr(role), expected=", ".join(KNOWN))


def _set_active(name: str, active: bool, store: Store, data: Data) -> None:
    from dashboards.office import accounts
    from infra.office import caller, office

    with office(data_directory(data), store) as engine:
        accounts.set_active(engine, name, active, caller())
    print(say("users_unlocked" if active else "users_locked", name=name))


@app.command()
def remove(name: Name, store: Store = None, data: Data = None) -> None:
    """Remove an account for good; its name is not given again, and the log keeps what it did."""
    from dashboards.office import accounts
    from infra.office import caller, office

    with office(data_directory(data), store) as engine:
        accounts.remove(engine, name, caller())
    print(say("users_removed", name=name))
