"""Decision tests: what people write, what is decided for it, and what the tests leave out."""
