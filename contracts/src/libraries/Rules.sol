// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Case, Consent, Debit, Dispute, Order} from "../interfaces/ICaseLedger.sol";
import {Action, Phase, Role, Rule} from "./Codes.sol";
import {Entry} from "./EntryCodec.sol";

/// @notice All that the rules look at beside the entry. What an action does not need is left at zero.
struct Facts {
    uint256 time; // the block's
    uint8 role; // the writer's
    bool followed; // governance has named a ledger that follows this one
    bool party; // the writer is, or speaks for, its side of the case
    bool receives; // the recipient may receive requests
    bool accountStands; // the fund account is registered now
    uint64 orderLimit; // fen, the writer's
    uint64 dayLimit; // fen, the writer's
    uint256 charged; // fen that the writer has ordered or accepted today
    Case state;
    Consent consent; // CONSENT, ORDER, ACCEPT, DEBIT: that the entry names; REVOKE: its target
    Order order; // ACCEPT, DEBIT, CANCEL: the target
    Debit debit; // SETTLE, REVERSE: the target
    Dispute dispute; // RESOLVE: the target; DISPUTE: of the entry's own hash
}

/// @title What an entry must satisfy, a function a rule
/// @dev Each function is true where its rule holds or does not concern the action. None reads storage, loops, or can
/// revert: sums are taken over uint256, nothing is subtracted.
library Rules {
    uint256 internal constant MAX_FEN = 2 ** 53 - 1;
    uint256 internal constant MAX_SEQ = 2 ** 24 - 1;

    // One bit an action.
    uint256 private constant BY_OFFICE = (1 << Action.REQUEST) | (1 << Action.CONSENT) | (1 << Action.ORDER)
        | (1 << Action.CANCEL) | (1 << Action.REVOKE) | (1 << Action.REVERSE) | (1 << Action.SETTLE)
        | (1 << Action.DISPUTE) | (1 << Action.RESOLVE) | (1 << Action.CLOSE);
    uint256 private constant BY_AUTHORITY = (1 << Action.ACKNOWLEDGE) | (1 << Action.REPLY) | (1 << Action.DECLINE);
    uint256 private constant BY_BANK = BY_AUTHORITY | (1 << Action.ACCEPT) | (1 << Action.DEBIT)
        | (1 << Action.REVERSE) | (1 << Action.DISPUTE) | (1 << Action.RESOLVE);

    uint256 private constant NAMES_RECIPIENT = 1 << Action.REQUEST;
    uint256 private constant NAMES_HEAD = (1 << Action.ACKNOWLEDGE) | (1 << Action.REPLY) | (1 << Action.DECLINE)
        | (1 << Action.CONSENT) | (1 << Action.ORDER) | (1 << Action.ACCEPT);
    uint256 private constant NAMES_TARGET = (1 << Action.ACCEPT) | (1 << Action.DEBIT) | (1 << Action.CANCEL)
        | (1 << Action.REVOKE) | (1 << Action.REVERSE) | (1 << Action.SETTLE) | (1 << Action.RESOLVE);
    uint256 private constant NAMES_CONSENT =
        (1 << Action.CONSENT) | (1 << Action.ORDER) | (1 << Action.ACCEPT) | (1 << Action.DEBIT);
    uint256 private constant NAMES_AMOUNT = NAMES_CONSENT | (1 << Action.REVERSE) | (1 << Action.SETTLE);

    // Bits of the phases in which an action may be taken, one bit a phase.
    uint256 private constant BEFORE_REPLY = (1 << Phase.REQUESTED) | (1 << Phase.ACKNOWLEDGED);
    uint256 private constant AFTER_REPLY = (1 << Phase.REPLIED) | (1 << Phase.CONSENTED);

    // ------------------------------------------------------------------------------------------------------ judgement

    /// @notice The first rule that the entry breaks, in the order of the table; Rule.NONE if it may be taken.
    function firstBroken(Entry memory e, Facts memory f) internal pure returns (uint8) {
        if (!action(e, f)) return Rule.ACTION;
        if (!fields(e, f)) return Rule.FIELDS;
        if (!payloadSize(e)) return Rule.PAYLOAD_SIZE;
        if (!caseStands(e, f)) return Rule.CASE;
        if (!party(f)) return Rule.PARTY;
        if (!recipient(e, f)) return Rule.RECIPIENT;
        if (!phase(e, f)) return Rule.PHASE;
        if (!orderOpen(e, f)) return Rule.ORDER_OPEN;
        if (!unsettled(e, f)) return Rule.UNSETTLED;
        if (!head(e, f)) return Rule.HEAD;
        if (!target(e, f)) return Rule.TARGET;
        if (!accepted(e, f)) return Rule.ACCEPTED;
        if (!notAccepted(e, f)) return Rule.NOT_ACCEPTED;
        if (!disputed(e, f)) return Rule.DISPUTED;
        if (!consentLive(e, f)) return Rule.CONSENT_LIVE;
        if (!consentStands(e, f)) return Rule.CONSENT_STANDS;
        if (!amountRange(e)) return Rule.AMOUNT_RANGE;
        if (!amount(e, f)) return Rule.AMOUNT;
        if (!parts(e, f)) return Rule.PARTS;
        if (!consentAmount(e, f)) return Rule.CONSENT_AMOUNT;
        if (!claim(e, f)) return Rule.CLAIM;
        if (!fundAccount(e, f)) return Rule.FUND_ACCOUNT;
        if (!orderLimit(e, f)) return Rule.ORDER_LIMIT;
        if (!dayLimit(e, f)) return Rule.DAY_LIMIT;
        return Rule.NONE;
    }

    // ------------------------------------------------------------------------------------------------- form of an entry

    /// @notice ACTION: one that the writer's role may write; a ledger that is followed opens nothing new.
    function action(Entry memory e, Facts memory f) internal pure returns (bool) {
        if (f.followed && (e.action == Action.REQUEST || e.action == Action.CONSENT)) return false;
        return _has(_writtenBy(f.role), e.action);
    }

    /// @notice FIELDS: what the action does not use is zero, flags are 0 or 1, an AUTHORITY has nothing to debit.
    function fields(Entry memory e, Facts memory f) internal pure returns (bool) {
        if (e.debitable > 1 || e.inParts > 1) return false;
        if (e.debitable == 1 && f.role == Role.AUTHORITY) return false;
        return _unusedNamesAreZero(e) && _unusedTermsAreZero(e);
    }

    /// @notice PAYLOAD_SIZE: one of the padded sizes with the 16 bytes of its tag, so that a length tells nothing.
    function payloadSize(Entry memory e) internal pure returns (bool) {
        uint256 size = e.sealedLength;
        return size == 316 || size == 616 || size == 1216 || size == 2416 || size == 4816;
    }

    // --------------------------------------------------------------------------------------------- the case, the parties

    /// @notice CASE: a REQUEST opens a new one, all else stands on one that has room for another entry.
    function caseStands(Entry memory e, Facts memory f) internal pure returns (bool) {
        if (e.action == Action.REQUEST) return f.state.phase == Phase.NONE;
        return f.state.phase != Phase.NONE && f.state.seq < MAX_SEQ;
    }

    /// @notice PARTY: the writer is this side of the case, or speaks for it.
    function party(Facts memory f) internal pure returns (bool) {
        return f.party;
    }

    /// @notice RECIPIENT: a REQUEST goes to a member who can read it and answer.
    function recipient(Entry memory e, Facts memory f) internal pure returns (bool) {
        return e.action != Action.REQUEST || f.receives;
    }

    // ------------------------------------------------------------------------------------------------ the state of a case

    /// @notice PHASE: of the table; a first CONSENT needs a reply that there is something to debit.
    function phase(Entry memory e, Facts memory f) internal pure returns (bool) {
        if (e.action == Action.CONSENT && f.state.phase == Phase.REPLIED) return f.state.debitable;
        return _has(_phasesOf(e.action), f.state.phase);
    }

    /// @notice ORDER_OPEN: a case has one open order at most, and neither a new consent nor an end while it has.
    function orderOpen(Entry memory e, Facts memory f) internal pure returns (bool) {
        if (e.action != Action.CONSENT && e.action != Action.ORDER && e.action != Action.CLOSE) return true;
        return f.state.openOrder == 0;
    }

    /// @notice UNSETTLED: no case is closed over money that is under way.
    function unsettled(Entry memory e, Facts memory f) internal pure returns (bool) {
        return e.action != Action.CLOSE || f.state.unsettled == 0;
    }

    /// @notice HEAD: what builds on what was said stands on all that was said.
    function head(Entry memory e, Facts memory f) internal pure returns (bool) {
        return !_has(NAMES_HEAD, e.action) || e.head == f.state.head;
    }

    /// @notice TARGET: the entry that it names is of this case and has not ended.
    function target(Entry memory e, Facts memory f) internal pure returns (bool) {
        uint8 a = e.action;
        if (a == Action.ACCEPT || a == Action.DEBIT) return _isOpenOrder(f) && _isConsentOfOrder(f);
        if (a == Action.CANCEL) return _isOpenOrder(f);
        if (a == Action.REVOKE || a == Action.ORDER) return _isStanding(f.consent);
        if (a == Action.CONSENT) return f.state.phase == Phase.REPLIED ? e.consent == 0 : _isStanding(f.consent);
        if (a == Action.SETTLE) return _isDebit(f) && !f.debit.settled;
        if (a == Action.REVERSE) return _isDebit(f) && f.debit.settled == _isOffice(f);
        if (a == Action.DISPUTE) return f.dispute.seq == 0;
        if (a == Action.RESOLVE) return f.dispute.open && f.dispute.byOffice == _isOffice(f);
        return true;
    }

    /// @notice ACCEPTED: an accepted order is the bank's to end.
    function accepted(Entry memory e, Facts memory f) internal pure returns (bool) {
        if (e.action != Action.ACCEPT && e.action != Action.CANCEL) return true;
        return !f.state.accepted;
    }

    /// @notice NOT_ACCEPTED: no money moves before acceptance.
    function notAccepted(Entry memory e, Facts memory f) internal pure returns (bool) {
        return e.action != Action.DEBIT || e.amount == 0 || f.state.accepted;
    }

    /// @notice DISPUTED: a dispute stops orders and acceptances; each side has one at a time.
    function disputed(Entry memory e, Facts memory f) internal pure returns (bool) {
        if (e.action == Action.ORDER || e.action == Action.ACCEPT) {
            return !f.state.officeDispute && !f.state.recipientDispute;
        }
        if (e.action != Action.DISPUTE) return true;
        return _isOffice(f) ? !f.state.officeDispute : !f.state.recipientDispute;
    }

    // ----------------------------------------------------------------------------------------------------------- consent

    /// @notice CONSENT_LIVE: notBefore ≤ block time < expiresAt; a new consent may begin later, but not be over.
    function consentLive(Entry memory e, Facts memory f) internal pure returns (bool) {
        if (e.action == Action.CONSENT) return e.notBefore < e.expiresAt && f.time < e.expiresAt;
        if (e.action != Action.ORDER && e.action != Action.ACCEPT) return true;
        return f.consent.notBefore <= f.time && f.time < f.consent.expiresAt;
    }

    /// @notice CONSENT_STANDS: a consent is replaced only when it has expired or is used up; otherwise it is revoked.
    function consentStands(Entry memory e, Facts memory f) internal pure returns (bool) {
        if (e.action != Action.CONSENT || f.state.phase != Phase.CONSENTED) return true;
        return f.time >= f.consent.expiresAt || f.consent.debited == f.consent.amount;
    }

    // ------------------------------------------------------------------------------------------------------------- money

    /// @notice AMOUNT_RANGE: 1 to 2^53 − 1 fen, a DEBIT from 0.
    function amountRange(Entry memory e) internal pure returns (bool) {
        if (e.action == Action.CONSENT) return _inRange(e.amount) && _inRange(e.claim);
        if (e.action == Action.ORDER) return _inRange(e.amount);
        return e.action != Action.DEBIT || e.amount <= MAX_FEN;
    }

    /// @notice AMOUNT: what repeats an amount repeats it; no more is debited than was ordered.
    function amount(Entry memory e, Facts memory f) internal pure returns (bool) {
        if (e.action == Action.ACCEPT) return e.amount == f.order.amount;
        if (e.action == Action.DEBIT) return e.amount <= f.order.amount;
        if (e.action == Action.SETTLE || e.action == Action.REVERSE) return e.amount == f.debit.amount;
        return true;
    }

    /// @notice PARTS: a consent that may not be used in parts is ordered and debited whole, or not at all.
    function parts(Entry memory e, Facts memory f) internal pure returns (bool) {
        if (f.consent.inParts) return true;
        if (e.action == Action.ORDER) return e.amount == f.consent.amount;
        if (e.action == Action.DEBIT) return e.amount == 0 || e.amount == f.order.amount;
        return true;
    }

    /// @notice CONSENT_AMOUNT: all ever debited under a consent, reversed or not, stays within it.
    function consentAmount(Entry memory e, Facts memory f) internal pure returns (bool) {
        return e.action != Action.ORDER || uint256(e.amount) + f.consent.debited <= f.consent.amount;
    }

    /// @notice CLAIM: set once, and never passed by what is debited and not reversed.
    function claim(Entry memory e, Facts memory f) internal pure returns (bool) {
        if (e.action == Action.ORDER) return uint256(e.amount) + f.state.net <= f.state.claim;
        if (e.action != Action.CONSENT) return true;
        if (f.state.claim != 0 && e.claim != f.state.claim) return false;
        return uint256(e.amount) + f.state.net <= e.claim;
    }

    /// @notice FUND_ACCOUNT: money goes to an account that governance has registered, and still stands behind.
    function fundAccount(Entry memory e, Facts memory f) internal pure returns (bool) {
        return !_moves(e.action) || f.accountStands;
    }

    /// @notice ORDER_LIMIT: what the writer may order or accept at once.
    function orderLimit(Entry memory e, Facts memory f) internal pure returns (bool) {
        return !_moves(e.action) || e.amount <= f.orderLimit;
    }

    /// @notice DAY_LIMIT: what the writer may order or accept in a day, Beijing time.
    function dayLimit(Entry memory e, Facts memory f) internal pure returns (bool) {
        return !_moves(e.action) || f.charged + e.amount <= f.dayLimit;
    }

    // -------------------------------------------------------------------------------------------- words the rules use

    /// @dev ORDER and ACCEPT are what limits bound, pauses stop and accounts receive.
    function _moves(uint8 a) private pure returns (bool) {
        return a == Action.ORDER || a == Action.ACCEPT;
    }

    function _isOffice(Facts memory f) private pure returns (bool) {
        return f.role == Role.OFFICE;
    }

    function _isOpenOrder(Facts memory f) private pure returns (bool) {
        return f.order.seq != 0 && f.order.seq == f.state.openOrder;
    }

    function _isConsentOfOrder(Facts memory f) private pure returns (bool) {
        return f.consent.seq != 0 && f.consent.seq == f.order.consentSeq;
    }

    /// @dev Of a case's consents one at most has not ended.
    function _isStanding(Consent memory consent) private pure returns (bool) {
        return consent.seq != 0 && !consent.ended;
    }

    /// @dev A DEBIT of 0 leaves no debit behind.
    function _isDebit(Facts memory f) private pure returns (bool) {
        return f.debit.amount != 0 && !f.debit.reversed;
    }

    function _inRange(uint256 fen) private pure returns (bool) {
        return fen != 0 && fen <= MAX_FEN;
    }

    function _has(uint256 bits, uint8 bit) private pure returns (bool) {
        return (bits >> bit) & 1 == 1;
    }

    function _writtenBy(uint8 role) private pure returns (uint256) {
        if (role == Role.OFFICE) return BY_OFFICE;
        if (role == Role.BANK) return BY_BANK;
        if (role == Role.AUTHORITY) return BY_AUTHORITY;
        return 0;
    }

    function _phasesOf(uint8 a) private pure returns (uint256) {
        if (a == Action.REQUEST) return 1 << Phase.NONE;
        if (a == Action.ACKNOWLEDGE) return 1 << Phase.REQUESTED;
        if (a == Action.DECLINE) return BEFORE_REPLY;
        if (a == Action.REPLY) return BEFORE_REPLY | (1 << Phase.REPLIED);
        if (a == Action.CLOSE) return BEFORE_REPLY | AFTER_REPLY;
        if (a == Action.REVERSE) return AFTER_REPLY | (1 << Phase.CLOSED);
        if (a == Action.ORDER || a == Action.ACCEPT || a == Action.CANCEL || a == Action.REVOKE) {
            return 1 << Phase.CONSENTED;
        }
        return AFTER_REPLY; // CONSENT, DEBIT, SETTLE, DISPUTE, RESOLVE
    }

    /// @dev Fields that name another party or entry.
    function _unusedNamesAreZero(Entry memory e) private pure returns (bool) {
        uint8 a = e.action;
        return (e.recipient == 0 || _has(NAMES_RECIPIENT, a)) && (e.head == 0 || _has(NAMES_HEAD, a))
            && (e.target == 0 || _has(NAMES_TARGET, a)) && (e.consent == 0 || _has(NAMES_CONSENT, a));
    }

    /// @dev Fields that carry money, times and flags.
    function _unusedTermsAreZero(Entry memory e) private pure returns (bool) {
        uint8 a = e.action;
        if (a != Action.CONSENT && (uint256(e.claim) | e.notBefore | e.expiresAt | e.inParts) != 0) return false;
        return (e.amount == 0 || _has(NAMES_AMOUNT, a)) && (e.dueAt == 0 || a == Action.REQUEST)
            && (e.fundAccount == 0 || a == Action.ORDER) && (e.debitable == 0 || a == Action.REPLY);
    }
}
