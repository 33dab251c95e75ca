"""Everything but decision requests: overviews, the state of the daemon, and how faults are said."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from commandline import Renewctl, copy_of_root
from daemons import NOW, App, Nobody, problem

from engine.server import gate, receiving, threads
from engine.server.asgi import Message, Receive, Scope, Send
from engine.server.gate import ALWAYS
from engine.server.limits import Limits

ON = NOW.date().isoformat()
EVERYTHING = (
    "/v1/clients/acme/decision",
    "/v1/partners",
    "/v1/partners/nordlicht/clients",
    "/v1/upcoming",
    "/v1/status",
    "/-/healthy",
    "/-/ready",
    "/metrics",
    "/openapi.json",
    "/docs",
    "/",
)


@pytest.fixture(scope="module")
def app() -> App:
    return App()


@pytest.mark.parametrize("path", EVERYTHING)
def test_every_answer_names_its_revision_and_is_not_guessed_at(app: App, path: str) -> None:
    said = app.get(path)

    assert said.status_code == 200
    assert said.headers["renewctl-revision"] == app.service.live.snapshot.revision.digest
    assert said.headers["etag"].startswith('"')
    assert said.headers["x-content-type-options"] == "nosniff"
    assert said.headers["content-security-policy"].startswith("default-src 'none'")
    assert "server" not in said.headers


@pytest.mark.parametrize("path", EVERYTHING)
def test_who_knows_an_answer_is_told_so(app: App, path: str) -> None:
    tag = app.get(path).headers["etag"]

    for asked in (tag, f'"x", W/{tag}', "*"):
        again = app.get(path, **{"if-none-match": asked})

        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert app.get(path, **{"if-none-match": '"another"'}).status_code == 200


@pytest.mark.parametrize("path", EVERYTHING)
def test_head_is_get_without_a_body(app: App, path: str) -> None:
    said = app.ask("HEAD", path)

    assert said.status_code == 200
    assert said.headers["content-length"] == app.get(path).headers["content-length"]


@pytest.mark.parametrize("path", [*EVERYTHING, "/v1/decisions", "/-/reload"])
def test_a_method_that_a_path_does_not_take_is_refused_with_those_that_it_does(app: App, path: str) -> None:
    said = app.ask("DELETE", path)

    assert problem(said)["status"] == 405
    assert said.headers["allow"] == app.ask("OPTIONS", path).headers["allow"]
    assert "OPTIONS" in said.headers["allow"]


def test_addresses_of_people_are_kept_by_no_browser(app: App) -> None:
    for path in EVERYTHING[:4]:
        assert app.get(path).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/nope", "/v1", "/v1/", "/v1/decisions/", "/V1/status", "/v1/clients//decision", "/%ff"]
)
def test_a_path_that_leads_nowhere_is_said_to(app: App, path: str) -> None:
    assert problem(app.get(path))["status"] == 404


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("oN=2026-11-23", ["oN"]),
        ("on=tomorrow", ["on"]),
        ("on=", ["on"]),
        ("on=2026-11-23&on=2026-11-23", ["on"]),
        ("notice=party&kind=x&step=D7&y", ["kind", "notice", "step", "y"]),
        ("%ff=1", [""]),
    ],
)
def test_a_parameter_that_is_wrong_is_named(app: App, query: str, parameters: list[str]) -> None:
    said = problem(app.get(f"/v1/clients/acme/decision?{query}"))

    assert said["status"] == 400
    assert sorted(one["parameter"] for one in said["errors"]) == parameters


@pytest.mark.parametrize("path", EVERYTHING)
def test_no_path_takes_a_parameter_that_it_does_not_know(app: App, path: str) -> None:
    if path == "/metrics":  # Prometheus may be told to send some
        return
    assert problem(app.get(f"{path}?verbose=1"))["errors"][0]["parameter"] == "verbose"


def test_the_decision_of_a_client_is_the_one_that_a_request_gets(app: App) -> None:
    notice = {"type": "overage", "kind": "reminder", "step": "D-7"}
    asked = {"client": "acme", "on": ON, "notice": notice}

    said = app.get(f"/v1/clients/acme/decision?on={ON}&notice=overage&kind=reminder&step=D-7")

    assert said.content == app.decide(asked).content


@pytest.mark.parametrize("path", ["/v1/clients/nobody/decision", "/v1/partners/nobody/clients"])
def test_somebody_unknown_is_not_found(app: App, path: str) -> None:
    said = problem(app.get(path))

    assert "nobody" in said["detail"]
    assert [one["parameter"] for one in said["errors"]] == [path.split("/")[2].removesuffix("s")]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("client=nobody", 404),
        ("partner=nobody", 404),
        ("contact=nordlicht/nobody", 404),
        ("contact=nobody/jana", 404),
        ("from=2026-12-01&until=2026-12-01", 400),
        ("until=2020-01-01", 400),
    ],
)
def test_a_calendar_of_nobody_or_of_no_day_is_refused(app: App, query: str, status: int) -> None:
    said = problem(app.get(f"/v1/upcoming?{query}"))

    assert said["status"] == status
    assert all("parameter" in one for one in said["errors"])


@pytest.mark.parametrize(
    "filters", [{}, {"client": "acme"}, {"partner": "nordlicht"}, {"contact": "nordlicht/jana"}]
)
def test_the_calendar_is_that_of_the_command_line(
    app: App, renewctl: Renewctl, filters: dict[str, str]
) -> None:
    days = {"from": ON, "until": "2027-09-01"}
    options = [part for name, text in {**filters, **days}.items() for part in (f"--{name}", text)]
    printed = json.loads(renewctl("upcoming", *options, "--format", "json").out)

    said = app.ask("GET", "/v1/upcoming", params={**filters, **days}).json()

    assert len(said["decisions"]) > 0
    assert [one["idempotency_key"] for one in said["decisions"]] == [
        one["idempotency_key"] for one in printed["decisions"]
    ]


def test_a_calendar_that_is_too_long_is_refused() -> None:
    assert problem(App(limits=Limits(notices=3)).get("/v1/upcoming"))["status"] == 422


def test_the_dashboard_is_that_of_the_command_line(app: App, renewctl: Renewctl) -> None:
    printed = renewctl("clients", "--partner", "nordlicht", "--on", ON, "--format", "json").out

    assert app.get(f"/v1/partners/nordlicht/clients?on={ON}").json() == json.loads(printed)


def test_partners_are_listed_with_their_default_settings(app: App) -> None:
    partners = app.get("/v1/partners").json()["partners"]

    assert [one["partner"] for one in partners] == sorted(app.service.live.snapshot.partners)
    assert all(one["current_default_settings"]["owner"] for one in partners)


def test_a_reload_says_what_came_of_it(tmp_path: Path) -> None:
    app = App(copy_of_root(tmp_path))
    before = app.get("/-/healthy").headers["renewctl-revision"]
    file = app.root / "config/partners/nordlicht.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "\n# another\n", encoding="utf-8")

    said = app.post("/-/reload")

    assert said.json()["attempt"]["outcome"] == "loaded"
    assert said.headers["renewctl-revision"] not in {before, ""}
    assert app.post("/-/reload").json()["attempt"]["outcome"] == "unchanged"


def test_a_reload_that_is_refused_says_where_the_errors_are(tmp_path: Path) -> None:
    app = App(copy_of_root(tmp_path))
    (app.root / "config/partners/nordlicht.yaml").write_text("version: 1\npartner: [\n", encoding="utf-8")

    said = app.post("/-/reload")

    refused = problem(said)
    assert refused["status"] == 422
    assert refused["format_version"]
    assert refused["attempt"]["diagnostics"][0]["file"] == "config/partners/nordlicht.yaml"
    assert app.get("/v1/clients/acme/decision").status_code == 200
    assert app.get("/v1/status").json()["ok"] is False
    assert app.get("/-/ready").status_code == 200, "what is live still answers"


def test_a_reload_that_fails_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = App(copy_of_root(tmp_path))

    def read(_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(app.service, "_read", read)

    failed = problem(app.post("/-/reload"))

    assert failed["status"] == 500
    assert failed["attempt"]["outcome"] == "failed"
    assert "the disk is gone" in failed["detail"]


def test_a_daemon_that_stops_is_not_ready_and_is_alive() -> None:
    app = App()
    app.is_stopping = True

    assert problem(app.get("/-/ready"))["status"] == 503
    assert app.get("/-/healthy").status_code == 200


def test_one_request_too_many_is_told_to_come_again(app: App) -> None:
    busy = App(limits=Limits(requests=0))

    said = busy.decide({"client": "acme"})

    assert problem(said)["status"] == 503
    assert int(said.headers["retry-after"]) > 0
    assert busy.get("/v1/partners").status_code == 503
    for path in ALWAYS - {"/-/reload"}:
        assert busy.get(path).status_code == 200, path
    assert app.gate.running == busy.gate.running == 0


def test_one_calendar_too_many_is_told_to_come_again() -> None:
    busy = App(limits=Limits(heavy=1, heavy_waiting=-1))

    said = busy.get("/v1/upcoming")

    assert problem(said)["status"] == 503
    assert busy.decide({"client": "acme"}).status_code == 200


def test_a_calendar_that_takes_too_long_is_given_up() -> None:
    impatient = App(limits=Limits(answer_seconds=0))

    assert problem(impatient.get("/v1/upcoming"))["status"] == 503


def test_a_page_of_another_name_cannot_ask(app: App) -> None:
    for host in ("evil.example", "evil.example:8480", "localhost.evil.example"):
        assert problem(app.get("/v1/status", host=host))["status"] == 421
        assert problem(app.decide({"client": "acme"}, host=host))["status"] == 421
    for host in ("localhost", "LOCALHOST:8480", "127.0.0.1:1", "[::1]:8480"):
        assert app.get("/v1/status", host=host).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
)
def test_a_page_of_another_site_cannot_ask(app: App, headers: dict[str, str]) -> None:
    for path in EVERYTHING:
        said = app.get(path, **headers)
        assert said.status_code == (200 if path in {"/", "/docs", "/openapi.json"} else 403), path
    assert problem(app.decide({"client": "acme"}, **headers))["status"] == 403
    assert problem(app.post("/-/reload", **headers))["status"] == 403
    own = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
    assert app.decide({"client": "acme"}, **own).status_code == 200


@pytest.mark.parametrize("hosts", [[], ["localhost", "localhost"], ["localhost", "evil.example"]])
def test_a_request_has_one_host(app: App, hosts: list[str]) -> None:
    sent: list[dict[str, Any]] = []
    headers = [(b"host", host.encode()) for host in hosts]
    scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": "/-/healthy", "headers": headers}

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:  # noqa: ANN401 - ASGI
        sent.append(message)

    asyncio.run(app.gate(scope, receive, send))

    assert sent[0]["status"] == 400


def test_what_is_refused_names_its_revision_too(app: App) -> None:
    refused = [
        app.get("/nope"),
        app.get("/v1/status", host="evil.example"),
        app.decide(b""),
        app.ask("OPTIONS", "/v1/status"),
        app.ask("DELETE", "/v1/status"),
        App(limits=Limits(requests=0)).get("/v1/partners"),
    ]

    for said in refused:
        assert said.headers["renewctl-revision"] == app.service.live.snapshot.revision.digest
        assert said.headers["etag"].startswith('W/"')


def test_a_reload_takes_no_body(app: App) -> None:
    assert problem(app.post("/-/reload", b"{}"))["status"] == 400
    assert app.post("/-/reload", b"").status_code == 200


def test_a_defect_of_ours_is_said_and_logged(
    app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("engine.server.answers.answer", fail)

    for said in (app.decide({"client": "acme"}), app.get("/v1/clients/acme/decision")):
        assert problem(said)["status"] == 500
        assert "broken" not in said.text
    assert "RuntimeError: broken" in caplog.text


def test_the_documentation_works_offline(app: App) -> None:
    page = app.get("/docs")

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert not re.search(r"<script|<link|src=|@import|url\(|https?://(?!127\.0\.0\.1)", page.text)
    for path in app.get("/openapi.json").json()["paths"]:
        assert f"<code>{path}</code>" in page.text


def test_threads_that_stop_give_up_what_is_under_way() -> None:
    stopping = threads.Threads(Limits())
    stopping.stop()

    with pytest.raises(RuntimeError):
        stopping._heavy.submit(int)


ASKED = {
    "type": "http",
    "method": "GET",
    "path": "/v1/partners",
    "query_string": b"",
    "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
}
"""A request as a server passes it on."""


@pytest.mark.parametrize(("is_begun", "status"), [(False, 503), (True, 200)])
def test_an_answer_that_takes_too_long_is_refused_unless_it_has_begun(status: int, *, is_begun: bool) -> None:
    app = App(limits=Limits(reload_seconds=0.001))
    sent: list[Message] = []

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        if is_begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.Event().wait()

    async def note(message: Message) -> None:
        sent.append(message)

    app.gate._others = endless
    asyncio.run(app.gate(ASKED, no_message, note))

    assert [message["status"] for message in sent if "status" in message] == [status]


async def no_message() -> Message:
    raise AssertionError


def test_for_how_long_a_client_was_waited_for_counts_for_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Scripted()
    monkeypatch.setattr(gate, "time", clock)
    monkeypatch.setattr(receiving, "time", clock)
    observer = Observed()
    app = App(observer=observer)

    async def late() -> Message:
        clock.now += 5
        return {"type": "http.request", "body": b'{"client": "acme"}', "more_body": False}

    async def ignore(message: Message) -> None:
        del message

    asyncio.run(app.gate({**ASKED, "method": "POST", "path": "/v1/decisions"}, late, ignore))

    assert observer.answers == [("/v1/decisions", 200, 0.0)]


class Scripted:
    """Stands in for the module `time`."""

    now = 0.0

    def perf_counter(self) -> float:
        """Return the time."""
        return self.now


class Observed(Nobody):
    """Notes every answer."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, int, float]] = []

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Note it."""
        self.answers.append((route, status, seconds))
