"""The command `airshed check`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from infra.commands.options import Data, Store
from infra.datadir import data_directory
from infra.messages import say
from infra.store_url import choose_store

if TYPE_CHECKING:
    from infra.check import Fault

MB = 1_000_000


def check(
    deep: Annotated[
        bool, typer.Option("--deep", help="Also compare the store's rows with what the topics tell; takes as long as storing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Write JSON in place of words.")] = False,
    store: Store = None, data: Data = None,
) -> None:  # fmt: skip
    """Verify everything at rest; exit 0: whole; 1: something is damaged; 2: something could not be looked at."""
    from infra.check import check as run
    from infra.tables import bar

    directory, done = data_directory(data), 0
    with bar(say("checking")) as advance:

        def tell(count: int) -> None:
            nonlocal done
            done += count
            advance(done // MB, None)

        report = run(directory, choose_store(store, directory), deep=deep, advance=tell)
    if json:
        _write_json(report)
    else:
        for each in report.faults:
            print(fault_line(each))
        for part, why in report.undone.items():
            print(say("check_undone", part=say(f"check_part_{part}"), why=why))
        rate = f"{report.bytes / MB / max(report.seconds, 1e-3):.0f}"
        files = sum(count for count, _ in report.looked.values())
        told = {"files": files, "size": f"{report.bytes / MB:.1f}", "seconds": f"{report.seconds:.1f}", "rate": rate}
        print(say("check_done", faults=len(report.faults), **told))
    sys.stdout.flush()
    raise typer.Exit(report.code)


def fault_line(fault: Fault) -> str:
    """Say a fault with its part, its place and the remedy; what its words name already stands before them no second time."""
    part, what = say(f"check_part_{fault.part}"), fault.what.rstrip("。.")
    names = [name for name in (part, fault.place) if name not in what]
    where = "".join(say("check_where", name=name) for name in names)
    return f"{say('check_fault', where=where, what=what)} {fault.remedy}".rstrip()


def _write_json(report) -> None:
    from dataclasses import asdict
    from json import dumps

    told = {
        "code": report.code,
        "faults": [asdict(each) for each in report.faults],
        "not_looked_at": report.undone,
        "looked_at": {part: {"files": count, "bytes": size} for part, (count, size) in report.looked.items()},
        "seconds": round(report.seconds, 3),
    }
    print(dumps(told, ensure_ascii=False, indent=1))
