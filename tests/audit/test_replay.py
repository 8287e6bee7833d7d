# SPDX-License-Identifier: Apache-2.0
"""What a replay of a log that nobody has altered says, and what it says of a ledger that kept its rules badly."""

from __future__ import annotations

from dataclasses import replace

import pytest

from node.audit.findings import Kind
from node.audit.replay import Replay, replay
from node.domain.entries import Action, CaseKey, OrgRole, Phase
from node.domain.transitions import ActKind, Rule
from tests.audit.builder import DAY, LogBuilder, Org, person
from tests.audit.story import CLAIM, Story, tell


@pytest.fixture(scope="module")
def story() -> Story:
    return tell()


@pytest.fixture(scope="module")
def result(story: Story) -> Replay:
    return replay(story.log.blocks, story.log.deployment, story.log.blocks[-1][0].number)


def kinds(log: LogBuilder) -> list[Kind]:
    return [f.kind for f in replay(log.blocks, log.deployment).findings]


def test_a_log_that_nobody_altered_has_no_findings(story: Story, result: Replay) -> None:
    assert result.findings == ()
    assert result.ok
    assert result.taken == len(result.entries) == story.log.taken
    assert len(result.acts) == 24
    assert result.last == story.log.blocks[-1][0]


def test_refusals_are_listed_with_their_rule(story: Story, result: Replay) -> None:
    assert [(r.rule, r.place, r.entry.action) for r in result.refusals] == [
        (Rule.RECIPIENT, 3, Action.REQUEST),
        (Rule.HEAD, 1, Action.ACCEPT),
    ]


def test_heads_recompute_from_the_entries(story: Story, result: Replay) -> None:
    assert {key: stood.case.head for key, stood in result.cases.items()} == story.log.heads
    by_case: dict[CaseKey, list[int]] = {}
    for entry in result.entries:
        by_case.setdefault(entry.entry.key, []).append(entry.seq)
    assert all(seqs == list(range(1, len(seqs) + 1)) for seqs in by_case.values())
    last = {e.entry.key: e.head for e in result.entries}
    assert last == story.log.heads


def test_cases_stand_where_the_story_left_them(story: Story, result: Replay) -> None:
    a, b, c, d = story.cases
    assert [result.cases[key].case.phase for key in (a, b, c)] == [Phase.CLOSED, Phase.CLOSED, Phase.DECLINED]
    assert d not in result.cases
    assert result.cases[a].case.claim_fen == CLAIM
    assert result.cases[a].case.net_fen == 0
    assert result.cases[a].first_block < result.cases[a].last_block


def test_both_sides_of_a_case_come_to_the_same_sums(story: Story, result: Replay) -> None:
    expected = {
        "consented_fen": 100_000 + 325_04,
        "ordered_fen": 60_000 + 325_04 + 10_000,
        "debited_fen": 60_000,
        "reversed_fen": 60_000,
        "settled_fen": 50_000,
    }
    assert result.books[story.office.id].figures() == expected
    assert result.books[story.bank.id].figures() == expected
    assert set(result.books[story.other.id].figures().values()) == {0}


def test_what_an_organisation_wrote_is_counted_as_the_ledger_counts(story: Story, result: Replay) -> None:
    written = {key: (each.entries, each.fen) for key, each in result.written.items()}
    assert written[story.office.id, Action.REQUEST] == (3, 0)
    assert written[story.bank.id, Action.DEBIT] == (2, 60_000)
    assert written[story.bank.id, Action.REVERSE] == (1, 10_000)
    assert written[story.office.id, Action.REVERSE] == (1, 50_000)
    assert sum(entries for entries, _ in written.values()) == result.taken


def test_a_submission_is_known_by_its_progress(story: Story, result: Replay) -> None:
    letters = result.submissions[story.office.id, result.entries[0].root]
    assert (letters.next_place, letters.taken, letters.refused) == (4, 3, 1)
    assert (result.chunks[0].maker, result.chunks[0].checker) == (
        story.office.maker.address,
        story.office.checker.address,
    )
    assert (result.chunks[3].maker, result.chunks[3].checker) == (story.bank.service.address, "")


