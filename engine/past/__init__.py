"""What a root said before: who wrote a line, and since when a decision is as it is."""
