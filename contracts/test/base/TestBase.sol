// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Vm} from "./Vm.sol";

/// @notice Assertions of our own: each names what was looked at, what was found, and what should have been.
abstract contract TestBase {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    error Differs(string what, uint256 found, uint256 expected);
    error DiffersBytes32(string what, bytes32 found, bytes32 expected);
    error DiffersBytes(string what, bytes found, bytes expected);
    error Passed(string what, uint256 found, uint256 limit);
    error False(string what);

    function eq(uint256 found, uint256 expected, string memory what) internal pure {
        if (found != expected) revert Differs(what, found, expected);
    }

    function eq(bytes32 found, bytes32 expected, string memory what) internal pure {
        if (found != expected) revert DiffersBytes32(what, found, expected);
    }

    function eq(bytes memory found, bytes memory expected, string memory what) internal pure {
        if (keccak256(found) != keccak256(expected)) revert DiffersBytes(what, found, expected);
    }

    function eq(address found, address expected, string memory what) internal pure {
        eq(uint256(uint160(found)), uint256(uint160(expected)), what);
    }

    function atMost(uint256 found, uint256 limit, string memory what) internal pure {
        if (found > limit) revert Passed(what, found, limit);
    }

    function yes(bool condition, string memory what) internal pure {
        if (!condition) revert False(what);
    }

    function no(bool condition, string memory what) internal pure {
        if (condition) revert False(what);
    }

    /// @dev Folds a fuzzed value into [low, high].
    function within(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + value % (high - low + 1);
    }
}
