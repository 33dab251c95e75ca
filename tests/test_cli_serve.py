"""`renewctl serve`, `status` and `reload`, with the real process."""

from __future__ import annotations

import http.client
import json
import os
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from commandline import PROJECT, Renewctl, copy_of_root, environment, on_terminal, process
from daemons import Process, daemon
from daemons import process as daemon_process

NORDLICHT = "config/partners/nordlicht.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_of_root(tmp_path)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, str]]:
    """A daemon that no test changes."""
    root = copy_of_root(tmp_path_factory.mktemp("daemon"))
    with daemon(root, "--watch", "off") as started:
        yield started


def test_it_answers_until_it_is_told_to_stop(root: Path) -> None:
    with daemon(root) as (started, url):
        said = httpx.post(f"{url}/v1/decisions", json={"client": "acme"})

        assert said.json()["decisions"][0]["client"] == "acme"
        assert started.end(signal.SIGTERM) == 0


def test_an_interrupt_stops_it_too(root: Path) -> None:
    with daemon(root) as (started, _):
        assert started.end(signal.SIGINT) == 0


def test_a_request_that_is_being_made_is_answered_before_it_stops(root: Path) -> None:
    with daemon(root) as (started, url), closing(_connection(url)) as connection:
        body = json.dumps({"client": "acme"}).encode()
        connection.putrequest("POST", "/v1/decisions")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body[:5])
        httpx.get(f"{url}/-/healthy")  # the first part has been read by now

        started.running.send_signal(signal.SIGTERM)
        started.wait_for("stop: ")
        connection.send(body[5:])

        answer = connection.getresponse()
        assert answer.status == 200
        assert json.loads(answer.read())["decisions"]
        assert started.running.wait(10) == 0


def test_a_hangup_takes_up_what_is_on_disk(root: Path) -> None:
    with daemon(root, "--watch", "off") as (started, url):
        before = httpx.get(f"{url}/-/healthy").headers["renewctl-revision"]
        _touch(root)

        started.running.send_signal(signal.SIGHUP)

        started.wait_for("cause=signal outcome=loaded")
        assert httpx.get(f"{url}/-/healthy").headers["renewctl-revision"] != before


def test_a_change_is_live_by_itself(root: Path) -> None:
    with daemon(root) as (started, url):
        before = httpx.get(f"{url}/-/healthy").headers["renewctl-revision"]
        _touch(root)

        started.wait_for("outcome=loaded")

        assert _revision(url) != before


def test_a_unix_socket_is_for_its_group_and_goes_with_the_daemon(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "asked"
    with daemon_process(root, "--socket", str(path)) as started:
        started.wait_for(f"^listening on unix:{path}$")

        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(path))) as asking:
            assert asking.get("http://any.name/-/ready").status_code == 200
        assert process("status", "--url", f"unix:{path}").code == 0
        assert started.end() == 0
        assert "http://" not in "".join(started.seen).split("listening on")[-1]
    assert not path.exists()


