// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Case, Chunk, ICaseLedger, Submission} from "../src/interfaces/ICaseLedger.sol";
import {Act, IMembershipRegistry, Standing} from "../src/interfaces/IMembershipRegistry.sol";
import {Alliance} from "./base/Alliance.sol";
import {Entry} from "./base/Codec.sol";
import {Said} from "./base/Society.sol";
import {SocietyTest} from "./base/SocietyTest.sol";
import {Action, Kind, Org, Permission, Phase, Rule} from "./base/Words.sol";

/// @notice PROPERTIES.md 26 to 33: after every turn of the society the way out is tried from where it stands, and undone.
/// forge-config: default.invariant.runs = 4
/// forge-config: default.invariant.depth = 70
contract LivenessTest is SocietyTest {
    Alliance private alliance;
    IMembershipRegistry private registry;

    function setUp() public override {
        super.setUp();
        (alliance, registry) = (society.alliance(), society.registry());
    }

    /// @dev Tries the way out of every case, each from the state as the society left it.
    modifier everyCase() {
        for (uint256 i; i < society.caseCount(); ++i) {
            uint256 here = vm.snapshotState();
            _caseId = society.cases(i);
            _;
            vm.revertToState(here);
            vm.warp(society.clock());
        }
    }

    bytes32 private _caseId;

    function state() private view returns (Case memory) {
        return ledger.caseOf(Org.OFFICE, _caseId);
    }

    function ended(Case memory c) private pure returns (bool) {
        return c.phase == Phase.CLOSED || c.phase == Phase.DECLINED || c.phase == Phase.NONE;
    }

    // ---------------------------------------------------------------- who writes

    /// @dev Who speaks for the organisation: itself, or its successor; if nobody does, governors bring it back (31).
    function voice(uint16 org) private returns (uint16) {
        Standing memory s = registry.standing(org);
        if (s.active) return org;
        if (s.successor != 0 && registry.standing(s.successor).active) return s.successor;
        alliance.simple(Kind.REINSTATE, org);
        return org;
    }

    function office(uint8 action) private returns (Entry memory) {
        return alliance.entry(action, voice(Org.OFFICE), _caseId);
    }

    function bank(uint8 action) private returns (Entry memory) {
        return alliance.entry(action, voice(state().recipient), _caseId);
    }

    function taken(Entry memory e, string memory what) private {
        eq(alliance.write(e), Rule.TAKEN, what);
    }

    function stopAll() private {
        if (!registry.standing(Org.AUDITOR).paused) alliance.simple(Kind.PAUSE, 0);
    }

    // ---------------------------------------------------------------- cases

    /// @dev 26. The office alone closes, in at most two entries, where nothing is accepted and nothing unsettled.
    function invariant_26_the_office_closes_alone() external everyCase {
        Case memory c = state();
        if (ended(c) || c.accepted || c.unsettled > 0) return;
        stopAll();
        if (c.openOrder != 0) taken(office(Action.CANCEL), "26: CANCEL");
        taken(office(Action.CLOSE), "26: CLOSE");
    }

    /// @dev 27. The bank ends an order in one entry, whatever stands in the way of other things.
    function invariant_27_the_bank_ends_an_order() external everyCase {
        Case memory c = state();
        if (c.openOrder == 0) return;
        stopAll();
        if (!c.officeDispute) taken(office(Action.DISPUTE), "27: a dispute");
        if (c.accepted && c.phase == Phase.CONSENTED) taken(office(Action.REVOKE), "27: a revocation");
        vm.warp(society.clock() + 1000 days);
        Entry memory e = bank(Action.DEBIT);
        if (!c.accepted || uint256(_caseId) % 2 == 0) e.amount = 0;
        taken(e, "27: DEBIT");
        eq(state().openOrder, 0, "27: the order has ended");
    }

    /// @dev 28. Stops are taken in their phases, on their target, whatever was written since they were signed.
    function invariant_28_stops_are_not_pushed_aside() external everyCase {
        Case memory c = state();
        if (ended(c)) return;
        uint256 here = vm.snapshotState();
        stopAll();
        bool talking = c.phase == Phase.REPLIED || c.phase == Phase.CONSENTED;
        if (c.openOrder != 0 && !c.accepted) stop(office(Action.CANCEL), here, "28: CANCEL");
        if (c.phase == Phase.CONSENTED) stop(office(Action.REVOKE), here, "28: REVOKE");
        if (talking && !c.officeDispute) stop(office(Action.DISPUTE), here, "28: DISPUTE");
        if (c.openOrder == 0 && c.unsettled == 0) stop(office(Action.CLOSE), here, "28: CLOSE");
    }

    /// @dev News crosses, of whichever kind the other side may write now; then the stop.
    function stop(Entry memory e, uint256 here, string memory what) private {
        Case memory c = state();
        if (c.phase == Phase.REQUESTED) taken(bank(Action.ACKNOWLEDGE), "28: news");
        else if (c.phase == Phase.ACKNOWLEDGED) taken(bank(Action.REPLY), "28: news");
        else taken(bank(c.recipientDispute ? Action.RESOLVE : Action.DISPUTE), "28: news");
        taken(e, what);
        vm.revertToState(here);
    }

    /// @dev 29. The office ends any unsettled debit by SETTLE, the bank by REVERSE.
    function invariant_29_unsettled_debits_end() external everyCase {
        if (state().unsettled == 0) return;
        stopAll();
        Said[] memory book = society.bookOf(_caseId);
        for (uint256 i; i < book.length; ++i) {
            if (book[i].action != Action.DEBIT || book[i].amount == 0) continue;
            if (book[i].settled || book[i].reversed) continue;
            uint256 here = vm.snapshotState();
            taken(naming(office(Action.SETTLE), book[i]), "29: SETTLE");
            vm.revertToState(here);
            taken(naming(bank(Action.REVERSE), book[i]), "29: REVERSE");
            vm.revertToState(here);
        }
    }

    function naming(Entry memory e, Said memory d) private pure returns (Entry memory) {
        (e.target, e.amount) = (d.hash, d.amount);
        return e;
    }

    /// @dev 30. Who raised a dispute ends it; if it does not, the office still closes after 27 and 29.
    function invariant_30_disputes_end() external everyCase {
        Case memory c = state();
        if (ended(c) || !(c.officeDispute || c.recipientDispute)) return;
        stopAll();
        uint256 here = vm.snapshotState();
        if (c.officeDispute) taken(office(Action.RESOLVE), "30: by the office");
        if (c.recipientDispute) taken(bank(Action.RESOLVE), "30: by the bank");
        vm.revertToState(here);
        if (c.openOrder != 0) {
            Entry memory e = bank(Action.DEBIT);
            e.amount = 0;
            taken(e, "30: the order ends");
        }
        Said[] memory book = society.bookOf(_caseId);
        for (uint256 i; i < book.length; ++i) {
            if (book[i].action != Action.DEBIT || book[i].amount == 0) continue;
            if (!book[i].settled && !book[i].reversed) taken(naming(office(Action.SETTLE), book[i]), "30: SETTLE");
        }
        taken(office(Action.CLOSE), "30: CLOSE");
    }

    /// @dev 33. A lapsed consent is renewed, and what was reversed is ordered again under the new one.
    function invariant_33_renewed_and_ordered_again() external everyCase {
        Case memory c = state();
        bool may = c.phase == Phase.CONSENTED || (c.phase == Phase.REPLIED && c.debitable);
        if (!may || c.openOrder != 0 || (c.claim != 0 && c.claim == c.net)) return;
        clear(c);
        vm.warp(society.clock() + 1000 days);
        Entry memory k = office(Action.CONSENT);
        (k.notBefore, k.expiresAt) = (0, type(uint40).max);
        k.amount = k.claim - c.net;
        taken(k, "33: CONSENT");
        Entry memory o = office(Action.ORDER);
        (o.amount, o.fundAccount) = (k.amount, freshAccount(o.org));
        taken(o, "33: ORDER");
        taken(bank(Action.ACCEPT), "33: ACCEPT");
        taken(bank(Action.DEBIT), "33: DEBIT");
        eq(state().net, state().claim, "33: all of the claim");
    }

    /// @dev Disputes resolved, pauses lifted, limits raised.
    function clear(Case memory c) private {
        if (c.officeDispute) taken(office(Action.RESOLVE), "33: RESOLVE by the office");
        if (c.recipientDispute) taken(bank(Action.RESOLVE), "33: RESOLVE by the bank");
        undoPauses();
        for (uint16 org = Org.OFFICE; org <= Org.BANK_2; ++org) {
            alliance.setLimits(org, 1e12, 1e15);
        }
    }

    function freshAccount(uint16 org) private returns (uint16 number) {
        alliance.addFundAccount(org);
        for (number = 1; registry.fundAccount(org, number) == 0;) {
            ++number;
        }
    }

    // ---------------------------------------------------------------- members

    function undoPauses() private {
        if (registry.standing(Org.AUDITOR).paused) alliance.simple(Kind.RESUME, 0);
        for (uint16 org = Org.OFFICE; org <= Org.BANK_2; ++org) {
            if (registry.standing(org).paused) alliance.simple(Kind.RESUME, org);
        }
    }

    /// @dev 31. M governors undo a suspension, a pause, lost ADMINs, a gone organisation; they are always there.
    function invariant_31_governors_undo() external {
        uint256 active;
        for (uint16 g = 1; g <= 3; ++g) {
            if (registry.standing(g).active) ++active;
        }
        yes(active >= registry.threshold(), "31: M governors are active");
        uint256 here = vm.snapshotState();
        undoPauses();
        for (uint16 org = 1; org <= Org.AUDITOR; ++org) {
            no(registry.standing(org).paused, "31: nobody is paused");
            if (!registry.standing(org).active) alliance.simple(Kind.REINSTATE, org);
            yes(registry.standing(org).active, "31: everybody is active");
        }
        lostAdmins(Org.BANK);
        alliance.succeed(Org.OFFICE, Org.OFFICE_2);
        eq(registry.standing(Org.OFFICE).successor, Org.OFFICE_2, "31: somebody speaks for one that is gone");
        vm.revertToState(here);
        vm.warp(society.clock());
    }

    /// @dev Both ADMIN keys are lost: governors name new ones, who act a day later.
    function lostAdmins(uint16 org) private {
        Act memory a = alliance.actOf(Kind.REPLACE_ADMINS, org);
        (a.first, a.second) = (vm.addr(0xa1), vm.addr(0xa2));
        alliance.enact(a);
        vm.warp(society.clock() + 1 days);
        alliance.setAdminKeys(org, 0xa1, 0xa2);
        alliance.addOfficer(org, address(0xb0), Permission.MAKER);
        eq(registry.officer(address(0xb0)).permissions, Permission.MAKER, "31: the new ADMINs act");
    }

    /// @dev 32. In ⌈n/k⌉ transactions for any chunk size; no stranger uses up or reorders its places meanwhile.
    function invariant_32_submissions_are_recordable() external {
        uint256 here = vm.snapshotState();
        if (!registry.standing(Org.OFFICE).active) alliance.simple(Kind.REINSTATE, Org.OFFICE);
        uint32 n = 5;
        uint32 k = uint32(1 + society.takenInAll() % n);
        Entry[] memory es = new Entry[](n);
        for (uint256 i; i < n; ++i) {
            es[i] = alliance.entry(Action.REQUEST, Org.OFFICE, alliance.newCase());
        }
        Submission memory s = alliance.submissionOf(es);
        uint256 transactions;
        for (uint32 place; place < n; place += k) {
            Chunk memory c = alliance.chunkOf(s, es, place, place + k > n ? n - place : k);
            address stranger = alliance.who(uint16(Org.OFFICE_2 + transactions % 5), 5);
            (, bytes memory why) = alliance.attempt(stranger, s, c);
            eq(why, abi.encodeWithSelector(ICaseLedger.NotSender.selector, stranger, Org.OFFICE), "32: a stranger");
            (, why) = alliance.attempt(s, c);
            eq(why, "", "32: the next chunk");
            ++transactions;
        }
        eq(transactions, (n + k - 1) / k, "32: transactions");
        vm.revertToState(here);
    }
}
