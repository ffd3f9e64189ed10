"""Ozone of a day at a station: a box model held to what was measured, isopleths, reactivities, regimes, and sources.

[docs/ozone.md](../../docs/ozone.md) says what is assumed, what the results mean, and what they cannot say.
"""
