// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// What the ledger stores, one word each. Fields are read and written where they lie: a struct would be taken apart and
// put together again for each entry, at several thousand gas. Values come from rules that bound them, so no field runs
// into its neighbour.

type CaseSlot is uint256;

type ConsentSlot is uint256;

type OrderSlot is uint256;

type DebitSlot is uint256;

type DisputeSlot is uint256;

using CaseSlots for CaseSlot global;
using ConsentSlots for ConsentSlot global;
using OrderSlots for OrderSlot global;
using DebitSlots for DebitSlot global;
using DisputeSlots for DisputeSlot global;

/// @notice All of a case but its head, which fills a slot of its own, and its office, which its key names. From the
/// lowest bit: phase 4, debitable 1, accepted 1, officeDispute 1, recipientDispute 1, recipient 16, seq 24, openOrder 24,
/// unsettled 24, claim 53, net 53, debited 53 (under the latest consent).
/// @dev `debited` stands here while its consent stands, so that a DEBIT writes one word less; a consent that ends takes
/// its sum along.
library CaseSlots {
    uint256 private constant PHASE = 0xf;
    uint256 private constant DEBITABLE = 1 << 4;
    uint256 private constant ACCEPTED = 1 << 5;
    uint256 private constant OFFICE_DISPUTE = 1 << 6;
    uint256 private constant RECIPIENT_DISPUTE = 1 << 7;
    uint256 private constant SEQ = 24;
    uint256 private constant OPEN_ORDER = 48;
    uint256 private constant UNSETTLED = 72;
    uint256 private constant CLAIM = 96;
    uint256 private constant NET = 149;
    uint256 private constant DEBITED = 202;
    uint256 private constant COUNT = 2 ** 24 - 1; // mask of a count
    uint256 private constant FEN = 2 ** 53 - 1; // mask of an amount

    function phase(CaseSlot k) internal pure returns (uint256) {
        return CaseSlot.unwrap(k) & PHASE;
    }

    function debitable(CaseSlot k) internal pure returns (bool) {
        return CaseSlot.unwrap(k) & DEBITABLE != 0;
    }

    function accepted(CaseSlot k) internal pure returns (bool) {
        return CaseSlot.unwrap(k) & ACCEPTED != 0;
    }

    function officeDispute(CaseSlot k) internal pure returns (bool) {
        return CaseSlot.unwrap(k) & OFFICE_DISPUTE != 0;
    }

    function recipientDispute(CaseSlot k) internal pure returns (bool) {
        return CaseSlot.unwrap(k) & RECIPIENT_DISPUTE != 0;
    }

    function recipient(CaseSlot k) internal pure returns (uint256) {
        return (CaseSlot.unwrap(k) >> 8) & 0xffff;
    }

    function seq(CaseSlot k) internal pure returns (uint256) {
        return (CaseSlot.unwrap(k) >> SEQ) & COUNT;
    }

    function openOrder(CaseSlot k) internal pure returns (uint256) {
        return (CaseSlot.unwrap(k) >> OPEN_ORDER) & COUNT;
    }

    function unsettled(CaseSlot k) internal pure returns (uint256) {
        return (CaseSlot.unwrap(k) >> UNSETTLED) & COUNT;
    }

    function claim(CaseSlot k) internal pure returns (uint256) {
        return (CaseSlot.unwrap(k) >> CLAIM) & FEN;
    }

    function net(CaseSlot k) internal pure returns (uint256) {
        return (CaseSlot.unwrap(k) >> NET) & FEN;
    }

    function debited(CaseSlot k) internal pure returns (uint256) {
        return CaseSlot.unwrap(k) >> DEBITED;
    }

    function withRecipient(CaseSlot k, uint256 recipient_) internal pure returns (CaseSlot) {
        return CaseSlot.wrap(CaseSlot.unwrap(k) | (recipient_ << 8));
    }

    function withEntry(CaseSlot k) internal pure returns (CaseSlot) {
        unchecked {
            return CaseSlot.wrap(CaseSlot.unwrap(k) + (1 << SEQ));
        }
    }

    function withPhase(CaseSlot k, uint256 value) internal pure returns (CaseSlot) {
        return CaseSlot.wrap((CaseSlot.unwrap(k) & ~PHASE) | value);
    }

    function withReply(CaseSlot k, uint256 debitable_) internal pure returns (CaseSlot) {
        return CaseSlot.wrap((CaseSlot.unwrap(k) & ~DEBITABLE) | (debitable_ << 4));
    }

    /// @notice Another consent: nothing is debited under it.
    function withConsent(CaseSlot k, uint256 claim_) internal pure returns (CaseSlot) {
        uint256 kept = CaseSlot.unwrap(k) & ~((FEN << CLAIM) | (FEN << DEBITED));
        return CaseSlot.wrap(kept | (claim_ << CLAIM));
    }

    /// @notice The entry just counted is the open order.
    function withOrder(CaseSlot k) internal pure returns (CaseSlot) {
        return CaseSlot.wrap(CaseSlot.unwrap(k) | (seq(k) << OPEN_ORDER));
    }

    function withAcceptance(CaseSlot k) internal pure returns (CaseSlot) {
        return CaseSlot.wrap(CaseSlot.unwrap(k) | ACCEPTED);
    }

    function withoutOrder(CaseSlot k) internal pure returns (CaseSlot) {
        return CaseSlot.wrap(CaseSlot.unwrap(k) & ~((COUNT << OPEN_ORDER) | ACCEPTED));
    }

    function withDebit(CaseSlot k, uint256 fen) internal pure returns (CaseSlot) {
        unchecked {
            return CaseSlot.wrap(CaseSlot.unwrap(k) + (1 << UNSETTLED) + (fen << NET) + (fen << DEBITED));
        }
    }

    /// @notice One debit has ended: settled, or reversed before it was.
    function withoutUnsettled(CaseSlot k) internal pure returns (CaseSlot) {
        unchecked {
            return CaseSlot.wrap(CaseSlot.unwrap(k) - (1 << UNSETTLED));
        }
    }

    function withReversal(CaseSlot k, uint256 fen) internal pure returns (CaseSlot) {
        unchecked {
            return CaseSlot.wrap(CaseSlot.unwrap(k) - (fen << NET));
        }
    }

    function withDispute(CaseSlot k, bool byOffice) internal pure returns (CaseSlot) {
        return CaseSlot.wrap(CaseSlot.unwrap(k) | (byOffice ? OFFICE_DISPUTE : RECIPIENT_DISPUTE));
    }

    function withoutDispute(CaseSlot k, bool byOffice) internal pure returns (CaseSlot) {
        return CaseSlot.wrap(CaseSlot.unwrap(k) & ~(byOffice ? OFFICE_DISPUTE : RECIPIENT_DISPUTE));
    }
}

