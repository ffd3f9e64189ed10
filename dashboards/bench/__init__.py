"""Asking the bench from the office, and showing what it found out."""
