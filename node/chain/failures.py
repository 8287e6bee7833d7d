# SPDX-License-Identifier: Apache-2.0
"""Why a network did not do what was asked: a closed list, each reason final or worth another try.

Clients name the same failure differently, and change the words between versions. What no row of the table knows is
``RpcFailure``: neither success nor final.
"""

from __future__ import annotations

from typing import ClassVar, Final

from node.domain.errors import AllianceError, Broken, Conflict, Refused, Unavailable


class ChainUnreachable(Unavailable):
    """No connection, or the answer was cut off. Values: ``host``, ``cause``."""

    code = "chain_unreachable"


class ChainTimedOut(Unavailable):
    """No answer in time; what was sent may have arrived. Values: ``host``, ``method``, ``timeout_s``."""

    code = "chain_timed_out"


class ChainBusy(Unavailable):
    """The network asks for fewer requests, its pool is full, or it is not ready. Values: ``detail``."""

    code = "chain_busy"


class ChainResting(Unavailable):
    """The circuit breaker is open: nothing is asked until it has cooled down. Values: ``host``, ``wait_s``."""

    code = "chain_resting"


class RpcFailure(Unavailable):
    """An error of the network that we do not know. Values: ``method``, ``rpc_code``, ``detail``."""

    code = "chain_rpc_failure"


class RangeTooWide(Unavailable):
    """The network limits blocks, logs or time of one eth_getLogs: ask for less. Values: ``detail``."""

    code = "chain_range_too_wide"


class HistoryMissing(Unavailable):
    """The network no longer has these blocks, so nothing can be rebuilt from it. Values: ``first``, ``last``."""

    code = "chain_history_missing"


class BlockMissing(Unavailable):
    """There is no such block yet. Values: ``block``."""

    code = "chain_block_missing"


class ChainMoved(Unavailable):
    """Blocks changed while they were being read: read again. Values: ``block``."""

    code = "chain_moved"


class NonceUsed(Conflict):
    """A transaction with this nonce is mined already; look it up by hash. Values: ``detail``."""

    code = "chain_nonce_used"


class NonceAhead(Unavailable):
    """Earlier transactions of this account are missing, and the network keeps none for later. Values: ``detail``."""

    code = "chain_nonce_ahead"


class Underpriced(Conflict):
    """A transaction with this nonce is waiting already, and the new one pays no more. Values: ``detail``."""

    code = "chain_underpriced"


class SenderUnfunded(Refused):
    """The sender cannot pay for gas. Values: ``detail``."""

    code = "chain_sender_unfunded"


class SenderNotPermitted(Refused):
    """The network's permissions do not let this account send. Values: ``detail``."""

    code = "chain_sender_not_permitted"


class GasOutOfRange(Refused):
    """Gas limit too low, or above what a transaction may use. Values: ``detail``."""

    code = "chain_gas_out_of_range"


class TransactionRejected(Refused):
    """The network does not take these bytes: malformed, too large, or for another chain. Values: ``detail``."""

    code = "chain_transaction_rejected"


class MethodMissing(Refused):
    """The network does not offer this JSON-RPC method. Values: ``method``."""

    code = "chain_method_missing"


class AnswerMalformed(Broken):
    """An answer that breaks the protocol. Values: ``method``, ``detail``."""

    code = "chain_answer_malformed"


FINAL: Final[tuple[type[AllianceError], ...]] = (
    NonceUsed,
    SenderUnfunded,
    SenderNotPermitted,
    GasOutOfRange,
    TransactionRejected,
    MethodMissing,
    AnswerMalformed,
    HistoryMissing,
)
RETRYABLE: Final[tuple[type[AllianceError], ...]] = (
    ChainUnreachable,
    ChainTimedOut,
    ChainBusy,
    ChainResting,
    RpcFailure,
    RangeTooWide,
    BlockMissing,
    ChainMoved,
    NonceAhead,
    Underpriced,
)


class AlreadyKnown(Conflict):
    """The network has this very transaction: for a sender that is success. It never leaves this floor."""

    code = "chain_already_known"


