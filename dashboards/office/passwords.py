"""What a password must be, and how it is kept: argon2id (RFC 9106), never itself."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dashboards.office.errors import Refused

SHORTEST, LONGEST = 12, 200
LEFT = 6
"""So many characters must be left once everything that anybody would guess is taken out."""
HASHER = PasswordHasher()
"""The library's parameters are those of RFC 9106, 4, second recommended option; its next release may choose stronger ones."""
_GUESSED = (
    "password", "passw0rd", "qwertyuiop", "qwerty", "asdfghjkl", "asdf", "zxcvbnm", "letmein", "welcome", "iloveyou",
    "admin", "root", "airshed", "chengdu", "sichuan", "huanbao", "mima", "密码", "成都", "四川", "环保", "空气",
)  # fmt: skip
_RUN, _DATE = re.compile(r"(.)\1{2,}"), re.compile(r"(?:19|20)\d\d(?:[01]?\d[0-3]?\d)?")
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each takes 64 MiB and two cores: a crowd of attempts must not take the machine."""


def accepted(password: str, about: Iterable[str] = ()) -> str:
    """Give a password in the form in which it is kept (NFKC, NIST SP 800-63B 5.1.1.2); raise Refused for one that is weak.

    about: names that others know of the person, which do not count.
    """
    plain = _plain(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise Refused("office.password_length", least=SHORTEST, most=LONGEST)
    if len(_left(plain, about)) < LEFT or len(set(plain)) < LEFT:
        raise Refused("office.password_weak")
    return plain


def kept(password: str) -> str:
    """Give what is stored of a password that was accepted."""
    with _AT_ONCE:
        return HASHER.hash(password)


def fits(stored: str, password: str) -> bool:
    """Tell whether a password is the one of a stored hash; "" (nobody) takes as long as any and never fits."""
    with _AT_ONCE:
        try:
            return HASHER.verify(stored or _nobodys(HASHER), _plain(password)[: LONGEST + 1]) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False


def is_old(stored: str) -> bool:
    """Tell whether a hash was made by weaker parameters than those of today."""
    return HASHER.check_needs_rehash(stored)


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode())


@cache
def _nobodys(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody has this password")


def _left(password: str, about: Iterable[str]) -> str:
    """Take out of a password what a guess begins with: known words and names, dates, and runs on the keyboard."""
    rest = password.casefold()
    for word in sorted((*_GUESSED, *(each.casefold() for each in about if len(each) > 1)), key=len, reverse=True):
        rest = rest.replace(word, "")
    return _without_sequences(_RUN.sub("", _DATE.sub("", rest)))


def _without_sequences(text: str) -> str:
    """Take out steps of one, up or down, of three and more: 1234, cba."""
    found = re.sub("|".join(_sequences()), "", text)
    return found


@cache
def _sequences() -> tuple[str, ...]:
    up = ["0123456789", "abcdefghijklmnopqrstuvwxyz"]
    lines = [*up, *(line[::-1] for line in up)]
    every = {line[a:b] for line in lines for a in range(len(line)) for b in range(a + 3, len(line) + 1)}
    return tuple(sorted(every, key=len, reverse=True))
