"""How partner files are read: here, in several processes, or from what an earlier run found out."""
