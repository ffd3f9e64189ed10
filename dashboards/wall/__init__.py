"""The wallboard: one look at a wall tells how the air is, where it goes, who causes it, whether targets are kept, and whether
the screen is fresh. One file a scene; page.py puts them together."""
