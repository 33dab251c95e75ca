"""Editing configuration: what a change does not concern stays as it is, byte for byte.

ruamel.yaml, the usual library for this, is not used: for one changed value it writes the whole file anew, and
breaks long lines, loses aligned columns and indents every list alike. Here only what changes is replaced.
"""
