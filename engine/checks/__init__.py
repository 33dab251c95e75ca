"""What a file may say by its schema and yet cannot mean."""
