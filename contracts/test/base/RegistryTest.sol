// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Act, IMembershipRegistry} from "../../src/interfaces/IMembershipRegistry.sol";
import {Alliance} from "./Alliance.sol";
import {TestBase} from "./TestBase.sol";
import {Kind, Org} from "./Words.sol";

/// @notice A test about the registry: an alliance, and acts that it takes or refuses by name.
abstract contract RegistryTest is TestBase {
    Alliance internal alliance;
    IMembershipRegistry internal registry;

    /// @dev The block's time. The optimizer takes block.timestamp for a constant within a call, cheatcodes or not.
    uint256 internal clock = 1_772_416_800; // Alliance.START

    function setUp() public virtual {
        vm.warp(clock);
        alliance = Alliance(vm.deployCode("Alliance.sol:Alliance"));
        registry = alliance.registry();
    }

    function pass(uint256 time) internal {
        clock += time;
        vm.warp(clock);
    }

    function taken(Act memory a, string memory what) internal {
        eq(alliance.tryEnact(a), "", what);
        eq(registry.nextNumber(a.org), a.number + 1, "the next number");
    }

    /// @dev Signed by the right people, and refused with exactly this; its number is still free.
    function refused(Act memory a, bytes memory expected, string memory what) internal {
        refusedFrom(a, alliance.entitled(a.kind, a.org), expected, what);
    }

    function refusedFrom(Act memory a, uint256[] memory signers, bytes memory expected, string memory what) internal {
        refusedWith(a, alliance.sign(a, signers), expected, what);
    }

    function refusedWith(Act memory a, bytes[] memory signatures, bytes memory expected, string memory what) internal {
        uint64 number = registry.nextNumber(a.org);
        eq(alliance.tryAct(a, signatures), expected, what);
        eq(registry.nextNumber(a.org), number, "the number is still free");
    }

    function fields(uint8 kind) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IMembershipRegistry.ActFields.selector, kind);
    }

    function state(uint8 kind, uint16 org) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IMembershipRegistry.ActState.selector, kind, org);
    }

    function notEntitled(address signer) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IMembershipRegistry.NotEntitled.selector, signer);
    }

    function keys(uint256 one) internal pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = one;
    }

    function keys(uint256 one, uint256 two) internal pure returns (uint256[] memory list) {
        list = new uint256[](2);
        (list[0], list[1]) = (one, two);
    }

    function keys(uint256 one, uint256 two, uint256 three) internal pure returns (uint256[] memory list) {
        list = new uint256[](3);
        (list[0], list[1], list[2]) = (one, two, three);
    }

    // ---------------------------------------------------------------- acts that are taken as they come

    function admission(uint16 org, uint16 role) internal view returns (Act memory a) {
        a = alliance.actOf(Kind.ADMIT, org);
        (a.code, a.first, a.second, a.data) = (role, alliance.who(org, 0), alliance.who(org, 1), "a new member");
    }

    function officer(uint16 org, address who, uint16 permissions) internal view returns (Act memory a) {
        a = alliance.actOf(Kind.ADD_OFFICER, org);
        (a.first, a.code) = (who, permissions);
    }

    function about(uint8 kind, uint16 org, address first) internal view returns (Act memory a) {
        a = alliance.actOf(kind, org);
        a.first = first;
    }

    function limits(uint8 kind, uint16 org, uint64 order, uint64 day) internal view returns (Act memory a) {
        a = alliance.actOf(kind, org);
        (a.orderLimit, a.dayLimit) = (order, day);
    }

    function replacement(uint16 org, address first, address second) internal view returns (Act memory a) {
        a = alliance.actOf(Kind.REPLACE_ADMINS, org);
        (a.first, a.second) = (first, second);
    }

    function succession(uint16 org, uint16 successor) internal view returns (Act memory a) {
        a = alliance.actOf(Kind.NAME_SUCCESSOR, org);
        a.code = successor;
    }
}