def test_two_replays_of_one_log_are_equal(story: Story, result: Replay) -> None:
    again = replay(iter(story.log.blocks), story.log.deployment)
    assert replace(again, blocks={}) == replace(result, blocks={})


# ------------------------------------------------------------------ ledgers that let something pass


class World:
    """An office and a bank, and one case that waits for an answer."""

    def __init__(self) -> None:
        self.log = LogBuilder(5)
        self.office = self.log.admit(OrgRole.OFFICE, "样例经办机构")
        self.bank = self.log.admit(OrgRole.BANK, "样例银行甲")
        self.key = CaseKey(self.office.id, self.log.bytes(32))
        self.log.write(self.office, [self.log.entry(Action.REQUEST, self.office, self.key, recipient=self.bank.id)])

    def acknowledge(self, by: Org | None = None, **how: object) -> None:
        by = by or self.bank
        entry = self.log.entry(Action.ACKNOWLEDGE, by, self.key, head=self.log.heads[self.key])
        self.log.write(by, [entry], **how)  # type: ignore[arg-type]


@pytest.fixture
def world() -> World:
    return World()


def test_one_person_for_both_is_found(world: World) -> None:
    both = person("both")
    world.log.act(ActKind.ADD_OFFICER, world.bank.id, first=both.address, code=3)
    world.acknowledge(signers=(both, both))
    assert kinds(world.log) == [Kind.SAME_SIGNER]


def test_officers_of_another_organisation_are_found(world: World) -> None:
    world.acknowledge(signers=(world.office.maker, world.office.checker))
    assert kinds(world.log) == [Kind.OFFICER, Kind.OFFICER]


def test_a_checker_who_is_a_maker_only_is_found(world: World) -> None:
    world.acknowledge(signers=(world.bank.maker, world.bank.maker))
    assert kinds(world.log) == [Kind.OFFICER, Kind.SAME_SIGNER]


def test_a_service_officer_among_two_people_is_found(world: World) -> None:
    world.acknowledge(signers=(world.bank.service, world.bank.checker))
    assert kinds(world.log) == [Kind.OFFICER]


def test_a_service_officer_where_two_people_must_sign_is_found(world: World) -> None:
    entry = world.log.entry(Action.DECLINE, world.bank, world.key, head=world.log.heads[world.key])
    world.log.write(world.bank, [entry], service=True)
    assert kinds(world.log) == [Kind.SERVICE]


def test_a_suspended_officer_is_found_from_that_block_on(world: World) -> None:
    world.acknowledge()
    world.log.act(ActKind.SUSPEND_OFFICER, world.bank.id, first=world.bank.checker.address)
    entry = world.log.entry(Action.REPLY, world.bank, world.key, head=world.log.heads[world.key])
    world.log.write(world.bank, [entry])
    assert kinds(world.log) == [Kind.OFFICER]


def test_a_suspended_organisation_is_found(world: World) -> None:
    world.log.act(ActKind.SUSPEND, world.bank.id)
    world.acknowledge()
    assert kinds(world.log) == [Kind.NOT_ACTIVE]


def test_the_named_successor_may_speak(world: World) -> None:
    heir = world.log.admit(OrgRole.BANK, "样例银行丙")
    world.log.act(ActKind.SUSPEND, world.bank.id)
    world.log.act(ActKind.NAME_SUCCESSOR, world.bank.id, code=heir.id)
    world.acknowledge(by=heir)
    assert kinds(world.log) == []


def test_a_stranger_in_the_case_is_one_that_the_rules_refuse(world: World) -> None:
    other = world.log.admit(OrgRole.BANK, "样例银行丙")
    world.acknowledge(by=other)
    (finding,) = replay(world.log.blocks, world.log.deployment).findings
    assert (finding.kind, finding.found, finding.expected) == (Kind.OUTCOME, "TAKEN", "PARTY")


