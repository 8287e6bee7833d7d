// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Action, Phase, Role, Rule} from "./Codes.sol";
import {Entry} from "./EntryCodec.sol";
import {CaseSlot, ConsentSlot, DebitSlot, DisputeSlot, OrderSlot} from "./Slots.sol";

/// @notice All that the rules look at beside the entry. What an action does not need stays at zero.
struct Facts {
    // of the chunk
    uint256 time; // the block's
    uint256 role; // the writer's
    bool permitted; // the writer may write the chunk's action here
    uint256 orderLimit; // fen, the writer's
    uint256 dayLimit; // fen, the writer's
    uint256 charged; // fen that the writer has ordered or accepted today
    // of the entry
    bool party; // the writer is, or speaks for, its side of the case
    bool receives; // the recipient may receive requests
    bool accountStands; // the fund account is registered now
    bytes32 head;
    CaseSlot state;
    ConsentSlot consent; // CONSENT, ORDER, ACCEPT, DEBIT: that the entry names; REVOKE: its target
    OrderSlot order; // ACCEPT, DEBIT, CANCEL: the target
    DebitSlot debit; // SETTLE, REVERSE: the target
    DisputeSlot dispute; // RESOLVE: the target; DISPUTE: of the entry's own hash
}

/// @title What an entry must satisfy, a function a rule
/// @dev A function is true where its rule holds. firstBroken asks it of the actions that the rule concerns, and in an
/// order in which later rules may rely on earlier ones. None reads storage, loops or can revert: sums of 64-bit values
/// are taken over 256 bits, and nothing is subtracted.
library Rules {
    uint256 private constant MAX_FEN = 2 ** 53 - 1;
    uint256 private constant MAX_SEQ = 2 ** 24 - 1;

    // Sets of actions, one bit each.
    uint256 private constant REQUEST = 1 << Action.REQUEST;
    uint256 private constant ACKNOWLEDGE = 1 << Action.ACKNOWLEDGE;
    uint256 private constant REPLY = 1 << Action.REPLY;
    uint256 private constant DECLINE = 1 << Action.DECLINE;
    uint256 private constant CONSENT = 1 << Action.CONSENT;
    uint256 private constant ORDER = 1 << Action.ORDER;
    uint256 private constant ACCEPT = 1 << Action.ACCEPT;
    uint256 private constant DEBIT = 1 << Action.DEBIT;
    uint256 private constant CANCEL = 1 << Action.CANCEL;
    uint256 private constant REVOKE = 1 << Action.REVOKE;
    uint256 private constant REVERSE = 1 << Action.REVERSE;
    uint256 private constant SETTLE = 1 << Action.SETTLE;
    uint256 private constant DISPUTE = 1 << Action.DISPUTE;
    uint256 private constant RESOLVE = 1 << Action.RESOLVE;
    uint256 private constant CLOSE = 1 << Action.CLOSE;

    uint256 private constant BY_OFFICE =
        REQUEST | CONSENT | ORDER | CANCEL | REVOKE | REVERSE | SETTLE | DISPUTE | RESOLVE | CLOSE;
    uint256 private constant BY_AUTHORITY = ACKNOWLEDGE | REPLY | DECLINE;
    uint256 private constant BY_BANK = BY_AUTHORITY | ACCEPT | DEBIT | REVERSE | DISPUTE | RESOLVE;

    /// @dev What begins something that would have to be finished here.
    uint256 internal constant OPENING = REQUEST | CONSENT;
    uint256 private constant ANSWERS = ACKNOWLEDGE | REPLY | DECLINE;
    uint256 private constant ON_HEAD = ACKNOWLEDGE | REPLY | DECLINE | CONSENT | ORDER | ACCEPT;
    uint256 private constant ON_TARGET = ACCEPT | DEBIT | CANCEL | REVOKE | REVERSE | SETTLE | RESOLVE;
    uint256 internal constant ON_CONSENT = CONSENT | ORDER | ACCEPT | DEBIT;
    uint256 private constant ON_STANDING = CONSENT | ORDER | REVOKE;
    uint256 internal constant ON_ORDER = ACCEPT | DEBIT | CANCEL;
    uint256 internal constant ON_DEBIT = SETTLE | REVERSE;
    uint256 private constant WITH_AMOUNT = ON_CONSENT | ON_DEBIT;
    /// @dev What limits bound, pauses stop and fund accounts receive.
    uint256 internal constant MOVING = ORDER | ACCEPT;

    // Sets of phases, one bit each.
    uint256 private constant BEFORE_REPLY = (1 << Phase.REQUESTED) | (1 << Phase.ACKNOWLEDGED);
    uint256 private constant CONSENTED = 1 << Phase.CONSENTED;
    uint256 private constant AFTER_REPLY = (1 << Phase.REPLIED) | CONSENTED;

    /// @dev The phases in which an action may be taken: one byte an action, in it a set of phases.
    uint256 private constant PHASES = ((1 << Phase.NONE) << (8 * Action.REQUEST))
        | ((1 << Phase.REQUESTED) << (8 * Action.ACKNOWLEDGE)) | (BEFORE_REPLY << (8 * Action.DECLINE))
        | ((BEFORE_REPLY | (1 << Phase.REPLIED)) << (8 * Action.REPLY)) | (AFTER_REPLY << (8 * Action.CONSENT))
        | (CONSENTED << (8 * Action.ORDER)) | (CONSENTED << (8 * Action.ACCEPT)) | (AFTER_REPLY << (8 * Action.DEBIT))
        | (CONSENTED << (8 * Action.CANCEL)) | (CONSENTED << (8 * Action.REVOKE))
        | ((AFTER_REPLY | (1 << Phase.CLOSED)) << (8 * Action.REVERSE)) | (AFTER_REPLY << (8 * Action.SETTLE))
        | (AFTER_REPLY << (8 * Action.DISPUTE)) | (AFTER_REPLY << (8 * Action.RESOLVE))
        | ((BEFORE_REPLY | AFTER_REPLY) << (8 * Action.CLOSE));

    // ------------------------------------------------------------------------------------------------------- judgement

    /// @notice The first rule that the entry breaks, in the order of the table; Rule.NONE if it may be taken.
    function firstBroken(Entry memory e, Facts memory f) internal pure returns (uint256) {
        uint256 a = 1 << e.action;
        if (!action(f)) return Rule.ACTION;
        if (!fields(a, e, f)) return Rule.FIELDS;
        if (!payloadSize(e)) return Rule.PAYLOAD_SIZE;
        if (!caseStands(a, f)) return Rule.CASE;
        if (!party(f)) return Rule.PARTY;
        if (a & REQUEST != 0) return recipient(f) ? Rule.NONE : Rule.RECIPIENT; // it stands on nothing else
        if (!phase(a, e, f)) return Rule.PHASE;
        if (a & (CONSENT | ORDER | CLOSE) != 0) {
            if (!orderOpen(f)) return Rule.ORDER_OPEN;
        }
        if (a & CLOSE != 0) return unsettled(f) ? Rule.NONE : Rule.UNSETTLED;
        if (a & ON_HEAD != 0) {
            if (!head(e, f)) return Rule.HEAD;
        }
        if (a & ANSWERS != 0) return Rule.NONE; // they name nothing else, and no money
        return _firstBrokenOfTarget(a, e, f);
    }

    /// @dev For what names an entry of the case, and for DISPUTE.
    function _firstBrokenOfTarget(uint256 a, Entry memory e, Facts memory f) private pure returns (uint256) {
        if (!target(a, e, f)) return Rule.TARGET;
        if (a & (ACCEPT | CANCEL) != 0) {
            if (!accepted(f)) return Rule.ACCEPTED;
        }
        if (a & DEBIT != 0) {
            if (!notAccepted(e, f)) return Rule.NOT_ACCEPTED;
        }
        if (a & (MOVING | DISPUTE) != 0) {
            if (!disputed(a, f)) return Rule.DISPUTED;
        }
        return a & WITH_AMOUNT == 0 ? Rule.NONE : _firstBrokenOfMoney(a, e, f);
    }

    function _firstBrokenOfMoney(uint256 a, Entry memory e, Facts memory f) private pure returns (uint256) {
        if (a & (CONSENT | MOVING) != 0) {
            if (!consentLive(a, e, f)) return Rule.CONSENT_LIVE;
        }
        if (a & CONSENT != 0) {
            if (!consentStands(f)) return Rule.CONSENT_STANDS;
        }
        if (a & (CONSENT | ORDER | DEBIT) != 0) {
            if (!amountRange(a, e)) return Rule.AMOUNT_RANGE;
        }
        if (a & (ON_ORDER | ON_DEBIT) != 0) {
            if (!amount(a, e, f)) return Rule.AMOUNT;
        }
        if (a & (ORDER | DEBIT) != 0) {
            if (!parts(a, e, f)) return Rule.PARTS;
        }
        if (a & ORDER != 0) {
            if (!consentAmount(e, f)) return Rule.CONSENT_AMOUNT;
        }
        if (a & (CONSENT | ORDER) != 0) {
            if (!claim(a, e, f)) return Rule.CLAIM;
        }
        return a & MOVING == 0 ? Rule.NONE : _firstBrokenOfMoving(e, f);
    }

    function _firstBrokenOfMoving(Entry memory e, Facts memory f) private pure returns (uint256) {
        if (!fundAccount(f)) return Rule.FUND_ACCOUNT;
        if (!orderLimit(e, f)) return Rule.ORDER_LIMIT;
        if (!dayLimit(e, f)) return Rule.DAY_LIMIT;
        return Rule.NONE;
    }

    // ------------------------------------------------------------------------------------------------ form of an entry

    /// @notice ACTION: one that the writer's role may write; a ledger that is followed opens nothing new.
    function action(Facts memory f) internal pure returns (bool) {
        return f.permitted;
    }

    /// @notice What `permitted` says of all entries of a chunk.
    /// @param followed governance has named a ledger that follows this one
    function permits(uint256 action_, uint256 role, bool followed) internal pure returns (bool) {
        uint256 a = 1 << action_;
        if (followed && a & OPENING != 0) return false;
        return a & _writtenBy(role) != 0;
    }

    /// @notice FIELDS: what the action does not use is zero, flags are 0 or 1, an AUTHORITY has nothing to debit.
    function fields(uint256 a, Entry memory e, Facts memory f) internal pure returns (bool) {
        if (_unused(a, e) != 0) return false;
        if (a & CONSENT != 0) return e.inParts <= 1;
        if (a & REPLY != 0) return e.debitable <= (f.role == Role.AUTHORITY ? 0 : 1);
        return true;
    }

    /// @notice PAYLOAD_SIZE: one of the padded sizes with the 16 bytes of its tag, so that a length tells nothing.
    function payloadSize(Entry memory e) internal pure returns (bool) {
        uint256 size = e.sealedLength;
        if (size == 616) return true; // the usual one
        return size == 316 || size == 1216 || size == 2416 || size == 4816;
    }

    // ------------------------------------------------------------------------------------------- the case, the parties

    /// @notice CASE: a REQUEST opens a new one, all else stands on one that has room for another entry.
    function caseStands(uint256 a, Facts memory f) internal pure returns (bool) {
        if (a & REQUEST != 0) return f.state.phase() == Phase.NONE;
        return f.state.phase() != Phase.NONE && f.state.seq() < MAX_SEQ;
    }

    /// @notice PARTY: the writer is this side of the case, or speaks for it.
    function party(Facts memory f) internal pure returns (bool) {
        return f.party;
    }

    /// @notice RECIPIENT: a REQUEST goes to a member who can read it and answer.
    function recipient(Facts memory f) internal pure returns (bool) {
        return f.receives;
    }

    // --------------------------------------------------------------------------------------------- the state of a case

    /// @notice PHASE: of the table; a first CONSENT needs a reply that there is something to debit.
    function phase(uint256 a, Entry memory e, Facts memory f) internal pure returns (bool) {
        uint256 p = f.state.phase();
        if (a & CONSENT != 0) {
            if (p == Phase.REPLIED) return f.state.debitable();
        }
        unchecked {
            return (PHASES >> (8 * e.action + p)) & 1 != 0;
        }
    }

    /// @notice ORDER_OPEN: a case has one open order at most, and neither a new consent nor an end while it has.
    function orderOpen(Facts memory f) internal pure returns (bool) {
        return f.state.openOrder() == 0;
    }

    /// @notice UNSETTLED: no case is closed over money that is under way.
    function unsettled(Facts memory f) internal pure returns (bool) {
        return f.state.unsettled() == 0;
    }

    /// @notice HEAD: what builds on what was said stands on all that was said.
    function head(Entry memory e, Facts memory f) internal pure returns (bool) {
        return e.head == f.head;
    }

    /// @notice TARGET: the entry that it names is of this case and has not ended.
    function target(uint256 a, Entry memory e, Facts memory f) internal pure returns (bool) {
        if (a & ON_ORDER != 0) return _isOpenOrder(f) && (a & CANCEL != 0 || _isConsentOfOrder(f));
        if (a & ON_STANDING != 0) return _isStanding(a, e, f);
        if (a & SETTLE != 0) return f.debit.stands() && !f.debit.settled();
        if (a & REVERSE != 0) return f.debit.stands() && f.debit.settled() == _isOffice(f);
        if (a & DISPUTE != 0) return f.dispute.seq() == 0;
        return f.dispute.open() && f.dispute.byOffice() == _isOffice(f); // RESOLVE
    }

    /// @notice ACCEPTED: an accepted order is the bank's to end.
    function accepted(Facts memory f) internal pure returns (bool) {
        return !f.state.accepted();
    }

    /// @notice NOT_ACCEPTED: no money moves before acceptance.
    function notAccepted(Entry memory e, Facts memory f) internal pure returns (bool) {
        return e.amount == 0 || f.state.accepted();
    }

    /// @notice DISPUTED: a dispute stops orders and acceptances; each side has one at a time.
    function disputed(uint256 a, Facts memory f) internal pure returns (bool) {
        if (a & MOVING != 0) return !f.state.officeDispute() && !f.state.recipientDispute();
        return _isOffice(f) ? !f.state.officeDispute() : !f.state.recipientDispute();
    }

    // --------------------------------------------------------------------------------------------------------- consent

    /// @notice CONSENT_LIVE: notBefore ≤ block time < expiresAt; a new consent may begin later, but not be over.
    function consentLive(uint256 a, Entry memory e, Facts memory f) internal pure returns (bool) {
        if (a & CONSENT != 0) return e.notBefore < e.expiresAt && f.time < e.expiresAt;
        return f.consent.notBefore() <= f.time && f.time < f.consent.expiresAt();
    }

    /// @notice CONSENT_STANDS: a consent is replaced only when it has expired or is used up; otherwise it is revoked.
    function consentStands(Facts memory f) internal pure returns (bool) {
        if (f.state.phase() != Phase.CONSENTED) return true;
        return f.time >= f.consent.expiresAt() || f.state.debited() == f.consent.amount();
    }

    // ----------------------------------------------------------------------------------------------------------- money

    /// @notice AMOUNT_RANGE: 1 to 2^53 − 1 fen, a DEBIT from 0. What repeats an amount is in range with it.
    function amountRange(uint256 a, Entry memory e) internal pure returns (bool) {
        if (a & DEBIT != 0) return e.amount <= MAX_FEN;
        if (!_isMoney(e.amount)) return false;
        return a & ORDER != 0 || _isMoney(e.claim);
    }

    /// @notice AMOUNT: what repeats an amount repeats it; no more is debited than was ordered.
    function amount(uint256 a, Entry memory e, Facts memory f) internal pure returns (bool) {
        if (a & DEBIT != 0) return e.amount <= f.order.amount();
        return e.amount == (a & ACCEPT != 0 ? f.order.amount() : f.debit.amount());
    }

    /// @notice PARTS: a consent that may not be used in parts is ordered and debited whole, or not at all.
    function parts(uint256 a, Entry memory e, Facts memory f) internal pure returns (bool) {
        if (f.consent.inParts()) return true;
        if (a & ORDER != 0) return e.amount == f.consent.amount();
        return e.amount == 0 || e.amount == f.order.amount();
    }

    /// @notice CONSENT_AMOUNT: all ever debited under a consent, reversed or not, stays within it.
    function consentAmount(Entry memory e, Facts memory f) internal pure returns (bool) {
        unchecked {
            return e.amount + f.state.debited() <= f.consent.amount();
        }
    }

    /// @notice CLAIM: set once, and never passed by what is debited and not reversed.
    function claim(uint256 a, Entry memory e, Facts memory f) internal pure returns (bool) {
        uint256 known = f.state.claim();
        if (a & CONSENT != 0) {
            if (known != 0 && known != e.claim) return false;
            known = e.claim;
        }
        unchecked {
            return e.amount + f.state.net() <= known;
        }
    }

    /// @notice FUND_ACCOUNT: money goes to an account that governance has registered, and still stands behind.
    function fundAccount(Facts memory f) internal pure returns (bool) {
        return f.accountStands;
    }

    /// @notice ORDER_LIMIT: what the writer may order or accept at once.
    function orderLimit(Entry memory e, Facts memory f) internal pure returns (bool) {
        return e.amount <= f.orderLimit;
    }

    /// @notice DAY_LIMIT: what the writer may order or accept in a day, Beijing time.
    function dayLimit(Entry memory e, Facts memory f) internal pure returns (bool) {
        unchecked {
            return f.charged + e.amount <= f.dayLimit;
        }
    }

    // --------------------------------------------------------------------------------------------- words the rules use

    function _isOffice(Facts memory f) private pure returns (bool) {
        return f.role == Role.OFFICE;
    }

    /// @dev A CONSENT names the one that it replaces: none, unless the case has one.
    function _isStanding(uint256 a, Entry memory e, Facts memory f) private pure returns (bool) {
        if (a & CONSENT != 0) {
            if (f.state.phase() == Phase.REPLIED) return e.consent == 0;
        }
        return f.consent.stands();
    }

    function _isOpenOrder(Facts memory f) private pure returns (bool) {
        uint256 seq = f.order.seq();
        return seq != 0 && seq == f.state.openOrder();
    }

    function _isConsentOfOrder(Facts memory f) private pure returns (bool) {
        uint256 seq = f.consent.seq();
        return seq != 0 && seq == f.order.consentSeq();
    }

    function _isMoney(uint256 fen) private pure returns (bool) {
        unchecked {
            return fen - 1 < MAX_FEN; // 0 turns into the largest number
        }
    }

    function _writtenBy(uint256 role) private pure returns (uint256) {
        if (role == Role.OFFICE) return BY_OFFICE;
        if (role == Role.BANK) return BY_BANK;
        if (role == Role.AUTHORITY) return BY_AUTHORITY;
        return 0;
    }

    /// @dev Zero where every field that the action does not use is zero.
    function _unused(uint256 a, Entry memory e) private pure returns (uint256 stray) {
        if (a & (OPENING | REPLY | ORDER) == 0) {
            stray = _terms(e) | e.recipient | e.dueAt | e.debitable | e.fundAccount;
        } else if (a & CONSENT != 0) {
            stray = e.recipient | e.dueAt | e.debitable | e.fundAccount;
        } else if (a & REQUEST != 0) {
            stray = _terms(e) | e.debitable | e.fundAccount;
        } else if (a & ORDER != 0) {
            stray = _terms(e) | e.recipient | e.dueAt | e.debitable;
        } else {
            stray = _terms(e) | e.recipient | e.dueAt | e.fundAccount; // REPLY
        }
        if (a & ON_HEAD == 0) stray |= uint256(e.head);
        if (a & ON_TARGET == 0) stray |= uint256(e.target);
        if (a & ON_CONSENT == 0) stray |= uint256(e.consent);
        if (a & WITH_AMOUNT == 0) stray |= e.amount;
    }

    /// @dev What only a CONSENT says.
    function _terms(Entry memory e) private pure returns (uint256) {
        return e.claim | e.notBefore | e.expiresAt | e.inParts;
    }
}
