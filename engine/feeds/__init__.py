"""Renewal facts as they arrive: files of several formats, and tables of a database."""
