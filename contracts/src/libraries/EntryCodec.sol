// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICaseLedger} from "../interfaces/ICaseLedger.sol";
import {TypedData} from "./TypedData.sol";

/// @notice One entry, decoded.
/// @dev The fields down to `sealedHash` lie in memory just as EIP-712 encodes `Entry`, so the struct hash is one keccak
/// over them. Order and number of these fields are therefore part of the protocol.
struct Entry {
    bytes32 typeHash;
    bytes32 ledger;
    uint8 action;
    uint16 org;
    uint16 office;
    bytes32 caseId;
    uint16 recipient;
    bytes32 head;
    bytes32 target;
    bytes32 consent;
    uint64 amount;
    uint64 claim;
    uint40 notBefore;
    uint40 expiresAt;
    uint40 dueAt;
    uint16 fundAccount;
    uint8 debitable;
    uint8 inParts;
    bytes32 commitment;
    bytes32 sealedHash;
    // not encoded
    bytes32 hash; // the struct hash of all above
    uint256 sealedLength;
}

/// @title Packed records of a chunk: big-endian, one behind the other, no gaps
library EntryCodec {
    /// @dev Bytes of a record before `sealed`.
    uint256 internal constant FIXED = 202;

    /// @dev Words of an Entry that its struct hash covers, in bytes: 20 × 32.
    uint256 private constant HASHED = 0x280;

    /// @notice Decode `number` records, which are all that `records` holds.
    function decode(bytes32 ledger, uint16 org, uint8 action, bytes calldata records, uint256 number)
        internal
        pure
        returns (Entry[] memory entries)
    {
        // before memory is taken for a number that nothing stands behind
        if (number > records.length / FIXED) revert ICaseLedger.MalformedEntries(records.length);
        entries = new Entry[](number);
        uint256 offset;
        for (uint256 i; i < number; ++i) {
            Entry memory e = entries[i];
            e.typeHash = TypedData.ENTRY;
            e.ledger = ledger;
            e.action = action;
            e.org = org;
            uint256 end = endOf(records, offset);
            _decodeInto(e, records, offset, end);
            offset = end;
        }
        if (offset != records.length) revert ICaseLedger.MalformedEntries(offset);
    }

    /// @notice How many records there are.
    function count(bytes calldata records) internal pure returns (uint256 number) {
        for (uint256 offset; offset < records.length; ++number) {
            offset = endOf(records, offset);
        }
    }

    /// @notice Where the record at `offset` ends.
    function endOf(bytes calldata records, uint256 offset) internal pure returns (uint256 end) {
        end = offset + FIXED;
        if (end > records.length) revert ICaseLedger.MalformedEntries(offset);
        end += uint24(bytes3(records[end - 3:end]));
        if (end > records.length) revert ICaseLedger.MalformedEntries(offset);
    }

    /// @dev Reads lie inside `records`: endOf has seen to that. Each shift drops what stands behind the field.
    function _decodeInto(Entry memory e, bytes calldata records, uint256 offset, uint256 end) private pure {
        uint256 sealedLength = end - offset - FIXED;
        e.sealedLength = sealedLength;
        assembly ("memory-safe") {
            let p := add(records.offset, offset)
            mstore(add(e, 0x080), shr(240, calldataload(p))) // office
            calldatacopy(add(e, 0x0a0), add(p, 2), 32) // caseId
            mstore(add(e, 0x0c0), shr(240, calldataload(add(p, 34)))) // recipient
            calldatacopy(add(e, 0x0e0), add(p, 36), 96) // head, target, consent
            mstore(add(e, 0x140), shr(192, calldataload(add(p, 132)))) // amount
            mstore(add(e, 0x160), shr(192, calldataload(add(p, 140)))) // claim
            mstore(add(e, 0x180), shr(216, calldataload(add(p, 148)))) // notBefore
            mstore(add(e, 0x1a0), shr(216, calldataload(add(p, 153)))) // expiresAt
            mstore(add(e, 0x1c0), shr(216, calldataload(add(p, 158)))) // dueAt
            mstore(add(e, 0x1e0), shr(240, calldataload(add(p, 163)))) // fundAccount
            mstore(add(e, 0x200), shr(248, calldataload(add(p, 165)))) // debitable
            mstore(add(e, 0x220), shr(248, calldataload(add(p, 166)))) // inParts
            calldatacopy(add(e, 0x240), add(p, 167), 32) // commitment

            // hashed in free memory, which stays free
            let free := mload(0x40)
            calldatacopy(free, add(p, FIXED), sealedLength)
            mstore(add(e, 0x260), keccak256(free, sealedLength)) // sealedHash
            mstore(add(e, HASHED), keccak256(e, HASHED)) // hash
        }
    }
}
