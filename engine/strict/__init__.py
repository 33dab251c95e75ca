"""The strict tier: YAML as it is written, read event by event."""
