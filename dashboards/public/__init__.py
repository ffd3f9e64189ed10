"""Public pages as text, one file each."""
