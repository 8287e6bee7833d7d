# SPDX-License-Identifier: Apache-2.0
"""Submissions of every action, small, with fixed contents: what the files, the words and the vectors are made from."""

from node.crypto.merkle import root
from node.crypto.typed import entry_hash, ledger_domain
from node.crypto.typed_reading import SignableSubmission
from node.domain.digest import keccak
from node.domain.entries import Action, Entry, SignRole, Submission
from node.domain.transitions import table

LEDGER = keccak(b"a ledger of the tests")
DOMAIN = ledger_domain(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
VALID_UNTIL = 1_798_732_799  # 2026-12-31 23:59:59 in Beijing
FIELDS: dict[str, dict[str, object]] = {
    "recipient": {"recipient": 2},
    "head": {"head": keccak(b"head")},
    "target": {"target": keccak(b"target")},
    "consent": {"consent": keccak(b"consent")},
    "amount": {"amount_fen": 32504},
    "claim": {"claim_fen": 3_000_000_000},
    "notBefore": {"not_before": 1_790_000_000},
    "expiresAt": {"expires_at": 4_102_415_999},
    "dueAt": {"due_at": 1_795_000_000},
    "fundAccount": {"fund_account": 1},
    "debitable": {"debitable": 1},
    "inParts": {"in_parts": 1},
}


def entries_of(action: Action, number: int = 3) -> list[Entry]:
    """Sealed entries that set each field that the action uses."""
    used: dict[str, object] = {}
    for name in table().actions[action].fields:
        used |= FIELDS[name]
    return [
        Entry(
            action=action,
            org=2 if table().actions[action].side == "recipient" else 1,
            office=1,
            case_id=keccak(b"case %d" % place),
            commitment=keccak(b"payload %d" % place),
            sealed=b"ciphertext %d" % place,
            **used,  # type: ignore[arg-type]
        )
        for place in range(number)
    ]


def submission_of(entries: list[Entry]) -> Submission:
    """The submission that fits these entries."""
    return Submission(
        ledger=LEDGER,
        org=entries[0].org,
        action=entries[0].action,
        root=root([entry_hash(LEDGER, entry) for entry in entries]),
        count=len(entries),
        sum_fen=sum(entry.amount_fen for entry in entries),
        wraps=keccak(b"wraps"),
        valid_until=VALID_UNTIL,
    )


def signable_of(entries: list[Entry], role: SignRole = SignRole.MAKER) -> SignableSubmission:
    return SignableSubmission(DOMAIN, submission_of(entries), role)
