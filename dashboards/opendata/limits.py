"""How often one reader may ask: a bucket of tokens for each address, and never more buckets than fit."""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

BURST, PER_SECOND = 60, 5.0
"""So many requests at once, and so many a second after these."""
MOST = 10_000


@dataclass
class Buckets:
    """Tokens by address. Who has not asked for longest is forgotten first: his bucket is the fullest."""

    burst: int = BURST
    per_second: float = PER_SECOND
    most: int = MOST
    clock: Callable[[], float] = time.monotonic
    _held: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, address: str) -> int:
        """Take a token; give 0, or the seconds to wait where there is none."""
        with self._lock:
            now = self.clock()
            tokens, at = self._held.pop(address, (float(self.burst), now))
            tokens = min(self.burst, tokens + (now - at) * self.per_second)
            wait = 0 if tokens >= 1 else math.ceil((1 - tokens) / self.per_second)
            self._held[address] = (tokens if wait else tokens - 1, now)
            while len(self._held) > self.most:
                self._held.popitem(last=False)
            return wait

    def __len__(self) -> int:
        return len(self._held)


def address_of(remote: str | None) -> str:
    """Give whose bucket it is: an IPv4 address, or the network (/64) of an IPv6 address, which one reader has whole."""
    try:
        read = ipaddress.ip_address(remote or "")
    except ValueError:
        return ""
    return str(read) if read.version == 4 else str(ipaddress.ip_network((int(read), 64), strict=False).network_address)
