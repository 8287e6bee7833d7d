// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Proof that neighbouring leaves stand at their places in a tree of a known number of leaves
/// @dev Leaves, inner nodes and padding are hashed under different first bytes, so none can be taken for another. The
/// number of leaves fixes the shape, so a proof has one length and no choices in it.
library RangeProof {
    /// @dev Stands where the last node of a level has no right neighbour: keccak256(0x02).
    bytes32 internal constant PAD = keccak256(hex"02");

    function leaf(bytes32 entryHash) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            mstore8(0x00, 0x00)
            mstore(0x01, entryHash)
            result := keccak256(0x00, 0x21)
        }
    }

    function node(bytes32 left, bytes32 right) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            // 65 bytes do not fit the scratch space: use free memory, without taking it
            let free := mload(0x40)
            mstore8(free, 0x01)
            mstore(add(free, 0x01), left)
            mstore(add(free, 0x21), right)
            result := keccak256(free, 0x41)
        }
    }

    /// @notice Proof hashes that the range [place, place + number) of a tree of `count` leaves needs.
    /// @dev Bounded: `count` halves at each level. The range is not empty and lies inside the tree.
    function length(uint256 place, uint256 number, uint256 count) internal pure returns (uint256 needed) {
        uint256 first = place;
        uint256 end = place + number;
        uint256 size = count;
        do {
            needed += first & 1;
            if (end & 1 == 1 && end != size) needed++;
            first >>= 1;
            end = (end + 1) >> 1;
            size = (size + 1) >> 1;
        } while (size > 1);
    }

    /// @notice Root of the tree in which `nodes` stand from `place` on. Overwrites `nodes`.
    /// @dev The proof has `length(place, nodes.length, count)` hashes.
    function root(bytes32[] memory nodes, uint256 place, uint256 count, bytes32[] calldata proof)
        internal
        pure
        returns (bytes32)
    {
        uint256 number = nodes.length;
        uint256 first = place;
        uint256 size = count;
        uint256 used;
        do {
            bool hasLeft = first & 1 == 1;
            bytes32 left = hasLeft ? proof[used++] : bytes32(0);
            uint256 end = first + number;
            bytes32 right = PAD;
            if (end & 1 == 1 && end != size) right = proof[used++];
            number = _climb(nodes, number, hasLeft, left, right);
            first >>= 1;
            size = (size + 1) >> 1;
        } while (size > 1);
        return nodes[0];
    }

    /// @dev One level up, in place: parents are written at or before the children that they come from.
    function _climb(bytes32[] memory nodes, uint256 number, bool hasLeft, bytes32 left, bytes32 right)
        private
        pure
        returns (uint256 parents)
    {
        uint256 i;
        if (hasLeft) _set(nodes, parents++, node(left, _at(nodes, i++)));
        unchecked {
            while (i + 1 < number) {
                _set(nodes, parents++, node(_at(nodes, i), _at(nodes, i + 1)));
                i += 2;
            }
        }
        if (i < number) _set(nodes, parents++, node(_at(nodes, i), right));
    }

    /// @dev Indices are below the number of nodes on the level: no second check.
    function _at(bytes32[] memory nodes, uint256 i) private pure returns (bytes32 value) {
        assembly ("memory-safe") {
            value := mload(add(add(nodes, 0x20), shl(5, i)))
        }
    }

    function _set(bytes32[] memory nodes, uint256 i, bytes32 value) private pure {
        assembly ("memory-safe") {
            mstore(add(add(nodes, 0x20), shl(5, i)), value)
        }
    }
}
