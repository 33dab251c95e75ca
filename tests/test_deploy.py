"""What is in deploy/, and the image: each checked by the program that reads it, where that can be had."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
import yaml
from commandline import PROJECT, environment

from engine.commands.program import renewctl
from engine.daemon.families import FAMILIES

DEPLOY = PROJECT / "deploy"
OPERATIONS = PROJECT / "docs/operations.md"
PROCESS = {"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds", "up"}
"""Metrics that are not ours: of the library, and of Prometheus."""

TARGET = {"job", "instance", "le"}
"""Labels that Prometheus, or the kind of the metric, adds."""

SUFFIXES = ("_bucket", "_sum", "_count")
LABELS = {family.name: {*family.labels} for family in FAMILIES} | {
    f"{family.name}{suffix}": {*family.labels}
    for family in FAMILIES
    for suffix in SUFFIXES
    if family.kind == "histogram"
}

promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on this machine")
analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine"
)


def run(*command: str | Path, cwd: Path = DEPLOY) -> str:
    """Return what a program says, both ways, having ended well."""
    ran = subprocess.run(command, cwd=cwd, capture_output=True, check=False, text=True, timeout=60)
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said
    return said


def accepts(arguments: list[str]) -> None:
    """Have the command line read these arguments as it does before it runs; it raises at a wrong one."""
    outer = renewctl.make_context("renewctl", list(arguments))
    with outer:
        name, command, rest = renewctl.resolve_command(outer, [*outer._protected_args, *outer.args])
        assert command is not None
        command.make_context(name, rest, parent=outer)


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((DEPLOY / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))
    return found


def dashboard_expressions() -> Iterator[str]:
    """Yield the expressions of the dashboard with what Grafana puts into its variables."""
    values = {"$__rate_interval": "5m", "$instance": ".*", "$job": "renewctl"}
    annotations = dashboard()["annotations"]["list"]
    targets = [target for panel in dashboard()["panels"] for target in panel["targets"]]
    for text in (found["expr"] for found in [*targets, *annotations]):
        for variable, value in values.items():
            text = text.replace(variable, value)  # noqa: PLW2901 - one after the other
        yield text


def selectors(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Yield each metric of an expression, with the labels by which it is selected."""
    for name, inside in re.findall(r"\b((?:renewctl|process)_\w+|up\b)(\{[^}]*\})?", expression):
        yield name, set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", inside))


def unknown(expression: str) -> set[str]:
    """Return the metrics and labels of an expression that are not on our page."""
    wrong = set()
    for name, labels in selectors(expression):
        if name not in LABELS and name not in PROCESS:
            wrong.add(name)
        wrong |= labels - LABELS.get(name, set()) - TARGET
    return wrong


@promtool
def test_prometheus_takes_the_alert_rules() -> None:
    assert f"SUCCESS: {len(alerts())} rules found" in run("promtool", "check", "rules", "alerts.yaml")


@promtool
def test_the_alerts_are_raised_when_they_should_and_only_then() -> None:
    run("promtool", "test", "rules", "alerts_test.yaml")


@promtool
def test_prometheus_takes_every_expression_of_the_dashboard(tmp_path: Path) -> None:
    rules = [{"record": f"x{number}", "expr": text} for number, text in enumerate(dashboard_expressions())]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "x", "rules": rules}]}))

    run("promtool", "check", "rules", tmp_path / "rules.yaml")


def test_what_is_unknown_is_seen() -> None:
    assert unknown('rate(renewctl_decision_total{job="x", outcme="send"}[5m])') == {
        "renewctl_decision_total",
        "outcme",
    }
    assert unknown('renewctl_watch_mode{status="1"}') == {"status"}


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_an_alert_uses_metrics_that_there_are_and_is_explained(alert: dict[str, Any]) -> None:
    annotations = alert["annotations"]
    page, _, anchor = annotations["runbook"].partition("#")
    headings = re.findall(r"^#+ (.+)$", OPERATIONS.read_text(encoding="utf-8"), re.MULTILINE)

    assert unknown(alert["expr"]) == set()
    assert annotations["summary"]
    assert annotations["description"]
    assert PROJECT / page == OPERATIONS
    assert anchor == alert["alert"].lower()
    assert anchor in {heading.lower() for heading in headings}


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_an_alert_has_a_test_that_raises_it(alert: dict[str, Any]) -> None:
    tests = (DEPLOY / "alerts_test.yaml").read_text(encoding="utf-8")

    assert alert["alert"] in tests


def test_the_alert_tests_feed_in_what_the_daemon_exports() -> None:
    tests = yaml.safe_load((DEPLOY / "alerts_test.yaml").read_text(encoding="utf-8"))["tests"]

    for series in (series["series"] for test in tests for series in test["input_series"]):
        assert unknown(series) == set(), series


def test_the_dashboard_uses_metrics_and_labels_that_there_are() -> None:
    found = list(dashboard_expressions())

    assert len(found) > 15
    assert {name for text in found for name in unknown(text)} == set()


