"""What a set of rules can come to, for all facts there could be."""