def test_a_socket_of_a_dead_daemon_is_replaced_and_that_of_a_living_one_is_not(
    root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "asked"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with daemon_process(root, "--socket", str(path)) as started:
        started.wait_for("^listening on unix:")

        second = process("--root", str(root), "serve", "--socket", str(path))

        assert second.code == 2
        assert f"somebody listens on {path} already" in second.err
        assert path.exists()


def test_a_file_that_is_no_socket_is_left_alone(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "notes"
    path.write_text("dear diary", encoding="utf-8")

    assert process("--root", str(root), "serve", "--socket", str(path)).code == 2
    assert path.read_text(encoding="utf-8") == "dear diary"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104 - they are refused
def test_an_address_that_others_reach_is_refused(root: Path, host: str) -> None:
    refused = process("--root", str(root), "serve", "--host", host)

    assert refused.code == 2
    assert "--insecure" in refused.err


def test_who_types_the_command_is_refused_in_the_words_of_every_other_command() -> None:
    shown = on_terminal("--color", "never", "serve", "--host", "0.0.0.0")  # noqa: S104 - it is refused

    assert shown.code == 2
    assert shown.out.splitlines() == [
        "error: 0.0.0.0 can be reached by others, and whoever reaches the daemon is told everything",
        "  hint: listen on 127.0.0.1 behind a proxy that knows who asks, or add --insecure",
    ]


def test_a_host_that_is_none_is_refused(root: Path) -> None:
    refused = process("--root", str(root), "serve", "--host", "")

    assert refused.code == 2
    assert "refused: '' is no address of this machine" in refused.err


def test_an_address_that_others_reach_is_served_when_that_is_meant(root: Path) -> None:
    with daemon(root, "--host", "0.0.0.0", "--insecure") as (started, url):  # noqa: S104 - it is meant
        port = urlsplit(url).port

        assert httpx.get(f"http://127.0.0.1:{port}/-/ready", headers={"host": "any.name"}).status_code == 200
        assert sum("warning" in line and "--insecure" in line for line in started.seen) == 1


def test_a_port_in_use_is_said_to_be(root: Path, running: tuple[Process, str]) -> None:
    taken = process("--root", str(root), "serve", "--port", str(urlsplit(running[1]).port))

    assert taken.code == 2
    (line,) = taken.err.splitlines()
    assert line.endswith(
        f" error   refused: {urlsplit(running[1]).netloc} is in use "
        'hint="stop the other process, or choose with --port, 0 for any"'
    )


def test_a_defect_at_the_start_is_a_line_of_the_log_without_anybodys_address(root: Path) -> None:
    script = (
        "import sys, cli, engine.daemon.running\n"
        "def broken(*_): raise ValueError('no ada@acme.example')\n"
        "engine.daemon.running.Daemon = broken\n"
        "sys.exit(cli.main())"
    )
    arguments = ("--root", str(root), "serve", "--port", "0", "--log-format", "json")

    ran = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=PROJECT,
        env=environment(),
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert ran.returncode == 3
    said = json.loads(ran.stderr)
    assert (said["event"], said["message"]) == ("refused", "this is a defect of renewctl")
    assert said["detail"].endswith("ValueError: no [address]\n")
    assert b"ada@" not in ran.stderr


def test_a_second_daemon_that_keeps_its_last_good_configuration_in_the_same_place_warns(
    root: Path, tmp_path: Path
) -> None:
    state = ("--state", str(tmp_path / "kept"), "--watch", "off")
    with daemon(root, *state) as (first, _), daemon(root, *state) as (second, _):
        warnings = [[line for line in one.seen if "warning" in line] for one in (first, second)]

        assert warnings[0] == []
        (warning,) = warnings[1]
        assert f"another daemon keeps its last good configuration in {tmp_path}/kept, too" in warning


def test_a_root_with_errors_is_not_served_and_every_error_is_shown(root: Path) -> None:
    (root / NORDLICHT).write_text("version: 1\npartner: nordlicht\nname: 5\ndefualt: {}\n", encoding="utf-8")

    refused = process("--root", str(root), "serve", "--port", "0")

    assert refused.code == 1
    assert f"{root / NORDLICHT}"[-20:] in refused.err or NORDLICHT in refused.err
    assert refused.err.count(f"{NORDLICHT}:") >= 2
    assert "Traceback" not in refused.err
    assert "listening" not in refused.err


def test_the_last_good_configuration_answers_when_that_is_allowed(root: Path) -> None:
    with daemon(root) as (started, url):
        good = _revision(url)
        started.end()
    (root / NORDLICHT).write_text("version: 1\npartner: [\n", encoding="utf-8")

    assert process("--root", str(root), "serve", "--port", "0").code == 1
    with daemon(root, "--start-from-last-good") as (_, url):
        assert _revision(url) == good
        assert httpx.get(f"{url}/v1/status").json()["revision"]["is_last_good"] is True
        assert process("status", "--url", url).code == 1


def test_options_are_read_from_variables_too(root: Path) -> None:
    variables = {"RENEWCTL_PORT": "0", "RENEWCTL_LOG_FORMAT": "json", "RENEWCTL_WATCH": "poll"}
    with daemon_process(root, variables=variables) as started:
        url = started.wait_for(r'"addresses":.*?(http://[0-9.:]+)')[1]

        assert httpx.get(f"{url}/v1/status").json()["watch"]["mode"] == "poll"
        assert all(json.loads(line)["event"] for line in started.seen)


def test_facts_of_a_file_are_used_and_taken_up_again(root: Path, tmp_path: Path) -> None:
    facts = tmp_path / "facts.jsonl"
    facts.write_text('{"renewal":"r1","client":"one","renewal_date":"2027-03-31"}\n', encoding="utf-8")
    with daemon(root, "--facts", str(facts), "--poll", "0.2", "--watch", "off") as (started, url):
        assert httpx.get(f"{url}/v1/status").json()["facts"]["renewals"] == 1
        assert httpx.get(f"{url}/v1/clients/globex/decision").status_code == 404

        facts.write_text('{"renewal":"r1","client":"two","renewal_date":"2027-03-31"}\n', encoding="utf-8")

        started.wait_for("cause=poll outcome=loaded")
        assert httpx.get(f"{url}/v1/clients/two/decision").status_code == 200


def test_bad_facts_that_are_skipped_are_told_and_keep_nobody_else_from_being_answered(root: Path) -> None:
    facts = root / "facts/renewals.jsonl"
    good = facts.read_text(encoding="utf-8")
    facts.write_text(f'{good}{{"x":1}}\n{{"renewal":"rn_2"}}\n', encoding="utf-8")

    with daemon(root, "--skip-bad-facts", "--watch", "off") as (started, url):
        status = httpx.get(f"{url}/v1/status").json()
        assert (status["ok"], status["facts"]["renewals"], status["facts"]["skipped"]) == (True, 6, 2)
        assert {one["line"] for one in status["last_attempt"]["diagnostics"]} == {7, 8}
        assert (
            len([line for line in started.seen if "error   diagnostic: facts/renewals.jsonl:7:" in line]) == 4
        )
        assert httpx.get(f"{url}/v1/clients/acme/decision").status_code == 200

        facts.write_text(good, encoding="utf-8")

        assert httpx.post(f"{url}/-/reload").status_code == 200
        assert httpx.get(f"{url}/v1/status").json()["facts"]["skipped"] == 0


def test_facts_of_a_database_are_used(root: Path, tmp_path: Path) -> None:
    import sqlite3  # noqa: PLC0415 - here only

    with sqlite3.connect(tmp_path / "crm.db") as database:
        database.execute("create table renewals (renewal text, client text, renewal_date text)")
        database.execute("insert into renewals values ('r1', 'one', '2027-03-31')")
    with daemon(root, "--facts", f"sqlite:///{tmp_path}/crm.db", "--watch", "off") as (_, url):
        assert httpx.get(f"{url}/v1/clients/one/decision").status_code == 200

        (tmp_path / "crm.db").unlink()

        assert httpx.post(f"{url}/-/reload", timeout=20).status_code == 422
        assert httpx.get(f"{url}/v1/clients/one/decision").status_code == 200, "what was read before answers"


def test_systemd_is_told_how_it_is(root: Path, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(tmp_path / "notify"))
        supervisor.settimeout(20)
        variables = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
        with daemon(root, "--watch", "poll", variables=variables) as (started, _):
            told = _told_until(supervisor, "READY=1")
            assert all(line == "WATCHDOG=1" for line in told)
            assert _told_until(supervisor, "WATCHDOG=1") == []
            assert _told_until(supervisor, "WATCHDOG=1") == []

            started.running.send_signal(signal.SIGHUP)
            _told_until(supervisor, "RELOADING=1\nMONOTONIC_USEC=")
            _told_until(supervisor, "READY=1")

            started.running.send_signal(signal.SIGTERM)
            _told_until(supervisor, "STOPPING=1")
            assert started.running.wait(10) == 0


def test_an_abstract_socket_of_systemd_is_one_too(root: Path) -> None:
    name = f"renewctl-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(f"\0{name}")
        supervisor.settimeout(20)
        with daemon(root, variables={"NOTIFY_SOCKET": f"@{name}"}):
            _told_until(supervisor, "READY=1")


def test_status_is_a_screen_for_people_and_all_of_it_for_programs(running: tuple[Process, str]) -> None:
    _, url = running

    shown, said = process("status", "--url", url), process("status", "--url", url, "--format", "json")

    assert (shown.code, said.code) == (0, 0)
    assert shown.out.startswith("ok  renewctl ")
    assert json.loads(said.out)["revision"]["digest"] in shown.out


def test_what_is_no_daemon_is_said_to_be_none(renewctl: Renewctl) -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:
        threading.Thread(target=other.handle_request, daemon=True).start()
        url = f"http://127.0.0.1:{other.server_port}"

        run = renewctl("status", "--url", url)

    complaint = f"error: {url} answers 501 Not Implemented, which no renewctl daemon does"
    assert (run.code, run.err.splitlines()[-2:]) == (2, [complaint, "  hint: check --url"])


def test_a_refused_change_is_shown_by_reload_and_status(root: Path) -> None:
    with daemon(root, "--watch", "off") as (_, url):
        (root / NORDLICHT).write_text("version: 1\npartner: [\n", encoding="utf-8")

        reloaded = process("reload", variables={"RENEWCTL_URL": url})
        shown = process("status", "--url", url)

        assert (reloaded.code, shown.code) == (1, 1)
        assert f"{NORDLICHT}:" in reloaded.out
        assert f"{NORDLICHT}:" in shown.out
        assert "NOT what is on disk" in shown.out


def test_what_no_diagnostic_says_is_shown_by_reload_and_status(root: Path) -> None:
    with daemon(root, "--watch", "off") as (_, url):
        shutil.rmtree(root / "facts")

        reloaded = process("reload", "--url", url)
        shown = process("status", "--url", url)

        assert (reloaded.code, shown.code) == (1, 1)
        assert "no file of facts is left" in reloaded.out
        assert "no file of facts is left" in shown.out


def test_a_reload_can_be_asked_for_without_waiting(root: Path) -> None:
    with daemon(root, "--watch", "off") as (started, url):
        _touch(root)

        assert process("reload", "--no-wait", "--url", url) == (0, "", "")

        started.wait_for("cause=http outcome=loaded")


def test_nobody_there_is_said_so(renewctl: Renewctl, tmp_path: Path) -> None:
    for url in ("http://127.0.0.1:1", f"unix:{tmp_path}/none"):
        for command in ("status", "reload"):
            missing = renewctl(command, "--url", url)

            assert missing.code == 2
            assert f"no daemon answers at {url}" in missing.err
    assert renewctl("status", "--url", "ftp://x").code == 2


def test_standard_input_is_no_source_of_facts_for_a_daemon(renewctl: Renewctl) -> None:
    assert renewctl("serve", "--facts", "-").code == 2


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: " + b"a" * 40_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: a\r\n" * 20_000 + b"\r\n", 431),
        (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"hello\r\n\r\n", 400),
        (b"GET // HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (b"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (b"GET http:// HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", 200),
        (b"POST /v1/decisions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n", 413),
    ],
)
def test_a_request_that_is_none_is_refused_with_a_problem(
    running: tuple[Process, str], sent: bytes, status: int
) -> None:
    with _connected(running[1]) as asking:
        asking.sendall(sent)
        answer = http.client.HTTPResponse(asking)
        answer.begin()

        assert answer.status == status
        if status != 200:
            assert answer.headers["content-type"] == "application/problem+json"
            assert json.loads(answer.read())["status"] == status
    assert httpx.get(f"{running[1]}/-/healthy").status_code == 200


