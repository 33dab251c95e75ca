"""Editing configuration: what a change does not concern stays as it is, byte for byte."""
