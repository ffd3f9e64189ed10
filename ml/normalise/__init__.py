"""Meteorological normalisation: what a series would be in the weather of its whole record, its trend, and what a period did."""
