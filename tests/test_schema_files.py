"""The files in schemas/: sound, closed, explained to an editor, in step with the code and each other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from engine import resources, schemas, vocabulary
from engine.documents import Value
from engine.sentences import Violation

Schema: TypeAlias = dict[str, Any]

KINDS = ("partner", "vendor", "rules", "schedule", "renewal", "decision", "tests")
SCHEMAS: dict[str, Schema] = {kind: json.loads(resources.schema_text(kind)) for kind in KINDS}

NAMED = ("$defs", "properties", "patternProperties")
NESTED = ("additionalProperties", "items", "propertyNames")
BRANCHES = ("anyOf", "allOf")


class Node(NamedTuple):
    """A schema inside a schema file, and the path to where it stands."""

    kind: str
    path: tuple[str, ...]
    schema: Schema

    @property
    def id(self) -> str:
        """How a failure names it."""
        return f"{self.kind}:{'/'.join(self.path)}"

    @property
    def is_property(self) -> bool:
        """Whether it is what a person writes behind a key, and may ask an editor about."""
        return self.path[-2:-1] in {("properties",), ("patternProperties",)}

    @property
    def definition(self) -> Schema:
        """What `$ref` leads to; the schema itself where there is none."""
        return definition(self.kind, self.schema)


def definition(kind: str, schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = SCHEMAS[kind]["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return found


def nodes(kind: str, path: tuple[str, ...], schema: Schema) -> Iterator[Node]:
    """Yield every schema at or below `path`; the conditions of if/then/else describe nothing new."""
    yield Node(kind, path, schema)
    for keyword in NAMED:
        for name, inner in schema.get(keyword, {}).items():
            yield from nodes(kind, (*path, keyword, name), inner)
    for keyword in NESTED:
        if isinstance(schema.get(keyword), dict):
            yield from nodes(kind, (*path, keyword), schema[keyword])
    for keyword in BRANCHES:
        for index, inner in enumerate(schema.get(keyword, [])):
            yield from nodes(kind, (*path, keyword, str(index)), inner)


NODES = [node for kind in KINDS for node in nodes(kind, (), SCHEMAS[kind])]
each_schema = pytest.mark.parametrize("kind", KINDS)


def is_object(schema: Schema) -> bool:
    return "object" in as_list(schema.get("type", [])) or "properties" in schema


def as_list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def explains_itself(schema: Schema) -> bool:
    """Whether an editor can offer every value without an example: constants, choices and booleans."""
    return "const" in schema or "enum" in schema or "boolean" in as_list(schema.get("type", []))


# The files


@each_schema
def test_a_schema_satisfies_the_metaschema(kind: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[kind])

    assert SCHEMAS[kind]["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


@each_schema
def test_a_schema_is_identified_by_its_file_name(kind: str) -> None:
    assert SCHEMAS[kind]["$id"] == f"https://renewctl.example/schemas/{kind}.schema.json"


@each_schema
def test_every_reference_stays_in_its_file_and_every_definition_is_used(kind: str) -> None:
    references = {node.schema["$ref"] for node in NODES if node.kind == kind and "$ref" in node.schema}

    assert references == {f"#/$defs/{name}" for name in SCHEMAS[kind].get("$defs", {})}


def test_a_definition_that_several_files_repeat_is_the_same_in_all() -> None:
    """Files repeat definitions instead of sharing them, so that an editor needs no network."""
    copies: dict[str, list[Schema]] = {}
    for kind in KINDS:
        for name, schema in SCHEMAS[kind].get("$defs", {}).items():
            copies.setdefault(name, []).append(schema)

    assert all(schema == same[0] for same in copies.values() for schema in same)


def test_every_object_is_closed_or_says_what_else_it_holds() -> None:
    open_objects = [
        node.id
        for node in NODES
        if is_object(node.definition) and node.definition.get("additionalProperties") in (None, True)
    ]

    assert open_objects == []


def test_branches_of_a_union_are_told_apart_by_one_type_each() -> None:
    unions = [node for node in NODES if any("$ref" in branch for branch in node.schema.get("anyOf", []))]
    kinds = [[branch.get("type") for branch in node.schema["anyOf"]] for node in unions]

    assert unions
    assert all(len(set(union)) == len(union) and None not in union for union in kinds)


def test_every_property_has_a_title_and_a_description() -> None:
    unexplained = [
        node.id for node in NODES if node.is_property and not {"title", "description"} <= node.schema.keys()
    ]

    assert unexplained == []


def test_every_schema_that_does_not_explain_itself_has_examples() -> None:
    bare = [
        node.id
        for node in NODES
        if (node.is_property or not node.path)
        and not explains_itself(node.schema)
        and not node.schema.get("examples")
    ]

    assert bare == []


def test_every_optional_property_says_what_happens_when_it_is_left_out() -> None:
    silent = [
        f"{node.id}/properties/{name}"
        for node in NODES
        if node.kind != "decision" and "condition" not in node.path and "comparison" not in node.path
        for name, schema in node.schema.get("properties", {}).items()
        if name not in node.schema.get("required", []) and "eft out" not in schema["description"]
    ]

    assert silent == []


@pytest.mark.parametrize(
    "node",
    [pytest.param(node, id=node.id) for node in NODES if {"examples", "default"} & node.schema.keys()],
)
def test_every_example_and_default_is_valid(node: Node) -> None:
    root = Draft202012Validator(SCHEMAS[node.kind], format_checker=FormatChecker(["date"]))
    validator = root.evolve(schema=node.schema)
    values = [*node.schema.get("examples", []), *_default(node.schema)]

    assert [error.message for value in values for error in validator.iter_errors(value)] == []


def _default(schema: Schema) -> list[Value]:
    return [schema["default"]] if "default" in schema else []


# In step with the code


def test_the_rules_schema_offers_exactly_the_facts_of_the_vocabulary() -> None:
    condition = SCHEMAS["rules"]["$defs"]["condition"]
    prefixes = {name.removeprefix("^").replace("\\", "") for name in condition["patternProperties"]}

    assert condition["properties"].keys() == vocabulary.FACTS.keys() | {"all", "any", "not"}
    assert prefixes == vocabulary.LABELS.keys()


def test_the_rules_schema_offers_exactly_the_operators_of_the_vocabulary() -> None:
    operators = {name for names in vocabulary.OPERATORS.values() for name in names} - {"equals"}

    assert SCHEMAS["rules"]["$defs"]["comparison"]["properties"].keys() == operators


def test_the_rules_schema_offers_every_role_of_the_vocabulary() -> None:
    fixed = (*vocabulary.CLIENT_ROLES, *vocabulary.PARTNER_ROLES, vocabulary.RENEWAL_MANAGER)

    assert SCHEMAS["rules"]["$defs"]["role"]["examples"] == [*fixed, "vendor.legal"]


@pytest.mark.parametrize(
    ("kind", "path", "values"),
    [
        ("partner", "$defs/default/properties/owner", vocabulary.OWNERS),
        ("partner", "$defs/override/properties/owner", vocabulary.OVERRIDES),
        ("vendor", "properties/notice_types_following_override/items", vocabulary.NOTICE_TYPES),
        ("renewal", "properties/status", vocabulary.STATUSES),
        ("renewal", "properties/tier", vocabulary.TIERS),
        ("schedule", "$defs/entry/properties/type", vocabulary.NOTICE_TYPES),
        ("schedule", "$defs/entry/properties/kind", vocabulary.NOTICE_KINDS),
        ("renewal", "properties/portal_type", vocabulary.PORTAL_TYPES),
        ("decision", "$defs/decision/properties/notice/properties/type", vocabulary.NOTICE_TYPES),
        ("decision", "$defs/decision/properties/notice/properties/kind", vocabulary.NOTICE_KINDS),
        ("decision", "$defs/decision/properties/owner/properties/value", vocabulary.OWNERS),
        ("decision", "$defs/decision/properties/owner/properties/source", vocabulary.OWNER_SOURCES),
    ],
)
def test_a_choice_has_exactly_the_values_of_the_vocabulary(
    kind: str, path: str, values: tuple[str, ...]
) -> None:
    node = SCHEMAS[kind]
    for key in path.split("/"):
        node = node[key]

    assert [value for value in node["enum"] if value is not None] == list(values)


# What is accepted and what is refused


def partner(**fields: object) -> Schema:
    return {"version": 1, "partner": "nordlicht", **fields}


def user(**fields: object) -> Schema:
    return partner(users={"jana": {"name": "Jana Weber", "email": "jana@nordlicht.example", **fields}})


def default(**fields: object) -> Schema:
    return partner(default=fields)


def cover(**fields: object) -> Schema:
    return partner(covers=[{"user": "jana", "cover": "tom", **fields}])


def client(**fields: object) -> Schema:
    return partner(clients={"acme": fields})


def override(**fields: object) -> Schema:
    return client(override=fields)


def hold(**fields: object) -> Schema:
    return client(hold={"until": "2027-02-01", "reason": "merger", "by": "jana", **fields})


def route(**fields: object) -> Schema:
    return {"version": 1, "routes": [{"rule": "all", "to": ["decision_maker"], **fields}]}


def adjustment(**fields: object) -> Schema:
    return {"version": 1, "adjustments": [{"rule": "all", **fields}]}


def step(**fields: object) -> Schema:
    tiers = {"enterprise": [], "professional": [{"step": "D-7", **fields}], "starter": [], "monthly": []}
    return {"version": 1, "tiers": tiers}


def renewal(**fields: object) -> Schema:
    return {"renewal": "rn_7f3a", "client": "acme", "renewal_date": "2027-02-15", **fields}


def decision_maker(**fields: object) -> Schema:
    return renewal(contacts={"decision_maker": {"email": "ada@acme.example", **fields}})


def decision(**fields: object) -> Schema:
    sent = SCHEMAS["decision"]["examples"][0]["decisions"][0]
    return {"format_version": "1.0", "decisions": [sent | fields]}


def case(**fields: object) -> Schema:
    return {"version": 1, "on": "2026-11-23", "cases": [{"case": "one", "expect": {}, **fields}]}


def expected(**fields: object) -> Schema:
    return case(expect=fields)


def without(value: Schema, key: str) -> Schema:
    return {name: item for name, item in value.items() if name != key}


OPTIONAL_FACTS = SCHEMAS["renewal"]["properties"].keys() - SCHEMAS["renewal"]["required"]
TIERS = (*vocabulary.TIERS, "monthly")
PERSON = {
    "role": "partner_contact",
    "user": "tom",
    "name": None,
    "email": "tom@nordlicht.example",
    "purpose": "copy",
}
NOBODY_NAMED = {"role": "renewal_manager", "name": None, "email": None}
TASK = {"code": "NO_ROUTE", "for": NOBODY_NAMED, "inform": [PERSON]}

ACCEPTED: dict[str, dict[str, Value]] = {
    "partner": {
        "every section empty": partner(labels=None, users=None, default=None, covers=None, clients=None),
        "every section without entries": partner(labels={}, users={}, default=[], covers=[], clients={}),
        "an empty client entry": partner(clients={"initech": None}),
        "empty sections of a client": client(labels=None, override=None, hold=None),
        "an empty override": override(),
        "empty backup contacts": default(backup_contacts=None),
        "an empty scalar": partner(name=None),
        "an empty flag": user(active=None),
        "an empty date": default(until=None),
        "portal numbers as ids": partner(partner=4711, default={"contact": 12, "backup_contacts": [0]}),
        "portal numbers as keys": partner(clients={"4711": {"override": {"contact": 12}}}),
        "the longest id": partner(partner="a" * 63),
        "a default that changes": partner(default=[{"until": "2027-01-01"}, {"from": "2027-01-01"}]),
        "a cover without dates": cover(),
        "a cover that is copied": cover(mode="copy"),
        "several holds": client(hold=[{"until": "2027-02-01", "reason": "merger", "by": "Tom Kern"}]),
        "a reason on several lines": hold(reason="merger\nsee the minutes\n"),
        "a leap day": override(until="2028-02-29"),
        "an international website": client(website="xn--mller-kva.example"),
        "an international address": user(email="jürgen@müller.example"),
        "a plus tag and a quote": user(email="o'neil+renewals@nordlicht.example"),
        "a locale with a script": user(locale="zh-Hant-TW"),
    },
    "vendor": {
        "nothing at all": {},
        "empty sections": {"renewal_manager": None, "roles": None},
        "no notice type follows an override": {"notice_types_following_override": []},
        "no deadline lead": {"deadline_lead_days": 0},
        "a deadline lead of a year": {"deadline_lead_days": 365},
        "a database file with blanks": {"facts": "sqlite:///50%25 of #1.db?table=due"},
        "a database of a user": {"facts": "postgresql+psycopg://renewctl@[::1]:5432/crm?passfile=x"},
    },
    "rules": {
        "empty sections": {"version": 1, "routes": None, "adjustments": None},
        "sections without rules": {"version": 1, "routes": [], "adjustments": []},
        "no copies": route(cc=[]),
        "the first of several roles": route(to=["vendor.legal", {"first_of": ["a", "b"]}]),
        "a fact that nobody knows": route(when={"moon.phase": {"is": ["full", None]}}),
        "operands of any type": route(when={"owner": 7, "held": "x", "renewal.mrr": {"in": {}}}),
        "combinations of any type": route(when={"all": "x", "any": {"owner": 1}, "not": [[]]}),
        "several actions": adjustment(suppress="A", task="B_2", reason="C", add={"to": [], "cc": ["x"]}),
    },
    "schedule": {
        "empty ladders": {"version": 1, "tiers": dict.fromkeys(TIERS), "every_tier": None},
        "the day itself": step(step="D-0", valid_until="R-0"),
        "a step after the day, which its meaning forbids": step(step="R+999"),
        "everything that can be said": step(
            kind="escalation",
            type="price_change",
            formal=True,
            when={"moon.phase": "full"},
            **{"from": "2027-01-01", "until": "2028-02-29"},
        ),
    },
    "renewal": {
        "null wherever a field may be left out": renewal(**dict.fromkeys(OPTIONAL_FACTS)),
        "contacts that are not there": renewal(
            contacts=dict.fromkeys(("decision_maker", "primary_contact", "billing_contacts"))
        ),
        "a contact without anything else": decision_maker(
            **dict.fromkeys(("user", "name", "locale", "active", "bounced"))
        ),
        "blanks around an address": decision_maker(email=" Ada@Acme.example "),
        "prices as numbers": renewal(mrr=800, renewal_mrr=880.5),
        "a price that falls below nothing": renewal(mrr="-999999999999999.999999"),
        "flags of one's own": renewal(flags=["dunning", "vip"]),
        "an id of the outside world": renewal(renewal="Verlängerung #7 / 2027"),
    },
    "decision": {
        "no decision": {"format_version": "1.7", "decisions": []},
        "an unroutable notice": decision(outcome="unroutable", to=[], tasks=[TASK]),
        "a suppressed notice": decision(outcome="suppress", to=[], reasons=["HOLD", "TEST_PORTAL"]),
        "a sent notice with a task": decision(tasks=[TASK], cc=[PERSON]),
        "an unknown partner": decision(owner={"value": None, "source": None, "origin": None}),
    },
    "tests": {
        "nothing expected": case(),
        "the same as default": case(expect="same as default"),
        "nobody": expected(owner=None, contact=None, to=[], cc=[], locale=None),
        "a renewal by its id": case(renewal="rn_7f3a"),
        "no renewal of those of all cases": case(renewal=None),
        "part of a renewal": case(renewal={"contacts": {"decision_maker": {"bounced": True}}}),
        "part of a user": case(users={"jana": {"active": False}, "tom": None}),
        "no override after all": case(override=None),
        "several holds": case(hold=[{"until": "2027-01-01", "reason": "merger", "by": "jana"}]),
        "an address with blanks": expected(to=[" ada@acme.example"]),
    },
}

REFUSED: dict[str, dict[str, tuple[Value, str]]] = {
    "partner": {
        "no version": ({"partner": "nordlicht"}, "schema-required version"),
        "no partner": ({"version": 1}, "schema-required partner"),
        "another version": (partner(version=2), "schema-const version"),
        "the version as text": (partner(version="1"), "schema-const version"),
        "not a mapping": ([], "schema-type "),
        "an unknown key": (partner(client={}), "schema-additionalProperties client"),
        "a name of blanks": (partner(name=" "), "schema-pattern name"),
        "a name on two lines": (partner(name="Nord\nlicht"), "schema-pattern name"),
        "an empty text": (partner(name=""), "schema-minLength name"),
        "an id in upper case": (partner(partner="Nordlicht"), "schema-pattern partner"),
        "an id that is too long": (partner(partner="a" * 64), "schema-pattern partner"),
        "an id with a line feed": (partner(partner="nordlicht\n"), "schema-pattern partner"),
        "a negative id": (partner(partner=-1), "schema-minimum partner"),
        "an id that is a boolean": (default(contact=True), "schema-type default/contact"),
        "a malformed user id": (
            partner(users={"Jana W": {"name": "Jana", "email": "jana@nordlicht.example"}}),
            "schema-pattern users/Jana W",
        ),
        "a malformed client id": (partner(clients={"-acme": None}), "schema-pattern clients/-acme"),
        "a time zone that is none": (partner(time_zone="Berlin"), "invalid-time-zone time_zone"),
        "a label that is no text": (partner(labels={"tier": 1}), "schema-type labels/tier"),
        "an empty user": (partner(users={"jana": None}), "schema-type users/jana"),
        "a user without address": (
            partner(users={"tom": {"name": "Tom"}}),
            "schema-required users/tom/email",
        ),
        "a user's unknown key": (user(mail="x"), "schema-additionalProperties users/jana/mail"),
        "a flag in words": (user(admin="yes"), "schema-type users/jana/admin"),
        "a locale with an underscore": (user(locale="de_DE"), "schema-pattern users/jana/locale"),
        "an unknown owner": (default(owner="vendor"), "schema-enum default/owner"),
        "a default of default": (default(owner="default"), "schema-enum default/owner"),
        "a default in words": (partner(default="hubspot"), "schema-type default"),
        "an unknown key in a list": (
            partner(default=[{}, {"kontakt": "jana"}]),
            "schema-additionalProperties default/1/kontakt",
        ),
        "a backup named twice": (
            default(backup_contacts=["tom", "tom"]),
            "schema-uniqueItems default/backup_contacts",
        ),
        "a day that does not exist": (default(until="2027-02-30"), "invalid-date default/until"),
        "a date without hyphens": (default(until="20270201"), "invalid-date default/until"),
        "a date with a time": (default(until="2027-02-01T00:00"), "invalid-date default/until"),
        "a cover without stand-in": (partner(covers=[{"user": "jana"}]), "schema-required covers/0/cover"),
        "an unknown mode": (cover(mode="forward"), "schema-enum covers/0/mode"),
        "covers in a mapping": (partner(covers={"user": "jana"}), "schema-type covers"),
        "a website with a scheme": (
            client(website="https://acme.example"),
            "schema-pattern clients/acme/website",
        ),
        "a website in upper case": (client(website="Acme.example"), "schema-pattern clients/acme/website"),
        "a website with a path": (client(website="acme.example/"), "schema-pattern clients/acme/website"),
        "a website of one word": (client(website="acme"), "schema-pattern clients/acme/website"),
        "an unknown owner in an override": (
            override(owner="client"),
            "schema-enum clients/acme/override/owner",
        ),
        "an unknown key in an override": (
            override(backup_contacts=[]),
            "schema-additionalProperties clients/acme/override/backup_contacts",
        ),
        "an override that lists names": (client(override=["tom"]), "schema-type clients/acme/override/0"),
        "a hold without end": (
            client(hold={"reason": "merger", "by": "jana"}),
            "schema-required clients/acme/hold/until",
        ),
        "a hold without reason": (hold(reason=""), "schema-minLength clients/acme/hold/reason"),
    },
    "vendor": {
        "another version": ({"version": 2}, "schema-const version"),
        "an unknown key": ({"lead": 1}, "schema-additionalProperties lead"),
        "a database that is a file": ({"facts": "crm.db"}, "schema-pattern facts"),
        "a password": ({"facts": "postgresql://u:x@h/crm"}, "schema-pattern facts"),
        "a password with a slash": ({"facts": "postgresql://u:x/@h/crm"}, "schema-pattern facts"),
        "a password as parameter": ({"facts": "postgresql://h/crm?password=x"}, "schema-pattern facts"),
        "a manager in words": ({"renewal_manager": "Rita"}, "schema-type renewal_manager"),
        "a manager without address": (
            {"renewal_manager": {"name": "Rita"}},
            "schema-required renewal_manager/email",
        ),
        "a malformed role": (
            {"roles": {"Legal": {"name": "L", "email": "l@vendor.example"}}},
            "schema-pattern roles/Legal",
        ),
        "a lead of more than a year": ({"deadline_lead_days": 366}, "schema-maximum deadline_lead_days"),
        "a negative lead": ({"deadline_lead_days": -1}, "schema-minimum deadline_lead_days"),
        "half a day": ({"deadline_lead_days": 1.5}, "schema-type deadline_lead_days"),
        "an unknown notice type": (
            {"notice_types_following_override": ["renewals"]},
            "schema-enum notice_types_following_override/0",
        ),
        "no list of notice types": (
            {"notice_types_following_override": None},
            "schema-type notice_types_following_override",
        ),
    },
    "rules": {
        "no version": ({"routes": []}, "schema-required version"),
        "an unknown section": ({"version": 1, "route": []}, "schema-additionalProperties route"),
        "a route without recipients": (
            {"version": 1, "routes": [{"rule": "all"}]},
            "schema-required routes/0/to",
        ),
        "a route to nobody": (route(to=[]), "schema-minItems routes/0/to"),
        "a route without list": (route(to="decision_maker"), "schema-type routes/0/to"),
        "a role that is a number": (route(to=[7]), "schema-type routes/0/to/0"),
        "the first of none": (route(cc=[{"first_of": []}]), "schema-minItems routes/0/cc/0/first_of"),
        "the last of several": (
            route(cc=[{"first_of": ["a"], "last_of": ["b"]}]),
            "schema-additionalProperties routes/0/cc/0/last_of",
        ),
        "an adjustment's action on a route": (
            route(suppress="A"),
            "schema-additionalProperties routes/0/suppress",
        ),
        "a condition in words": (route(when="owner is partner"), "schema-type routes/0/when"),
        "an empty condition": (route(when=None), "schema-type routes/0/when"),
        "a malformed rule id": (route(rule="All of them"), "schema-pattern routes/0/rule"),
        "a code in lower case": (adjustment(suppress="test"), "schema-pattern adjustments/0/suppress"),
        "nothing added": (adjustment(add={}), "schema-minProperties adjustments/0/add"),
        "recipients added to nothing known": (
            adjustment(add={"bcc": ["x"]}),
            "schema-additionalProperties adjustments/0/add/bcc",
        ),
        "a bad date": (adjustment(task="A", until="tomorrow"), "invalid-date adjustments/0/until"),
    },
    "schedule": {
        "no version": (without(step(), "version"), "schema-required version"),
        "a tier left out": (
            {"version": 1, "tiers": dict.fromkeys(("enterprise", "professional", "starter"))},
            "schema-required tiers/monthly",
        ),
        "an unknown tier": (
            {"version": 1, "tiers": dict.fromkeys((*TIERS, "platinum"))},
            "schema-additionalProperties tiers/platinum",
        ),
        "a step that says nothing of when": (
            {**step(), "every_tier": [{"kind": "notice"}]},
            "schema-required every_tier/0/step",
        ),
        "a step in words": (step(step="a week before"), "invalid-step tiers/professional/0/step"),
        "a step without a sign": (step(step="D7"), "invalid-step tiers/professional/0/step"),
        "a step that is a number": (step(step=-7), "invalid-step tiers/professional/0/step"),
        "an unknown kind": (step(kind="nudge"), "schema-enum tiers/professional/0/kind"),
        "an unknown notice type": (step(type="birthday"), "schema-enum tiers/professional/0/type"),
        "a condition in words": (
            step(when="owner is partner"),
            "schema-type tiers/professional/0/when",
        ),
        "a bad date": (step(until="tomorrow"), "invalid-date tiers/professional/0/until"),
    },
    "renewal": {
        "no id": (without(renewal(), "renewal"), "schema-required renewal"),
        "no client": (without(renewal(), "client"), "schema-required client"),
        "no renewal date": (without(renewal(), "renewal_date"), "schema-required renewal_date"),
        "an unknown field": (renewal(teir="starter"), "schema-additionalProperties teir"),
        "an empty id": (renewal(renewal=""), "schema-minLength renewal"),
        "an id that is too long": (renewal(renewal="r" * 201), "schema-maxLength renewal"),
        "an id with a tab": (renewal(renewal="rn\t1"), "schema-pattern renewal"),
        "a client that is a number": (renewal(client=4711), "schema-type client"),
        "a bad renewal date": (renewal(renewal_date="2027-02-29"), "invalid-date renewal_date"),
        "a bad start of the term": (renewal(term_start="15.02.2026"), "invalid-date term_start"),
        "an unknown status": (renewal(status="open"), "schema-enum status"),
        "a price with a comma": (renewal(mrr="800,00"), "schema-pattern mrr"),
        "a price beyond measure": (renewal(mrr=10**15), "schema-exclusiveMaximum mrr"),
        "a currency sign": (renewal(currency="€"), "schema-pattern currency"),
        "a country in lower case": (renewal(country="de"), "schema-pattern country"),
        "a time zone that is none": (renewal(time_zone="CEST"), "invalid-time-zone time_zone"),
        "flags in one text": (renewal(flags="dunning"), "schema-type flags"),
        "a contact without address": (
            renewal(contacts={"decision_maker": {"name": "Ada"}}),
            "schema-required contacts/decision_maker/email",
        ),
        "a name on two lines": (
            decision_maker(name="Ada\r\nBcc: x"),
            "schema-pattern contacts/decision_maker/name",
        ),
        "an unknown role": (renewal(contacts={"owner": {}}), "schema-additionalProperties contacts/owner"),
        "a billing contact that is null": (
            renewal(contacts={"billing_contacts": [None]}),
            "schema-type contacts/billing_contacts/0",
        ),
    },
    "decision": {
        "another major version": (decision() | {"format_version": "2.0"}, "schema-pattern format_version"),
        "a field too few": (
            {"format_version": "1.0", "decisions": [without(decision()["decisions"][0], "trace")]},
            "schema-required decisions/0/trace",
        ),
        "a field too many": (decision(bcc=[]), "schema-additionalProperties decisions/0/bcc"),
        "sent to nobody": (decision(to=[]), "schema-minItems decisions/0/to"),
        "sent to nobody but copies": (decision(to=[], cc=[PERSON]), "schema-minItems decisions/0/to"),
        "suppressed, and addressed": (
            decision(outcome="suppress", reasons=["HOLD"]),
            "schema-maxItems decisions/0/to",
        ),
        "unroutable, and copied": (
            decision(outcome="unroutable", to=[], cc=[PERSON], tasks=[TASK]),
            "schema-maxItems decisions/0/cc",
        ),
        "suppressed without reason": (
            decision(outcome="suppress", to=[]),
            "schema-minItems decisions/0/reasons",
        ),
        "unroutable and nobody's task": (
            decision(outcome="unroutable", to=[]),
            "schema-minItems decisions/0/tasks",
        ),
        "a task for somebody else": (
            decision(tasks=[TASK | {"for": NOBODY_NAMED | {"role": "x"}}]),
            "schema-const decisions/0/tasks/0/for/role",
        ),
        "an origin without column": (
            decision(
                owner={
                    "value": "hubspot",
                    "source": "partner_default",
                    "origin": "config/partners/nord.yaml:4",
                }
            ),
            "schema-pattern decisions/0/owner/origin",
        ),
        "an abbreviated digest": (
            decision(revision={"digest": "sha256:9f86", "commit": None, "dirty": None}),
            "schema-pattern decisions/0/revision/digest",
        ),
    },
    "tests": {
        "no date": (without(case(), "on"), "schema-required on"),
        "no case": (case() | {"cases": []}, "schema-minItems cases"),
        "a case without a name": (
            case() | {"cases": [{"expect": {}}]},
            "schema-required cases/0/case",
        ),
        "another shorthand": (case(expect="as default"), "schema-const cases/0/expect"),
        "a mistyped field": (expected(ownr="hubspot"), "schema-additionalProperties cases/0/expect/ownr"),
        "an address that is none": (expected(to=["ada"]), "schema-pattern cases/0/expect/to/0"),
        "a reason in lower case": (expected(reasons=["hold"]), "schema-pattern cases/0/expect/reasons/0"),
        "a bad date": (case(on="2026-13-01"), "invalid-date cases/0/on"),
        "a bad step": (case(notice={"step": "seven"}), "invalid-step cases/0/notice/step"),
    },
}

NO_ADDRESSES = [
    "",
    "jana",
    "jana@",
    "@nordlicht.example",
    "jana@nordlicht@example",
    "jana@nordlicht..example",
    "jana@nordlicht.example.",
    "jana@nordlicht.example\n",
    "jana weber@nordlicht.example",
    "Jana <jana@nordlicht.example>",
    "jana@nordlicht.example,tom",
    "jana@nordlicht.example;tom",
    "jana\u200b@nordlicht.example",
    "jana\u00a0@nordlicht.example",
    "jana\x00@nordlicht.example",
]


def problems(kind: str, value: Value) -> list[str]:
    """Return each problem as its code and its place, the key included where it is about one."""
    return sorted({f"{found.code} {place(found)}" for found in schemas.violations(kind, value)})


def place(found: Violation) -> str:
    path = found.path if found.key is None else (*found.path, found.key)
    return "/".join(map(str, path))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        pytest.param(kind, value, id=f"{kind}: {words}")
        for kind, samples in ACCEPTED.items()
        for words, value in samples.items()
    ],
)
def test_what_the_format_allows_is_accepted(kind: str, value: Value) -> None:
    assert problems(kind, value) == []


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        pytest.param(kind, value, problem, id=f"{kind}: {words}")
        for kind, samples in REFUSED.items()
        for words, (value, problem) in samples.items()
    ],
)
def test_what_the_format_forbids_is_one_problem_at_its_place(kind: str, value: Value, problem: str) -> None:
    assert problems(kind, value) == [problem]


@each_schema
def test_a_whole_example_is_accepted_as_the_command_line_reads_it(kind: str) -> None:
    assert [problem for example in SCHEMAS[kind]["examples"] for problem in problems(kind, example)] == []


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_a_mail_header_would_read_otherwise_is_no_address(address: str) -> None:
    assert problems("partner", user(email=address)) == ["schema-pattern users/jana/email"]
    assert problems("renewal", decision_maker(email=address)) == [
        "schema-pattern contacts/decision_maker/email"
    ]


def test_an_adjustment_that_does_nothing_is_refused() -> None:
    found = problems("rules", adjustment(when={"owner": "partner"}))

    assert [problem.partition("adjustments/0")[0] for problem in found] == ["schema-required "]


def test_a_pattern_means_the_same_to_the_fast_validator() -> None:
    """Rust's regex has no look-around and reads `$` otherwise than Python."""
    rust = pytest.importorskip("jsonschema_rs", reason="the fast tier is not installed")
    validators = {
        kind: rust.Draft202012Validator(
            schema, validate_formats=True, formats={"time-zone": schemas.is_time_zone}
        )
        for kind, schema in SCHEMAS.items()
    }
    disagreed = [
        (kind, value)
        for kind, value in samples()
        if validators[kind].is_valid(value) == bool(problems(kind, value))
    ]

    assert disagreed == []


def samples() -> Iterator[tuple[str, Value]]:
    """Yield every sample with the kind of file it is for."""
    for kind in KINDS:
        yield from ((kind, value) for value in ACCEPTED[kind].values())
        yield from ((kind, value) for value, _ in REFUSED[kind].values())
    yield from (("partner", user(email=address)) for address in NO_ADDRESSES)
