"""Everything but decision requests: what somebody looks at, and what a supervisor asks.

Starlette is the library. Of it only the router is used: its middleware answers faults in plain text.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from engine.daemon import status
from engine.daemon.attempts import Attempt
from engine.daemon.service import Live, Service
from engine.daemon.settling import StoppedError
from engine.daemon.status import Watch
from engine.notices import RENEWAL_NOTICE, Notice
from engine.reports.problems import FORMAT_VERSION
from engine.server import answers, decisions, marks, openapi, page, parameters, receiving, views
from engine.server.asgi import Application, Header, Receive, Scope, Send
from engine.server.decisions import Clock
from engine.server.faults import FaultError
from engine.server.limits import Limits
from engine.server.observing import Observer
from engine.server.parameters import Parameter, Query
from engine.server.requests import Asked
from engine.server.threads import Threads

_JSON = "application/json"
_HTML = "text/html; charset=utf-8"
_FRESH = "no-cache"
"""May be kept, and is asked for again each time, with the tag."""


class Api:
    """The endpoints. `is_stopping` says whether the process has been told to end."""

    def __init__(
        self,
        service: Service,
        watch: Watch,
        *,
        limits: Limits,
        observer: Observer,
        clock: Clock,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._service = service
        self._watch = watch
        self._limits = limits
        self._observer = observer
        self._clock = clock
        self._is_stopping = is_stopping
        self.threads = Threads(limits)

    def routes(self, decide: Application) -> list[Route]:
        """Return every route; that of decisions only to say what else than POST comes to."""
        return [
            Route(decisions.PATH, decide, methods=["POST"]),
            Route("/v1/clients/{client}/decision", self.decision),
            Route("/v1/partners", self.partners),
            Route("/v1/partners/{partner}/clients", self.clients),
            Route("/v1/upcoming", self.upcoming),
            Route("/v1/status", self.status),
            Route("/-/reload", self.reload, methods=["POST"]),
            Route("/-/healthy", self.healthy),
            Route("/-/ready", self.ready),
            Route("/metrics", self.metrics),
            Route("/openapi.json", self.openapi),
            Route("/docs", self.page),
            Route("/", self.page),
        ]

    async def decision(self, request: Request) -> Response:
        """Answer what `POST /v1/decisions` would for this client."""
        query = _query(request, parameters.DECISION)
        live, kind = self._service.live, query.text("kind")
        notice = Notice(
            type=query.text("notice") or RENEWAL_NOTICE.type,
            kind=kind or RENEWAL_NOTICE.kind,
            step=query.text("step"),
        )
        client = request.path_params["client"]
        asked = Asked(None, client, None, notice, query.day("on"), is_of_schedule=kind is None)
        try:
            found = answers.answer_alone(live, asked, self._clock())
        except FaultError as fault:
            raise fault.of_parameters() from fault
        self._observer.decided(found)
        return self._whole(request, live, answers.document(answers.encode(live, found)))

    async def partners(self, request: Request) -> Response:
        """List the partners."""
        query = _query(request, (parameters.ON,))
        day = query.day("on") or self._clock().date()
        live = self._service.live
        return await self._from_thread(request, live, lambda _: views.partners(live, day))

    async def clients(self, request: Request) -> Response:
        """List a partner's clients."""
        query = _query(request, (parameters.ON,))
        live, now, partner = self._service.live, self._clock(), request.path_params["partner"]
        return await self._from_thread(
            request, live, lambda _: views.clients(live, partner, query.day("on"), now)
        )

    async def upcoming(self, request: Request) -> Response:
        """Show the calendar of notices."""
        live, now, most = self._service.live, self._clock(), self._limits.notices
        agenda = views.agenda(_query(request, parameters.UPCOMING), now.date())
        return await self._from_thread(
            request, live, lambda given_up: views.upcoming(live, agenda, now, most, given_up)
        )

    async def status(self, request: Request) -> Response:
        """Say how the daemon is."""
        _query(request)
        found = status.of(self._service, self._watch, self._clock())
        return self._whole(request, self._service.live, msgspec.json.encode(found))

    async def reload(self, request: Request) -> Response:
        """Take up what is on disk, and say what came of it; whether the asker waits for it or not."""
        _query(request)
        await receiving.nothing(request.receive, self._limits)
        try:
            attempt = await asyncio.shield(self.threads.reload(self._service))
        except StoppedError as error:
            raise _stopping() from error
        if not attempt.is_success:
            raise _not_loaded(attempt)
        body = {"format_version": FORMAT_VERSION, "attempt": status.of_attempt(attempt)}
        return self._whole(request, self._service.live, msgspec.json.encode(body))

    async def healthy(self, request: Request) -> Response:
        """Say that there is an event loop that answers."""
        _query(request)
        return self._whole(request, self._service.live, b'{"healthy":true}')

    async def ready(self, request: Request) -> Response:
        """Say whether to send requests here: yes while there is something to answer from, however old.

        That changes are not taken up is no reason to: every other daemon of the same root would say so too,
        and nobody would be left to answer. It is in the status and the metrics.
        """
        _query(request)
        if self._is_stopping():
            raise _stopping()
        return self._whole(request, self._service.live, b'{"ready":true}')

    async def metrics(self, request: Request) -> Response:
        """Return the metrics."""
        found = await self.threads.light(lambda: self._observer.page(request.headers.get("accept", "")))
        return self._whole(request, self._service.live, found.body, found.media_type)

    async def openapi(self, request: Request) -> Response:
        """Describe all of this for programs."""
        _query(request)
        return self._whole(request, self._service.live, openapi.encoded(), cached=_FRESH)

    async def page(self, request: Request) -> Response:
        """Describe all of this for people."""
        _query(request)
        response = self._whole(request, self._service.live, page.encoded(), _HTML, cached=_FRESH)
        response.headers["Content-Security-Policy"] = page.POLICY
        return response

    def options(self, allowed: str) -> Response:
        """Say which methods a path takes."""
        response = Response(status_code=HTTPStatus.NO_CONTENT, headers=_allow(allowed))
        _mark(response, marks.passing(self._service.live))
        return response

    async def _from_thread(
        self, request: Request, live: Live, work: Callable[[threading.Event], bytes]
    ) -> Response:
        return self._whole(request, live, await self.threads.heavy(work))

    def _whole(
        self, request: Request, live: Live, body: bytes, media: str = _JSON, *, cached: str = "no-store"
    ) -> Response:
        """Return an answer with its marks; nothing but them to who knows it already."""
        tag = marks.tag(live, body)
        is_known = request.method in {"GET", "HEAD"} and marks.is_known(
            tag, request.headers.get("if-none-match", "").encode("latin-1")
        )
        response = Response(status_code=HTTPStatus.NOT_MODIFIED) if is_known else Response(body)
        if not is_known:
            response.headers["Content-Type"] = media
        response.headers["ETag"], response.headers["Cache-Control"] = tag.decode("ascii"), cached
        _mark(response, (*marks.revision(live), *marks.PROTECTIVE))
        return response


