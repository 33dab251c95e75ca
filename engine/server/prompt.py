"""A connection on which an ordinary question is answered as soon as it is read, by the short way."""

from __future__ import annotations

from engine.server.asgi import Header
from engine.server.protocol import Protocol
from engine.server.shortcut import PATH, Shortcut


class PromptProtocol(Protocol):
    """Holds a request back until its body is there, or it is clear that this takes another packet.

    Only the first request of a packet may take the short way: who sends many without waiting for answers has
    no more of them at a time than others have.
    """

    shortcut: Shortcut
    _is_first = False
    _held: list[bytes] | None = None
    """The body of a request that is held back; None is that none is."""
    _ordinary: list[Header] | None = None
    """The headers that were last found to be ordinary: most clients always send the same."""

    def data_received(self, data: bytes) -> None:
        """Read on; what is held back and not whole goes the long way."""
        self._is_first = True
        super().data_received(data)
        if self._held is not None and not self._is_refused:
            self._go_the_long_way(self._held)

    def begin_answer(self) -> None:
        """Hold an ordinary request back; any other goes the long way at once."""
        if self._is_first and self._is_ordinary():
            self._held = []
        else:
            super().begin_answer()
        self._is_first = False

    def on_body(self, body: bytes) -> None:
        """Take part of the body."""
        if self._held is None:
            super().on_body(body)
        else:
            self._held.append(body)

    def on_message_complete(self) -> None:
        """Answer what was held back, if it is as ordinary as it seemed."""
        held = self._held
        if held is not None and self.shortcut.answer(
            b"".join(held), self.transport.write, self.server_state.default_headers
        ):
            self._held = None
            self.waited_since = self.loop.time()
            return
        if held is not None:
            self._go_the_long_way(held)
        super().on_message_complete()

    def _go_the_long_way(self, held: list[bytes]) -> None:
        self._held = None
        super().begin_answer()
        for body in held:
            super().on_body(body)

    def _is_ordinary(self) -> bool:
        """Whether it is a POST of decisions, of which only the body may be wrong, with nobody before it."""
        parser = self.parser
        return (
            self.url == PATH
            and parser.get_method() == b"POST"
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not self.expect_100_continue
            and self.is_idle
            and self.unread_since is None
            and self._has_ordinary_headers()
        )

    def _has_ordinary_headers(self) -> bool:
        headers = [header for header in self.headers if header[0] != b"content-length"]
        if headers != self._ordinary:
            scope = {**self.scope, "method": "POST", "path": self.url.decode("ascii")}
            if not self.shortcut.is_open_to(scope):
                return False
            self._ordinary = headers
        return True
