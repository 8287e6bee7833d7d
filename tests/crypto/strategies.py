# SPDX-License-Identifier: Apache-2.0
"""Random entries, submissions and acts."""

from hypothesis import strategies as st

from node.domain.entries import Act, Action, Entry, Submission


def entry_strategy() -> st.SearchStrategy[Entry]:
    """Any entry that fits the wire, also such as the ledger would refuse."""
    word = st.binary(min_size=32, max_size=32)
    return st.builds(
        Entry,
        action=st.sampled_from([int(a) for a in Action]),
        org=st.integers(0, 2**16 - 1),
        office=st.integers(0, 2**16 - 1),
        case_id=word,
        commitment=word,
        sealed=st.binary(max_size=40),
        recipient=st.integers(0, 2**16 - 1),
        head=word,
        target=word,
        consent=word,
        amount_fen=st.integers(0, 2**64 - 1),
        claim_fen=st.integers(0, 2**64 - 1),
        not_before=st.integers(0, 2**40 - 1),
        expires_at=st.integers(0, 2**40 - 1),
        due_at=st.integers(0, 2**40 - 1),
        fund_account=st.integers(0, 2**16 - 1),
        debitable=st.integers(0, 255),
        in_parts=st.integers(0, 255),
    )


def submission_strategy() -> st.SearchStrategy[Submission]:
    word = st.binary(min_size=32, max_size=32)
    return st.builds(
        Submission,
        ledger=word,
        org=st.integers(0, 2**16 - 1),
        action=st.sampled_from([int(a) for a in Action]),
        root=word,
        count=st.integers(0, 2**32 - 1),
        sum_fen=st.integers(0, 2**64 - 1),
        wraps=word,
        valid_until=st.integers(0, 2**64 - 1),
    )


def act_strategy() -> st.SearchStrategy[Act]:
    address = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
    return st.builds(
        Act,
        kind=st.integers(1, 17),
        org=st.integers(0, 2**16 - 1),
        number=st.integers(0, 2**64 - 1),
        first=address,
        second=address,
        code=st.integers(0, 2**16 - 1),
        order_limit_fen=st.integers(0, 2**64 - 1),
        day_limit_fen=st.integers(0, 2**64 - 1),
        data=st.binary(max_size=1300),
        valid_until=st.integers(0, 2**64 - 1),
    )
