// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// What the ledger stores, one word each. Fields are read and written where they lie: a struct would be taken apart and
// put together again for each entry, at several thousand gas. The first field lies lowest, as Solidity would lay out the
// struct of the same name in ICaseLedger. Values come from rules that bound them, so no field runs into its neighbour.

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

/// @notice All of a case but its head, which fills a slot of its own. No gap, no spare bit:
/// phase 8, debitable 8, accepted 8, officeDispute 8, recipientDispute 8, office 16, recipient 16, seq 24, openOrder 24,
/// unsettled 24, claim 56, net 56.
library CaseSlots {
    uint256 private constant PHASE = 0xff;
    uint256 private constant DEBITABLE = 0xff << 8;
    uint256 private constant ACCEPTED = 0xff << 16;
    uint256 private constant OFFICE_DISPUTE = 0xff << 24;
    uint256 private constant RECIPIENT_DISPUTE = 0xff << 32;
    uint256 private constant OPEN_ORDER = 0xffffff << 96;
    uint256 private constant CLAIM = 0xffffffffffffff << 144;
    uint256 private constant ONE_ENTRY = 1 << 72;
    uint256 private constant ONE_UNSETTLED = 1 << 120;

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

    function office(CaseSlot k) internal pure returns (uint256) {
        return (CaseSlot.unwrap(k) >> 40) & 0xffff;
    }

    function recipient(CaseSlot k) internal pure returns (uint256) {
        return (CaseSlot.unwrap(k) >> 56) & 0xffff;
    }

    function seq(CaseSlot k) internal pure returns (uint256) {
        return (CaseSlot.unwrap(k) >> 72) & 0xffffff;
    }

    function openOrder(CaseSlot k) internal pure returns (uint256) {
        return (CaseSlot.unwrap(k) >> 96) & 0xffffff;
    }

    function unsettled(CaseSlot k) internal pure returns (uint256) {
        return (CaseSlot.unwrap(k) >> 120) & 0xffffff;
    }

    function claim(CaseSlot k) internal pure returns (uint256) {
        return (CaseSlot.unwrap(k) >> 144) & 0xffffffffffffff;
    }

    function net(CaseSlot k) internal pure returns (uint256) {
        return CaseSlot.unwrap(k) >> 200;
    }

    /// @notice A case between an office and a recipient, in phase NONE and without an entry.
    function between(uint256 office_, uint256 recipient_) internal pure returns (CaseSlot) {
        return CaseSlot.wrap((office_ << 40) | (recipient_ << 56));
    }

    function withEntry(CaseSlot k) internal pure returns (CaseSlot) {
        unchecked {
            return CaseSlot.wrap(CaseSlot.unwrap(k) + ONE_ENTRY);
        }
    }

    function withPhase(CaseSlot k, uint256 value) internal pure returns (CaseSlot) {
        return CaseSlot.wrap((CaseSlot.unwrap(k) & ~PHASE) | value);
    }

    function withDebitable(CaseSlot k, uint256 flag) internal pure returns (CaseSlot) {
        return CaseSlot.wrap((CaseSlot.unwrap(k) & ~DEBITABLE) | (flag << 8));
    }

    function withClaim(CaseSlot k, uint256 fen) internal pure returns (CaseSlot) {
        return CaseSlot.wrap((CaseSlot.unwrap(k) & ~CLAIM) | (fen << 144));
    }

    function withDispute(CaseSlot k, bool byOffice, uint256 flag) internal pure returns (CaseSlot) {
        uint256 word = CaseSlot.unwrap(k);
        return CaseSlot.wrap(
            byOffice ? (word & ~OFFICE_DISPUTE) | (flag << 24) : (word & ~RECIPIENT_DISPUTE) | (flag << 32)
        );
    }

    /// @notice The entry just counted is the open order.
    function withOrder(CaseSlot k) internal pure returns (CaseSlot) {
        return CaseSlot.wrap(CaseSlot.unwrap(k) | (seq(k) << 96));
    }

    function withAcceptance(CaseSlot k) internal pure returns (CaseSlot) {
        return CaseSlot.wrap(CaseSlot.unwrap(k) | (1 << 16));
    }

    function withoutOrder(CaseSlot k) internal pure returns (CaseSlot) {
        return CaseSlot.wrap(CaseSlot.unwrap(k) & ~(OPEN_ORDER | ACCEPTED));
    }

    function withDebit(CaseSlot k, uint256 fen) internal pure returns (CaseSlot) {
        unchecked {
            return CaseSlot.wrap(CaseSlot.unwrap(k) + ONE_UNSETTLED + (fen << 200));
        }
    }

    function withoutUnsettled(CaseSlot k) internal pure returns (CaseSlot) {
        unchecked {
            return CaseSlot.wrap(CaseSlot.unwrap(k) - ONE_UNSETTLED);
        }
    }

    function withoutNet(CaseSlot k, uint256 fen) internal pure returns (CaseSlot) {
        unchecked {
            return CaseSlot.wrap(CaseSlot.unwrap(k) - (fen << 200));
        }
    }
}

/// @notice amount 56, debited 56, notBefore 40, expiresAt 40, seq 24, inParts 8, ended 8.
library ConsentSlots {
    function create(
        uint256 amount_,
        uint256 notBefore_,
        uint256 expiresAt_,
        uint256 seq_,
        uint256 inParts_
    ) internal pure returns (ConsentSlot) {
        return ConsentSlot.wrap(
            amount_ | (notBefore_ << 112) | (expiresAt_ << 152) | (seq_ << 192) | (inParts_ << 216)
        );
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

    function withDebit(ConsentSlot c, uint256 fen) internal pure returns (ConsentSlot) {
        unchecked {
            return ConsentSlot.wrap(ConsentSlot.unwrap(c) + (fen << 56));
        }
    }

    function withEnd(ConsentSlot c) internal pure returns (ConsentSlot) {
        return ConsentSlot.wrap(ConsentSlot.unwrap(c) | (1 << 224));
    }
}

/// @notice amount 56, seq 24, consentSeq 24, payee 16, fundAccount 16.
library OrderSlots {
    function create(uint256 amount_, uint256 seq_, uint256 consentSeq_, uint256 payee_, uint256 fundAccount_)
        internal
        pure
        returns (OrderSlot)
    {
        return OrderSlot.wrap(
            amount_ | (seq_ << 56) | (consentSeq_ << 80) | (payee_ << 104) | (fundAccount_ << 120)
        );
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
