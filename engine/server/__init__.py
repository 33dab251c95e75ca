"""The HTTP interface of the daemon: bodies in, decisions or problems out."""
