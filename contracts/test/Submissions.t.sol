// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Chunk, ICaseLedger, Submission} from "../src/interfaces/ICaseLedger.sol";
import {Act} from "../src/interfaces/IMembershipRegistry.sol";
import {Entry} from "./base/Codec.sol";
import {LedgerTest} from "./base/LedgerTest.sol";
import {Action, Kind, Org, Permission, Rule, Stage} from "./base/Words.sol";

/// @notice Who may write at all: what is wrong with a whole submission reverts by name, with the offending value.
contract SubmissionsTest is LedgerTest {
    uint256 private constant CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    // ---------------------------------------------------------------- a submission and its signatures

    /// @dev Three requests of OFFICE in one chunk, all as it should be.
    function good() private returns (Submission memory s, Chunk memory c) {
        Entry[] memory es = requests(3);
        s = alliance.submissionOf(es);
        c = alliance.chunkOf(s, es, 0, 3);
    }

    function single(Entry memory e) private view returns (Submission memory s, Chunk memory c) {
        s = alliance.submissionOf(one(e));
        c = alliance.chunkOf(s, one(e), 0, 1);
    }

    function sign(Submission memory s, uint256 key, uint8 role) private view returns (bytes memory) {
        return alliance.signature(key, alliance.digestOf(s, role));
    }

    function notOfficer(address signer, uint16 org, uint8 permission) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICaseLedger.NotOfficer.selector, signer, org, permission);
    }

    function badSignature(uint8 role) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICaseLedger.BadSignature.selector, role);
    }

    function test_good_is_taken() external {
        (Submission memory s, Chunk memory c) = good();
        eq(presented(s, c, "as it should be"), hex"000000", "outcomes");
    }

    function test_digest_is_that_of_the_wire_format() external {
        (Submission memory s,) = good();
        for (uint8 role = 1; role <= 3; ++role) {
            eq(ledger.submissionDigest(s, role), alliance.digestOf(s, role), "digest");
        }
        eq(ledger.id(), alliance.LEDGER_ID(), "the ledger's id");
        eq(ledger.registry(), address(alliance.registry()), "its registry");
        eq(bytes(ledger.version()), "1", "its version");
    }

    // ---------------------------------------------------------------- who sends

    function test_NotSender() external {
        (Submission memory s, Chunk memory c) = good();
        address own = alliance.who(Org.OFFICE, 5);
        address[5] memory others =
            [address(0xdead), alliance.who(Org.OFFICE_2, 5), alliance.who(Org.OFFICE, 2), address(alliance), own];
        Act memory a = alliance.actOf(Kind.REMOVE_SENDER, Org.OFFICE);
        a.first = own;
        alliance.enact(a);
        for (uint256 i; i < 5; ++i) {
            bytes memory expected = abi.encodeWithSelector(ICaseLedger.NotSender.selector, others[i], Org.OFFICE);
            reverts(others[i], s, c, expected, "a stranger, another's sender, an officer, a contract, one removed");
        }
        a = alliance.actOf(Kind.ADD_SENDER, Org.OFFICE);
        a.first = address(0xbeef);
        alliance.enact(a);
        (, bytes memory why) = alliance.attempt(address(0xbeef), s, c);
        eq(why, "", "another sender of its own");
    }

    // ---------------------------------------------------------------- when

    function test_SubmissionExpired() external {
        (Submission memory s, Chunk memory c) = good();
        atTime(s.validUntil);
        uint256 here = vm.snapshotState();
        presented(s, c, "at its last second");
        vm.revertToState(here);
        atTime(uint256(s.validUntil) + 1);
        reverts(
            s, c, abi.encodeWithSelector(ICaseLedger.SubmissionExpired.selector, s.validUntil, clock), "a second later"
        );
    }

    function test_OrgNotActive() external {
        (Submission memory s, Chunk memory c) = good();
        alliance.simple(Kind.SUSPEND, Org.OFFICE);
        reverts(s, c, abi.encodeWithSelector(ICaseLedger.OrgNotActive.selector, Org.OFFICE), "suspended");
        alliance.simple(Kind.REINSTATE, Org.OFFICE);
        presented(s, c, "reinstated: the signatures still stand");
    }

    function test_Paused_stops_orders_and_acceptances_and_uses_nothing_up() external {
        bytes32 toOrder = alliance.caseAt(Stage.CONSENTED);
        bytes32 toAccept = alliance.caseAt(Stage.ORDERED);
        (Submission memory s, Chunk memory c) = single(alliance.entry(Action.ORDER, Org.OFFICE, toOrder));
        (Submission memory t, Chunk memory d) = single(alliance.entry(Action.ACCEPT, Org.BANK, toAccept));
        bytes memory office = abi.encodeWithSelector(ICaseLedger.Paused.selector, Org.OFFICE);
        bytes memory bank = abi.encodeWithSelector(ICaseLedger.Paused.selector, Org.BANK);
        alliance.simple(Kind.PAUSE, Org.OFFICE);
        reverts(s, c, office, "ORDER of a paused office");
        alliance.simple(Kind.RESUME, Org.OFFICE);
        alliance.simple(Kind.PAUSE, Org.BANK);
        reverts(t, d, bank, "ACCEPT of a paused bank");
        alliance.simple(Kind.RESUME, Org.BANK);
        alliance.simple(Kind.PAUSE, 0);
        reverts(s, c, office, "ORDER while all is paused");
        reverts(t, d, bank, "ACCEPT while all is paused");
        alliance.simple(Kind.RESUME, 0);
        eq(presented(s, c, "ORDER after it"), hex"00", "ORDER");
        eq(presented(t, d, "ACCEPT after it"), hex"00", "ACCEPT");
    }

    function test_Paused_an_order_to_a_paused_bank_stands_and_waits() external {
        bytes32 caseId = alliance.caseAt(Stage.CONSENTED);
        alliance.simple(Kind.PAUSE, Org.BANK);
        taken(alliance.entry(Action.ORDER, Org.OFFICE, caseId), "an order to a paused bank");
    }

    function test_Paused_leaves_all_else_open() external {
        bytes32 accepted = alliance.caseAt(Stage.ACCEPTED);
        bytes32 ordered = alliance.caseAt(Stage.ORDERED);
        bytes32 requested = alliance.caseAt(Stage.REQUESTED);
        alliance.simple(Kind.PAUSE, 0);
        taken(alliance.entry(Action.REQUEST, Org.OFFICE, alliance.newCase()), "REQUEST");
        taken(alliance.entry(Action.ACKNOWLEDGE, Org.BANK, requested), "ACKNOWLEDGE");
        taken(alliance.entry(Action.REPLY, Org.BANK, requested), "REPLY");
        taken(alliance.entry(Action.CONSENT, Org.OFFICE, requested), "CONSENT");
        taken(alliance.entry(Action.DEBIT, Org.BANK, accepted), "DEBIT");
        taken(alliance.entry(Action.SETTLE, Org.OFFICE, accepted), "SETTLE");
        taken(alliance.entry(Action.REVERSE, Org.OFFICE, accepted), "REVERSE");
        taken(alliance.entry(Action.DISPUTE, Org.BANK, accepted), "DISPUTE");
        taken(alliance.entry(Action.RESOLVE, Org.BANK, accepted), "RESOLVE");
        taken(alliance.entry(Action.CANCEL, Org.OFFICE, ordered), "CANCEL");
        taken(alliance.entry(Action.REVOKE, Org.OFFICE, ordered), "REVOKE");
        taken(alliance.entry(Action.CLOSE, Org.OFFICE, ordered), "CLOSE");
    }

    // ---------------------------------------------------------------- who signs

    function test_BadSignature_of_another_form() external {
        (Submission memory s, Chunk memory c) = good();
        (bytes memory maker, bytes memory checker) = (c.maker, c.checker);
        for (uint256 i; i < 6; ++i) {
            c.maker = misshapen(maker, i);
            reverts(s, c, badSignature(1), "the maker's");
            c.maker = maker;
            c.checker = misshapen(checker, i);
            reverts(s, c, badSignature(2), "the checker's");
            c.checker = checker;
        }
        presented(s, c, "as they were given");
    }

    /// @dev One byte less, one more, one byte alone, v of 26, v of 29, all zero.
    function misshapen(bytes memory signature, uint256 way) private pure returns (bytes memory wrong) {
        if (way == 0) return cut(signature, 64);
        if (way == 1) return bytes.concat(signature, hex"00");
        if (way == 2) return hex"1b";
        if (way == 5) return new bytes(65);
        wrong = cut(signature, 65);
        wrong[64] = way == 3 ? bytes1(uint8(26)) : bytes1(uint8(29));
    }

    function cut(bytes memory data, uint256 length) private pure returns (bytes memory part) {
        part = new bytes(length);
        for (uint256 i; i < length; ++i) {
            part[i] = data[i];
        }
    }

    /// @dev (r, n - s, the other v) recovers to the same signer and must not pass: a signature has one form.
    function test_BadSignature_high_s_fuzz(uint256 salt) external {
        (Submission memory s, Chunk memory c) = good();
        s.validUntil = uint64(clock + within(salt, 0, 365 days));
        bytes memory maker = sign(s, alliance.key(Org.OFFICE, 2), 1);
        bytes memory checker = sign(s, alliance.key(Org.OFFICE, 3), 2);
        (c.maker, c.checker) = (high(maker), checker);
        reverts(s, c, badSignature(1), "the maker's");
        (c.maker, c.checker) = (maker, high(checker));
        reverts(s, c, badSignature(2), "the checker's");
        c.checker = checker;
        presented(s, c, "their low twins");
    }

    function high(bytes memory signature) private pure returns (bytes memory) {
        (bytes32 r, uint256 s, uint8 v) = (0, 0, uint8(signature[64]));
        assembly {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        return abi.encodePacked(r, CURVE - s, v == 27 ? uint8(28) : uint8(27));
    }

    function test_signature_of_random_bytes_fuzz(bytes32 r, bytes32 x, uint8 v, bool checkers) external {
        (Submission memory s, Chunk memory c) = good();
        bytes memory junk = abi.encodePacked(r, x, v);
        if (checkers) c.checker = junk;
        else c.maker = junk;
        (bytes memory outcomes, bytes memory why) = alliance.attempt(s, c);
        eq(outcomes.length, 0, "nothing is taken on a random signature");
        bytes4 error_ = bytes4(why);
        yes(error_ == ICaseLedger.BadSignature.selector || error_ == ICaseLedger.NotOfficer.selector, "refused by name");
    }

    function test_NotOfficer_of_another_role_org_or_rank() external {
        (Submission memory s, Chunk memory c) = good();
        (bytes memory maker, bytes memory checker) = (c.maker, c.checker);
        uint256[5] memory keys = [
            alliance.key(Org.OFFICE, 0), // an ADMIN
            alliance.key(Org.OFFICE_2, 2), // another office's maker
            alliance.key(Org.OFFICE, 5), // the sender
            alliance.key(1, 0), // a governor
            uint256(0xabcdef) // nobody
        ];
        for (uint256 i; i < 5; ++i) {
            c.maker = sign(s, keys[i], 1);
            reverts(s, c, notOfficer(vm.addr(keys[i]), Org.OFFICE, Permission.MAKER), "as maker");
            c.maker = maker;
            c.checker = sign(s, keys[i], 2);
            reverts(s, c, notOfficer(vm.addr(keys[i]), Org.OFFICE, Permission.CHECKER), "as checker");
            c.checker = checker;
        }
        c.maker = sign(s, alliance.key(Org.OFFICE, 3), 1);
        reverts(s, c, notOfficer(alliance.who(Org.OFFICE, 3), Org.OFFICE, Permission.MAKER), "the checker as maker");
        c.maker = maker;
        c.checker = sign(s, alliance.key(Org.OFFICE, 2), 2);
        reverts(s, c, notOfficer(alliance.who(Org.OFFICE, 2), Org.OFFICE, Permission.CHECKER), "the maker as checker");
    }

    /// @dev A signature is for one role: what the checker signed as maker recovers to somebody else as checker.
    function test_NotOfficer_signed_in_another_role() external {
        (Submission memory s, Chunk memory c) = good();
        (c.maker, c.checker) = (c.checker, c.maker);
        revertsAs(s, c, ICaseLedger.NotOfficer.selector, "swapped");
        c = alliance.chunkOf(s, requests(3), 0, 3);
        c.checker = sign(s, alliance.key(Org.OFFICE, 3), 1);
        revertsAs(s, c, ICaseLedger.NotOfficer.selector, "the checker signed as maker");
    }

    function test_NotOfficer_suspended_and_back() external {
        (Submission memory s, Chunk memory c) = good();
        address maker = alliance.who(Org.OFFICE, 2);
        alliance.suspendOfficer(Org.OFFICE, maker);
        reverts(s, c, notOfficer(maker, Org.OFFICE, Permission.MAKER), "a suspended maker");
        alliance.addOfficer(Org.OFFICE, maker, Permission.CHECKER);
        reverts(s, c, notOfficer(maker, Org.OFFICE, Permission.MAKER), "back, but as checker");
        alliance.addOfficer(Org.OFFICE, maker, Permission.MAKER);
        presented(s, c, "back as maker");
    }

    /// @dev FAILURES: the maker is suspended after some chunks; what was recorded stays, the rest is not.
    function test_NotOfficer_suspended_between_two_chunks() external {
        Entry[] memory es = requests(4);
        Submission memory s = alliance.submissionOf(es);
        presented(s, alliance.chunkOf(s, es, 0, 2), "the first half");
        address maker = alliance.who(Org.OFFICE, 2);
        alliance.suspendOfficer(Org.OFFICE, maker);
        Chunk memory rest = alliance.chunkOf(s, es, 2, 2);
        reverts(s, rest, notOfficer(maker, Org.OFFICE, Permission.MAKER), "the second half");
        (uint32 next, uint32 takenCount,,) = ledger.progressOf(s.org, s.root);
        eq(next, 2, "next place");
        eq(takenCount, 2, "taken");
    }

    function test_SameSigner() external {
        (Submission memory s, Chunk memory c) = good();
        address maker = alliance.who(Org.OFFICE, 2);
        alliance.addOfficer(Org.OFFICE, maker, Permission.MAKER | Permission.CHECKER);
        bytes memory checker = c.checker;
        c.checker = sign(s, alliance.key(Org.OFFICE, 2), 2);
        reverts(s, c, abi.encodeWithSelector(ICaseLedger.SameSigner.selector, maker), "both by one");
        c.checker = checker;
        presented(s, c, "one of them by another");
    }

    // ---------------------------------------------------------------- a service officer

    function test_ServiceMayNot_but_three_actions() external {
        uint8[8] memory actions = [
            Action.ACKNOWLEDGE,
            Action.REPLY,
            Action.DECLINE,
            Action.ACCEPT,
            Action.DEBIT,
            Action.REVERSE,
            Action.DISPUTE,
            Action.RESOLVE
        ];
        Stage[8] memory stages = [
            Stage.REQUESTED,
            Stage.REQUESTED,
            Stage.REQUESTED,
            Stage.ORDERED,
            Stage.ACCEPTED,
            Stage.DEBITED,
            Stage.REPLIED,
            Stage.BANK_DISPUTES
        ];
        for (uint256 i; i < 8; ++i) {
            Entry memory e = alliance.entry(actions[i], Org.BANK, alliance.caseAt(stages[i]));
            (Submission memory s, Chunk memory c) = single(e);
            c = alliance.byService(s, c);
            if (i == 0 || i == 1 || i == 4) {
                eq(presented(s, c, "alone"), hex"00", "ACKNOWLEDGE, REPLY, DEBIT");
            } else {
                bytes memory expected = abi.encodeWithSelector(ICaseLedger.ServiceMayNot.selector, actions[i]);
                reverts(s, c, expected, "a machine accepts, reverses and disputes nothing");
            }
        }
    }

    function test_service_signature_stands_for_neither_maker_nor_checker() external {
        Entry memory e = alliance.entry(Action.ACKNOWLEDGE, Org.BANK, alliance.caseAt(Stage.REQUESTED));
        (Submission memory s, Chunk memory c) = single(e);
        address service = alliance.who(Org.BANK, 4);
        bytes memory maker = c.maker;
        c.maker = sign(s, alliance.key(Org.BANK, 4), 1);
        reverts(s, c, notOfficer(service, Org.BANK, Permission.MAKER), "as maker");
        c.maker = maker;
        c.checker = sign(s, alliance.key(Org.BANK, 4), 2);
        reverts(s, c, notOfficer(service, Org.BANK, Permission.CHECKER), "as checker");
        c.checker = "";
        revertsAs(s, c, ICaseLedger.NotOfficer.selector, "a maker's signature alone");
        c.maker = sign(s, alliance.key(Org.BANK, 2), 3);
        reverts(s, c, notOfficer(alliance.who(Org.BANK, 2), Org.BANK, Permission.SERVICE), "a maker as service");
        c.maker = hex"00";
        reverts(s, c, badSignature(3), "malformed");
    }

    // ---------------------------------------------------------------- for whom

    /// @dev PROPERTIES 22: one field of what was signed changes, and the signatures are somebody else's.
    function test_signature_is_for_one_ledger_chain_org_role_and_root_fuzz(uint256 seed) external {
        (Submission memory s, Chunk memory c) = good();
        uint256 field = seed % 6;
        if (field == 0) s.validUntil += uint64(within(seed >> 8, 1, 1e6));
        else if (field == 1) s.count += uint32(within(seed >> 8, 1, 1e6));
        else if (field == 2) s.sum += uint64(within(seed >> 8, 1, 1e6));
        else if (field == 3) s.root ^= bytes32(uint256(1) << (seed >> 248));
        else if (field == 4) (s.wraps, c.wraps) = (keccak256("others"), "others");
        else s.action = uint8(within(seed >> 8, 2, 15));
        (bytes memory outcomes, bytes memory why) = alliance.attempt(s, c);
        eq(outcomes.length, 0, "nothing is taken");
        bytes4 error_ = bytes4(why);
        bool named = error_ == ICaseLedger.NotOfficer.selector || error_ == ICaseLedger.BadSignature.selector;
        yes(named || (field == 5 && error_ == ICaseLedger.Paused.selector), "refused by name");
    }

    function test_signature_is_for_one_ledger_and_chain() external {
        (Submission memory s, Chunk memory c) = good();
        uint256 here = vm.snapshotState();
        address registry = address(alliance.registry());
        ICaseLedger twin =
            ICaseLedger(vm.deployCode("CaseLedger.sol:CaseLedger", abi.encode(alliance.LEDGER_ID(), registry)));
        vm.prank(alliance.who(Org.OFFICE, 5));
        (bool ok, bytes memory why) = address(twin).call(abi.encodeCall(ICaseLedger.present, (s, c)));
        no(ok, "another ledger with the same id");
        yes(bytes4(why) == ICaseLedger.NotOfficer.selector, "by name");
        vm.revertToState(here);
        vm.chainId(999);
        revertsAs(s, c, ICaseLedger.NotOfficer.selector, "another chain");
        vm.chainId(31_337);
        presented(s, c, "here");
    }

    function test_org_of_a_submission_is_the_signers() external {
        Entry[] memory es = requests(2);
        es[0].org = Org.OFFICE_2;
        es[1].org = Org.OFFICE_2;
        Submission memory s = alliance.submissionOf(es);
        Chunk memory c = alliance.chunkOf(s, es, 0, 2);
        c.maker = sign(s, alliance.key(Org.OFFICE, 2), 1);
        c.checker = sign(s, alliance.key(Org.OFFICE, 3), 2);
        reverts(s, c, notOfficer(alliance.who(Org.OFFICE, 2), Org.OFFICE_2, Permission.MAKER), "OFFICE for OFFICE_2");
    }

    /// @dev PROPERTIES 21: from the block of its suspension on, an organisation writes nothing, whatever the action.
    function test_suspended_org_writes_nothing() external {
        bytes32[15] memory cases;
        Stage[15] memory stages = [
            Stage.NONE,
            Stage.REQUESTED,
            Stage.REQUESTED,
            Stage.REQUESTED,
            Stage.REPLIED,
            Stage.CONSENTED,
            Stage.ORDERED,
            Stage.ACCEPTED,
            Stage.ORDERED,
            Stage.CONSENTED,
            Stage.DEBITED,
            Stage.DEBITED,
            Stage.REPLIED,
            Stage.OFFICE_DISPUTES,
            Stage.REPLIED
        ];
        for (uint256 i; i < 15; ++i) {
            cases[i] = alliance.caseAt(stages[i]);
        }
        alliance.simple(Kind.SUSPEND, Org.OFFICE);
        alliance.simple(Kind.SUSPEND, Org.BANK);
        for (uint8 action = 1; action <= 15; ++action) {
            bool banks = (action >= Action.ACKNOWLEDGE && action <= Action.DECLINE) || action == Action.ACCEPT
                || action == Action.DEBIT || action == Action.REVERSE;
            uint16 org = banks ? Org.BANK : Org.OFFICE;
            (Submission memory s, Chunk memory c) = single(alliance.entry(action, org, cases[action - 1]));
            reverts(s, c, abi.encodeWithSelector(ICaseLedger.OrgNotActive.selector, org), "a suspended organisation");
        }
    }
}
