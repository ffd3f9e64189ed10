"""Feeds of observations: the national network's files, station CSV, organic compounds of super-sites."""
