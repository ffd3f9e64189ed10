"""Emissions: inventories spread by profiles, and hours measured at some sources."""