def test_the_panels_have_names_of_their_own_and_do_not_overlap() -> None:
    panels = dashboard()["panels"]
    places = [panel["gridPos"] for panel in panels]

    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        assert (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )


def unit() -> dict[str, list[str]]:
    """Return the settings of the systemd unit."""
    settings: dict[str, list[str]] = {}
    for line in (DEPLOY / "renewctl.service").read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            settings.setdefault(name, []).append(value)
    return settings


def installed_unit(folder: Path) -> Path:
    """Return the unit for a program that is on this machine, since the real one need not be."""
    text = (DEPLOY / "renewctl.service").read_text(encoding="utf-8")
    path = folder / "renewctl.service"
    path.write_text(text.replace("/opt/renewctl/bin/renewctl", sys.executable), encoding="utf-8")
    return path


@analyze
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    assert run("systemd-analyze", "verify", installed_unit(tmp_path)) == ""


@analyze
def test_the_unit_leaves_next_to_nothing_exposed(tmp_path: Path) -> None:
    said = run("systemd-analyze", "security", "--offline=true", "--threshold=15", installed_unit(tmp_path))

    assert "Overall exposure level" in said


def test_the_unit_runs_a_command_that_there_is_and_reloads_by_the_signal_it_knows() -> None:
    settings = unit()
    program, *arguments = shlex.split(settings["ExecStart"][0])

    accepts(arguments)
    assert Path(program).name == "renewctl"
    assert settings["Type"] == ["notify"]
    assert settings["ExecReload"] == ["/bin/kill -HUP $MAINPID"]
    assert settings["StateDirectory"] == ["renewctl"]


class Instruction(NamedTuple):
    """An instruction of the Dockerfile."""

    name: str
    value: str


def stages() -> list[list[Instruction]]:
    """Return the instructions of each stage."""
    text = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    lines = [line.strip() for line in re.sub(r"\\\n", " ", code).splitlines() if line.strip()]
    found: list[list[Instruction]] = []
    for line in lines:
        name, _, value = line.partition(" ")
        if name == "FROM":
            found.append([])
        found[-1].append(Instruction(name, value.strip()))
    return found


def of_stage(stage: list[Instruction], name: str) -> list[str]:
    return [instruction.value for instruction in stage if instruction.name == name]


def copied() -> list[str]:
    """Return what the image is built of."""
    return [source for value in of_stage(stages()[0], "COPY") for source in value.split()[:-1]]


