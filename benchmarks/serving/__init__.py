"""The daemon under load, beside a bare echo and its peers: `make bench-serve`."""
