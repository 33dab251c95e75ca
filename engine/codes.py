"""What each diagnostic code means, and the cure: the text of the documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

Severities: TypeAlias = Literal["error", "warning", "error or warning"]


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of problem: how bad it is, what it says, and what to do; a sentence each."""

    severity: Severities
    meaning: str
    cure: str


CODES: Mapping[str, Code] = MappingProxyType(
    {
        "no-configuration": Code(
            "error",
            "The root has no partner file, so there is nothing to check.",
            "Write `config/partners/<partner>.yaml`, or name another root with `--root`.",
        ),
        "unreadable-file": Code(
            "error",
            "A file of the root cannot be read: permissions, a pipe, a directory named `x.yaml`, or a link "
            "that leads out of the root.",
            "Put a regular file there that everybody may read.",
        ),
        "ignored-file": Code(
            "warning",
            "A file lies where configuration, rules or facts are read from, but its name ends in something "
            "that is not read; or facts are read from a database instead.",
            "Rename it to end in `.yaml`, facts in `.jsonl`, `.json` or `.csv`, or move it away.",
        ),
        "facts-unreachable": Code(
            "warning",
            "The database that `facts` in `config/vendor.yaml` names cannot be read from here, so renewals "
            "were not checked.",
            "Do as the hint says; where there is no database, as in CI, there is nothing to do.",
        ),
        "yaml-syntax": Code(
            "error",
            "The file stops being YAML here.",
            "Do as the hint says; the cause may stand in a line above.",
        ),
        "yaml-duplicate-key": Code(
            "error",
            "A key stands twice in one mapping, and one of the two would be lost; in a table, a column.",
            "Keep one of them.",
        ),
        "yaml-alias": Code(
            "error",
            "Anchors (`&name`) and aliases (`*name`) are not part of the dialect.",
            "Write out what the alias stands for, or quote the text if it is text.",
        ),
        "yaml-tag": Code(
            "error",
            "Tags (`!name`) are not part of the dialect.",
            "Delete the tag, and quote what is text.",
        ),
        "yaml-encoding": Code(
            "error",
            "A byte that is not UTF-8, or an invisible character that may not stand in the file.",
            "Save the file as UTF-8, and delete the character that the message names.",
        ),
        "yaml-empty": Code(
            "error",
            "The file holds nothing: it is empty, or has only blanks and comments.",
            "Fill it, or delete it.",
        ),
        "yaml-key": Code(
            "error",
            "A key is not text, as `true`, `null` and `1.5` are not; nor are merge keys (`<<`) allowed.",
            "Put the key in quotes; write out what a merge key would bring.",
        ),
        "yaml-multiple-documents": Code(
            "error",
            "A second document begins here; a file is one document.",
            "Remove the `---`, or move what follows to a file of its own.",
        ),
        "yaml-too-large": Code(
            "error",
            "The file has too many bytes, or is nested too deeply.",
            "Split it, or use fewer levels.",
        ),
        "schema-type": Code(
            "error",
            "The value is of the wrong kind: a text where a mapping is expected, for instance.",
            "Write a value of the kind that the message names.",
        ),
        "schema-additionalProperties": Code(
            "error",
            "There is no such key, field or column; most often it is mistyped.",
            "Take the name that the hint suggests, or remove the entry.",
        ),
        "schema-required": Code(
            "error",
            "A key is missing that must be there, or one of several.",
            "Add it; the hint shows how.",
        ),
        "schema-enum": Code(
            "error",
            "The value is none of those that are possible.",
            "Choose one of the values that the message lists.",
        ),
        "schema-const": Code(
            "error",
            "The value must be the one that the message names, such as `version: 1`.",
            "Write that value.",
        ),
        "schema-pattern": Code(
            "error",
            "An id, an address, a website, a locale or another short text does not have its form.",
            "Write it in the form that the hint describes.",
        ),
        "schema-minimum": Code("error", "The number is too small.", "Write a larger one."),
        "schema-maximum": Code("error", "The number is too large.", "Write a smaller one."),
        "schema-exclusiveMinimum": Code(
            "error", "The number is too small to be exact.", "Write one with fewer digits."
        ),
        "schema-exclusiveMaximum": Code(
            "error", "The number is too large to be exact.", "Write one with fewer digits."
        ),
        "schema-minLength": Code("error", "The text is empty.", "Write some text, or leave the key out."),
        "schema-maxLength": Code("error", "The text is too long.", "Shorten it."),
        "schema-minItems": Code("error", "The list is empty.", "Name at least one, or leave the key out."),
        "schema-minProperties": Code(
            "error", "The mapping is empty.", "Name at least one entry, or leave the key out."
        ),
        "schema-uniqueItems": Code("error", "A list names the same thing twice.", "Remove one of the two."),
        "invalid-date": Code(
            "error",
            "The text is not a day of the calendar.",
            "Write it as `2027-01-31`: year, month, day.",
        ),
        "invalid-time-zone": Code(
            "error",
            "There is no time zone of that name in the IANA database.",
            "Write a name such as `Europe/Berlin`.",
        ),
        "invalid-step": Code(
            "error",
            "The text is not a step of the schedule, or the step comes too late to be of use.",
            "Write `D-7` for days from the deadline, `R-30` for days from the renewal date.",
        ),
        "duplicate-step": Code(
            "error",
            "A step stands twice in the schedule of one tier, on the same days; only one could be sent.",
            "Remove one of them, or give them dates that do not overlap.",
        ),
        "partner-id-mismatch": Code(
            "error",
            "The file has another name than the partner in it, so nobody will find it.",
            "Rename the file, or correct `partner`.",
        ),
        "duplicate-partner": Code(
            "error",
            "Two files describe the same partner.",
            "Merge them, or rename one partner.",
        ),
        "duplicate-client": Code(
            "error",
            "Two partners list the same client on the same days; a client has one partner at a time.",
            "Remove one entry, or end it with `until` where the other begins with `from`.",
        ),
        "unknown-contact": Code(
            "error",
            "The contact is not one of the partner's users.",
            "Name a user of this partner, or add the person to `users`.",
        ),
        "inactive-contact": Code(
            "error or warning",
            "Somebody who has left is named: an error for the default's contact, else a warning. It does not "
            "stop deciding: notices go to whoever stands in.",
            "Name somebody who is active.",
        ),
        "missing-contact": Code(
            "error or warning",
            "Nobody is named as contact: an error when the partner owns the renewals, for then nobody would "
            "hear of them; a warning when HubSpot does, for then nobody gets a copy.",
            "Add `contact` with one of the partner's users.",
        ),
        "contact-on-default-override": Code(
            "error",
            "The override follows the default, so the contact on it would do nothing.",
            "Name the owner as well, or remove the contact.",
        ),
        "redundant-override": Code(
            "warning",
            "The override says what holds without it.",
            "Remove it, or say with `note` why it is there.",
        ),
        "empty-interval": Code(
            "error",
            "`until` is not after `from`, so the entry is never in force.",
            "Correct a date; `until` is the first day on which the entry no longer holds.",
        ),
        "overlapping-dates": Code(
            "error",
            "On some days two entries are in force where one is possible: defaults, overrides of one client, "
            "or covers of one user.",
            "End the earlier entry with `until` on the day on which the later begins.",
        ),
        "dates-gap": Code(
            "warning",
            "Between two defaults are days on which none is in force; clients are hubspot-owned then.",
            "Let the later entry begin on the day on which the earlier one ends.",
        ),
        "expired-entry": Code(
            "warning",
            "A default, an override, a cover, a hold or a client's entry has ended and does nothing.",
            "Remove it; git remembers it.",
        ),
        "unknown-cover": Code(
            "error",
            "A cover names somebody who is not a user of the partner, or the absent user themselves.",
            "Name two different users of this partner.",
        ),
        "duplicate-email": Code(
            "warning",
            "Two users have the same address; they count as one person.",
            "Correct an address, or remove one of the users.",
        ),
        "unused-user": Code(
            "warning",
            "Nothing names the user, who is no admin either, and so gets no notice.",
            "Name the user somewhere, or remove the entry.",
        ),
        "missing-renewal-manager": Code(
            "warning",
            "`config/vendor.yaml` names no renewal manager: the vendor's tasks are for nobody in particular.",
            "Add `renewal_manager` with a name and an address.",
        ),
        "unknown-client": Code(
            "warning",
            "A partner's file lists a client of which no renewal is known; its id may be mistyped, and then "
            "the entry does nothing.",
            "Correct the id, remove the entry, or wait for the client's first renewal.",
        ),
        "unknown-partner": Code(
            "warning",
            "Renewals name a partner that has no file; their notices reach nobody.",
            "Add the partner's file, or correct the facts.",
        ),
        "unknown-fact": Code(
            "error",
            "A condition compares a fact that does not exist.",
            "Take the name that the hint suggests; `docs/rules.md` lists every fact.",
        ),
        "fact-type": Code(
            "error",
            "A fact is compared with something it can never be, or by an operator that it does not have.",
            "Write a value or an operator that fits the fact.",
        ),
        "unknown-role": Code(
            "error",
            "A rule names a role that does not exist.",
            "Take the role that the hint suggests, or add it to `roles` in `config/vendor.yaml`.",
        ),
        "duplicate-rule": Code(
            "error",
            "Two rules have the same name, so a decision's trace would not say which of them decided.",
            "Rename one of them.",
        ),
        "unreachable-rule": Code(
            "warning",
            "The rule never decides: its conditions exclude each other, or earlier routes take every case.",
            "Correct its `when`, move it up, or remove it.",
        ),
        "routes-gap": Code(
            "warning",
            "There are facts for which no route holds; such a notice would reach nobody.",
            "Add a last route that covers the rest.",
        ),
        "analysis-incomplete": Code(
            "warning",
            "The routes are too intricate to tell whether each can decide and whether they cover everything.",
            "Compare fewer facts in one rule.",
        ),
        "rules-too-complex": Code(
            "error",
            "All rules together have more conditions than the rules engine takes.",
            "Say the same with fewer: compare with a list (`in: […]`), and repeat conditions word for word.",
        ),
        "client-role-on-partner-owned": Code(
            "warning",
            "The rule may write to somebody at the client although the partner owns the renewal.",
            "Add `owner: hubspot` to its `when`, unless it is meant so.",
        ),
        "duplicate-case": Code(
            "error",
            "Two cases of a file of decision tests have the same name.",
            "Give each a name of its own.",
        ),
        "nothing-expected": Code(
            "warning",
            "A case of a decision test expects nothing, so it can never fail.",
            "Write `expect` with what is to come of it.",
        ),
        "unknown-rule": Code(
            "error",
            "A decision test expects a rule that does not exist.",
            "Write the name of a rule as `rules` has it.",
        ),
        "unknown-renewal": Code(
            "error",
            "A decision test names a renewal that no fact knows, or a client that has none or several.",
            "Name one of `facts/`, or write the facts of a renewal, its `renewal_date` among them.",
        ),
        "json-syntax": Code(
            "error",
            "The facts stop being JSON here.",
            "Correct the line; in a `.jsonl` file each line is one renewal.",
        ),
        "csv-syntax": Code(
            "error",
            "A row of the table does not fit its header, or its quotes do not match.",
            "Give every row as many cells as the header has.",
        ),
        "duplicate-renewal": Code(
            "error",
            "The facts hold the same renewal twice.",
            "Remove one of the two.",
        ),
    }
)
"""Every code that `validate` knows. A code keeps its meaning for ever; more may be added."""
