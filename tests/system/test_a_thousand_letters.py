# SPDX-License-Identifier: Apache-2.0
"""One signature each of maker and checker covers a thousand letters, and a stop does not wait behind them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import func, select

from node.chain.networks import start_network
from node.demo.cast import Player, settle
from node.demo.checks import Checks
from node.demo.founding import Alliance, build_consortium, found
from node.demo.letters import SAMPLE, import_sample
from node.demo.play import Play
from node.domain.codes import CloseOutcome
from node.domain.entries import Action, CaseKey, Phase
from node.services.bank.chores import acknowledge_by_service
from node.services.office.cases import close
from node.services.office.inquiries import bank_names, draft_requests, earlier, take
from node.services.submitting import Review
from node.sheets.fields import Terms
from node.sheets.inquiries import read_inquiries
from node.sheets.samples import make_samples, to_xlsx
from node.store.own_work import OwnDraft
from node.store.projection import ProjectionCase, ProjectionSubmission

COUNT = 1_000


@pytest.fixture(scope="module")
def alliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alliance]:
    root = tmp_path_factory.mktemp("thousand")
    network = start_network("embedded", root / "chain")
    founded = found(root, network, "zh")
    build_consortium(founded, Checks(), lambda *_, **__: None)
    yield founded
    for player in founded.everyone:
        player.runtime.close()
    network.stop()


def kept(draft_id: str, session: object) -> OwnDraft:
    return session.get_one(OwnDraft, draft_id)  # type: ignore[attr-defined]


def send(play: Play, player: Player) -> Review:
    """Drafts of everything imported, signed by two people, in the outbox and not yet sent."""
    with player.ctx.store.writing() as session:
        ids = [row.id for row in draft_requests(player.ctx, session)]
    return play.write(player, Action.REQUEST, [partial(kept, draft_id) for draft_id in ids], wait=False)


def test_a_stop_passes_a_thousand_letters_and_all_arrive(alliance: Alliance, tmp_path: Path) -> None:
    office = alliance.office
    play = Play(alliance, Checks(), lambda *_, **__: None)
    assert import_sample(play) == 20, SAMPLE
    send(play, office)
    settle([office])
    with office.ctx.store.reading() as session:
        first = session.exec(select(ProjectionCase)).first()
    assert first is not None
    stopped = CaseKey(first.office, first.case_id)

    file = tmp_path / "thousand.xlsx"
    file.write_bytes(to_xlsx(make_samples(COUNT, seed=7)))
    with office.ctx.store.reading() as session:
        terms = Terms(bank_names(office.ctx, session), office.ctx.today(), synthetic=True)
        found_rows = read_inquiries(file.read_bytes(), terms, earlier=partial(earlier, office.ctx, session))
    with office.ctx.store.writing() as session:
        take(office.ctx, session, found_rows, file.read_bytes(), file.name)
    seen = send(play, office)
    assert seen.submission.count == COUNT

    withdrawn = partial(withdraw_letter, office, stopped)
    play.write(office, Action.CLOSE, [withdrawn], wait=False)
    office.runtime.outbox.pump()
    office.runtime.follower.catch_up()
    with office.ctx.store.reading() as session:
        row = session.get_one(ProjectionCase, (stopped.office, stopped.case_id))
        import_ = session.get(ProjectionSubmission, (office.org, seen.submission.root))
    assert row.phase == Phase.CLOSED
    assert import_ is None or import_.next_place < COUNT

    settle([office], within_s=300)
    settle(alliance.banks)
    acknowledged = sum(acknowledge_by_service(bank.ctx, limit=COUNT).count for bank in alliance.banks)
    settle(alliance.writers)
    with office.ctx.store.reading() as session:
        wanted = select(func.count()).where(ProjectionCase.phase == Phase.ACKNOWLEDGED)
        assert session.exec(wanted).one() == acknowledged == COUNT + 20 - 1


def withdraw_letter(office: Player, key: CaseKey, session: object) -> OwnDraft:
    return close(office.ctx, session, key, CloseOutcome.WITHDRAWN)  # type: ignore[arg-type]
