"""Notebooks for researchers, with what they share: how figures look, and small simulated worlds that are made in a minute."""
