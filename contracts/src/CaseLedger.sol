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
import {TypedData} from "./libraries/TypedData.sol";

/// @title The append-only log of assistance cases
/// @notice Two officers of an organisation stand behind every entry; the ledger judges each entry by itself.
/// @dev Reading order: checks of a whole submission, judgement of its entries, effects, event. The only calls are reads
/// of the registry given at construction.
contract CaseLedger is ICaseLedger, EIP712 {
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
        uint16 org;
        uint8 action;
        uint8 role;
        bool followed;
        uint64 orderLimit;
        uint64 dayLimit;
        uint32 day;
        uint256 charged; // fen today, these entries included
        uint256 taken; // entries of this chunk
        uint256 fen; // of the entries taken
        // the last answers of the registry: neighbouring entries mostly ask the same
        uint16 asked;
        Standing answer;
        uint16 payee;
        uint16 account;
        bool accountStands;
    }

    uint256 private constant BEIJING = 8 hours;

    /// @inheritdoc ICaseLedger
    bytes32 public immutable id;

    IMembershipRegistry private immutable _registry;

    /// @inheritdoc ICaseLedger
    uint64 public taken;

    // Cases and what hangs on them, by the case's first head.
    mapping(bytes32 firstHead => Case) private _cases;
    mapping(bytes32 firstHead => mapping(bytes32 entryHash => Consent)) private _consents;
    mapping(bytes32 firstHead => mapping(bytes32 entryHash => Order)) private _orders;
    mapping(bytes32 firstHead => mapping(bytes32 entryHash => Debit)) private _debits;
    mapping(bytes32 firstHead => mapping(bytes32 entryHash => Dispute)) private _disputes;

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
        Entry[] memory entries = EntryCodec.decode(id, s.org, s.action, c.entries, c.number);
        _checkProof(s, c, entries);
        uint64 sum = _checkSum(s, c, progress.sum, entries);

        // effects
        outcomes = _judgeAll(desk, entries);
        _close(desk);
        _advance(s, c, progress, desk.taken, sum);

        // events
        _reportRefused(s, c, entries, outcomes);
        emit Presented(s.org, s.root, s, c, taken, outcomes);
    }

    /// @inheritdoc ICaseLedger
    function preview(uint16 org, uint8 action, bytes calldata entries) external {
        Desk memory desk = _open(org, action, _registry.standing(org));
        uint256 number = EntryCodec.count(entries);
        revert Previewed(_judgeAll(desk, EntryCodec.decode(id, org, action, entries, number)));
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

    function _checkProof(Submission calldata s, Chunk calldata c, Entry[] memory entries) private pure {
        uint256 needed = RangeProof.length(c.place, c.number, s.count);
        if (c.proof.length != needed) revert ProofLength(needed, c.proof.length);
        bytes32[] memory leaves = new bytes32[](entries.length);
        for (uint256 i; i < entries.length; ++i) {
            leaves[i] = RangeProof.leaf(entries[i].hash);
        }
        bytes32 computed = RangeProof.root(leaves, c.place, s.count, c.proof);
        if (computed != s.root) revert BadProof(s.root, computed);
    }

    /// @dev What is presented counts, taken or refused: that is what the signers saw a sum of.
    function _checkSum(Submission calldata s, Chunk calldata c, uint64 before, Entry[] memory entries)
        private
        pure
        returns (uint64)
    {
        uint256 sum = before;
        for (uint256 i; i < entries.length; ++i) {
            sum += entries[i].amount;
        }
        if (sum > s.sum) revert SumPassed(s.sum, sum);
        if (c.place + c.number == s.count && sum != s.sum) revert SumDiffers(s.sum, sum);
        return uint64(sum);
    }

    // ----------------------------------------------------------------------------------------------- judging the entries

    function _judgeAll(Desk memory desk, Entry[] memory entries) private returns (bytes memory outcomes) {
        outcomes = new bytes(entries.length);
        uint256 free;
        assembly ("memory-safe") {
            free := mload(0x40)
        }
        for (uint256 i; i < entries.length; ++i) {
            outcomes[i] = bytes1(_judge(desk, entries[i]));
            // The facts of one entry are of no use to the next, and memory is paid for by the square.
            assembly ("memory-safe") {
                mstore(0x40, free)
            }
        }
    }

    function _judge(Desk memory desk, Entry memory e) private returns (uint8 rule) {
        bytes32 key = _firstHead(e.office, e.caseId);
        Facts memory facts = _gather(desk, e, key);
        rule = Rules.firstBroken(e, facts);
        if (rule != Rule.NONE) return rule;
        _apply(desk, e, key, facts);
        desk.taken += 1;
        desk.fen += e.amount;
    }

    function _gather(Desk memory desk, Entry memory e, bytes32 key) private view returns (Facts memory facts) {
        facts.time = block.timestamp;
        facts.role = desk.role;
        facts.followed = desk.followed;
        facts.orderLimit = desk.orderLimit;
        facts.dayLimit = desk.dayLimit;
        facts.charged = desk.charged;
        facts.state = _cases[key];
        _gatherNamed(e, key, facts);
        _gatherMembers(desk, e, facts);
    }

    /// @dev The entries of the case that this one names.
    function _gatherNamed(Entry memory e, bytes32 key, Facts memory facts) private view {
        uint8 a = e.action;
        if (a == Action.ORDER || a == Action.CONSENT) {
            facts.consent = _consents[key][e.consent];
        } else if (a == Action.ACCEPT || a == Action.DEBIT) {
            facts.order = _orders[key][e.target];
            facts.consent = _consents[key][e.consent];
        } else if (a == Action.CANCEL) {
            facts.order = _orders[key][e.target];
        } else if (a == Action.REVOKE) {
            facts.consent = _consents[key][e.target];
        } else if (a == Action.SETTLE || a == Action.REVERSE) {
            facts.debit = _debits[key][e.target];
        } else if (a == Action.RESOLVE) {
            facts.dispute = _disputes[key][e.target];
        } else if (a == Action.DISPUTE) {
            facts.dispute = _disputes[key][e.hash];
        }
    }

    /// @dev What the registry says of the parties and of the fund account.
    function _gatherMembers(Desk memory desk, Entry memory e, Facts memory facts) private view {
        if (e.action == Action.REQUEST) {
            facts.party = e.office == desk.org;
            facts.receives = _receives(desk, e.recipient);
            return;
        }
        facts.party = _speaksFor(desk, desk.role == Role.OFFICE ? facts.state.office : facts.state.recipient);
        if (e.action == Action.ORDER) {
            facts.accountStands = _accountStands(desk, desk.org, e.fundAccount);
        } else if (e.action == Action.ACCEPT) {
            facts.accountStands = _accountStands(desk, facts.order.payee, facts.order.fundAccount);
        }
    }

    // ----------------------------------------------------------------------------------------------------------- effects

    function _apply(Desk memory desk, Entry memory e, bytes32 key, Facts memory facts) private {
        Case memory state = facts.state;
        state.seq += 1;
        if (e.action == Action.REQUEST) _request(e, key, state);
        else if (e.action == Action.ACKNOWLEDGE) state.phase = Phase.ACKNOWLEDGED;
        else if (e.action == Action.REPLY) _reply(e, state);
        else if (e.action == Action.DECLINE) state.phase = Phase.DECLINED;
        else if (e.action == Action.CONSENT) _consent(e, key, state);
        else if (e.action == Action.ORDER) _order(desk, e, key, facts);
        else if (e.action == Action.ACCEPT) _accept(desk, e, state);
        else if (e.action == Action.DEBIT) _debit(e, key, facts);
        else if (e.action == Action.CANCEL) state.openOrder = 0;
        else if (e.action == Action.REVOKE) _revoke(e, key, state);
        else if (e.action == Action.REVERSE) _reverse(e, key, facts);
        else if (e.action == Action.SETTLE) _settle(e, key, state);
        else if (e.action == Action.DISPUTE) _dispute(desk, e, key, state);
        else if (e.action == Action.RESOLVE) _resolve(desk, e, key, state);
        else if (e.action == Action.CLOSE) state.phase = Phase.CLOSED;
        state.head = _nextHead(state.head, e.hash);
        _cases[key] = state;
    }

    function _request(Entry memory e, bytes32 key, Case memory state) private pure {
        state.head = key;
        state.phase = Phase.REQUESTED;
        state.office = e.office;
        state.recipient = e.recipient;
    }

    function _reply(Entry memory e, Case memory state) private pure {
        state.phase = Phase.REPLIED;
        state.debitable = e.debitable == 1;
    }

    function _consent(Entry memory e, bytes32 key, Case memory state) private {
        if (state.phase == Phase.CONSENTED) _consents[key][e.consent].ended = true;
        state.phase = Phase.CONSENTED;
        state.claim = uint56(e.claim);
        _consents[key][e.hash] = Consent({
            amount: uint56(e.amount),
            debited: 0,
            notBefore: e.notBefore,
            expiresAt: e.expiresAt,
            seq: state.seq,
            inParts: e.inParts == 1,
            ended: false
        });
    }

    function _order(Desk memory desk, Entry memory e, bytes32 key, Facts memory facts) private {
        Case memory state = facts.state;
        state.openOrder = state.seq;
        desk.charged += e.amount;
        _orders[key][e.hash] = Order({
            amount: uint56(e.amount),
            seq: state.seq,
            consentSeq: facts.consent.seq,
            payee: desk.org,
            fundAccount: e.fundAccount
        });
    }

    function _accept(Desk memory desk, Entry memory e, Case memory state) private pure {
        state.accepted = true;
        desk.charged += e.amount;
    }

    /// @dev Ends the order. Nothing debited leaves no debit behind.
    function _debit(Entry memory e, bytes32 key, Facts memory facts) private {
        Case memory state = facts.state;
        state.openOrder = 0;
        state.accepted = false;
        if (e.amount == 0) return;
        uint56 fen = uint56(e.amount);
        state.net += fen;
        state.unsettled += 1;
        _debits[key][e.hash] = Debit({amount: fen, settled: false, reversed: false});
        _consents[key][e.consent].debited = facts.consent.debited + fen;
    }

    /// @dev An order that the bank has not accepted falls with its consent; an accepted one is the bank's to finish.
    function _revoke(Entry memory e, bytes32 key, Case memory state) private {
        state.phase = Phase.REPLIED;
        if (!state.accepted) state.openOrder = 0;
        _consents[key][e.target].ended = true;
    }

    function _reverse(Entry memory e, bytes32 key, Facts memory facts) private {
        facts.state.net -= facts.debit.amount;
        if (!facts.debit.settled) facts.state.unsettled -= 1;
        _debits[key][e.target].reversed = true;
    }

    function _settle(Entry memory e, bytes32 key, Case memory state) private {
        state.unsettled -= 1;
        _debits[key][e.target].settled = true;
    }

    function _dispute(Desk memory desk, Entry memory e, bytes32 key, Case memory state) private {
        bool byOffice = desk.role == Role.OFFICE;
        _setDisputed(state, byOffice, true);
        _disputes[key][e.hash] = Dispute({seq: state.seq, byOffice: byOffice, open: true});
    }

    function _resolve(Desk memory desk, Entry memory e, bytes32 key, Case memory state) private {
        _setDisputed(state, desk.role == Role.OFFICE, false);
        _disputes[key][e.target].open = false;
    }

    function _setDisputed(Case memory state, bool byOffice, bool open) private pure {
        if (byOffice) state.officeDispute = open;
        else state.recipientDispute = open;
    }

    // ---------------------------------------------------------------------------------------------- written once a chunk

    function _open(uint16 org, uint8 action, Standing memory standing) private view returns (Desk memory desk) {
        desk.org = org;
        desk.action = action;
        desk.role = standing.role;
        desk.orderLimit = standing.orderLimit;
        desk.dayLimit = standing.dayLimit;
        if (action == Action.REQUEST || action == Action.CONSENT) {
            desk.followed = _registry.successorLedger(address(this)) != address(0);
        }
        if (!_moves(action)) return desk;
        desk.day = uint32((block.timestamp + BEIJING) / 1 days);
        Charge memory charge = _charges[org];
        if (charge.day == desk.day) desk.charged = charge.fen;
    }

    function _close(Desk memory desk) private {
        if (desk.taken == 0) return;
        taken += uint64(desk.taken);
        Total memory total = _totals[desk.org][desk.action];
        total.entries += uint64(desk.taken);
        total.fen += uint128(desk.fen);
        _totals[desk.org][desk.action] = total;
        if (_moves(desk.action)) _charges[desk.org] = Charge({day: desk.day, fen: uint64(desk.charged)});
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

    function _standingOf(Desk memory desk, uint16 org) private view returns (Standing memory) {
        if (desk.asked != org) {
            desk.asked = org;
            desk.answer = _registry.standing(org);
        }
        return desk.answer;
    }

    function _receives(Desk memory desk, uint16 org) private view returns (bool) {
        Standing memory standing = _standingOf(desk, org);
        bool answers = standing.role == Role.BANK || standing.role == Role.AUTHORITY;
        return answers && standing.active && standing.keyVersion != 0;
    }

    function _speaksFor(Desk memory desk, uint16 org) private view returns (bool) {
        return desk.org == org || _standingOf(desk, org).successor == desk.org;
    }

    function _accountStands(Desk memory desk, uint16 payee, uint16 account) private view returns (bool) {
        if (desk.payee != payee || desk.account != account) {
            desk.payee = payee;
            desk.account = account;
            desk.accountStands = _registry.fundAccount(payee, account) != 0;
        }
        return desk.accountStands;
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
        return _cases[_firstHead(office, caseId)];
    }

    /// @inheritdoc ICaseLedger
    function consentOf(uint16 office, bytes32 caseId, bytes32 entryHash) external view returns (Consent memory) {
        return _consents[_firstHead(office, caseId)][entryHash];
    }

    /// @inheritdoc ICaseLedger
    function orderOf(uint16 office, bytes32 caseId, bytes32 entryHash) external view returns (Order memory) {
        return _orders[_firstHead(office, caseId)][entryHash];
    }

    /// @inheritdoc ICaseLedger
    function debitOf(uint16 office, bytes32 caseId, bytes32 entryHash) external view returns (Debit memory) {
        return _debits[_firstHead(office, caseId)][entryHash];
    }

    /// @inheritdoc ICaseLedger
    function disputeOf(uint16 office, bytes32 caseId, bytes32 entryHash) external view returns (Dispute memory) {
        return _disputes[_firstHead(office, caseId)][entryHash];
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

    function _firstHead(uint16 office, bytes32 caseId) private view returns (bytes32) {
        return keccak256(abi.encode(id, office, caseId));
    }

    function _nextHead(bytes32 head, bytes32 entryHash) private pure returns (bytes32) {
        return keccak256(abi.encode(head, entryHash));
    }

    /// @dev ORDER and ACCEPT: what a pause stops and a limit bounds.
    function _moves(uint8 action) private pure returns (bool) {
        return action == Action.ORDER || action == Action.ACCEPT;
    }

    function _mayBeService(uint8 action) private pure returns (bool) {
        return action == Action.ACKNOWLEDGE || action == Action.REPLY || action == Action.DEBIT;
    }
}