/// @notice amount 56, debited 56 (once it has ended), notBefore 40, expiresAt 40, seq 24, inParts 8, ended 8.
library ConsentSlots {
    function create(uint256 amount_, uint256 notBefore_, uint256 expiresAt_, uint256 seq_, uint256 inParts_)
        internal
        pure
        returns (ConsentSlot)
    {
        return ConsentSlot.wrap(amount_ | (notBefore_ << 112) | (expiresAt_ << 152) | (seq_ << 192) | (inParts_ << 216));
    }

    function amount(ConsentSlot c) internal pure returns (uint256) {
        return ConsentSlot.unwrap(c) & 0xffffffffffffff;
    }

    function debited(ConsentSlot c) internal pure returns (uint256) {
        return (ConsentSlot.unwrap(c) >> 56) & 0xffffffffffffff;
    }

    function notBefore(ConsentSlot c) internal pure returns (uint256) {
        return (ConsentSlot.unwrap(c) >> 112) & 0xffffffffff;
    }

    function expiresAt(ConsentSlot c) internal pure returns (uint256) {
        return (ConsentSlot.unwrap(c) >> 152) & 0xffffffffff;
    }

    function seq(ConsentSlot c) internal pure returns (uint256) {
        return (ConsentSlot.unwrap(c) >> 192) & 0xffffff;
    }

    function inParts(ConsentSlot c) internal pure returns (bool) {
        return (ConsentSlot.unwrap(c) >> 216) & 0xff != 0;
    }

    function ended(ConsentSlot c) internal pure returns (bool) {
        return ConsentSlot.unwrap(c) >> 224 != 0;
    }

    /// @notice Exists, and is neither revoked nor replaced. Of a case's consents one at most stands.
    function stands(ConsentSlot c) internal pure returns (bool) {
        return seq(c) != 0 && !ended(c);
    }

    /// @notice Revoked or replaced, when so much had been debited under it.
    function withEnd(ConsentSlot c, uint256 debited_) internal pure returns (ConsentSlot) {
        return ConsentSlot.wrap(ConsentSlot.unwrap(c) | (debited_ << 56) | (1 << 224));
    }

    /// @notice A debit after its end: the bank had accepted the order before.
    function withDebit(ConsentSlot c, uint256 fen) internal pure returns (ConsentSlot) {
        unchecked {
            return ConsentSlot.wrap(ConsentSlot.unwrap(c) + (fen << 56));
        }
    }
}

