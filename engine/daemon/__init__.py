"""A process that answers for months and takes up each change: reading, deciding whether it may, replacing."""
