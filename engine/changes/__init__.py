"""Whose decisions differ between two revisions, how dangerous that is, and which line caused it."""
