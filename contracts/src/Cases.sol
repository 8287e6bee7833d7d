// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Case, Consent, Debit, Dispute, ICaseLedger, Order} from "./interfaces/ICaseLedger.sol";
import {IMembershipRegistry, Standing} from "./interfaces/IMembershipRegistry.sol";
import {Action, Phase, Role, Rule} from "./libraries/Codes.sol";
import {Entry} from "./libraries/EntryCodec.sol";
import {Facts, Rules} from "./libraries/Rules.sol";
import {
    CaseSlot,
    ConsentSlot,
    ConsentSlots,
    DebitSlot,
    DebitSlots,
    DisputeSlot,
    DisputeSlots,
    OrderSlot,
    OrderSlots
} from "./libraries/Slots.sol";

/// @title What becomes of a case: the half of the ledger that knows entries and no submissions
/// @dev An entry is judged by Rules over the facts gathered here; then it is applied, or nothing of it is. Reading order:
/// judging, effects, what the registry says, heads, views.
abstract contract Cases is ICaseLedger {
    /// @dev A case, and what hangs on it by entry hash.
    struct CaseRecord {
        bytes32 head;
        CaseSlot state;
        mapping(bytes32 entryHash => ConsentSlot) consents;
        mapping(bytes32 entryHash => OrderSlot) orders;
        mapping(bytes32 entryHash => DebitSlot) debits;
        mapping(bytes32 entryHash => DisputeSlot) disputes;
    }

    /// @dev What is the same for all entries of a chunk, and what is written once at its end.
    struct Desk {
        uint256 org;
        uint256 day;
        uint256 refused; // entries of this chunk
        uint256 refusedFen; // of these
        Facts facts; // of the entry that is being judged
        // the last answers of the registry: neighbouring entries mostly ask the same
        uint256 asked;
        Standing answer;
        uint256 payee;
        uint256 account;
    }

    /// @inheritdoc ICaseLedger
    bytes32 public immutable id;

    IMembershipRegistry internal immutable _registry;

    mapping(bytes32 firstHead => CaseRecord) private _cases;

    constructor(bytes32 id_, address registry_) {
        id = id_;
        _registry = IMembershipRegistry(registry_);
    }

    // --------------------------------------------------------------------------------------------------------- judging

    /// @param outcomes a zero byte an entry, to be overwritten where a rule refuses it
    function _judgeAll(Desk memory desk, Entry[] memory entries, bytes memory outcomes) internal {
        for (uint256 i; i < entries.length; ++i) {
            uint256 rule = _judge(desk, entries[i]);
            if (rule != Rule.NONE) outcomes[i] = bytes1(uint8(rule));
        }
    }

    function _judge(Desk memory desk, Entry memory e) private returns (uint256 rule) {
        Facts memory facts = desk.facts;
        CaseRecord storage k = _cases[_firstHead(e.office, e.caseId)];
        _gather(e, k, facts);
        _consult(desk, e, facts);
        rule = Rules.firstBroken(e, facts);
        if (rule == Rule.NONE) _apply(e, k, facts);
        else _refuse(desk, e);
    }

    /// @dev Counted here, and not where entries are taken, because this is the rarer.
    function _refuse(Desk memory desk, Entry memory e) private pure {
        desk.refused += 1;
        desk.refusedFen += e.amount;
    }

    /// @dev The case, and the entries of it that this one names. All entries of a chunk have one action, so what is not
    /// read here stays at zero.
    function _gather(Entry memory e, CaseRecord storage k, Facts memory facts) private view {
        facts.head = k.head;
        facts.state = k.state;
        uint256 a = 1 << e.action;
        if (a & Rules.ON_ORDER != 0) facts.order = k.orders[e.target];
        if (a & Rules.ON_CONSENT != 0) facts.consent = _named(k, e.consent);
        if (a & (Rules.ON_CONSENT | Rules.ON_ORDER) != 0) return;
        if (a & Rules.ON_DEBIT != 0) facts.debit = k.debits[e.target];
        else if (e.action == Action.REVOKE) facts.consent = k.consents[e.target];
        else if (e.action == Action.RESOLVE) facts.dispute = k.disputes[e.target];
        else if (e.action == Action.DISPUTE) facts.dispute = k.disputes[e.hash];
    }

    /// @dev A first CONSENT names none: nothing to read.
    function _named(CaseRecord storage k, bytes32 consent) private view returns (ConsentSlot) {
        return consent == 0 ? ConsentSlot.wrap(0) : k.consents[consent];
    }

    /// @dev What the registry says of the parties and of the fund account.
    function _consult(Desk memory desk, Entry memory e, Facts memory facts) private view {
        if (e.action == Action.REQUEST) {
            facts.party = e.office == desk.org;
            facts.receives = _receives(desk, e.recipient);
            return;
        }
        facts.party = _speaksFor(desk, facts.role == Role.OFFICE ? e.office : facts.state.recipient());
        if ((1 << e.action) & Rules.MOVING == 0) return;
        if (e.action == Action.ORDER) _askAccount(desk, desk.org, e.fundAccount);
        else _askAccount(desk, facts.order.payee(), facts.order.fundAccount());
    }

    // --------------------------------------------------------------------------------------------------------- effects

    function _apply(Entry memory e, CaseRecord storage k, Facts memory facts) private {
        CaseSlot state = facts.state.withEntry();
        if (e.action <= Action.DECLINE) state = _letter(e, facts, state);
        else if (e.action <= Action.DEBIT) state = _money(e, k, facts, state);
        else if (e.action <= Action.SETTLE) state = _undoing(e, k, facts, state);
        else state = _dispute(e, k, facts, state);
        k.state = state;
        k.head = _nextHead(facts.head, e.hash);
    }

    /// @dev REQUEST, ACKNOWLEDGE, REPLY, DECLINE.
    function _letter(Entry memory e, Facts memory facts, CaseSlot state) private view returns (CaseSlot) {
        if (e.action == Action.REQUEST) {
            facts.head = _firstHead(e.office, e.caseId);
            return state.withRecipient(e.recipient).withPhase(Phase.REQUESTED);
        }
        if (e.action == Action.ACKNOWLEDGE) return state.withPhase(Phase.ACKNOWLEDGED);
        if (e.action == Action.DECLINE) return state.withPhase(Phase.DECLINED);
        return state.withPhase(Phase.REPLIED).withReply(e.debitable);
    }

    /// @dev CONSENT, ORDER, ACCEPT, DEBIT.
    function _money(Entry memory e, CaseRecord storage k, Facts memory facts, CaseSlot state)
        private
        returns (CaseSlot)
    {
        if (e.action == Action.CONSENT) return _consent(e, k, facts, state);
        if (e.action == Action.DEBIT) return _debit(e, k, facts, state);
        unchecked {
            facts.charged += e.amount; // at most the day limit
        }
        if (e.action == Action.ACCEPT) return state.withAcceptance();
        k.orders[e.hash] = OrderSlots.create(e.amount, state.seq(), facts.consent.seq(), e.org, e.fundAccount);
        return state.withOrder();
    }

    /// @dev Ends the standing consent, if one stands: what it names is that one.
    function _consent(Entry memory e, CaseRecord storage k, Facts memory facts, CaseSlot state)
        private
        returns (CaseSlot)
    {
        if (state.phase() == Phase.CONSENTED) {
            k.consents[e.consent] = facts.consent.withEnd(state.debited());
        }
        k.consents[e.hash] = ConsentSlots.create(e.amount, e.notBefore, e.expiresAt, state.seq(), e.inParts);
        return state.withPhase(Phase.CONSENTED).withConsent(e.claim);
    }

    /// @dev Ends the order. Nothing debited leaves no debit behind.
    function _debit(Entry memory e, CaseRecord storage k, Facts memory facts, CaseSlot state)
        private
        returns (CaseSlot)
    {
        if (e.amount == 0) return state.withoutOrder();
        k.debits[e.hash] = DebitSlots.create(e.amount);
        if (facts.consent.ended()) k.consents[e.consent] = facts.consent.withDebit(e.amount);
        return state.withoutOrder().withDebit(e.amount);
    }

    /// @dev CANCEL, REVOKE, REVERSE, SETTLE.
    function _undoing(Entry memory e, CaseRecord storage k, Facts memory facts, CaseSlot state)
        private
        returns (CaseSlot)
    {
        if (e.action == Action.CANCEL) return state.withoutOrder();
        if (e.action == Action.REVOKE) return _revoke(e, k, facts, state);
        if (e.action == Action.SETTLE) {
            k.debits[e.target] = facts.debit.withSettlement();
            return state.withoutUnsettled();
        }
        k.debits[e.target] = facts.debit.withReversal();
        state = state.withReversal(e.amount);
        return facts.debit.settled() ? state : state.withoutUnsettled();
    }

    /// @dev An order that the bank has not accepted falls with its consent; an accepted one is the bank's to finish.
    function _revoke(Entry memory e, CaseRecord storage k, Facts memory facts, CaseSlot state)
        private
        returns (CaseSlot)
    {
        k.consents[e.target] = facts.consent.withEnd(state.debited());
        state = state.withPhase(Phase.REPLIED);
        return state.accepted() ? state : state.withoutOrder();
    }

    /// @dev DISPUTE, RESOLVE, CLOSE.
    function _dispute(Entry memory e, CaseRecord storage k, Facts memory facts, CaseSlot state)
        private
        returns (CaseSlot)
    {
        bool byOffice = facts.role == Role.OFFICE;
        if (e.action == Action.DISPUTE) {
            k.disputes[e.hash] = DisputeSlots.create(state.seq(), byOffice);
            return state.withDispute(byOffice);
        }
        if (e.action == Action.RESOLVE) {
            k.disputes[e.target] = facts.dispute.closed();
            return state.withoutDispute(byOffice);
        }
        return state.withPhase(Phase.CLOSED);
    }

    // ------------------------------------------------------------------------------------------ what the registry says

    function _standingOf(Desk memory desk, uint256 org) private view returns (Standing memory) {
        if (desk.asked != org) {
            desk.asked = org;
            desk.answer = _registry.standing(uint16(org));
        }
        return desk.answer;
    }

    function _receives(Desk memory desk, uint256 org) private view returns (bool) {
        Standing memory standing = _standingOf(desk, org);
        bool answers = standing.role == Role.BANK || standing.role == Role.AUTHORITY;
        return answers && standing.active && standing.keyVersion != 0;
    }

    function _speaksFor(Desk memory desk, uint256 org) private view returns (bool) {
        return desk.org == org || _standingOf(desk, org).successor == desk.org;
    }

    function _askAccount(Desk memory desk, uint256 payee, uint256 account) private view {
        if (desk.payee == payee && desk.account == account) return;
        desk.payee = payee;
        desk.account = account;
        desk.facts.accountStands = _registry.fundAccount(uint16(payee), uint16(account)) != 0;
    }

    // ----------------------------------------------------------------------------------------------------------- heads

    function _firstHead(uint256 office, bytes32 caseId) private view returns (bytes32 result) {
        bytes32 ledger = id;
        assembly ("memory-safe") {
            // abi.encode(ledger, office, caseId), in free memory that stays free
            let free := mload(0x40)
            mstore(free, ledger)
            mstore(add(free, 0x20), office)
            mstore(add(free, 0x40), caseId)
            result := keccak256(free, 0x60)
        }
    }

    function _nextHead(bytes32 head, bytes32 entryHash) private pure returns (bytes32 result) {
        assembly ("memory-safe") {
            mstore(0x00, head)
            mstore(0x20, entryHash)
            result := keccak256(0x00, 0x40)
        }
    }

    function _record(uint16 office, bytes32 caseId) private view returns (CaseRecord storage) {
        return _cases[_firstHead(office, caseId)];
    }

    // ----------------------------------------------------------------------------------------------------------- views

    /// @inheritdoc ICaseLedger
    function caseOf(uint16 office, bytes32 caseId) external view returns (Case memory) {
        CaseSlot k = _record(office, caseId).state;
        bool known = k.phase() != Phase.NONE;
        return Case({
            head: _record(office, caseId).head,
            phase: uint8(k.phase()),
            debitable: k.debitable(),
            accepted: k.accepted(),
            officeDispute: k.officeDispute(),
            recipientDispute: k.recipientDispute(),
            office: known ? office : 0,
            recipient: uint16(k.recipient()),
            seq: uint24(k.seq()),
            openOrder: uint24(k.openOrder()),
            unsettled: uint24(k.unsettled()),
            claim: uint56(k.claim()),
            net: uint56(k.net())
        });
    }

    /// @inheritdoc ICaseLedger
    function consentOf(uint16 office, bytes32 caseId, bytes32 entryHash) external view returns (Consent memory) {
        ConsentSlot c = _record(office, caseId).consents[entryHash];
        uint256 debited = c.stands() ? _record(office, caseId).state.debited() : c.debited();
        return Consent({
            amount: uint56(c.amount()),
            debited: uint56(debited),
            notBefore: uint40(c.notBefore()),
            expiresAt: uint40(c.expiresAt()),
            seq: uint24(c.seq()),
            inParts: c.inParts(),
            ended: c.ended()
        });
    }

    /// @inheritdoc ICaseLedger
    function orderOf(uint16 office, bytes32 caseId, bytes32 entryHash) external view returns (Order memory) {
        OrderSlot o = _record(office, caseId).orders[entryHash];
        return Order({
            amount: uint56(o.amount()),
            seq: uint24(o.seq()),
            consentSeq: uint24(o.consentSeq()),
            payee: uint16(o.payee()),
            fundAccount: uint16(o.fundAccount())
        });
    }

    /// @inheritdoc ICaseLedger
    function debitOf(uint16 office, bytes32 caseId, bytes32 entryHash) external view returns (Debit memory) {
        DebitSlot d = _record(office, caseId).debits[entryHash];
        return Debit({amount: uint56(d.amount()), settled: d.settled(), reversed: d.reversed()});
    }

    /// @inheritdoc ICaseLedger
    function disputeOf(uint16 office, bytes32 caseId, bytes32 entryHash) external view returns (Dispute memory) {
        DisputeSlot d = _record(office, caseId).disputes[entryHash];
        return Dispute({seq: uint24(d.seq()), byOffice: d.byOffice(), open: d.open()});
    }
}