# (error code or None for any, text in lower case or "" for any, reason); the first row that fits counts
_Row = tuple[int | None, str, type[AllianceError]]


class FailureTable:
    """Which words of which client mean what. Recorded answers of each client are the test's fixtures."""

    ROWS: ClassVar[tuple[_Row, ...]] = (
        (None, "already known", AlreadyKnown),
        (None, "known transaction", AlreadyKnown),
        (None, "already imported", AlreadyKnown),  # anvil, openethereum
        (None, "alreadyknown", AlreadyKnown),
        (None, "nonce too low", NonceUsed),
        (None, "nonce too high", NonceAhead),  # hardhat while it mines at once
        (None, "nonce is too high", NonceAhead),
        (None, "the tx doesn't have the correct nonce", NonceUsed),  # ganache
        (None, "nonce below account nonce", NonceUsed),
        (-32001, "nonce", NonceUsed),  # besu
        (None, "replacement transaction underpriced", Underpriced),
        (None, "transaction underpriced", Underpriced),
        (None, "insufficient funds", SenderUnfunded),
        (None, "doesn't have enough funds", SenderUnfunded),
        (None, "upfront cost exceeds account balance", SenderUnfunded),
        (None, "sender doesn't have enough funds", SenderUnfunded),
        (-32007, "", SenderNotPermitted),  # besu's local permissions
        (None, "sender account not authorized", SenderNotPermitted),
        (None, "max fee per gas less than block base fee", Underpriced),
        (None, "gas price below", Underpriced),
        (None, "less than the block's basefeepergas", Underpriced),  # ganache
        (None, "is too low for the next block, which has a basefeepergas", Underpriced),  # hardhat
        (None, "intrinsic gas", GasOutOfRange),
        (None, "out of gas", GasOutOfRange),
        (None, "outofgas", GasOutOfRange),
        (None, "exceeds block gas limit", GasOutOfRange),
        (None, "gas limit is", GasOutOfRange),
        (None, "gas limit too high", GasOutOfRange),
        (None, "requires at least", GasOutOfRange),  # hardhat
        (None, "invalid chain id", TransactionRejected),
        (None, "invalid chainid", TransactionRejected),  # hardhat
        (None, "incompatible eip155", TransactionRejected),
        (None, "wrong chainid", TransactionRejected),
        (None, "oversized data", TransactionRejected),
        (None, "invalid transaction", TransactionRejected),
        (None, "invalid sender", TransactionRejected),
        (None, "could not decode", TransactionRejected),
        (None, "failed to decode", TransactionRejected),  # anvil
        (None, "txpool is full", ChainBusy),
        (None, "too many requests", ChainBusy),
        (None, "rate limit", ChainBusy),
        (-32005, "", RangeTooWide),  # besu and the hosted networks
        (None, "block range", RangeTooWide),
        (None, "query returned more than", RangeTooWide),
        (None, "response size", RangeTooWide),
        (None, "log response", RangeTooWide),
        (None, "range exceeds", RangeTooWide),
        (None, "exceeds maximum", RangeTooWide),
        (None, "missing trie node", HistoryMissing),
        (None, "history has been pruned", HistoryMissing),
        (4444, "", HistoryMissing),  # EIP-4444
        (-32601, "", MethodMissing),
        (-32004, "", MethodMissing),  # hardhat
        (None, "does not exist/is not available", MethodMissing),  # ganache, with the code of a parse error
        (None, "method not found", MethodMissing),
        (None, "method not supported", MethodMissing),
    )


def failure(method: str, rpc_code: int, message: str) -> AllianceError:
    """The reason behind an error answer; texts are cut, and our requests carry no personal data in the clear."""
    lowered = message.lower()
    for code, text, reason in FailureTable.ROWS:
        if code in (None, rpc_code) and text in lowered:
            return reason(method=method, rpc_code=rpc_code, detail=message[:200])
    return RpcFailure(method=method, rpc_code=rpc_code, detail=message[:200])


def is_final(error: AllianceError) -> bool:
    """Whether the same request can never succeed; otherwise it may be tried again later."""
    return isinstance(error, FINAL)