/// @notice amount 56, seq 24, consentSeq 24, payee 16, fundAccount 16.
library OrderSlots {
    function create(uint256 amount_, uint256 seq_, uint256 consentSeq_, uint256 payee_, uint256 fundAccount_)
        internal
        pure
        returns (OrderSlot)
    {
        return OrderSlot.wrap(amount_ | (seq_ << 56) | (consentSeq_ << 80) | (payee_ << 104) | (fundAccount_ << 120));
    }

    function amount(OrderSlot o) internal pure returns (uint256) {
        return OrderSlot.unwrap(o) & 0xffffffffffffff;
    }

    function seq(OrderSlot o) internal pure returns (uint256) {
        return (OrderSlot.unwrap(o) >> 56) & 0xffffff;
    }

    function consentSeq(OrderSlot o) internal pure returns (uint256) {
        return (OrderSlot.unwrap(o) >> 80) & 0xffffff;
    }

    function payee(OrderSlot o) internal pure returns (uint256) {
        return (OrderSlot.unwrap(o) >> 104) & 0xffff;
    }

    function fundAccount(OrderSlot o) internal pure returns (uint256) {
        return OrderSlot.unwrap(o) >> 120;
    }
}

/// @notice amount 56, settled 8, reversed 8. A DEBIT of 0 has none.
library DebitSlots {
    function create(uint256 amount_) internal pure returns (DebitSlot) {
        return DebitSlot.wrap(amount_);
    }

    function amount(DebitSlot d) internal pure returns (uint256) {
        return DebitSlot.unwrap(d) & 0xffffffffffffff;
    }

    function settled(DebitSlot d) internal pure returns (bool) {
        return (DebitSlot.unwrap(d) >> 56) & 0xff != 0;
    }

    function reversed(DebitSlot d) internal pure returns (bool) {
        return DebitSlot.unwrap(d) >> 64 != 0;
    }

    /// @notice Exists, and its money has not gone back.
    function stands(DebitSlot d) internal pure returns (bool) {
        return amount(d) != 0 && !reversed(d);
    }

    function withSettlement(DebitSlot d) internal pure returns (DebitSlot) {
        return DebitSlot.wrap(DebitSlot.unwrap(d) | (1 << 56));
    }

    function withReversal(DebitSlot d) internal pure returns (DebitSlot) {
        return DebitSlot.wrap(DebitSlot.unwrap(d) | (1 << 64));
    }
}

/// @notice seq 24, byOffice 8, open 8.
library DisputeSlots {
    function create(uint256 seq_, bool byOffice_) internal pure returns (DisputeSlot) {
        return DisputeSlot.wrap(seq_ | (byOffice_ ? 1 << 24 : 0) | (1 << 32));
    }

    function seq(DisputeSlot d) internal pure returns (uint256) {
        return DisputeSlot.unwrap(d) & 0xffffff;
    }

    function byOffice(DisputeSlot d) internal pure returns (bool) {
        return (DisputeSlot.unwrap(d) >> 24) & 0xff != 0;
    }

    function open(DisputeSlot d) internal pure returns (bool) {
        return DisputeSlot.unwrap(d) >> 32 != 0;
    }

    function closed(DisputeSlot d) internal pure returns (DisputeSlot) {
        return DisputeSlot.wrap(DisputeSlot.unwrap(d) & ~uint256(0xff << 32));
    }
}