def is_ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path out: the last line that fits decides."""
    ignored = False
    for line in (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        parents = [path, *map(str, Path(path).parents)]
        if line and not line.startswith("#") and any(fnmatch(one, pattern) for one in parents):
            ignored = not line.startswith("!")
    return ignored


def test_the_image_is_built_in_two_stages_from_the_same_pinned_base() -> None:
    builder, final = stages()
    (base, _, name), (other,) = builder[0].value.split(), final[0].value.split()

    assert (name, base) == ("builder", other)
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", base)


def test_the_compiler_stays_behind() -> None:
    builder, final = stages()

    assert any("gcc" in value for value in of_stage(builder, "RUN"))
    assert not any(re.search(r"\b(gcc|apt-get|build-essential)\b", value) for value in of_stage(final, "RUN"))


def test_the_image_runs_as_nobody_special() -> None:
    user, group = of_stage(stages()[1], "USER")[0].split(":")

    assert int(user) > 0
    assert int(group) > 0


def test_the_image_serves_on_the_port_that_it_names() -> None:
    final = stages()[1]
    entry, arguments = (json.loads(of_stage(final, name)[0]) for name in ("ENTRYPOINT", "CMD"))

    accepts(arguments)
    assert entry == ["renewctl"]
    assert of_stage(final, "EXPOSE") == ["8480"]


def test_a_daemon_that_refuses_a_change_is_healthy_unlike_one_that_is_silent(
    tmp_path: Path,
) -> None:
    check = of_stage(stages()[1], "HEALTHCHECK")[0].partition("CMD ")[2]

    def health(status: int) -> int:
        program = tmp_path / "renewctl"
        program.write_text(f'#!/bin/sh\n[ "$*" = status ] || exit 3\nexit {status}\n')
        program.chmod(0o755)
        variables = environment({"PATH": f"{tmp_path}:/usr/bin:/bin"})
        return subprocess.run(["sh", "-c", check], env=variables, check=False).returncode

    assert [health(status) for status in (0, 1, 2, 3)] == [0, 0, 1, 1]


def test_what_the_image_is_built_of_is_there_and_not_ignored() -> None:
    assert len(copied()) > 5
    for source in copied():
        assert (PROJECT / source).exists(), source
        assert not is_ignored(source), source


@pytest.mark.parametrize("path", [".git", "config", "facts", ".venv", "tests", "engine/__pycache__", "x.pem"])
def test_what_does_not_belong_into_the_image_is_not_sent(path: str) -> None:
    assert is_ignored(path)


def test_the_copied_files_are_enough_to_build_the_wheel(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in copied():
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(PROJECT / name, source / name)

    run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"),
        *("--no-build-isolation", "--wheel-dir", tmp_path, "."),
        cwd=source,
    )

    (wheel,) = tmp_path.glob("renewctl-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for folder in ("schemas", "rules"):
        assert any(name.startswith(f"engine/_bundled/{folder}/") for name in names), folder


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_commands_of_both_stages_make_a_renewctl_that_serves(tmp_path: Path) -> None:
    wheels, place = tmp_path / "wheels", tmp_path / "environment"
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")

    run(*pip, "wheel", "--wheel-dir", wheels, "--constraint", "requirements.lock", ".[all]", cwd=PROJECT)
    run(sys.executable, "-m", "venv", "--without-pip", place)
    run(*pip, "--python", place, "install", "--no-index", "--find-links", wheels, "renewctl[all]")

    assert "--start-from-last-good" in run(place / "bin/renewctl", "serve", "--help")
    run(place / "bin/python", "-c", "import engine.daemon.running, engine.git", cwd=tmp_path)


def manifests() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8")))


def manifest(kind: str) -> dict[str, Any]:
    (found,) = [one for one in manifests() if one["kind"] == kind]
    return found


def pod() -> dict[str, Any]:
    spec: dict[str, Any] = manifest("Deployment")["spec"]["template"]["spec"]
    return spec


def container(name: str) -> dict[str, Any]:
    found: dict[str, Any]
    (found,) = [one for one in pod()["containers"] if one["name"] == name]
    return found


def test_every_object_means_the_same_pods() -> None:
    labels = manifest("Deployment")["spec"]["template"]["metadata"]["labels"]

    assert manifest("Deployment")["spec"]["selector"]["matchLabels"] == labels
    assert manifest("Service")["spec"]["selector"] == labels
    assert manifest("NetworkPolicy")["spec"]["podSelector"]["matchLabels"] == labels
    assert manifest("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels


def test_no_container_may_more_than_it_must() -> None:
    found = [*pod()["containers"], *pod()["initContainers"]]

    assert pod()["securityContext"]["runAsNonRoot"]
    assert not pod()["automountServiceAccountToken"]
    for one in found:
        context = one["securityContext"]
        assert context["readOnlyRootFilesystem"]
        assert not context["allowPrivilegeEscalation"]
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert "memory" in one["resources"]["limits"]


def test_the_daemon_reads_the_tree_that_git_sync_writes() -> None:
    arguments = container("renewctl")["args"]
    options = dict(one.removeprefix("--").split("=", 1) for one in container("git-sync")["args"])
    mounts = {mount["name"]: mount for mount in container("renewctl")["volumeMounts"]}

    accepts([f"--root={PROJECT}", *arguments[1:]])
    assert f"--root={options['root']}/{options['link']}" in arguments
    assert mounts["git"]["mountPath"] == options["root"]
    assert mounts["git"]["readOnly"]
    assert f"--state={mounts['state']['mountPath']}" in arguments


def test_every_mount_has_a_volume_and_every_probe_a_port() -> None:
    volumes = {volume["name"] for volume in pod()["volumes"]}
    ports = {port["name"] for port in container("renewctl")["ports"]}

    for one in [*pod()["containers"], *pod()["initContainers"]]:
        assert {mount["name"] for mount in one["volumeMounts"]} <= volumes
    for probe, path in (("startup", "ready"), ("liveness", "healthy"), ("readiness", "ready")):
        assert container("renewctl")[f"{probe}Probe"]["httpGet"]["path"] == f"/-/{path}"
        assert container("renewctl")[f"{probe}Probe"]["httpGet"]["port"] in ports


def test_kubernetes_does_not_set_the_variables_of_serve() -> None:
    serve = renewctl.get_command(click.Context(renewctl), "serve")
    assert serve is not None
    variables = {option.envvar for option in serve.params}

    assert "RENEWCTL_PORT" in variables  # which it would, for a service of that name
    assert not pod()["enableServiceLinks"]


@pytest.mark.parametrize("name", ["postgresql", "promtool"])
def test_the_gate_installs_what_tests_need_that_are_skipped_without(name: str) -> None:
    gate = (PROJECT / ".ci/run").read_text(encoding="utf-8")

    assert f".ci/{name} ||" in gate
    run("bash", "-n", PROJECT / ".ci" / name)


def test_every_fault_that_the_daemon_is_tested_with_is_explained() -> None:
    numbers = re.findall(r"\bF(\d+)\b", OPERATIONS.read_text(encoding="utf-8"))

    assert sorted(set(map(int, numbers))) == list(range(1, 31))


def test_every_link_of_the_page_leads_somewhere() -> None:
    text = OPERATIONS.read_text(encoding="utf-8")
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    links = {target for target in re.findall(r"\]\(([^)]+)\)", text) if not target.startswith("https://")}

    assert len(links) > 5
    for link in links:
        page, _, anchor = link.partition("#")
        assert (OPERATIONS.parent / page).exists(), link
        assert not anchor or page or anchor in headings, link
