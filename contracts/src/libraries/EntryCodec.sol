// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICaseLedger} from "../interfaces/ICaseLedger.sol";
import {TypedData} from "./TypedData.sol";

/// @notice One entry, decoded: a word a field.
/// @dev The fields down to `sealedHash` lie in memory just as EIP-712 encodes `Entry`, so the struct hash is one keccak
/// over them. Order and number of these fields are therefore part of the protocol.
struct Entry {
    bytes32 typeHash;
    bytes32 ledger;
    uint256 action; // uint8
    uint256 org; // uint16
    uint256 office; // uint16
    bytes32 caseId;
    uint256 recipient; // uint16
    bytes32 head;
    bytes32 target;
    bytes32 consent;
    uint256 amount; // uint64
    uint256 claim; // uint64
    uint256 notBefore; // uint40
    uint256 expiresAt; // uint40
    uint256 dueAt; // uint40
    uint256 fundAccount; // uint16
    uint256 debitable; // uint8
    uint256 inParts; // uint8
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

    /// @dev Bytes of an Entry in memory that its struct hash covers (20 words), and of all of it.
    uint256 private constant HASHED = 0x280;
    uint256 private constant SIZE = 0x2c0;

    /// @notice Decode `number` records, which are all that `records` holds.
    /// @dev The caller has seen that there is room for so many: memory is taken first.
    function decode(bytes32 ledger, uint16 org, uint8 action, bytes calldata records, uint256 number)
        internal
        pure
        returns (Entry[] memory entries)
    {
        entries = _allocate(number);
        uint256 offset;
        for (uint256 i; i < number; ++i) {
            uint256 end = endOf(records, offset);
            Entry memory e = entries[i];
            e.typeHash = TypedData.ENTRY;
            e.ledger = ledger;
            e.action = action;
            e.org = org;
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
        unchecked {
            end = offset + FIXED; // far from overflow: no more than the calldata and 2^24
            if (end > records.length) revert ICaseLedger.MalformedEntries(offset);
            uint256 sealedLength;
            assembly ("memory-safe") {
                sealedLength := shr(232, calldataload(sub(add(records.offset, end), 3)))
            }
            end += sealedLength;
            if (end > records.length) revert ICaseLedger.MalformedEntries(offset);
        }
    }

    /// @dev Room for the entries, not zeroed: decoding writes every field of each.
    function _allocate(uint256 room) private pure returns (Entry[] memory entries) {
        assembly ("memory-safe") {
            entries := mload(0x40)
            mstore(entries, room)
            let pointer := add(entries, 0x20)
            let e := add(pointer, shl(5, room))
            let end := add(e, mul(room, SIZE))
            mstore(0x40, end)
            for {} lt(e, end) { e := add(e, SIZE) } {
                mstore(pointer, e)
                pointer := add(pointer, 0x20)
            }
        }
    }

    /// @dev Reads lie inside `records`: endOf has seen to that. Each shift drops what stands behind the field.
    function _decodeInto(Entry memory e, bytes calldata records, uint256 offset, uint256 end) private pure {
        assembly ("memory-safe") {
            let p := add(records.offset, offset)
            mstore(add(e, 0x080), shr(240, calldataload(p))) // office
            mstore(add(e, 0x0a0), calldataload(add(p, 2))) // caseId
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
            mstore(add(e, 0x240), calldataload(add(p, 167))) // commitment

            // hashed in free memory, which stays free
            let sealedLength := sub(sub(end, offset), FIXED)
            let free := mload(0x40)
            calldatacopy(free, add(p, FIXED), sealedLength)
            mstore(add(e, 0x260), keccak256(free, sealedLength)) // sealedHash
            mstore(add(e, HASHED), keccak256(e, HASHED)) // hash
            mstore(add(e, 0x2a0), sealedLength)
        }
    }
}
