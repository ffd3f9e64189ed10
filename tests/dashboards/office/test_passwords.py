"""What a password must be, and how it is kept."""

from __future__ import annotations

import argon2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.office import passwords
from dashboards.office.errors import Refused
from dashboards.office.passwords import accepted, fits, is_old, kept


@pytest.mark.parametrize("password", ["", "short", "elevenchars", "x" * 201, "１２３４５"])
def test_a_password_of_the_wrong_length_is_refused(password):
    with pytest.raises(Refused, match="password_length"):
        accepted(password)


@pytest.mark.parametrize("password", [
    "passwordpassword", "Password20260302", "qwertyuiop123456", "aaaaaaaaaaaaaaaa", "abcdefghijklmnop", "zyxwvutsrqponmlk",
    "123456789012", "ababababababab", "admin-admin-1999", "成都成都成都成都成都成都", "ｐａｓｓｗｏｒｄ２０２６",
    "wangxiaoming12345",
    "airshed123456789",
])  # fmt: skip
def test_a_password_that_anybody_would_guess_is_refused(password):
    with pytest.raises(Refused, match="password_weak"):
        accepted(password, ("wangxiaoming", "王小明"))


@pytest.mark.parametrize(
    "password", ["correct horse battery", "kT9#vLw2!pQz", "春眠不觉晓处处闻啼鸟夜来风", "violet-ladder-spoon"]
)
def test_a_password_of_unrelated_words_or_signs_is_accepted(password):
    assert accepted(password, ("wang", "王工")) == password


def test_only_a_hash_is_kept_and_by_the_parameters_of_rfc_9106():
    stored = kept("correct horse battery")
    # RFC 9106, section 4, second recommended option: argon2id, t=3, p=4, m=2^16 KiB (64 MiB).
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert fits(stored, "correct horse battery") and not fits(stored, "correct horse batterY")
    assert not is_old(stored)


def test_the_same_word_written_in_two_ways_of_unicode_is_one_password():
    composed, apart = "café-violet-spoon", "cafe\u0301-violet-spoon"
    assert accepted(apart) == accepted(composed)
    assert fits(kept(accepted(composed)), apart)


def test_a_hash_of_weaker_parameters_is_told(monkeypatch):
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("correct horse battery")
    assert fits(weak, "correct horse battery") and is_old(weak)


@pytest.mark.parametrize("stored", ["", "nothing", "$argon2id$v=19$m=1$x"])
def test_nobody_and_a_broken_hash_fit_no_password(stored):
    assert not fits(stored, "nobody has this password") and not fits(stored, "")


@given(st.text(max_size=300))
def test_every_text_is_accepted_whole_or_refused_in_words(password):
    try:
        assert passwords.SHORTEST <= len(accepted(password)) <= passwords.LONGEST
    except Refused as refused:
        assert refused.key in ("office.password_length", "office.password_weak")
