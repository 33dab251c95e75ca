"""One module a command: parse, call one function, report, exit. A command is imported when it is run."""
