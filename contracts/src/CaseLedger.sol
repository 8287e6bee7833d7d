// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Cases} from "./Cases.sol";
import {Chunk, ICaseLedger, Submission, Total} from "./interfaces/ICaseLedger.sol";
import {Officer, Standing} from "./interfaces/IMembershipRegistry.sol";
import {Action, Permission, Rule, Signing} from "./libraries/Codes.sol";
import {Entry, EntryCodec} from "./libraries/EntryCodec.sol";
import {RangeProof} from "./libraries/RangeProof.sol";
import {Facts, Rules} from "./libraries/Rules.sol";
import {TypedData} from "./libraries/TypedData.sol";

/// @title The append-only log of assistance cases
/// @notice Two officers of an organisation stand behind every entry; the ledger judges each entry by itself.
/// @dev The half that knows submissions; Cases knows entries. Reading order: what is checked of a submission, what is
/// written once a chunk, views. The only calls are reads of the registry given at construction.
contract CaseLedger is Cases, EIP712 {
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

    /// @dev A day of the limits begins at midnight there.
    uint256 private constant BEIJING = 8 hours;

    /// @inheritdoc ICaseLedger
    uint64 public taken;

    mapping(uint16 org => mapping(bytes32 root => Progress)) private _progress;
    mapping(uint16 org => mapping(uint8 action => Total)) private _totals;
    mapping(uint16 org => Charge) private _charges;

    /// @param id_ random, in all that is signed for this ledger
    /// @param registry_ the membership registry that it reads
    constructor(bytes32 id_, address registry_) Cases(id_, registry_) EIP712("Alliance Case Ledger", "1") {}

    // ------------------------------------------------------------------------------------------------------ presenting

    /// @inheritdoc ICaseLedger
    function present(Submission calldata s, Chunk calldata c) external returns (bytes memory outcomes) {
        // checks
        _checkForm(s, c);
        Desk memory desk = _checkWriter(s);
        _checkApproval(s, c);
        Progress memory progress = _checkPlace(s, c);
        _checkWraps(s, c);
        outcomes = _room(c);
        uint256 mark = _freeMemory();
        Entry[] memory entries = EntryCodec.decode(id, s.org, s.action, c.entries, c.number);
        uint64 sum = _checkEntries(s, c, progress.sum, entries);

        // effects
        _judgeAll(desk, entries, outcomes);
        _total(s, c, desk, sum - progress.sum);
        _advance(s, c, progress, desk, sum);

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

    // ------------------------------------------------------------------------------------------ checks of a submission

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

    // ---------------------------------------------------------------------------------------------------- once a chunk

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

    function _total(Submission calldata s, Chunk calldata c, Desk memory desk, uint256 fen) private {
        uint256 takenHere = c.number - desk.refused;
        if (takenHere == 0) return;
        taken += uint64(takenHere);
        Total memory total = _totals[s.org][s.action];
        total.entries += uint64(takenHere);
        total.fen += uint128(fen - desk.refusedFen);
        _totals[s.org][s.action] = total;
        if (_moves(s.action)) _charges[s.org] = Charge({day: uint32(desk.day), fen: uint64(desk.facts.charged)});
    }

    function _advance(Submission calldata s, Chunk calldata c, Progress memory progress, Desk memory desk, uint64 sum)
        private
    {
        progress.next = c.place + c.number;
        progress.taken += uint32(c.number - desk.refused);
        progress.sum = sum;
        _progress[s.org][s.root] = progress;
    }

    function _reportRefused(Submission calldata s, Chunk calldata c, Entry[] memory entries, bytes memory outcomes)
        private
    {
        for (uint256 i; i < entries.length; ++i) {
            uint8 rule = uint8(outcomes[i]);
            if (rule != Rule.NONE) emit Refused(s.org, entries[i].hash, rule, s.root, uint32(c.place + i));
        }
    }

    // ----------------------------------------------------------------------------------------------------------- views

    /// @inheritdoc ICaseLedger
    function version() external pure returns (string memory) {
        return "1";
    }

    /// @inheritdoc ICaseLedger
    function registry() external view returns (address) {
        return address(_registry);
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

    // --------------------------------------------------------------------------------------------- words of the ledger

    function _digest(Submission calldata s, uint8 role) private view returns (bytes32) {
        return _hashTypedDataV4(TypedData.hashSubmission(id, s, role));
    }

    /// @dev An outcome an entry, once it is sure that there is something behind each.
    function _room(Chunk calldata c) private pure returns (bytes memory outcomes) {
        if (c.number > c.entries.length / EntryCodec.FIXED) revert MalformedEntries(c.entries.length);
        return new bytes(c.number);
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
