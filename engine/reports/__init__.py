"""What people and programs read: every format is a view of the same objects."""
