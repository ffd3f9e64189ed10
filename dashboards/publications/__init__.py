"""Assessments that were published: frozen, numbered, corrected only by a revision, kept when withdrawn."""