class Others:
    """The endpoints as one application, whose faults are raised."""

    def __init__(self, api: Api, decide: Application) -> None:
        self._api = api
        self._router = Router(api.routes(decide), redirect_slashes=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        scope["app"] = self  # without it the router answers faults itself, in plain text
        try:
            await self._router(scope, receive, send)
        except HTTPException as error:
            allowed = (error.headers or {}).get("Allow")
            if allowed is None or scope["method"] != "OPTIONS":
                raise _fault(error, scope["path"]) from error
            await self._api.options(allowed)(scope, receive, send)


def _mark(response: Response, headers: Iterable[Header]) -> None:
    for name, value in headers:
        response.headers[name.decode("ascii")] = value.decode("ascii")


def _allow(methods: str) -> Mapping[str, str]:
    return {"Allow": ", ".join(sorted({*methods.split(", "), "OPTIONS"}))}


def _fault(error: HTTPException, path: str) -> FaultError:
    allowed = (error.headers or {}).get("Allow")
    if allowed is not None:
        methods = _allow(allowed)
        detail = f"{path} takes {methods['Allow']}"
        return FaultError(HTTPStatus.METHOD_NOT_ALLOWED, "method", detail, headers=methods)
    return FaultError(HTTPStatus.NOT_FOUND, "unknown-path", f"there is nothing at {path}; see /docs")


def _query(request: Request, known: tuple[Parameter, ...] = ()) -> Query:
    return parameters.read(request.scope["query_string"], known)


def _not_loaded(attempt: Attempt) -> FaultError:
    """Return why what is on disk did not become live."""
    said = {"format_version": FORMAT_VERSION, "attempt": msgspec.to_builtins(status.of_attempt(attempt))}
    if attempt.outcome == "refused":
        detail = "there are errors, and what was live before still is"
        return FaultError(HTTPStatus.UNPROCESSABLE_ENTITY, "refused", detail, members=said)
    detail = f"it could not be read, and what was live before still is: {_last_line(attempt.message)}"
    return FaultError(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", detail, members=said)


def _stopping() -> FaultError:
    detail = "the daemon is stopping"
    return FaultError(HTTPStatus.SERVICE_UNAVAILABLE, "stopping", detail, headers={"Retry-After": "1"})


def _last_line(text: str | None) -> str:
    return (text or "").strip().rpartition("\n")[2]
