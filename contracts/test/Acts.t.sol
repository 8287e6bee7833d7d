// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Act, IMembershipRegistry} from "../src/interfaces/IMembershipRegistry.sol";
import {RegistryTest} from "./base/RegistryTest.sol";
import {Vm} from "./base/Vm.sol";
import {Kind, Org, Permission} from "./base/Words.sol";

/// @notice What holds for acts of every kind: form, number, time, and who signs. Each test goes through all 17.
contract ActsTest is RegistryTest {
    uint256 private constant CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    /// @dev OFFICE is suspended and BANK_2 paused, so that every kind has somebody whom it can be about.
    function setUp() public override {
        super.setUp();
        alliance.simple(Kind.SUSPEND, Org.OFFICE);
        alliance.simple(Kind.PAUSE, Org.BANK_2);
    }

    /// @dev An act of this kind that the registry takes now.
    function valid(uint8 kind) private view returns (Act memory a) {
        if (kind == Kind.ADMIT) return admission(10, 2);
        if (kind == Kind.SET_LIMITS) return limits(kind, Org.BANK, 7, 9);
        if (kind == Kind.LOWER_LIMITS) return limits(kind, Org.BANK, 7, 9);
        if (kind == Kind.REPLACE_ADMINS) return replacement(Org.BANK, address(0xa1), address(0xa2));
        if (kind == Kind.NAME_SUCCESSOR) return succession(Org.OFFICE, Org.OFFICE_2);
        if (kind == Kind.ADD_OFFICER) return officer(Org.BANK, address(0xb0), Permission.MAKER);
        if (kind == Kind.SUSPEND_OFFICER) return about(kind, Org.BANK, alliance.who(Org.BANK, 2));
        if (kind == Kind.ADD_SENDER) return about(kind, Org.BANK, address(0xb5));
        if (kind == Kind.REMOVE_SENDER) return about(kind, Org.BANK, alliance.who(Org.BANK, 5));
        a = alliance.actOf(kind, Org.BANK);
        if (kind == Kind.REINSTATE) a = alliance.actOf(kind, Org.OFFICE);
        else if (kind == Kind.RESUME) a = alliance.actOf(kind, Org.BANK_2);
        else if (kind == Kind.REGISTER_KEY) (a.code, a.data) = (2, new bytes(1216));
        else if (kind == Kind.ADD_FUND_ACCOUNT) (a = alliance.actOf(kind, Org.OFFICE_2)).code = 2;
        else if (kind == Kind.REMOVE_FUND_ACCOUNT) (a = alliance.actOf(kind, Org.OFFICE_2)).code = 1;
        else if (kind == Kind.NAME_LEDGER) a = alliance.actOf(kind, 0);
        if (kind == Kind.ADD_FUND_ACCOUNT) a.data = "another account";
        if (kind == Kind.NAME_LEDGER) (a.first, a.second) = (address(0x1e), address(0x2e));
    }

    /// @dev G: governors. A: the org's ADMINs. P: two ADMINs of one house.
    function by(uint8 kind) private pure returns (bool governors, bool admins) {
        if (kind == Kind.ADD_FUND_ACCOUNT) return (true, true);
        bool own = kind == Kind.LOWER_LIMITS || kind == Kind.PAUSE
            || (kind >= Kind.ADD_OFFICER && kind <= Kind.REMOVE_FUND_ACCOUNT);
        return (!own, own);
    }

    function test_every_kind_is_taken_once_and_told() external {
        for (uint8 kind = 1; kind <= 17; ++kind) {
            uint256 here = vm.snapshotState();
            Act memory a = valid(kind);
            bytes[] memory signatures = alliance.sign(a, alliance.entitled(kind, a.org));
            vm.recordLogs();
            eq(alliance.tryAct(a, signatures), "", "taken");
            Vm.Log[] memory logs = vm.getRecordedLogs();
            eq(logs.length, 1, "one event an act");
            eq(logs[0].topics[0], IMembershipRegistry.Acted.selector, "Acted");
            eq(uint256(logs[0].topics[1]), a.org, "of this org");
            eq(uint256(logs[0].topics[2]), kind, "of this kind");
            eq(logs[0].data, abi.encode(a, signatures), "with all that was signed");
            uint64 next = a.number + 1;
            bytes memory expected = abi.encodeWithSelector(IMembershipRegistry.ActNumber.selector, next, a.number);
            if (kind == Kind.ADMIT) expected = abi.encodeWithSelector(IMembershipRegistry.UnknownOrg.selector, 10);
            refusedWith(a, signatures, expected, "a second time");
            vm.revertToState(here);
        }
    }

    function test_every_kind_is_hashed_as_the_wire_format_says() external view {
        for (uint8 kind = 1; kind <= 17; ++kind) {
            Act memory a = valid(kind);
            eq(registry.actDigest(a), alliance.actDigest(a), "digest");
        }
        eq(registry.id(), alliance.REGISTRY_ID(), "the registry's id");
    }

    function test_UnknownKind_and_UnknownOrg() external {
        Act memory a = valid(Kind.SUSPEND);
        uint8[4] memory unknown = [0, 18, 19, 255];
        for (uint256 i; i < 4; ++i) {
            a.kind = unknown[i];
            refused(a, abi.encodeWithSelector(IMembershipRegistry.UnknownKind.selector, a.kind), "no such kind");
        }
        for (uint8 kind = 1; kind <= 17; ++kind) {
            a = valid(kind);
            uint16[4] memory orgs = [uint16(0), 10, 11, 65_535];
            for (uint256 i; i < 4; ++i) {
                if (kind == Kind.ADMIT && orgs[i] == 10) continue;
                if (orgs[i] == 0 && (kind == Kind.PAUSE || kind == Kind.RESUME || kind == Kind.NAME_LEDGER)) continue;
                a.org = orgs[i];
                a.number = kind == Kind.ADMIT ? 1 : registry.nextNumber(a.org);
                bytes[] memory signatures = alliance.sign(a, alliance.governors());
                bytes memory expected = abi.encodeWithSelector(IMembershipRegistry.UnknownOrg.selector, orgs[i]);
                refusedWith(a, signatures, expected, "about nobody");
            }
        }
    }

    function test_ActNumber() external {
        for (uint8 kind = 1; kind <= 17; ++kind) {
            Act memory a = valid(kind);
            uint64 right = a.number;
            uint64[3] memory wrong = [right - 1, right + 1, type(uint64).max];
            for (uint256 i; i < 3; ++i) {
                a.number = wrong[i];
                refused(
                    a, abi.encodeWithSelector(IMembershipRegistry.ActNumber.selector, right, wrong[i]), "out of order"
                );
            }
        }
    }

    function test_ActExpired() external {
        for (uint8 kind = 1; kind <= 17; ++kind) {
            Act memory a = valid(kind);
            a.validUntil = uint64(clock - 1);
            bytes memory expected = abi.encodeWithSelector(IMembershipRegistry.ActExpired.selector, a.validUntil, clock);
            refused(a, expected, "a second late");
            uint256 here = vm.snapshotState();
            a.validUntil = uint64(clock);
            taken(a, "at its last second");
            vm.revertToState(here);
        }
    }

    /// @dev A bit a field that the kind uses: first, second, code, orderLimit, dayLimit, data; as transitions.json has it.
    function used(uint8 kind) private pure returns (uint256) {
        uint8[18] memory sets = [0, 39, 0, 0, 24, 24, 3, 4, 0, 0, 5, 1, 1, 1, 36, 36, 4, 3];
        return sets[kind];
    }

    function test_ActFields_that_a_kind_does_not_use_are_empty() external {
        for (uint8 kind = 1; kind <= 17; ++kind) {
            for (uint256 field; field < 6; ++field) {
                if ((used(kind) >> field) & 1 == 1) continue;
                Act memory a = valid(kind);
                if (field == 0) a.first = address(0xf1);
                else if (field == 1) a.second = address(0xf2);
                else if (field == 2) a.code = 1;
                else if (field == 3) a.orderLimit = 1;
                else if (field == 4) a.dayLimit = 1;
                else a.data = hex"00";
                refused(a, fields(kind), "a field that it does not use");
            }
        }
    }

    function test_ActFields_that_a_kind_uses_are_not_empty() external {
        for (uint8 kind = 1; kind <= 17; ++kind) {
            for (uint256 field; field < 6; ++field) {
                if ((used(kind) >> field) & 1 == 0 || field == 3 || field == 4) continue; // a limit may be zero
                Act memory a = valid(kind);
                if (field == 0) a.first = address(0);
                else if (field == 1) a.second = address(0);
                else if (field == 2) a.code = 0;
                else a.data = "";
                refused(a, fields(kind), "a field that it needs");
            }
        }
    }

    // ---------------------------------------------------------------- signatures

    function test_TooFewSignatures() external {
        for (uint8 kind = 1; kind <= 17; ++kind) {
            Act memory a = valid(kind);
            uint256[] memory right = alliance.entitled(kind, a.org);
            uint256[] memory fewer = new uint256[](right.length - 1);
            for (uint256 without; without < right.length; ++without) {
                for (uint256 i; i < fewer.length; ++i) {
                    fewer[i] = right[i < without ? i : i + 1];
                }
                bytes memory why = alliance.tryAct(a, alliance.sign(a, fewer));
                yes(bytes4(why) == IMembershipRegistry.TooFewSignatures.selector, "one signature is missing");
            }
            bytes memory none =
                abi.encodeWithSelector(IMembershipRegistry.TooFewSignatures.selector, kind, 0, right.length);
            refusedFrom(a, new uint256[](0), none, "no signature at all");
        }
    }

    function test_SignedTwice() external {
        for (uint8 kind = 1; kind <= 17; ++kind) {
            Act memory a = valid(kind);
            uint256[] memory right = alliance.entitled(kind, a.org);
            right[1] = right[0];
            address signer = vm.addr(right[0]);
            bytes memory expected = abi.encodeWithSelector(IMembershipRegistry.SignedTwice.selector, signer);
            refusedFrom(a, right, expected, "one person for two");
        }
    }

    function test_signatures_may_come_in_any_order() external {
        for (uint8 kind = 1; kind <= 17; ++kind) {
            uint256 here = vm.snapshotState();
            Act memory a = valid(kind);
            uint256[] memory right = alliance.entitled(kind, a.org);
            uint256[] memory other = new uint256[](right.length);
            for (uint256 i; i < right.length; ++i) {
                other[i] = right[right.length - 1 - i];
            }
            eq(alliance.tryAct(a, alliance.sign(a, other)), "", "the other way round");
            vm.revertToState(here);
        }
    }

    /// @dev Everybody who may not sign stands in for one who may; who signs for another kind is among them.
    function test_NotEntitled() external {
        uint256[8] memory others = [
            uint256(0xabc), // nobody
            alliance.key(Org.OFFICE_2, 2), // makers, checkers, senders, a service officer
            alliance.key(Org.BANK, 3),
            alliance.key(Org.BANK, 5),
            alliance.key(Org.BANK, 4),
            alliance.key(Org.AUTHORITY, 0), // ADMINs of an organisation that it is not about
            alliance.key(Org.OFFICE, 0), // ADMINs of one that is suspended
            alliance.key(Org.BANK_2, 1)
        ];
        for (uint8 kind = 1; kind <= 17; ++kind) {
            Act memory a = valid(kind);
            for (uint256 i; i < 8; ++i) {
                uint256[] memory right = alliance.entitled(kind, a.org);
                right[right.length - 1] = others[i];
                refusedFrom(a, right, notEntitled(vm.addr(others[i])), "one who has no say");
            }
        }
    }

    function test_NotEntitled_governors_for_admins_and_admins_for_governors() external {
        for (uint8 kind = 1; kind <= 17; ++kind) {
            Act memory a = valid(kind);
            (bool governors, bool admins) = by(kind);
            if (governors && admins) continue;
            // PAUSE is a governor's too: two ADMINs of one house
            if (kind == Kind.PAUSE) continue;
            uint256[] memory wrong = governors
                ? keys(alliance.key(Org.BANK, 0), alliance.key(Org.BANK, 1))
                : keys(alliance.key(1, 0), alliance.key(2, 0));
            refusedFrom(a, wrong, notEntitled(vm.addr(wrong[0])), "the other kind of signer");
        }
    }

    /// @dev M governors are M organisations: two ADMINs of one count for one, and the second for nothing.
    function test_NotEntitled_two_admins_of_one_governor() external {
        for (uint8 kind = 1; kind <= 17; ++kind) {
            Act memory a = valid(kind);
            (bool governors, bool admins) = by(kind);
            if (!governors) continue;
            uint256[] memory wrong = keys(alliance.key(1, 0), alliance.key(1, 1));
            if (admins) wrong = alliance.both(alliance.admins(a.org), wrong);
            refusedFrom(a, wrong, notEntitled(alliance.who(1, 1)), "two of one governor");
        }
    }

    /// @dev Every signature that is given has to count, the third governor's does.
    function test_more_signatures_than_needed() external {
        Act memory a = valid(Kind.SUSPEND);
        uint256 here = vm.snapshotState();
        uint256[] memory three = keys(alliance.key(3, 1), alliance.key(1, 0), alliance.key(2, 1));
        eq(alliance.tryAct(a, alliance.sign(a, three)), "", "three of three governors");
        vm.revertToState(here);
        three[2] = alliance.key(Org.BANK, 0);
        refusedFrom(a, three, notEntitled(alliance.who(Org.BANK, 0)), "two governors and one who has no say");
    }

    function test_more_signatures_than_there_can_be_signers() external {
        Act memory a = valid(Kind.SUSPEND);
        bytes[] memory many = new bytes[](200);
        bytes[] memory right = alliance.sign(a, alliance.governors());
        for (uint256 i; i < 200; ++i) {
            many[i] = right[i % 2];
        }
        refusedWith(
            a,
            many,
            abi.encodeWithSelector(IMembershipRegistry.SignedTwice.selector, alliance.who(1, 0)),
            "two signatures a hundred times"
        );
    }

    function test_BadSignature() external {
        for (uint8 kind = 1; kind <= 17; ++kind) {
            Act memory a = valid(kind);
            bytes[] memory right = alliance.sign(a, alliance.entitled(kind, a.org));
            for (uint256 i; i < right.length; ++i) {
                bytes memory expected = abi.encodeWithSelector(IMembershipRegistry.BadSignature.selector, i);
                bytes memory signature = right[i];
                right[i] = "";
                refusedWith(a, right, expected, "empty");
                right[i] = new bytes(65);
                refusedWith(a, right, expected, "all zero");
                right[i] = bytes.concat(signature, hex"00");
                refusedWith(a, right, expected, "66 bytes");
                right[i] = high(signature);
                refusedWith(a, right, expected, "high-s");
                right[i] = signature;
            }
        }
    }

    function high(bytes memory signature) private pure returns (bytes memory) {
        (bytes32 r, uint256 s, uint8 v) = (0, 0, uint8(signature[64]));
        assembly {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        return abi.encodePacked(r, CURVE - s, v == 27 ? uint8(28) : uint8(27));
    }

    /// @dev PROPERTIES 22: signatures for one act are nobody's under another.
    function test_signatures_are_for_one_act_fuzz(uint256 seed) external {
        uint8 kind = uint8(within(seed, 1, 17));
        Act memory a = valid(kind);
        bytes[] memory signatures = alliance.sign(a, alliance.entitled(kind, a.org));
        a.validUntil += uint64(within(seed >> 8, 1, 1000));
        bytes memory why = alliance.tryAct(a, signatures);
        bool named = bytes4(why) == IMembershipRegistry.NotEntitled.selector
            || bytes4(why) == IMembershipRegistry.BadSignature.selector;
        yes(named, "another validUntil");
        a = valid(kind);
        signatures = alliance.sign(a, alliance.entitled(kind, a.org));
        vm.chainId(999);
        why = alliance.tryAct(a, signatures);
        named = bytes4(why) == IMembershipRegistry.NotEntitled.selector
            || bytes4(why) == IMembershipRegistry.BadSignature.selector;
        yes(named, "another chain");
    }

    function test_signatures_are_for_one_org_and_kind() external {
        Act memory a = limits(Kind.SET_LIMITS, Org.BANK, 5, 5);
        bytes[] memory signatures = alliance.sign(a, alliance.governors());
        Act memory other = limits(Kind.SET_LIMITS, Org.BANK_2, 5, 5);
        other.number = a.number;
        bytes memory why = alliance.tryAct(other, signatures);
        yes(why.length > 0, "another org");
        other = limits(Kind.SET_LIMITS, Org.BANK, 5, 6);
        why = alliance.tryAct(other, signatures);
        yes(why.length > 0, "another limit");
        a = about(Kind.ADD_SENDER, Org.BANK, address(0xcc));
        signatures = alliance.sign(a, alliance.admins(Org.BANK));
        a.kind = Kind.SUSPEND_OFFICER;
        why = alliance.tryAct(a, signatures);
        yes(why.length > 0, "another kind");
    }
}
