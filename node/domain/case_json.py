# SPDX-License-Identifier: Apache-2.0
"""A case as text for storage: the same case gives the same bytes, so that two projections can be compared."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from node.domain.case import Case, Consent, Debit, DebitState, Dispute, Order
from node.domain.entries import CaseKey, Phase


def case_to_json(case: Case) -> str:
    """Compact JSON with sorted keys; hashes and ids as hex without 0x, amounts in fen, times in Unix seconds."""
    return json.dumps(_plain(case), sort_keys=True, separators=(",", ":"))


def case_from_json(text: str) -> Case:
    """The inverse of ``case_to_json``; KeyError, TypeError or ValueError on anything else."""
    data: dict[str, Any] = json.loads(text)
    return Case(
        key=CaseKey(data["office"], bytes.fromhex(data["case_id"])),
        recipient=data["recipient"],
        phase=Phase(data["phase"]),
        seq=data["seq"],
        head=bytes.fromhex(data["head"]),
        due_at=data["due_at"],
        debitable=data["debitable"],
        claim_fen=data["claim_fen"],
        net_fen=data["net_fen"],
        standing=bytes.fromhex(data["standing"]),
        open_order=bytes.fromhex(data["open_order"]),
        consents=tuple(Consent(**_hashes(row, "hash")) for row in data["consents"]),
        orders=tuple(Order(**_hashes(row, "hash", "consent")) for row in data["orders"]),
        debits=tuple(_debit(_hashes(row, "hash", "order", "consent")) for row in data["debits"]),
        disputes=tuple(Dispute(**_hashes(row, "hash")) for row in data["disputes"]),
    )


def _plain(case: Case) -> dict[str, Any]:
    return {
        "office": case.key.office,
        "case_id": case.key.case_id.hex(),
        "recipient": case.recipient,
        "phase": int(case.phase),
        "seq": case.seq,
        "head": case.head.hex(),
        "due_at": case.due_at,
        "debitable": case.debitable,
        "claim_fen": case.claim_fen,
        "net_fen": case.net_fen,
        "standing": case.standing.hex(),
        "open_order": case.open_order.hex(),
        "consents": [_consent_row(c) for c in case.consents],
        "orders": [_order_row(o) for o in case.orders],
        "debits": [_debit_row(d) for d in case.debits],
        "disputes": [
            {"hash": d.hash.hex(), "seq": d.seq, "by_office": d.by_office, "open": d.open} for d in case.disputes
        ],
    }


def _consent_row(consent: Consent) -> dict[str, Any]:
    return {
        "hash": consent.hash.hex(),
        "seq": consent.seq,
        "amount_fen": consent.amount_fen,
        "not_before": consent.not_before,
        "expires_at": consent.expires_at,
        "in_parts": consent.in_parts,
        "debited_fen": consent.debited_fen,
        "ended": consent.ended,
    }


def _order_row(order: Order) -> dict[str, Any]:
    return {
        "hash": order.hash.hex(),
        "seq": order.seq,
        "consent": order.consent.hex(),
        "amount_fen": order.amount_fen,
        "payee": order.payee,
        "fund_account": order.fund_account,
        "accepted": order.accepted,
        "ended": order.ended,
    }


def _debit_row(debit: Debit) -> dict[str, Any]:
    return {
        "hash": debit.hash.hex(),
        "seq": debit.seq,
        "order": debit.order.hex(),
        "consent": debit.consent.hex(),
        "amount_fen": debit.amount_fen,
        "state": int(debit.state),
    }


def _debit(row: dict[str, Any]) -> Debit:
    return replace(Debit(**row), state=DebitState(row["state"]))


def _hashes(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return row | {name: bytes.fromhex(row[name]) for name in names}
