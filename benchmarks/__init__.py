"""How fast renewctl decides and starts, as ratios to others on the same machine in the same run."""
