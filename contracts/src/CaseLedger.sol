// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {
    Case, Chunk, Consent, Debit, Dispute, ICaseLedger, Order, Submission, Total
} from "./interfaces/ICaseLedger.sol";
import {IMembershipRegistry, Officer, Standing} from "./interfaces/IMembershipRegistry.sol";
import {Action, Permission, Phase, Role, Rule, Signing} from "./libraries/Codes.sol";
import {Entry, EntryCodec} from "./libraries/EntryCodec.sol";
import {RangeProof} from "./libraries/RangeProof.sol";
import {Facts, Rules} from "./libraries/Rules.sol";
import {
    CaseSlot, CaseSlots, ConsentSlot, ConsentSlots, DebitSlot, DebitSlots, DisputeSlot, DisputeSlots, OrderSlot,
    OrderSlots
} from "./libraries/Slots.sol";
import {TypedData} from "./libraries/TypedData.sol";

/// @title The append-only log of assistance cases
/// @notice Two officers of an organisation stand behind every entry; the ledger judges each entry by itself.
/// @dev Reading order: checks of a whole submission, judgement of its entries, effects, event. The only calls are reads
/// of the registry given at construction.
contract CaseLedger is ICaseLedger, EIP712 {
    /// @dev A case, and what hangs on it by entry hash.
    struct CaseRecord {
        bytes32 head;
        CaseSlot state;
        mapping(bytes32 entryHash => ConsentSlot) consents;
        mapping(bytes32 entryHash => OrderSlot) orders;
        mapping(bytes32 entryHash => DebitSlot) debits;
        mapping(bytes32 entryHash => DisputeSlot) disputes;
    }

    /// @dev How far a submission has come. Two slots.
    struct Progress {
        bytes32 header; // of the submission first presented under this root
        uint32 next;
        uint32 taken;
        uint64 sum; // fen presented
    }

    /// @dev What an organisation has ordered, or accepted, on its latest day. One slot.
    struct Charge {
        uint32 day; // since 1970-01-01, Beijing time
        uint64 fen;
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

    uint256 private constant BEIJING = 8 hours;

    /// @inheritdoc ICaseLedger
    bytes32 public immutable id;

    IMembershipRegistry private immutable _registry;

    /// @inheritdoc ICaseLedger
    uint64 public taken;

    mapping(bytes32 firstHead => CaseRecord) private _cases;
    mapping(uint16 org => mapping(bytes32 root => Progress)) private _progress;
    mapping(uint16 org => mapping(uint8 action => Total)) private _totals;
    mapping(uint16 org => Charge) private _charges;

    /// @param id_ random, in all that is signed for this ledger
    /// @param registry_ the membership registry that it reads
    constructor(bytes32 id_, address registry_) EIP712("Alliance Case Ledger", "1") {
        id = id_;
        _registry = IMembershipRegistry(registry_);
    }

    // ------------------------------------------------------------------------------------------------------- presenting

    /// @inheritdoc ICaseLedger
    function present(Submission calldata s, Chunk calldata c) external returns (bytes memory outcomes) {
        // checks
        _checkForm(s, c);
        Desk memory desk = _checkWriter(s);
        _checkApproval(s, c);
        Progress memory progress = _checkPlace(s, c);
        _checkWraps(s, c);
        EntryCodec.checkRoom(c.entries, c.number);
        outcomes = new bytes(c.number);
        uint256 mark = _freeMemory();
        Entry[] memory entries = EntryCodec.decode(id, s.org, s.action, c.entries, c.number);
        uint64 sum = _checkEntries(s, c, progress.sum, entries);

        // effects
        _judgeAll(desk, entries, outcomes);
        uint256 takenHere = c.number - desk.refused;
        if (takenHere != 0) _close(s, desk, takenHere, sum - progress.sum - desk.refusedFen);
        _advance(s, c, progress, takenHere, sum);

        // events
        if (desk.refused != 0) _reportRefused(s, c, entries, outcomes);
        _releaseMemory(mark);
        emit Presented(s.org, s.root, s, c, taken, outcomes);
    }

    /// @inheritdoc ICaseLedger
    function preview(uint16 org, uint8 action, bytes calldata entries) external {
        Desk memory desk = _open(org, action, _registry.standing(org));
        bytes memory outcomes = new bytes(EntryCodec.count(entries));
        _judgeAll(desk, EntryCodec.decode(id, org, action, entries, outcomes.length), outcomes);
        revert Previewed(outcomes);
    }

    // ---------------------------------------------------------------------------------- checks of a whole submission

    function _checkForm(Submission calldata s, Chunk calldata c) private view {
        if (s.root == 0) revert ZeroRoot();
        if (s.count == 0) revert EmptySubmission();
        if (c.number == 0) revert EmptyChunk();
        if (block.timestamp > s.validUntil) revert SubmissionExpired(s.validUntil, block.timestamp);
    }

    /// @dev The sender gives no authority: it only keeps strangers from choosing the moment and the order.
    function _checkWriter(Submission calldata s) private view returns (Desk memory desk) {
        Officer memory sender = _registry.officer(msg.sender);
        if (!sender.sender || sender.org != s.org) revert NotSender(msg.sender, s.org);
        Standing memory standing = _registry.standing(s.org);
        if (!standing.active) revert OrgNotActive(s.org);
        if (standing.paused && _moves(s.action)) revert Paused(s.org);
        desk = _open(s.org, s.action, standing);
    }

    function _checkApproval(Submission calldata s, Chunk calldata c) private view {
        if (c.checker.length == 0) {
            if (!_mayBeService(s.action)) revert ServiceMayNot(s.action);
            _checkSigner(s, c.maker, Signing.SERVICE, Permission.SERVICE);
            return;
        }
        address maker = _checkSigner(s, c.maker, Signing.MAKER, Permission.MAKER);
        address checker = _checkSigner(s, c.checker, Signing.CHECKER, Permission.CHECKER);
        if (maker == checker) revert SameSigner(maker);
    }

    function _checkSigner(Submission calldata s, bytes calldata signature, uint8 role, uint8 permission)
        private
        view
        returns (address signer)
    {
        ECDSA.RecoverError fault;
        (signer, fault,) = ECDSA.tryRecover(_digest(s, role), signature);
        if (fault != ECDSA.RecoverError.NoError) revert BadSignature(role);
        Officer memory officer = _registry.officer(signer);
        if (officer.org != s.org || officer.permissions & permission == 0) {
            revert NotOfficer(signer, s.org, permission);
        }
    }

    /// @dev A root is known by the submission that first came with it, and its chunks come in order.
    function _checkPlace(Submission calldata s, Chunk calldata c) private view returns (Progress memory progress) {
        progress = _progress[s.org][s.root];
        bytes32 header = TypedData.header(id, s);
        if (progress.header == 0) progress.header = header;
        else if (progress.header != header) revert HeaderDiffers(progress.header, header);
        if (c.place != progress.next) revert OutOfPlace(progress.next, c.place);
        uint256 end = uint256(c.place) + c.number;
        if (end > s.count) revert TooManyEntries(s.count, end);
    }

    /// @dev The wraps travel once.
    function _checkWraps(Submission calldata s, Chunk calldata c) private pure {
        if (c.place == 0) {
            bytes32 given = keccak256(c.wraps);
            if (given != s.wraps) revert WrapsDiffer(s.wraps, given);
        } else if (c.wraps.length != 0) {
            revert WrapsDiffer(0, keccak256(c.wraps));
        }
    }

    /// @dev The entries are the next ones of the tree that was signed, and their sum is within the one that was.
    function _checkEntries(Submission calldata s, Chunk calldata c, uint256 before, Entry[] memory entries)
        private
        pure
        returns (uint64)
    {
        uint256 sum = before;
        bytes32[] memory leaves = new bytes32[](entries.length);
        for (uint256 i; i < entries.length; ++i) {
            Entry memory e = entries[i];
            leaves[i] = RangeProof.leaf(e.hash);
            unchecked {
                sum += e.amount; // 2^32 of 64 bits
            }
        }
        _checkProof(s, c, leaves);
        _checkSum(s, c, sum);
        return uint64(sum);
    }

    function _checkProof(Submission calldata s, Chunk calldata c, bytes32[] memory leaves) private pure {
        uint256 needed = RangeProof.length(c.place, c.number, s.count);
        if (c.proof.length != needed) revert ProofLength(needed, c.proof.length);
        bytes32 computed = RangeProof.root(leaves, c.place, s.count, c.proof);
        if (computed != s.root) revert BadProof(s.root, computed);
    }

    /// @dev What is presented counts, taken or refused: that is what the signers saw a sum of.
    function _checkSum(Submission calldata s, Chunk calldata c, uint256 sum) private pure {
        if (sum > s.sum) revert SumPassed(s.sum, sum);
        if (c.place + c.number == s.count && sum != s.sum) revert SumDiffers(s.sum, sum);
    }

    // ----------------------------------------------------------------------------------------------- judging the entries

    /// @param outcomes a zero byte an entry, to be overwritten where a rule refuses it
    function _judgeAll(Desk memory desk, Entry[] memory entries, bytes memory outcomes) private {
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
        if (e.action == Action.ORDER) _askAccount(desk, desk.org, e.fundAccount);
        else if (e.action == Action.ACCEPT) _askAccount(desk, facts.order.payee(), facts.order.fundAccount());
    }

    // ----------------------------------------------------------------------------------------------------------- effects

    function _apply(Entry memory e, CaseRecord storage k, Facts memory facts) private {
        if (e.action == Action.REQUEST) _request(e, facts);
        CaseSlot state = facts.state.withEntry();
        if (e.action <= Action.DECLINE) state = _letter(e, state);
        else if (e.action <= Action.DEBIT) state = _money(e, k, facts, state);
        else if (e.action <= Action.SETTLE) state = _undoing(e, k, facts, state);
        else state = _dispute(e, k, facts, state);
        k.state = state;
        k.head = _nextHead(facts.head, e.hash);
    }

    function _request(Entry memory e, Facts memory facts) private view {
        facts.head = _firstHead(e.office, e.caseId);
        facts.state = CaseSlots.withRecipient(e.recipient);
    }

    /// @dev REQUEST, ACKNOWLEDGE, REPLY, DECLINE.
    function _letter(Entry memory e, CaseSlot state) private pure returns (CaseSlot) {
        if (e.action == Action.REQUEST) return state.withPhase(Phase.REQUESTED);
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
        k.orders[e.hash] =
            OrderSlots.create(e.amount, state.seq(), facts.consent.seq(), e.org, e.fundAccount);
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

    // ---------------------------------------------------------------------------------------------- written once a chunk

    function _open(uint16 org, uint8 action, Standing memory standing) private view returns (Desk memory desk) {
        desk.org = org;
        Facts memory facts = desk.facts;
        facts.time = block.timestamp;
        facts.role = standing.role;
        facts.orderLimit = standing.orderLimit;
        facts.dayLimit = standing.dayLimit;
        facts.permitted = Rules.permits(action, standing.role, _opens(action) && _isFollowed());
        if (!_moves(action)) return desk;
        desk.day = (block.timestamp + BEIJING) / 1 days;
        Charge memory charge = _charges[org];
        if (charge.day == desk.day) facts.charged = charge.fen;
    }

    function _close(Submission calldata s, Desk memory desk, uint256 takenHere, uint256 fen) private {
        taken += uint64(takenHere);
        Total memory total = _totals[s.org][s.action];
        total.entries += uint64(takenHere);
        total.fen += uint128(fen);
        _totals[s.org][s.action] = total;
        if (_moves(s.action)) _charges[s.org] = Charge({day: uint32(desk.day), fen: uint64(desk.facts.charged)});
    }

    function _advance(
        Submission calldata s,
        Chunk calldata c,
        Progress memory progress,
        uint256 takenHere,
        uint64 sum
    ) private {
        progress.next = c.place + c.number;
        progress.taken += uint32(takenHere);
        progress.sum = sum;
        _progress[s.org][s.root] = progress;
    }

    function _reportRefused(
        Submission calldata s,
        Chunk calldata c,
        Entry[] memory entries,
        bytes memory outcomes
    ) private {
        for (uint256 i; i < entries.length; ++i) {
            uint8 rule = uint8(outcomes[i]);
            if (rule != Rule.NONE) emit Refused(s.org, entries[i].hash, rule, s.root, uint32(c.place + i));
        }
    }

    // ----------------------------------------------------------------------------------------- what the registry says

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

    // ------------------------------------------------------------------------------------------------------------ views

    /// @inheritdoc ICaseLedger
    function version() external pure returns (string memory) {
        return "1";
    }

    /// @inheritdoc ICaseLedger
    function registry() external view returns (address) {
        return address(_registry);
    }

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

    /// @inheritdoc ICaseLedger
    function totalOf(uint16 org, uint8 action) external view returns (Total memory) {
        return _totals[org][action];
    }

    /// @inheritdoc ICaseLedger
    function progressOf(uint16 org, bytes32 root)
        external
        view
        returns (uint32 next, uint32 takenCount, uint64 sum, bytes32 header)
    {
        Progress memory progress = _progress[org][root];
        return (progress.next, progress.taken, progress.sum, progress.header);
    }

    /// @inheritdoc ICaseLedger
    function chargedOf(uint16 org) external view returns (uint32 day, uint64 fen) {
        Charge memory charge = _charges[org];
        return (charge.day, charge.fen);
    }

    /// @inheritdoc ICaseLedger
    function submissionDigest(Submission calldata s, uint8 role) external view returns (bytes32) {
        return _digest(s, role);
    }

    // ------------------------------------------------------------------------------------------------- words of the ledger

    function _digest(Submission calldata s, uint8 role) private view returns (bytes32) {
        return _hashTypedDataV4(TypedData.hashSubmission(id, s, role));
    }

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

    function _freeMemory() private pure returns (uint256 mark) {
        assembly ("memory-safe") {
            mark := mload(0x40)
        }
    }

    /// @dev Memory is paid for by the square: the event takes the place that the entries had, which are done with.
    function _releaseMemory(uint256 mark) private pure {
        assembly ("memory-safe") {
            mstore(0x40, mark)
        }
    }

    function _isFollowed() private view returns (bool) {
        return _registry.successorLedger(address(this)) != address(0);
    }

    function _opens(uint8 action) private pure returns (bool) {
        return (1 << action) & Rules.OPENING != 0;
    }

    function _moves(uint8 action) private pure returns (bool) {
        return (1 << action) & Rules.MOVING != 0;
    }

    function _mayBeService(uint8 action) private pure returns (bool) {
        return action == Action.ACKNOWLEDGE || action == Action.REPLY || action == Action.DEBIT;
    }
}
