from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st
from oracle import holds

from engine.branches import MAX_BRANCHES, Branch, NormalForm, normal_form
from engine.conditions import ALWAYS, AllOf, AnyOf, Comparison, Condition, Not

A, B, C, D, E, F = ATOMS = tuple(Comparison(name, "equals", operand=True) for name in "abcdef")
NEVER = AnyOf(())


def atoms(number: int, prefix: str = "x") -> tuple[Comparison, ...]:
    return tuple(Comparison(f"{prefix}{i}", "equals", operand=True) for i in range(number))


def written(form: NormalForm, rule: int = 0) -> list[str]:
    """Return the branches of a rule for people: `a -b` is a and not b."""
    return [_written(branch, form) for branch in form.branches[rule]]


def _written(branch: Branch, form: NormalForm) -> str:
    names = [comparison.fact for comparison in form.comparisons]
    names += [f"derived{i}" for i in range(len(form.derived))]
    true = [name for bit, name in enumerate(names) if branch.true >> bit & 1]
    false = [f"-{name}" for bit, name in enumerate(names) if branch.false >> bit & 1]
    return " ".join(true + false)


def branch_holds(branch: Branch, mask: int) -> bool:
    return mask & branch.true == branch.true and mask & branch.false == 0


def mask_of(form: NormalForm, facts: dict[str, bool]) -> int:
    return sum(holds(comparison, facts) << bit for bit, comparison in enumerate(form.comparisons))


def test_comparisons_are_numbered_once_in_order_of_first_appearance() -> None:
    form = normal_form([AllOf((C, Not(A))), AnyOf((A, B))])

    assert form.comparisons == (C, A, B)


def test_a_conjunction_is_one_branch() -> None:
    assert written(normal_form([AllOf((A, B, Not(C)))])) == ["a b -c"]


def test_a_disjunction_has_a_branch_for_each_part() -> None:
    assert written(normal_form([AnyOf((A, B, Not(C)))])) == ["-c", "a", "b"]


def test_a_conjunction_of_disjunctions_is_distributed() -> None:
    form = normal_form([AllOf((AnyOf((A, B)), AnyOf((C, D))))])

    assert written(form) == ["a c", "b c", "a d", "b d"]


def test_negation_moves_inward() -> None:
    assert written(normal_form([Not(AllOf((A, B)))])) == ["-a", "-b"]
    assert written(normal_form([Not(AnyOf((A, Not(B))))])) == ["b -a"]
    assert written(normal_form([Not(Not(A))])) == ["a"]


def test_a_rule_that_always_holds_is_one_branch_without_conditions() -> None:
    assert normal_form([ALWAYS, Not(NEVER)]).branches == ((Branch(0, 0),), (Branch(0, 0),))


def test_a_rule_that_contradicts_itself_has_no_branch() -> None:
    rules: list[Condition] = [AllOf((A, Not(A))), NEVER, Not(ALWAYS), AllOf((B, AnyOf((NEVER, Not(B)))))]

    assert normal_form(rules).branches == ((), (), (), ())


def test_a_branch_that_contradicts_itself_is_dropped_from_the_others() -> None:
    assert written(normal_form([AllOf((A, AnyOf((Not(A), B))))])) == ["a b"]


def test_a_branch_that_a_shorter_one_covers_is_dropped() -> None:
    assert written(normal_form([AnyOf((AllOf((A, B)), A, AllOf((A, Not(C)))))])) == ["a"]


def test_the_order_of_branches_does_not_depend_on_how_the_rule_is_written() -> None:
    numbered = AllOf(ATOMS)
    one = AnyOf((AllOf((A, B)), C, AllOf((Not(D), E))))
    other = AnyOf((AllOf((E, Not(D))), AllOf((B, A)), C, C))

    form = normal_form([numbered, one, other])

    assert form.branches[1] == form.branches[2]


def test_a_rule_of_as_many_branches_as_allowed_is_distributed() -> None:
    form = normal_form([AnyOf(atoms(MAX_BRANCHES))])

    assert len(form.branches[0]) == MAX_BRANCHES
    assert not form.derived


def test_a_rule_of_one_branch_more_is_one_derived_condition() -> None:
    form = normal_form([AnyOf(atoms(MAX_BRANCHES + 1))])

    assert written(form) == ["derived0"]


def test_a_wide_rule_keeps_its_literals_and_derives_its_outermost_disjunctions() -> None:
    wide = AllOf((A, AnyOf(atoms(8, "x")), Not(AllOf(atoms(8, "y"))), AllOf((Not(B), AnyOf((C,))))))

    form = normal_form([wide])

    assert written(form) == ["a c derived0 -b -derived1"]


def test_a_wide_rule_that_contradicts_itself_outside_its_disjunctions_has_no_branch() -> None:
    form = normal_form([AllOf((A, AnyOf(atoms(61)), Not(A)))])

    assert form.branches == ((),)


def test_wide_rules_share_a_derived_condition() -> None:
    group = AnyOf(atoms(61))

    form = normal_form([AllOf((A, group)), AllOf((B, Not(group), group)), AllOf((C, group))])

    assert len(form.derived) == 1


def test_a_narrow_rule_is_distributed_although_a_wide_one_derives_its_group() -> None:
    group = AnyOf(atoms(10))

    form = normal_form([AllOf((group, AnyOf(atoms(10, "y")))), group])

    assert len(form.derived) == 2
    assert len(form.branches[1]) == 10


def test_a_rule_that_would_explode_is_wide_without_being_distributed() -> None:
    pairs = [AnyOf(atoms(2, f"pair{i}.")) for i in range(100)]

    form = normal_form([AllOf(tuple(pairs))])

    assert len(form.derived) == 100
    assert len(form.branches[0]) == 1


def test_a_derived_condition_has_the_truth_of_its_group() -> None:
    group = AnyOf((AllOf((A, Not(B))), C, *atoms(60)))
    form = normal_form([group])

    for a, b, c in product((False, True), repeat=3):
        mask = mask_of(form, {"a": a, "b": b, "c": c})
        assert form.complete(mask) >> len(form.comparisons) == holds(group, {"a": a, "b": b, "c": c})


@st.composite
def some_rules(draw: st.DrawFn) -> list[Condition]:
    def grouped(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        several = st.lists(parts, max_size=4).map(tuple)
        return st.one_of(several.map(AllOf), several.map(AnyOf), parts.map(Not))

    return draw(
        st.lists(st.recursive(st.sampled_from(ATOMS), grouped, max_leaves=25), min_size=1, max_size=4)
    )


@given(some_rules())
def test_a_rule_holds_exactly_when_one_of_its_branches_does(rules: list[Condition]) -> None:
    form = normal_form(rules)

    for values in product((False, True), repeat=len(form.comparisons)):
        facts = {comparison.fact: value for comparison, value in zip(form.comparisons, values, strict=True)}
        mask = form.complete(mask_of(form, facts))
        for rule, branches in zip(rules, form.branches, strict=True):
            assert any(branch_holds(branch, mask) for branch in branches) == holds(rule, facts)


@given(some_rules())
def test_no_branch_is_contradictory_or_covered_by_another(rules: list[Condition]) -> None:
    for branches in normal_form(rules).branches:
        assert not any(branch.true & branch.false for branch in branches)
        assert not any(one.implies(other) for one in branches for other in branches if one != other)
