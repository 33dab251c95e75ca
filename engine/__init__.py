"""Decide who receives each renewal notice."""

__version__ = "0.1.0"
