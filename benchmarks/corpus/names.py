"""What partners, people and clients are called, some of them in other letters than English has."""

from __future__ import annotations

from typing import NamedTuple


class Person(NamedTuple):
    """The id of a user, and the name in full."""

    user: str
    name: str


_PEOPLE = (
    "ada Ada Long|aylin Aylin Öztürk|an An Verbeke|bjarne Bjarne Ødegård|camille Camille Lefèvre|"
    "chinwe Chinwe Okafor|claire Claire Dubois|dario Dario Conti|ebba Ebba Lindström|eva Eva Novák|"
    "gareth Gareth Llewellyn|graham Graham Quigley|hana Hana Sato|hugo Hugo Benaïssa|ifeoma Ifeoma Adeyemi|"
    "ines Inès Barral|jana Jana Weber|joao João Sequeira|kofi Kofi Venables|lukasz Łukasz Zając|"
    "maja Maja Šimić|marta Marta Núñez|mei 林美玲|nils Nils Lund|niamh Niamh O'Sullivan|oliver Oliver Rowe|"
    "paul Paul Gruber|priya Priya Raman|rasmus Rasmus Holt|ruth Ruth Kern|soeren Sören Brandt|"
    "tom Tom Kern|ueli Ueli Wüthrich|vera Vera Костова|yuki 佐藤由紀|zainab Zainab Hussain"
)

_WORDS = (
    "amber ash birch blue bright canal cedar clear cobalt copper coral crane dawn dove east elm ember "
    "fair fern field flint fox frost glen gold granite green grey harbour hazel heath heron high hill "
    "iron ivory jade juniper kestrel lake lark laurel linden lunar maple marsh meadow mill moor moss "
    "north oak ocean olive opal orchard otter pearl pine plum quartz quill rain raven red reed ridge "
    "river rose rowan sable saffron sage salt sand sea silver sky slate snow south spruce star stone "
    "storm summit swan tamarind thistle thorn tide timber vale velvet violet walnut west wheat willow "
    "winter wood wren yarrow "
)
_NOUNS = (
    "analytics apparel atelier audio bakery bank brewing bricks bureau care ceramics chocolates cider "
    "clinic cloud coffee construction couriers cycles dairies data dental design diagnostics digital "
    "dynamics electric energy engineering estates events farms fashion films finance fitness foods "
    "foundry freight furniture games gardens glass group hardware health homes hotels housing imaging "
    "instruments insurance interiors joinery kitchens labs law legal leisure lighting logistics "
    "machines marine markets materials media medical metals mobility motors museum music networks "
    "optics paper partners pensions pharma photography plastics power press print properties publishing "
    "rail recruiting robotics schools seafood security shipping software solar spirits sports steel "
    "studios surveyors systems textiles theatre tools toys trading travel ventures vets vineyards water "
    "wellness works "
)
PEOPLE = tuple(Person(*pair.split(" ", 1)) for pair in _PEOPLE.split("|"))
"""More than any partner has users."""

_FIRST, _SECOND = _WORDS.split(), _NOUNS.split()
_STRIDES = 7, 11
"""Without a common divisor with the number of words, so that neighbours have little in common."""


def slug(number: int) -> str:
    """Return a name for that number; no two numbers have the same."""
    rest, first = divmod(number, len(_FIRST))
    times, second = divmod(rest, len(_SECOND))
    ones, others = _STRIDES
    word = _FIRST[first * ones % len(_FIRST)]
    noun = _SECOND[(second * others + first) % len(_SECOND)]
    return f"{word}-{noun}-{times + 1}" if times else f"{word}-{noun}"


def titled(name: str) -> str:
    """Return a slug as a company would write it."""
    return name.replace("-", " ").title()
