"""Stands in for `curl` where that is not installed: what the pages use of it, over HTTP or a Unix socket."""

from __future__ import annotations

import argparse
import http.client
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit


def arguments() -> argparse.Namespace:
    """Return what was given."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-N", action="store_true")
    parser.add_argument("-i", action="store_true")
    parser.add_argument("-X", dest="method")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("-d", "--data-binary", dest="body")
    parser.add_argument("--unix-socket")
    return parser.parse_args()


def main() -> None:
    """Ask, and write the answer, with `-i` its head too."""
    given = arguments()
    address = urlsplit(given.url)
    connection = http.client.HTTPConnection(address.netloc, timeout=30)
    if given.unix_socket:
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(given.unix_socket)
    body = Path(given.body[1:]).read_bytes() if given.body and given.body[0] == "@" else given.body
    method = given.method or ("GET" if body is None else "POST")
    headers = dict(header.split(": ", 1) for header in given.headers)
    connection.request(method, given.url.partition(address.netloc)[2], body, headers)
    answer = connection.getresponse()
    head = [f"HTTP/1.1 {answer.status} {answer.reason}", *map(": ".join, answer.getheaders()), "", ""]
    shown = "\r\n".join(head).encode() if given.i else b""
    sys.stdout.buffer.write(shown + answer.read())


if __name__ == "__main__":
    main()
