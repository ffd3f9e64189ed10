"""Every door: which sockets listen where others are, and each known way in to the engine, tried."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from tests.bench.attacks.stage import Stage
from tests.bench.attacks.verdicts import Attack, NotPlayed, Skipped
from tests.integration import ways_in


def play(attack: Attack, stage: Stage, folder: Path) -> None:
    """List what listens in the network of this machine, and try each way at each socket but the portal's."""
    if not sys.platform.startswith("linux"):
        raise Skipped("sockets are read from /proc")
    from tests.integration.test_nobody_in import listening

    assert stage.process is not None
    end, sockets = time.monotonic() + 60, []
    while len(sockets) < 3 and time.monotonic() < end:
        sockets = listening(stage.process.pid)
        time.sleep(1)
    if stage.port not in {each.port for each in sockets}:
        raise NotPlayed("the portal does not listen")
    here = os.readlink("/proc/self/ns/net")
    near = [each for each in sockets if each.network == here]
    attack.told["sockets"] = {"all": len(sockets), "where others are": len(near)}
    attack.must(
        all(each.on_loopback for each in near), f"listens on other addresses: {[e for e in near if not e.on_loopback]}"
    )
    inner = [each.port for each in sockets if each.port != stage.port]
    if not inner:
        raise NotPlayed("no socket of the engine was found")
    secret = folder / "secret"
    secret.write_text("for nobody else")
    found = ways_in.tried(inner, secret)
    found.pop("topics", None)  # who tries is the platform's user, who may hear them
    attack.happened("sockets", len(sockets))
    attack.happened("ways tried", len(ways_in.WAYS) * len(inner))
    attack.must(not found, f"ways in: {found}")