def test_what_is_no_request_names_the_revision_and_writes_no_line(root: Path) -> None:
    upgrade = b"GET /-/ready HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
    with daemon(root) as (started, url):
        with _connected(url) as asking:
            asking.sendall(b"hello\r\n\r\n")
            refused = http.client.HTTPResponse(asking)
            refused.begin()
            assert refused.headers["renewctl-revision"] == _revision(url)
            assert refused.headers["etag"].startswith('W/"')
        with _connected(url) as asking:
            asking.sendall(upgrade)
            assert asking.recv(12) == b"HTTP/1.1 200"
        counted = 'renewctl_http_requests_total{route="none",status="400"} 1.0'
        assert counted in httpx.get(f"{url}/metrics").text
        started.end()

    assert not any(" warning " in line for line in started.seen), started.seen


@pytest.mark.parametrize("size", [20_000_000, 80_000_000])
def test_who_writes_first_can_read_why_it_was_too_much(running: tuple[Process, str], size: int) -> None:
    with closing(_connection(running[1])) as asking:
        asking.request("POST", "/v1/decisions", b" " * size)
        refused = asking.getresponse()

        assert refused.status == 413
        assert json.loads(refused.read())["errors"][0]["limit"] < size


def test_a_body_that_stops_being_one_is_refused_with_a_problem(running: tuple[Process, str]) -> None:
    with _connected(running[1]) as asking:
        asking.sendall(
            b"POST /v1/decisions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
        )
        answer = http.client.HTTPResponse(asking)
        answer.begin()

        assert answer.status == 400


