"""The wallboard: one file a scene."""
