"""How Java ended, in words: the bridge to it tells of its being gone by a trace for each thing that Python still holds there."""

from __future__ import annotations

import logging
import signal
import subprocess
from contextlib import suppress

LOG = logging.getLogger("airshed.pipeline")
BRIDGE = "py4j"
SEEN_S = 2.0
"""The bridge breaks a moment before the system tells that the process has ended; so long [s] it is waited for."""


class JavaEnd(logging.Filter):
    """Knows the process of Java; once that is gone no line of the bridge comes into the log. All pass where none was started."""

    process: subprocess.Popen | None = None
    silent = False

    def keep(self) -> None:
        """Have the process that PyFlink starts kept here, and the log's lines pass by here; PyFlink forgets it."""
        from pyflink import java_gateway

        start = java_gateway.launch_gateway_server_process

        def started(*arguments: object) -> subprocess.Popen:
            self.process = start(*arguments)
            return self.process

        java_gateway.launch_gateway_server_process = started
        for handler in logging.getLogger().handlers:
            handler.addFilter(self)

    def tell(self) -> bool:
        """Say how Java ended, where it did; tell whether it did."""
        code = self._code(SEEN_S)
        if code is None:
            return False
        if code < 0:
            LOG.error(
                "the engine's Java process was ended by the signal %d (%s), not by the platform", -code, _name(-code)
            )
        else:
            LOG.error("the engine's Java process ended by itself with the code %d, its log says why", code)
        return True

    def filter(self, record: logging.LogRecord) -> bool:
        """Hold back what the bridge says of Java's being gone."""
        return not (_is_of_the_bridge(record) and (self.silent or self._code(SEEN_S) is not None))

    def _code(self, within_s: float) -> int | None:
        """Give how it ended, None while it runs."""
        if self.process is None:
            return None
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(within_s)
        return self.process.returncode


def _is_of_the_bridge(record: logging.LogRecord) -> bool:
    kind = record.exc_info[0] if record.exc_info else None
    said = BRIDGE in record.pathname or (kind is not None and kind.__module__.startswith(BRIDGE))
    return said and record.levelno >= logging.ERROR


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "?"
