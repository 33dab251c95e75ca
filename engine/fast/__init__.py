"""The fast tier: reads what is written plainly, and leaves everything else to the strict tier."""
