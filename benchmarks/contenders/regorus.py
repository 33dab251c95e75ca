"""Regorus: a Rego policy over the partners' files as its data, in process (PyPI: hobofan-regorus)."""

from __future__ import annotations

import importlib
import json
from typing import Any

from benchmarks.contenders import Answer, Contender, Question, questions
from benchmarks.programme import Programme

_POLICY = """
package renewals

import rego.v1

partner := data.partners[input.partner]

override := partner.clients[input.client].override

owner := override.owner if override
else := partner["default"].owner if partner

contact := override.contact if partner.users[override.contact].active
else := partner["default"].contact if partner.users[partner["default"].contact].active
else := substitutes[0] if substitutes[0]

substitutes := array.concat(
    [user | some user in partner["default"].backup_contacts; partner.users[user].active],
    [name | some name, user in partner.users; user.admin; user.active],
)

default recipient := null

recipient := input.decision_maker if owner == "hubspot"
else := partner.users[contact].email if owner == "partner"

answer := {"owner": owner, "recipient": recipient}
"""


_LOOKUP = """
package renewals

import rego.v1

answer := {"owner": data.partners[input.partner]["default"].owner, "recipient": null}
"""


def contender(programme: Programme) -> Contender:
    """Evaluate one rule of the policy; of the ways to pass input and output this is among the quickest."""
    return _asking(programme, _POLICY)


def lookup(programme: Programme) -> Contender:
    """Look the partner's default owner up and nothing else: what a call costs."""
    return _asking(programme, _LOOKUP)


def _asking(programme: Programme, policy: str) -> Contender:
    engine = importlib.import_module("hobofan_regorus").Engine()
    engine.add_policy("renewals.rego", policy)
    engine.add_data_json(json.dumps({"partners": programme.partners}))  # `add_data` makes numbers of booleans

    def ask(question: Question) -> Any:  # noqa: ANN401 - regorus has no types
        engine.set_input(question)
        return engine.eval_rule("data.renewals.answer")

    return Contender(questions(programme), ask, lambda answer: Answer(**answer))