def test_idle_connections_keep_nobody_out(root: Path) -> None:
    allowed = (1_500, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, allowed)
    with daemon(root, "--watch", "off") as (_, url), ExitStack() as stack:
        idle = [stack.enter_context(_connected(url)) for _ in range(1_100)]

        for path in ("/-/healthy", "/v1/status", "/v1/partners"):
            assert httpx.get(f"{url}{path}").status_code == 200
        assert idle[0].recv(1) == b"", "who has been idle longest is let go"


def test_requests_one_behind_the_other_are_all_answered(running: tuple[Process, str]) -> None:
    body = b'{"client":"acme"}'
    one = b"POST /v1/decisions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )
    with _connected(running[1]) as asking:
        asking.sendall(one * 20 + b"GET /-/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answered = b"".join(iter(lambda: asking.recv(65536), b""))

    assert answered.count(b"HTTP/1.1 200 OK") == 21


def test_lines_stream_in_both_directions(running: tuple[Process, str]) -> None:
    lines = 20_000

    def write() -> Iterator[bytes]:
        for _ in range(lines // 100):
            yield b'{"client":"acme"}\n' * 100

    with httpx.stream(
        "POST",
        f"{running[1]}/v1/decisions",
        content=write(),
        headers={"content-type": "application/jsonl"},
        timeout=30,
    ) as said:
        read = sum(chunk.count(b"\n") for chunk in said.iter_bytes())

    assert read == lines


def test_a_heavy_batch_does_not_keep_others_waiting(running: tuple[Process, str]) -> None:
    _, url = running
    batch = json.dumps({"requests": [{"client": "acme"}] * 10_000})
    heavy = threading.Thread(target=lambda: httpx.post(f"{url}/v1/decisions", content=batch, timeout=30))
    answered = 0
    with httpx.Client() as asking:
        asking.get(f"{url}/-/healthy")
        heavy.start()
        while heavy.is_alive():
            assert asking.get(f"{url}/-/healthy").status_code == 200
            answered += 1

    assert answered >= 5


def _touch(root: Path) -> None:
    file = root / NORDLICHT
    beside = file.with_suffix(".new")
    beside.write_text(file.read_text(encoding="utf-8") + "\n# another\n", encoding="utf-8")
    beside.replace(file)


def _revision(url: str) -> str:
    return httpx.get(f"{url}/-/healthy").headers["renewctl-revision"]


def _connection(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)


def _connected(url: str) -> socket.socket:
    place = urlsplit(url)
    return socket.create_connection((place.hostname or "", place.port or 0), timeout=10)


def _told_until(supervisor: socket.socket, text: str) -> list[str]:
    """Return what was told before that."""
    told: list[str] = []
    while True:
        message = supervisor.recv(4096).decode()
        if message.startswith(text):
            return told
        told.append(message)
