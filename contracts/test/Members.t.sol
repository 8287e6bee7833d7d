// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Act, Governor, IMembershipRegistry, Standing} from "../src/interfaces/IMembershipRegistry.sol";
import {RegistryTest} from "./base/RegistryTest.sol";
import {Vm} from "./base/Vm.sol";
import {Kind, Org, Permission} from "./base/Words.sol";

/// @notice What each kind of act does, and what it will not do.
contract MembersTest is RegistryTest {
    function addressTaken(address who, uint16 org) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IMembershipRegistry.AddressTaken.selector, who, org);
    }

    function tooFewAdmins(uint16 org) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IMembershipRegistry.TooFewAdmins.selector, org);
    }

    function permissions(address who) private view returns (uint8) {
        return registry.officer(who).permissions;
    }

    // ---------------------------------------------------------------- founding

    function founders(uint256 n) private pure returns (Governor[] memory list) {
        list = new Governor[](n);
        for (uint256 i; i < n; ++i) {
            list[i] = Governor("governor", address(uint160(1000 + 2 * i)), address(uint160(1001 + 2 * i)));
        }
    }

    function found(uint8 threshold, Governor[] memory list) external returns (IMembershipRegistry) {
        return IMembershipRegistry(
            vm.deployCode("MembershipRegistry.sol:MembershipRegistry", abi.encode(bytes32("id"), threshold, list))
        );
    }

    function cannotFound(uint8 threshold, Governor[] memory list, string memory what) private {
        try this.found(threshold, list) returns (IMembershipRegistry) {
            revert False(what);
        } catch {}
    }

    function test_founding() external {
        vm.recordLogs();
        IMembershipRegistry r = this.found(2, founders(3));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        eq(logs.length, 1, "one event");
        eq(logs[0].topics[0], IMembershipRegistry.Founded.selector, "Founded");
        eq(logs[0].data, abi.encode(bytes32("id"), uint8(2), founders(3)), "with all governors");
        eq(r.threshold(), 2, "M");
        eq(r.orgCount(), 3, "N");
        for (uint16 org = 1; org <= 3; ++org) {
            eq(r.standing(org).role, 5, "a governor");
            yes(r.standing(org).active, "active");
            eq(r.nextNumber(org), 2, "its admission was act 1");
            eq(r.officer(address(uint160(998 + 2 * org))).permissions, Permission.ADMIN, "its first ADMIN");
            eq(r.officer(address(uint160(999 + 2 * org))).org, org, "its second ADMIN");
        }
        eq(r.nextNumber(0), 1, "of the alliance");
    }

    function test_founding_needs_M_governors_with_two_admins_each() external {
        cannotFound(0, founders(3), "M of 0");
        cannotFound(4, founders(3), "M above N");
        cannotFound(1, founders(0), "nobody");
        cannotFound(2, founders(33), "more than 32 governors");
        Governor[] memory list = founders(3);
        list[2].second = list[2].first;
        cannotFound(2, list, "one ADMIN for two");
        list = founders(3);
        list[2].second = list[0].first;
        cannotFound(2, list, "an ADMIN of two governors");
        list = founders(3);
        list[1].first = address(0);
        cannotFound(2, list, "the zero address");
        list = founders(3);
        list[1].name = "";
        cannotFound(2, list, "no name");
        this.found(32, founders(32));
        this.found(1, founders(1));
    }

    // ---------------------------------------------------------------- ADMIT

    function test_admit() external {
        for (uint16 role = 1; role <= 5; ++role) {
            uint16 org = 9 + role;
            taken(admission(org, role), "a role of the table");
            Standing memory s = registry.standing(org);
            eq(s.role, role, "role");
            yes(s.active && !s.paused, "active");
            eq(s.orderLimit + s.dayLimit + s.successor + s.keyVersion, 0, "nothing else yet");
            eq(registry.orgCount(), org, "org ids are given in order");
            eq(permissions(alliance.who(org, 0)), Permission.ADMIN, "its first ADMIN");
            eq(permissions(alliance.who(org, 1)), Permission.ADMIN, "its second ADMIN");
        }
    }

    function test_admit_refuses() external {
        refused(admission(10, 0), fields(Kind.ADMIT), "role 0");
        refused(admission(10, 6), fields(Kind.ADMIT), "role 6");
        refused(admission(10, 258), fields(Kind.ADMIT), "role 258, cut to 2");
        Act memory a = admission(10, 2);
        a.data = "";
        refused(a, fields(Kind.ADMIT), "no name");
        a = admission(10, 2);
        a.first = address(0);
        refused(a, fields(Kind.ADMIT), "no first ADMIN");
        a = admission(10, 2);
        a.second = a.first;
        refused(a, fields(Kind.ADMIT), "one ADMIN for two");
        a = admission(10, 2);
        a.second = alliance.who(Org.BANK, 2);
        refused(a, addressTaken(a.second, Org.BANK), "another's officer");
        a.second = alliance.who(Org.BANK, 5);
        refused(a, addressTaken(a.second, Org.BANK), "another's sender");
    }

    function test_admit_at_most_32_governors() external {
        for (uint16 org = 10; org < 39; ++org) {
            taken(admission(org, 5), "a governor more");
        }
        refused(admission(39, 5), abi.encodeWithSelector(IMembershipRegistry.TooManyGovernors.selector, 32), "the 33rd");
        taken(admission(39, 2), "a bank");
    }

    // ---------------------------------------------------------------- SUSPEND, REINSTATE, NAME_SUCCESSOR

    function test_suspend_and_reinstate() external {
        Act memory a = alliance.actOf(Kind.SUSPEND, Org.BANK);
        refused(alliance.actOf(Kind.REINSTATE, Org.BANK), state(Kind.REINSTATE, Org.BANK), "one that is active");
        taken(a, "suspended");
        no(registry.standing(Org.BANK).active, "active");
        eq(permissions(alliance.who(Org.BANK, 2)), 0, "its officers may nothing");
        refused(alliance.actOf(Kind.SUSPEND, Org.BANK), state(Kind.SUSPEND, Org.BANK), "twice");
        taken(alliance.actOf(Kind.REINSTATE, Org.BANK), "reinstated");
        yes(registry.standing(Org.BANK).active, "active again");
        eq(permissions(alliance.who(Org.BANK, 2)), Permission.MAKER, "its officers are back");
    }

    function test_suspended_org_has_no_say_in_its_own_affairs() external {
        taken(alliance.actOf(Kind.SUSPEND, Org.BANK), "suspended");
        Act memory a = officer(Org.BANK, address(0xb0), Permission.MAKER);
        refused(a, notEntitled(alliance.who(Org.BANK, 0)), "its ADMINs add an officer");
        refused(alliance.actOf(Kind.PAUSE, Org.BANK), notEntitled(alliance.who(Org.BANK, 0)), "its ADMINs pause it");
    }

    function test_suspend_leaves_M_governors() external {
        taken(alliance.actOf(Kind.SUSPEND, 3), "one of three governors");
        uint256[] memory signers = keys(alliance.key(1, 0), alliance.key(3, 0));
        refusedFrom(alliance.actOf(Kind.SUSPEND, Org.BANK), signers, notEntitled(alliance.who(3, 0)), "it has no voice");
        refused(
            alliance.actOf(Kind.SUSPEND, 2),
            abi.encodeWithSelector(IMembershipRegistry.TooFewGovernors.selector, 1, 2),
            "a second one"
        );
        taken(admission(10, 5), "another governor");
        taken(alliance.actOf(Kind.SUSPEND, 2), "now the second one");
        refused(
            alliance.actOf(Kind.SUSPEND, 10),
            abi.encodeWithSelector(IMembershipRegistry.TooFewGovernors.selector, 1, 2),
            "and no further"
        );
        taken(alliance.actOf(Kind.REINSTATE, 3), "the first comes back");
    }

    function test_successor() external {
        refused(
            succession(Org.OFFICE, Org.OFFICE_2), state(Kind.NAME_SUCCESSOR, Org.OFFICE), "of one that is not suspended"
        );
        taken(alliance.actOf(Kind.SUSPEND, Org.OFFICE), "suspended");
        refused(succession(Org.OFFICE, Org.BANK), state(Kind.NAME_SUCCESSOR, Org.OFFICE), "of another role");
        refused(succession(Org.OFFICE, Org.OFFICE), state(Kind.NAME_SUCCESSOR, Org.OFFICE), "itself");
        bytes4 unknown = IMembershipRegistry.UnknownOrg.selector;
        refused(succession(Org.OFFICE, 0), fields(Kind.NAME_SUCCESSOR), "nobody");
        refused(succession(Org.OFFICE, 10), abi.encodeWithSelector(unknown, 10), "one that is not a member");
        taken(succession(Org.OFFICE, Org.OFFICE_2), "a successor");
        eq(registry.standing(Org.OFFICE).successor, Org.OFFICE_2, "successor");
        refused(succession(Org.OFFICE, Org.OFFICE_2), state(Kind.NAME_SUCCESSOR, Org.OFFICE), "the same again");
        taken(admission(10, 1), "a third office");
        taken(succession(Org.OFFICE, 10), "another successor");
        taken(alliance.actOf(Kind.SUSPEND, Org.OFFICE_2), "the second office as well");
        refused(
            succession(Org.OFFICE, Org.OFFICE_2), state(Kind.NAME_SUCCESSOR, Org.OFFICE), "one that is suspended itself"
        );
        taken(alliance.actOf(Kind.REINSTATE, Org.OFFICE), "reinstated");
        eq(registry.standing(Org.OFFICE).successor, 0, "nobody speaks for it any more");
    }

    // ---------------------------------------------------------------- limits and pauses

    function test_limits() external {
        Act memory a = limits(Kind.SET_LIMITS, Org.BANK, 100, 200);
        taken(a, "set");
        eq(registry.standing(Org.BANK).orderLimit, 100, "order limit");
        eq(registry.standing(Org.BANK).dayLimit, 200, "day limit");
        refused(limits(Kind.SET_LIMITS, Org.BANK, 100, 200), state(Kind.SET_LIMITS, Org.BANK), "the same again");
        refused(limits(Kind.LOWER_LIMITS, Org.BANK, 100, 200), state(Kind.LOWER_LIMITS, Org.BANK), "lowered by nothing");
        bytes memory raised = abi.encodeWithSelector(IMembershipRegistry.LimitRaised.selector, Org.BANK);
        refused(limits(Kind.LOWER_LIMITS, Org.BANK, 101, 199), raised, "order limit raised");
        refused(limits(Kind.LOWER_LIMITS, Org.BANK, 99, 201), raised, "day limit raised");
        taken(limits(Kind.LOWER_LIMITS, Org.BANK, 100, 199), "one lowered");
        taken(limits(Kind.LOWER_LIMITS, Org.BANK, 0, 0), "to nothing");
        eq(registry.standing(Org.BANK).orderLimit + registry.standing(Org.BANK).dayLimit, 0, "nothing");
        taken(limits(Kind.SET_LIMITS, Org.BANK, type(uint64).max, type(uint64).max), "as high as they go");
    }

    function test_pause_by_its_admins_or_one_governors() external {
        Act memory a = alliance.actOf(Kind.PAUSE, Org.BANK);
        refusedFrom(
            a, keys(alliance.key(1, 0), alliance.key(2, 0)), notEntitled(alliance.who(2, 0)), "ADMINs of two governors"
        );
        refusedFrom(
            a,
            keys(alliance.key(Org.BANK, 0), alliance.key(2, 0)),
            notEntitled(alliance.who(2, 0)),
            "its own and a governor's"
        );
        refusedFrom(
            a,
            keys(alliance.key(Org.BANK_2, 0), alliance.key(Org.BANK_2, 1)),
            notEntitled(alliance.who(Org.BANK_2, 0)),
            "another bank's"
        );
        uint256 here = vm.snapshotState();
        taken(a, "its own two");
        yes(registry.standing(Org.BANK).paused, "paused");
        refused(alliance.actOf(Kind.PAUSE, Org.BANK), state(Kind.PAUSE, Org.BANK), "twice");
        vm.revertToState(here);
        eq(alliance.tryAct(a, alliance.sign(a, alliance.admins(3))), "", "a governor's two");
        no(registry.standing(Org.BANK_2).paused, "nobody else is");
        refusedFrom(
            alliance.actOf(Kind.RESUME, Org.BANK),
            alliance.admins(Org.BANK),
            notEntitled(alliance.who(Org.BANK, 0)),
            "its own ADMINs resume"
        );
        taken(alliance.actOf(Kind.RESUME, Org.BANK), "M governors resume");
        refused(alliance.actOf(Kind.RESUME, Org.BANK), state(Kind.RESUME, Org.BANK), "twice");
    }

    function test_pause_of_the_alliance() external {
        Act memory a = alliance.actOf(Kind.PAUSE, 0);
        refusedFrom(a, alliance.admins(Org.BANK), notEntitled(alliance.who(Org.BANK, 0)), "a bank's ADMINs");
        taken(a, "a governor's");
        for (uint16 org = 1; org <= Org.AUDITOR; ++org) {
            yes(registry.standing(org).paused, "everybody is paused");
        }
        taken(alliance.actOf(Kind.PAUSE, Org.BANK), "one of them by itself as well");
        taken(alliance.actOf(Kind.RESUME, 0), "all resumed");
        yes(registry.standing(Org.BANK).paused, "its own pause stays");
        no(registry.standing(Org.BANK_2).paused, "the others go on");
    }

    function test_pause_by_a_suspended_governor() external {
        taken(alliance.actOf(Kind.SUSPEND, 3), "suspended");
        Act memory a = alliance.actOf(Kind.PAUSE, 0);
        refusedFrom(a, alliance.admins(3), notEntitled(alliance.who(3, 0)), "it has no say");
    }

    // ---------------------------------------------------------------- officers

    function test_officers() external {
        uint16[7] memory wrong = [uint16(0), 9, 12, 15, 16, 24, 256];
        for (uint256 i; i < 7; ++i) {
            refused(officer(Org.BANK, address(0xb0), wrong[i]), fields(Kind.ADD_OFFICER), "no such permissions");
        }
        refused(officer(Org.BANK, address(0), 1), fields(Kind.ADD_OFFICER), "nobody");
        for (uint16 code = 1; code <= 8; ++code) {
            address who = address(uint160(0xb00 + code));
            taken(officer(Org.BANK, who, code), "permissions of the table");
            eq(permissions(who), code, "permissions");
            eq(registry.officer(who).org, Org.BANK, "org");
            no(registry.officer(who).sender, "not a sender");
            refused(officer(Org.BANK, who, code), state(Kind.ADD_OFFICER, Org.BANK), "the same again");
        }
    }

    function test_officers_change_and_come_back() external {
        address who = address(0xb0);
        taken(officer(Org.BANK, who, Permission.MAKER), "a maker");
        taken(officer(Org.BANK, who, Permission.CHECKER), "becomes a checker");
        eq(permissions(who), Permission.CHECKER, "permissions");
        taken(about(Kind.SUSPEND_OFFICER, Org.BANK, who), "suspended");
        eq(permissions(who), 0, "may nothing");
        eq(registry.officer(who).org, Org.BANK, "still of that bank");
        refused(about(Kind.SUSPEND_OFFICER, Org.BANK, who), state(Kind.SUSPEND_OFFICER, Org.BANK), "suspended twice");
        refused(
            officer(Org.BANK_2, who, 1), addressTaken(who, Org.BANK), "of another bank: an address is one's for ever"
        );
        taken(officer(Org.BANK, who, Permission.CHECKER), "comes back");
    }

    function test_officers_of_others() external {
        address who = alliance.who(Org.BANK, 2);
        refused(
            about(Kind.SUSPEND_OFFICER, Org.BANK_2, who), state(Kind.SUSPEND_OFFICER, Org.BANK_2), "another's officer"
        );
        refused(officer(Org.BANK_2, who, 2), addressTaken(who, Org.BANK), "another's officer");
        refused(about(Kind.ADD_SENDER, Org.BANK_2, who), addressTaken(who, Org.BANK), "another's officer as sender");
        refused(about(Kind.SUSPEND_OFFICER, Org.BANK, address(0xdead)), state(Kind.SUSPEND_OFFICER, Org.BANK), "nobody");
    }

    function test_service_is_for_life() external {
        address service = alliance.who(Org.BANK, 4);
        refused(officer(Org.BANK, service, 1), state(Kind.ADD_OFFICER, Org.BANK), "a machine as maker");
        taken(about(Kind.SUSPEND_OFFICER, Org.BANK, service), "suspended");
        refused(officer(Org.BANK, service, 2), state(Kind.ADD_OFFICER, Org.BANK), "and still a machine");
        taken(officer(Org.BANK, service, 8), "comes back as a machine");
        address person = alliance.who(Org.BANK, 2);
        refused(officer(Org.BANK, person, 8), state(Kind.ADD_OFFICER, Org.BANK), "a person as machine");
        taken(about(Kind.SUSPEND_OFFICER, Org.BANK, person), "suspended");
        refused(officer(Org.BANK, person, 8), state(Kind.ADD_OFFICER, Org.BANK), "and still a person");
        refused(
            replacement(Org.BANK, service, address(0xb1)), state(Kind.REPLACE_ADMINS, Org.BANK), "a machine as ADMIN"
        );
        refused(
            officer(Org.BANK, alliance.who(Org.BANK, 0), 8), state(Kind.ADD_OFFICER, Org.BANK), "an ADMIN as machine"
        );
    }

    function test_two_admins_are_left() external {
        address first = alliance.who(Org.BANK, 0);
        refused(about(Kind.SUSPEND_OFFICER, Org.BANK, first), tooFewAdmins(Org.BANK), "one of two suspended");
        refused(officer(Org.BANK, first, Permission.MAKER), tooFewAdmins(Org.BANK), "one of two made a maker");
        taken(officer(Org.BANK, first, Permission.MAKER | Permission.ADMIN), "an ADMIN and maker");
        taken(officer(Org.BANK, address(0xb3), Permission.ADMIN), "a third");
        taken(officer(Org.BANK, address(0xb3), Permission.ADMIN | Permission.CHECKER), "who checks as well");
        taken(about(Kind.SUSPEND_OFFICER, Org.BANK, alliance.who(Org.BANK, 1)), "one of three suspended");
        alliance.setAdminKeys(Org.BANK, alliance.key(Org.BANK, 0), 0xb3);
    }

    function test_two_admins_are_left_among_three() external {
        address third = vm.addr(0xb3);
        taken(officer(Org.BANK, third, Permission.ADMIN), "a third");
        taken(about(Kind.SUSPEND_OFFICER, Org.BANK, alliance.who(Org.BANK, 1)), "the second suspended");
        alliance.setAdminKeys(Org.BANK, alliance.key(Org.BANK, 0), 0xb3);
        refused(about(Kind.SUSPEND_OFFICER, Org.BANK, third), tooFewAdmins(Org.BANK), "the third as well");
        refused(officer(Org.BANK, third, Permission.CHECKER), tooFewAdmins(Org.BANK), "the third made a checker");
    }

    function test_senders() external {
        address who = address(0xb5);
        taken(about(Kind.ADD_SENDER, Org.BANK, who), "a sender");
        yes(registry.officer(who).sender, "sender");
        eq(permissions(who), 0, "and no officer");
        refused(about(Kind.ADD_SENDER, Org.BANK, who), state(Kind.ADD_SENDER, Org.BANK), "twice");
        refused(about(Kind.ADD_SENDER, Org.BANK_2, who), addressTaken(who, Org.BANK), "another bank's");
        refused(about(Kind.REMOVE_SENDER, Org.BANK_2, who), state(Kind.REMOVE_SENDER, Org.BANK_2), "by another bank");
        taken(about(Kind.REMOVE_SENDER, Org.BANK, who), "removed");
        refused(about(Kind.REMOVE_SENDER, Org.BANK, who), state(Kind.REMOVE_SENDER, Org.BANK), "twice");
        refused(about(Kind.ADD_SENDER, Org.BANK_2, who), addressTaken(who, Org.BANK), "one's for ever");
        refused(about(Kind.ADD_SENDER, Org.BANK, address(0)), fields(Kind.ADD_SENDER), "nobody");
        address maker = alliance.who(Org.BANK, 2);
        taken(about(Kind.ADD_SENDER, Org.BANK, maker), "an officer that sends");
        eq(permissions(maker), Permission.MAKER, "and stays a maker");
    }

    // ---------------------------------------------------------------- REPLACE_ADMINS

    function test_replaced_admins_come_a_day_later() external {
        (address first, address second) = (vm.addr(0xa1), vm.addr(0xa2));
        taken(replacement(Org.BANK, first, second), "named");
        refused(admission2(first), addressTaken(first, Org.BANK), "the named are the bank's from now on");
        pass(86_399);
        eq(permissions(first), 0, "not yet");
        taken(about(Kind.ADD_SENDER, Org.BANK, address(0xb5)), "the old ones still act");
        pass(1);
        eq(permissions(first), Permission.ADMIN, "now");
        eq(permissions(second), Permission.ADMIN, "both");
        eq(permissions(alliance.who(Org.BANK, 0)), 0, "the old ones may nothing");
        Act memory a = about(Kind.ADD_SENDER, Org.BANK, address(0xb6));
        refused(a, notEntitled(alliance.who(Org.BANK, 0)), "nor act");
        alliance.setAdminKeys(Org.BANK, 0xa1, 0xa2);
        taken(a, "the new ones act");
        eq(permissions(first), Permission.ADMIN, "and stay, once it is written down");
        eq(permissions(alliance.who(Org.BANK, 1)), 0, "the old ones stay out");
        refused(about(Kind.SUSPEND_OFFICER, Org.BANK, first), tooFewAdmins(Org.BANK), "two are left");
        eq(permissions(alliance.who(Org.BANK, 2)), Permission.MAKER, "officers are untouched");
        refused(admission2(alliance.who(Org.BANK, 0)), addressTaken(alliance.who(Org.BANK, 0), Org.BANK), "for ever");
    }

    function admission2(address first) private view returns (Act memory a) {
        a = admission(10, 2);
        a.first = first;
    }

    /// @dev Whoever holds stolen ADMIN keys does not keep a foot in the door by naming ADMINs before the day is over.
    function test_replaced_admins_leave_none_behind() external {
        taken(replacement(Org.BANK, vm.addr(0xa1), vm.addr(0xa2)), "named");
        taken(officer(Org.BANK, vm.addr(0xa3), Permission.ADMIN | Permission.MAKER), "the old ones name a third");
        pass(86_400);
        eq(permissions(vm.addr(0xa3)), 0, "who goes with them");
        alliance.setAdminKeys(Org.BANK, 0xa3, 0xa1);
        Act memory a = about(Kind.ADD_SENDER, Org.BANK, address(0xb6));
        refused(a, notEntitled(vm.addr(0xa3)), "and may nothing");
        alliance.setAdminKeys(Org.BANK, 0xa1, 0xa2);
        taken(a, "the new ones act");
        eq(permissions(vm.addr(0xa3)), 0, "after it is written down, too");
        taken(officer(Org.BANK, vm.addr(0xa3), Permission.MAKER), "until they say otherwise");
        eq(permissions(vm.addr(0xa3)), Permission.MAKER, "permissions");
    }

    function test_replaced_admins_by_ones_of_its_own() external {
        address maker = alliance.who(Org.BANK, 2);
        taken(replacement(Org.BANK, maker, alliance.who(Org.BANK, 0)), "a maker, and the first ADMIN again");
        pass(86_400);
        eq(permissions(maker), Permission.MAKER | Permission.ADMIN, "the maker is ADMIN as well");
        eq(permissions(alliance.who(Org.BANK, 0)), Permission.ADMIN, "the first stays");
        eq(permissions(alliance.who(Org.BANK, 1)), 0, "the second goes");
    }

    function test_replacement_named_anew_before_it_is_due() external {
        taken(replacement(Org.BANK, vm.addr(0xa1), vm.addr(0xa2)), "named");
        pass(80_000);
        taken(replacement(Org.BANK, vm.addr(0xa3), vm.addr(0xa4)), "named anew");
        pass(80_000);
        eq(permissions(vm.addr(0xa1)) + permissions(vm.addr(0xa3)), 0, "nobody yet");
        pass(6400);
        eq(permissions(vm.addr(0xa1)), 0, "not the first ones");
        eq(permissions(vm.addr(0xa3)), Permission.ADMIN, "the second ones");
    }

    function test_replacement_refuses() external {
        refused(replacement(Org.BANK, address(0xa1), address(0xa1)), fields(Kind.REPLACE_ADMINS), "one for two");
        refused(replacement(Org.BANK, address(0), address(0xa1)), fields(Kind.REPLACE_ADMINS), "nobody");
        refused(replacement(Org.BANK, address(0xa1), address(0)), fields(Kind.REPLACE_ADMINS), "nobody");
        address others = alliance.who(Org.BANK_2, 2);
        refused(replacement(Org.BANK, others, address(0xa1)), addressTaken(others, Org.BANK_2), "another's officer");
        refused(
            replacement(Org.BANK, alliance.who(Org.BANK, 1), alliance.who(Org.BANK, 0)),
            state(Kind.REPLACE_ADMINS, Org.BANK),
            "the two that it has"
        );
    }

    /// @dev A suspended member, and a governor, get new ADMINs the same way.
    function test_replacement_for_a_governor_and_for_a_suspended_org() external {
        taken(replacement(3, vm.addr(0xa1), vm.addr(0xa2)), "of a governor");
        taken(alliance.actOf(Kind.SUSPEND, Org.BANK), "suspended");
        taken(replacement(Org.BANK, vm.addr(0xa3), vm.addr(0xa4)), "of a suspended bank");
        pass(86_400);
        uint256[] memory signers = keys(alliance.key(1, 0), 0xa2);
        Act memory a = alliance.actOf(Kind.REINSTATE, Org.BANK);
        eq(alliance.tryAct(a, alliance.sign(a, signers)), "", "the governor's new ADMIN has its voice");
        eq(permissions(vm.addr(0xa4)), Permission.ADMIN, "the bank's new ADMINs");
        refusedFrom(
            alliance.actOf(Kind.SUSPEND, Org.BANK),
            keys(alliance.key(1, 0), alliance.key(3, 0)),
            notEntitled(alliance.who(3, 0)),
            "the governor's old ADMIN"
        );
    }

    // ---------------------------------------------------------------- keys, fund accounts, ledgers

    function test_encryption_keys() external {
        Act memory a = alliance.actOf(Kind.REGISTER_KEY, Org.BANK);
        (a.code, a.data) = (2, new bytes(1216));
        uint256[2] memory lengths = [uint256(1215), 1217];
        for (uint256 i; i < 2; ++i) {
            Act memory b = alliance.actOf(Kind.REGISTER_KEY, Org.BANK);
            (b.code, b.data) = (2, new bytes(lengths[i]));
            refused(b, fields(Kind.REGISTER_KEY), "another length");
        }
        a.code = 1;
        refused(a, state(Kind.REGISTER_KEY, Org.BANK), "a version that it has");
        a.code = 3;
        refused(a, state(Kind.REGISTER_KEY, Org.BANK), "a version left out");
        a.code = 2;
        taken(a, "the next version");
        (uint32 version, bytes32 hash) = registry.keyHash(Org.BANK);
        eq(version, 2, "version");
        eq(hash, keccak256(new bytes(1216)), "hash");
        eq(registry.standing(Org.BANK).keyVersion, 2, "in the standing as well");
        a.code = 3;
        a.number += 1;
        refused(a, state(Kind.REGISTER_KEY, Org.BANK), "the same key again");
    }

    function test_fund_accounts() external {
        Act memory a = alliance.actOf(Kind.ADD_FUND_ACCOUNT, Org.OFFICE);
        a.code = 2;
        refused(a, fields(Kind.ADD_FUND_ACCOUNT), "no text");
        a.data = "a second account";
        a.code = 3;
        refused(a, state(Kind.ADD_FUND_ACCOUNT, Org.OFFICE), "a number left out");
        a.code = 1;
        refused(a, state(Kind.ADD_FUND_ACCOUNT, Org.OFFICE), "a number given");
        a.code = 2;
        taken(a, "the next number");
        eq(registry.fundAccount(Org.OFFICE, 2), keccak256("a second account"), "the hash of its text");
        a = alliance.actOf(Kind.REMOVE_FUND_ACCOUNT, Org.OFFICE);
        a.code = 2;
        taken(a, "removed");
        eq(registry.fundAccount(Org.OFFICE, 2), bytes32(0), "not registered now");
        a.number += 1;
        refused(a, state(Kind.REMOVE_FUND_ACCOUNT, Org.OFFICE), "removed twice");
        a = alliance.actOf(Kind.ADD_FUND_ACCOUNT, Org.OFFICE);
        (a.code, a.data) = (2, "a second account");
        refused(a, state(Kind.ADD_FUND_ACCOUNT, Org.OFFICE), "a number is given once");
        a.code = 3;
        taken(a, "under a new number");
        a = alliance.actOf(Kind.ADD_FUND_ACCOUNT, Org.BANK);
        (a.code, a.data) = (1, "a bank's account");
        refused(a, state(Kind.ADD_FUND_ACCOUNT, Org.BANK), "money goes to offices only");
    }

    function test_fund_account_takes_admins_and_governors() external {
        Act memory a = alliance.actOf(Kind.ADD_FUND_ACCOUNT, Org.OFFICE);
        (a.code, a.data) = (2, "a second account");
        bytes4 few = IMembershipRegistry.TooFewSignatures.selector;
        refusedFrom(a, alliance.admins(Org.OFFICE), abi.encodeWithSelector(few, a.kind, 2, 4), "its ADMINs alone");
        refusedFrom(a, alliance.governors(), abi.encodeWithSelector(few, a.kind, 2, 4), "governors alone");
        uint256[] memory three = keys(alliance.key(1, 0), alliance.key(2, 0), alliance.key(3, 0));
        refusedFrom(
            a,
            alliance.both(keys(alliance.key(Org.OFFICE, 0)), three),
            abi.encodeWithSelector(few, a.kind, 1, 2),
            "one ADMIN and three governors"
        );
    }

    function test_ledgers() external {
        Act memory a = alliance.actOf(Kind.NAME_LEDGER, 0);
        a.first = address(0x1e);
        refused(a, fields(Kind.NAME_LEDGER), "no successor");
        (a.first, a.second) = (address(0), address(0x2e));
        refused(a, fields(Kind.NAME_LEDGER), "no ledger");
        a.first = address(0x2e);
        refused(a, fields(Kind.NAME_LEDGER), "itself");
        a.first = address(0x1e);
        taken(a, "named");
        eq(registry.successorLedger(address(0x1e)), address(0x2e), "successor");
        a.number += 1;
        refused(a, state(Kind.NAME_LEDGER, 0), "the same again");
        a.second = address(0x3e);
        taken(a, "another");
        eq(registry.successorLedger(address(0x1e)), address(0x3e), "successor");
    }

    // ---------------------------------------------------------------- who carries an act

    function test_anybody_may_carry_an_act_fuzz(address carrier) external {
        vm.assume(carrier != address(0));
        Act memory a = about(Kind.ADD_SENDER, Org.BANK, address(0xb5));
        bytes[] memory signatures = alliance.sign(a, alliance.admins(Org.BANK));
        vm.prank(carrier);
        registry.act(a, signatures);
        yes(registry.officer(address(0xb5)).sender, "carried");
    }
}