def test_a_pause_stops_orders_and_nothing_else(world: World) -> None:
    world.log.act(ActKind.PAUSE, 0)
    world.acknowledge()
    assert kinds(world.log) == []
    order = world.log.entry(Action.ORDER, world.office, world.key, amount_fen=1, fund_account=1)
    world.log.write(world.office, [order], refused={0: Rule.PHASE})
    assert kinds(world.log) == [Kind.PAUSED]


def test_an_expired_submission_is_found(world: World) -> None:
    world.acknowledge(valid_s=-1)
    assert kinds(world.log) == [Kind.EXPIRED]


def test_the_last_second_of_a_submission_counts(world: World) -> None:
    world.acknowledge(valid_s=world.log.step_s)
    assert kinds(world.log) == []


@pytest.mark.parametrize("more_fen", [-1, 1])
def test_another_sum_than_was_signed_is_found(world: World, more_fen: int) -> None:
    world.acknowledge()
    world.log.write(
        world.bank,
        [world.log.entry(Action.DEBIT, world.bank, world.key, amount_fen=5)],
        refused={0: Rule.PHASE},
        more_fen=more_fen,
    )
    assert kinds(world.log) == [Kind.SUM]


def test_new_admins_count_a_day_later(world: World) -> None:
    log, new = world.log, (person("new-1"), person("new-2"))
    log.act(ActKind.REPLACE_ADMINS, world.bank.id, first=new[0].address, second=new[1].address)
    log.act(ActKind.ADD_SENDER, world.bank.id, first=person("s").address, signers=new)
    assert kinds(log) == [Kind.ACT_SIGNERS]
    log.wait(DAY)
    log.act(ActKind.REMOVE_SENDER, world.bank.id, first=person("s").address, signers=new)
    assert kinds(log) == [Kind.ACT_SIGNERS]


def test_acts_about_the_whole_alliance_are_numbered_by_themselves(world: World) -> None:
    governors = world.log.signers(ActKind.RESUME, 0)
    for kind in (ActKind.PAUSE, ActKind.RESUME, ActKind.PAUSE):
        world.log.act(kind, 0, signers=world.log.governors[1].admins if kind is ActKind.PAUSE else governors)
    assert kinds(world.log) == []
    del world.log.blocks[-2][1][0]
    assert kinds(world.log) == [Kind.ACT_NUMBER, Kind.ACT_STATE]
    world.log.act(ActKind.RESUME, 0, signers=governors)
    assert kinds(world.log) == [Kind.ACT_NUMBER, Kind.ACT_STATE]


def test_governors_cannot_add_officers(world: World) -> None:
    governors = world.log.signers(ActKind.SUSPEND, world.bank.id)
    world.log.act(ActKind.ADD_OFFICER, world.bank.id, first=person("x").address, code=1, signers=governors)
    assert kinds(world.log) == [Kind.ACT_SIGNERS]


def test_two_admins_of_one_governor_are_not_two_governors(world: World) -> None:
    world.log.act(ActKind.SUSPEND, world.bank.id, signers=world.log.governors[0].admins)
    assert kinds(world.log) == [Kind.ACT_SIGNERS]


def test_an_act_without_effect_is_found(world: World) -> None:
    world.log.act(ActKind.SUSPEND, world.bank.id)
    world.log.act(ActKind.SUSPEND, world.bank.id)
    assert kinds(world.log) == [Kind.ACT_STATE]


def test_a_name_that_is_no_text_does_not_stop_the_replay(world: World) -> None:
    first, second = person("a").address, person("b").address
    world.log.act(ActKind.ADMIT, 6, code=2, first=first, second=second, data=b"\xff\xfe")
    world.acknowledge()
    assert set(kinds(world.log)) <= {Kind.ACT_STATE}


def test_an_action_that_there_is_not_does_not_stop_the_replay(world: World) -> None:
    entry = replace(world.log.entry(Action.CLOSE, world.office, world.key), action=16)
    world.acknowledge()
    blocks = [(block, list(events)) for block, events in world.log.blocks]
    last = blocks[-1][1][0]
    blocks[-1][1][0] = replace(last, submission=replace(last.submission, action=entry.action))  # type: ignore[union-attr]
    found = [f.kind for f in replay(blocks, world.log.deployment).findings]
    assert Kind.OUTCOME in found
