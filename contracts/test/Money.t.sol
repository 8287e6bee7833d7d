// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Case} from "../src/interfaces/ICaseLedger.sol";
import {Act} from "../src/interfaces/IMembershipRegistry.sol";
import {Entry} from "./base/Codec.sol";
import {LedgerTest} from "./base/LedgerTest.sol";
import {Action, Kind, Org, Rule, Stage} from "./base/Words.sol";

/// @notice The rules 14 to 24: disputes, time, and money.
contract MoneyTest is LedgerTest {
    uint64 private constant MAX_FEN = 2 ** 53 - 1;

    function order(bytes32 caseId) private returns (Entry memory) {
        return alliance.entry(Action.ORDER, Org.OFFICE, caseId);
    }

    function order(bytes32 caseId, uint64 fen) private returns (Entry memory e) {
        e = order(caseId);
        e.amount = fen;
    }

    function accept(bytes32 caseId) private returns (Entry memory) {
        return alliance.entry(Action.ACCEPT, Org.BANK, caseId);
    }

    function debit(bytes32 caseId, uint64 fen) private returns (Entry memory e) {
        e = alliance.entry(Action.DEBIT, Org.BANK, caseId);
        e.amount = fen;
    }

    function consent(bytes32 caseId, uint64 fen, uint64 claim) private returns (Entry memory e) {
        e = alliance.entry(Action.CONSENT, Org.OFFICE, caseId);
        (e.amount, e.claim) = (fen, claim);
    }

    function consented(uint64 fen, uint64 claim, uint8 inParts) private returns (bytes32 caseId) {
        caseId = alliance.caseAt(Stage.REPLIED);
        Entry memory e = consent(caseId, fen, claim);
        e.inParts = inParts;
        taken(e, "a consent");
    }

    /// @dev Order, acceptance and debit of so much.
    function drawn(bytes32 caseId, uint64 fen) private {
        taken(order(caseId, fen), "an order");
        taken(accept(caseId), "its acceptance");
        taken(debit(caseId, fen), "its debit");
    }

    // ---------------------------------------------------------------- 14 DISPUTED

    function test_14_disputed_stops_orders_and_acceptances() external {
        uint16[2] memory sides = [Org.OFFICE, Org.BANK];
        for (uint256 i; i < 2; ++i) {
            bytes32 toOrder = alliance.caseAt(Stage.CONSENTED);
            bytes32 toAccept = alliance.caseAt(Stage.ORDERED);
            taken(alliance.entry(Action.DISPUTE, sides[i], toOrder), "a dispute");
            taken(alliance.entry(Action.DISPUTE, sides[i], toAccept), "a dispute");
            refused(order(toOrder), Rule.DISPUTED, "ORDER");
            refused(accept(toAccept), Rule.DISPUTED, "ACCEPT");
            refused(alliance.entry(Action.DISPUTE, sides[i], toOrder), Rule.DISPUTED, "a second of the same side");
            taken(alliance.entry(Action.RESOLVE, sides[i], toOrder), "resolved");
            taken(alliance.entry(Action.RESOLVE, sides[i], toAccept), "resolved");
            taken(order(toOrder), "ORDER after it");
            taken(accept(toAccept), "ACCEPT after it");
        }
    }

    // ---------------------------------------------------------------- 15 CONSENT_LIVE

    function test_15_consent_live_from_notBefore_until_before_expiresAt() external {
        bytes32 caseId = alliance.caseAt(Stage.REPLIED);
        Entry memory e = consent(caseId, 1000, 1000);
        (e.notBefore, e.expiresAt) = (uint40(clock + 1 days), uint40(clock + 2 days));
        taken(e, "a consent for tomorrow");
        uint256 here = vm.snapshotState();
        atTime(e.notBefore - 1);
        refused(order(caseId), Rule.CONSENT_LIVE, "ORDER a second too early");
        atTime(e.notBefore);
        taken(order(caseId), "ORDER at notBefore");
        atTime(e.expiresAt - 1);
        uint256 ordered = vm.snapshotState();
        taken(accept(caseId), "ACCEPT a second before the end");
        vm.revertToState(ordered);
        atTime(e.expiresAt);
        refused(accept(caseId), Rule.CONSENT_LIVE, "ACCEPT at expiresAt");
        taken(alliance.entry(Action.CANCEL, Org.OFFICE, caseId), "CANCEL still");
        vm.revertToState(here);
        atTime(e.expiresAt - 1);
        taken(order(caseId), "ORDER a second before the end");
        vm.revertToState(here);
        atTime(e.expiresAt);
        refused(order(caseId), Rule.CONSENT_LIVE, "ORDER at expiresAt");
    }

    function test_15_consent_live_a_new_one_is_not_over_and_not_empty() external {
        bytes32 caseId = alliance.caseAt(Stage.REPLIED);
        Entry memory e = consent(caseId, 1000, 1000);
        (e.notBefore, e.expiresAt) = (uint40(clock + 5), uint40(clock + 5));
        refused(e, Rule.CONSENT_LIVE, "empty");
        e.expiresAt = uint40(clock + 4);
        refused(e, Rule.CONSENT_LIVE, "ends before it begins");
        (e.notBefore, e.expiresAt) = (0, uint40(clock));
        refused(e, Rule.CONSENT_LIVE, "over");
        e.expiresAt = uint40(clock + 1);
        taken(e, "a second is left");
    }

    function test_15_consent_live_debits_do_not_wait_for_it() external {
        bytes32 caseId = alliance.caseAt(Stage.ACCEPTED);
        pass(365 days);
        taken(debit(caseId, 400), "DEBIT long after the consent expired");
        taken(alliance.entry(Action.SETTLE, Org.OFFICE, caseId), "SETTLE");
    }

    // ---------------------------------------------------------------- 16 CONSENT_STANDS

    function test_16_consent_stands_until_expired_or_used_up() external {
        bytes32 caseId = consented(600, 1000, 1);
        uint256 expiresAt = clock + 30 days;
        drawn(caseId, 599);
        refused(consent(caseId, 1, 1000), Rule.CONSENT_STANDS, "one fen of it is left");
        uint256 here = vm.snapshotState();
        drawn(caseId, 1);
        taken(consent(caseId, 400, 1000), "used up");
        vm.revertToState(here);
        atTime(expiresAt - 1);
        refused(consent(caseId, 1, 1000), Rule.CONSENT_STANDS, "a second before it expires");
        atTime(expiresAt);
        taken(consent(caseId, 401, 1000), "expired");
    }

    function test_16_consent_stands_a_reversal_does_not_give_it_back() external {
        bytes32 caseId = alliance.caseAt(Stage.USED_UP);
        taken(alliance.entry(Action.REVERSE, Org.BANK, caseId), "reversed");
        refused(order(caseId, 1), Rule.CONSENT_AMOUNT, "ORDER on what was used up");
        taken(consent(caseId, 1000, 1000), "a new consent to what is owed again");
        drawn(caseId, 1000);
    }

    // ---------------------------------------------------------------- 17 AMOUNT_RANGE

    function test_17_amount_range() external {
        bytes32 caseId = alliance.caseAt(Stage.REPLIED);
        refused(consent(caseId, 0, 1000), Rule.AMOUNT_RANGE, "CONSENT of 0");
        refused(consent(caseId, 1000, 0), Rule.AMOUNT_RANGE, "claim of 0");
        refused(consent(caseId, 1, MAX_FEN + 1), Rule.AMOUNT_RANGE, "claim of 2^53");
        refused(consent(caseId, MAX_FEN + 1, MAX_FEN), Rule.AMOUNT_RANGE, "CONSENT of 2^53");
        refused(consent(caseId, type(uint64).max, type(uint64).max), Rule.AMOUNT_RANGE, "all bits");
        taken(consent(caseId, MAX_FEN, MAX_FEN), "CONSENT of 2^53 - 1");
        refused(order(caseId, 0), Rule.AMOUNT_RANGE, "ORDER of 0");
        refused(order(caseId, MAX_FEN + 1), Rule.AMOUNT_RANGE, "ORDER of 2^53");
        alliance.setLimits(Org.OFFICE, MAX_FEN, MAX_FEN);
        alliance.setLimits(Org.BANK, MAX_FEN, MAX_FEN);
        taken(order(caseId, MAX_FEN), "ORDER of 2^53 - 1");
        taken(accept(caseId), "ACCEPT of 2^53 - 1");
        refused(debit(caseId, MAX_FEN + 1), Rule.AMOUNT_RANGE, "DEBIT of 2^53");
        refused(debit(caseId, type(uint64).max), Rule.AMOUNT_RANGE, "DEBIT of all bits");
        taken(debit(caseId, MAX_FEN), "DEBIT of 2^53 - 1");
        eq(ledger.caseOf(Org.OFFICE, caseId).net, MAX_FEN, "net");
    }

    // ---------------------------------------------------------------- 18 AMOUNT

    function test_18_amount_is_the_one_of_what_it_names() external {
        bytes32 caseId = alliance.caseAt(Stage.ORDERED);
        Entry memory e = accept(caseId);
        e.amount = 399;
        refused(e, Rule.AMOUNT, "ACCEPT of less");
        e.amount = 401;
        refused(e, Rule.AMOUNT, "ACCEPT of more");
        e.amount = 0;
        refused(e, Rule.AMOUNT, "ACCEPT of nothing");
        taken(accept(caseId), "ACCEPT of the order's amount");
        refused(debit(caseId, 401), Rule.AMOUNT, "DEBIT of more than the order");
        taken(debit(caseId, 399), "DEBIT of less");
        e = alliance.entry(Action.SETTLE, Org.OFFICE, caseId);
        e.amount = 398;
        refused(e, Rule.AMOUNT, "SETTLE of less");
        e.amount = 400;
        refused(e, Rule.AMOUNT, "SETTLE of more");
        e = alliance.entry(Action.REVERSE, Org.BANK, caseId);
        e.amount = 400;
        refused(e, Rule.AMOUNT, "REVERSE of more");
        e.amount = 0;
        refused(e, Rule.AMOUNT, "REVERSE of nothing");
        e.amount = 399;
        taken(e, "REVERSE of the debit's amount");
    }

    // ---------------------------------------------------------------- 19 PARTS

    function test_19_parts_a_consent_that_has_none_is_used_whole() external {
        bytes32 caseId = consented(600, 1000, 0);
        refused(order(caseId, 599), Rule.PARTS, "ORDER of a part");
        refused(order(caseId, 601), Rule.PARTS, "ORDER of more");
        taken(order(caseId, 600), "ORDER of the whole");
        taken(accept(caseId), "ACCEPT");
        refused(debit(caseId, 599), Rule.PARTS, "DEBIT of a part");
        refused(debit(caseId, 1), Rule.PARTS, "DEBIT of one fen");
        taken(debit(caseId, 0), "DEBIT of nothing");
        drawn(caseId, 600);
        refused(order(caseId, 600), Rule.CONSENT_AMOUNT, "ORDER once more");
    }

    // ---------------------------------------------------------------- 20 CONSENT_AMOUNT

    function test_20_consent_amount_is_all_that_is_ever_debited_under_it() external {
        bytes32 caseId = consented(700, 1000, 1);
        drawn(caseId, 300);
        refused(order(caseId, 401), Rule.CONSENT_AMOUNT, "one fen more than is left");
        taken(alliance.entry(Action.REVERSE, Org.BANK, caseId), "reversed");
        refused(order(caseId, 401), Rule.CONSENT_AMOUNT, "reversed counts as well");
        drawn(caseId, 400);
        refused(order(caseId, 1), Rule.CONSENT_AMOUNT, "used up");
    }

    function test_20_consent_amount_fuzz(uint64 whole, uint64 first, uint64 second) external {
        whole = uint64(within(whole, 1, alliance.ORDER_LIMIT()));
        first = uint64(within(first, 1, whole));
        second = uint64(within(second, 1, alliance.ORDER_LIMIT()));
        bytes32 caseId = consented(whole, whole, 1);
        drawn(caseId, first);
        eq(previewed(order(caseId, second)), first + second <= whole ? 0 : Rule.CONSENT_AMOUNT, "the second order");
    }

    // ---------------------------------------------------------------- 21 CLAIM

    function test_21_claim_is_named_once_and_repeated() external {
        bytes32 caseId = consented(600, 1000, 1);
        taken(alliance.entry(Action.REVOKE, Org.OFFICE, caseId), "revoked");
        refused(consent(caseId, 600, 999), Rule.CLAIM, "a smaller claim");
        refused(consent(caseId, 600, 1001), Rule.CLAIM, "a larger claim");
        taken(consent(caseId, 600, 1000), "the same claim");
    }

    function test_21_claim_bounds_the_consent() external {
        bytes32 caseId = alliance.caseAt(Stage.REPLIED);
        refused(consent(caseId, 1001, 1000), Rule.CLAIM, "more than the claim");
        taken(consent(caseId, 600, 1000), "two heirs: the first agrees to a part");
        drawn(caseId, 600);
        refused(consent(caseId, 401, 1000), Rule.CLAIM, "more than is left of the claim");
        taken(consent(caseId, 400, 1000), "the second to the rest");
        drawn(caseId, 400);
        eq(ledger.caseOf(Org.OFFICE, caseId).net, 1000, "all is recovered");
    }

    function test_21_claim_grows_again_by_a_reversal() external {
        bytes32 caseId = alliance.caseAt(Stage.USED_UP);
        refused(consent(caseId, 1, 1000), Rule.CLAIM, "nothing is left");
        taken(alliance.entry(Action.SETTLE, Org.OFFICE, caseId), "settled");
        refused(consent(caseId, 1, 1000), Rule.CLAIM, "still nothing");
        taken(alliance.entry(Action.REVERSE, Org.OFFICE, caseId), "given back");
        taken(consent(caseId, 1000, 1000), "all is owed again");
    }

    // ---------------------------------------------------------------- 22 FUND_ACCOUNT

    function test_22_fund_account_is_registered_now() external {
        bytes32 caseId = alliance.caseAt(Stage.CONSENTED);
        uint16[4] memory wrong = [uint16(0), 2, 3, 65_535];
        for (uint256 i; i < 4; ++i) {
            Entry memory e = order(caseId);
            e.fundAccount = wrong[i];
            refused(e, Rule.FUND_ACCOUNT, "a number that stands for nothing");
        }
        alliance.addFundAccount(Org.OFFICE_2);
        Entry memory others = order(caseId);
        others.fundAccount = 2;
        refused(others, Rule.FUND_ACCOUNT, "another office's account");
        taken(order(caseId), "its own");
        alliance.removeFundAccount(Org.OFFICE, 1);
        refused(accept(caseId), Rule.FUND_ACCOUNT, "ACCEPT after the account was removed");
        taken(alliance.entry(Action.CANCEL, Org.OFFICE, caseId), "cancelled");
        refused(order(caseId), Rule.FUND_ACCOUNT, "ORDER to the account that was removed");
        alliance.addFundAccount(Org.OFFICE);
        Entry memory toNew = order(caseId);
        toNew.fundAccount = 2;
        taken(toNew, "to the new account");
    }

    /// @dev Each entry of a chunk is asked for its own account, whatever its neighbour was answered.
    function test_22_fund_account_is_asked_for_every_entry_of_a_chunk() external {
        alliance.addFundAccount(Org.OFFICE);
        alliance.removeFundAccount(Org.OFFICE, 1);
        Entry[] memory es = new Entry[](6);
        uint16[6] memory accounts = [uint16(1), 2, 2, 1, 1, 2];
        for (uint256 i; i < 6; ++i) {
            es[i] = order(alliance.caseAt(Stage.CONSENTED));
            es[i].fundAccount = accounts[i];
        }
        eq(alliance.writeAll(es), hex"160000161600", "orders to two accounts, the first removed");
    }

    /// @dev Two offices have an account number 1 each: what was answered for one is not the other's.
    function test_22_fund_account_of_another_payee_in_one_chunk() external {
        bytes32[4] memory cases;
        for (uint256 i; i < 4; ++i) {
            cases[i] = alliance.caseAt(i % 2 == 0 ? Stage.ORDERED : Stage.CONSENTED);
        }
        alliance.succeed(Org.OFFICE, Org.OFFICE_2);
        taken(order2(cases[1]), "by the successor, to its account 1");
        taken(order2(cases[3]), "by the successor, to its account 1");
        alliance.removeFundAccount(Org.OFFICE_2, 1);
        Entry[] memory es = new Entry[](4);
        for (uint256 i; i < 4; ++i) {
            es[i] = accept(cases[i]);
        }
        eq(alliance.writeAll(es), hex"00160016", "account 1 of the office stands, the successor's does not");
    }

    /// @dev The account is the successor's when the successor orders, and the bank is asked about that one.
    function test_22_fund_account_of_whoever_ordered() external {
        bytes32 caseId = alliance.caseAt(Stage.CONSENTED);
        alliance.succeed(Org.OFFICE, Org.OFFICE_2);
        taken(order2(caseId), "the successor orders to its own account");
        alliance.removeFundAccount(Org.OFFICE_2, 1);
        refused(accept(caseId), Rule.FUND_ACCOUNT, "ACCEPT after the successor's account was removed");
    }

    function order2(bytes32 caseId) private returns (Entry memory) {
        return alliance.entry(Action.ORDER, Org.OFFICE_2, caseId);
    }

    // ---------------------------------------------------------------- 23 ORDER_LIMIT, 24 DAY_LIMIT

    function test_23_order_limit_of_office_and_bank() external {
        bytes32 caseId = consented(1000, 1000, 1);
        alliance.setLimits(Org.OFFICE, 399, 100_000);
        refused(order(caseId, 400), Rule.ORDER_LIMIT, "ORDER above the office's");
        taken(order(caseId, 399), "ORDER at the office's");
        alliance.setLimits(Org.BANK, 398, 100_000);
        refused(accept(caseId), Rule.ORDER_LIMIT, "ACCEPT above the bank's");
        alliance.setLimits(Org.BANK, 399, 100_000);
        taken(accept(caseId), "ACCEPT at the bank's");
    }

    function test_23_order_limit_is_zero_until_set() external {
        Act memory a = alliance.actOf(Kind.ADMIT, 10);
        (a.code, a.first, a.second, a.data) = (2, alliance.who(10, 0), alliance.who(10, 1), "a new bank");
        alliance.enact(a);
        eq(alliance.registry().standing(10).orderLimit + alliance.registry().standing(10).dayLimit, 0, "limits");
        alliance.setLimits(Org.OFFICE, 0, 100_000);
        refused(order(alliance.caseAt(Stage.CONSENTED), 1), Rule.ORDER_LIMIT, "ORDER of one fen under a limit of 0");
    }

    function test_24_day_limit_is_charged_at_order_and_accept_and_not_given_back() external {
        alliance.setLimits(Org.OFFICE, 1000, 1000);
        alliance.setLimits(Org.BANK, 1000, 700);
        bytes32 a = consented(1000, 1000, 1);
        bytes32 b = consented(1000, 1000, 1);
        taken(order(a, 600), "600 of 1,000");
        refused(order(b, 401), Rule.DAY_LIMIT, "one fen above the day's");
        taken(order(b, 400), "the day's whole");
        eq(charged(Org.OFFICE), 1000, "charged to the office");
        eq(charged(Org.BANK), 0, "charged to the bank");
        taken(accept(a), "accepted");
        refused(accept(b), Rule.DAY_LIMIT, "600 + 400 is more than the bank's 700");
        eq(charged(Org.BANK), 600, "charged to the bank");
        taken(alliance.entry(Action.CANCEL, Org.OFFICE, b), "cancelled");
        refused(order(b, 1), Rule.DAY_LIMIT, "what was cancelled is not given back");
        taken(debit(a, 0), "failed");
        refused(order(a, 1), Rule.DAY_LIMIT, "what failed is not given back");
    }

    function test_24_day_limit_counts_within_a_chunk() external {
        alliance.setLimits(Org.OFFICE, 400, 1000);
        Entry[] memory es = new Entry[](4);
        for (uint256 i; i < 4; ++i) {
            es[i] = order(alliance.caseAt(Stage.CONSENTED));
        }
        es[3].amount = 200;
        eq(alliance.writeAll(es), hex"00001800", "400 + 400, not 400 more, but 200 more");
        eq(charged(Org.OFFICE), 1000, "charged");
    }

    function test_24_day_limit_begins_anew_at_midnight_in_Beijing() external {
        alliance.setLimits(Org.OFFICE, 400, 400);
        bytes32 a = alliance.caseAt(Stage.CONSENTED);
        bytes32 b = alliance.caseAt(Stage.CONSENTED);
        uint256 midnight = ((clock + 8 hours) / 1 days + 1) * 1 days - 8 hours; // 16:00 UTC
        eq(midnight, 1_772_467_200, "2 March 2026, 16:00 UTC");
        atTime(midnight - 1);
        taken(order(a), "on Monday");
        refused(order(b), Rule.DAY_LIMIT, "still Monday");
        atTime(midnight);
        taken(order(b), "on Tuesday");
        (uint32 day, uint64 fen) = ledger.chargedOf(Org.OFFICE);
        eq(day, 20_515, "days from 1970-01-01 to 2026-03-03");
        eq(fen, 400, "charged on Tuesday");
    }

    function charged(uint16 org) private view returns (uint64 fen) {
        (, fen) = ledger.chargedOf(org);
    }

    function test_24_day_limit_lowered_below_what_is_charged() external {
        bytes32 caseId = alliance.caseAt(Stage.ORDERED);
        taken(alliance.entry(Action.CANCEL, Org.OFFICE, caseId), "cancelled");
        Act memory a = alliance.actOf(Kind.LOWER_LIMITS, Org.OFFICE);
        (a.orderLimit, a.dayLimit) = (400, 399);
        alliance.enact(a);
        refused(order(caseId, 1), Rule.DAY_LIMIT, "the office's own lower limit holds at once");
    }

    // ---------------------------------------------------------------- the order of the rules

    /// @dev An order with everything wrong at once is mended fault by fault; the refusals come in the table's order.
    function test_first_rule_broken_is_the_refusal() external {
        alliance.setLimits(Org.OFFICE, 500, 600);
        bytes32 spent = consented(100, 100, 1);
        taken(order(spent, 100), "charged 100 today");
        bytes32 caseId = consented(700, 1000, 0);
        bytes32 standing = alliance.trail(Org.OFFICE, caseId).consent;
        taken(alliance.entry(Action.DISPUTE, Org.BANK, caseId), "a dispute");
        Entry memory e = order(caseId, MAX_FEN + 1);
        (e.org, e.body, e.office, e.caseId) = (Org.BANK, "", Org.OFFICE_2, keccak256("no such case"));
        (e.recipient, e.head, e.consent, e.fundAccount) = (1, 0, 0, 9);
        atTime(clock + 30 days); // the consent has expired
        eq(previewed(e), Rule.ACTION, "a bank's");
        e.org = Org.OFFICE_2;
        eq(previewed(e), Rule.FIELDS, "a recipient");
        e.recipient = 0;
        eq(previewed(e), Rule.PAYLOAD_SIZE, "no payload");
        e.body = new bytes(616);
        eq(previewed(e), Rule.CASE, "no such case");
        (e.office, e.caseId) = (Org.OFFICE, spent);
        eq(previewed(e), Rule.PARTY, "another office");
        e.org = Org.OFFICE;
        eq(previewed(e), Rule.ORDER_OPEN, "an order is open there");
        e.caseId = caseId;
        eq(previewed(e), Rule.HEAD, "no head");
        e.head = ledger.caseOf(Org.OFFICE, caseId).head;
        eq(previewed(e), Rule.TARGET, "no consent");
        e.consent = standing;
        eq(previewed(e), Rule.DISPUTED, "a dispute");
        taken(alliance.entry(Action.RESOLVE, Org.BANK, caseId), "resolved");
        e.head = ledger.caseOf(Org.OFFICE, caseId).head;
        eq(previewed(e), Rule.CONSENT_LIVE, "expired");
        atTime(clock - 30 days);
        eq(previewed(e), Rule.AMOUNT_RANGE, "2^53 fen");
        e.amount = MAX_FEN;
        eq(previewed(e), Rule.PARTS, "not the whole");
        e.amount = 700;
        eq(previewed(e), Rule.FUND_ACCOUNT, "no such account");
        e.fundAccount = 1;
        eq(previewed(e), Rule.ORDER_LIMIT, "700 above 500");
        alliance.setLimits(Org.OFFICE, 700, 799);
        eq(previewed(e), Rule.DAY_LIMIT, "100 + 700 above 799");
        alliance.setLimits(Org.OFFICE, 700, 800);
        taken(e, "nothing is wrong any more");
    }

    /// @dev Entries on different cases are judged together as they are alone: nothing of one is left over for the next.
    function test_neighbours_are_judged_as_if_alone_fuzz(uint256 seed) external {
        bytes32[] memory cases = new bytes32[](9);
        for (uint256 i; i < 9; ++i) {
            cases[i] = alliance.caseAt(i % 3 == 0 ? Stage.REPLIED : i % 3 == 1 ? Stage.CONSENTED : Stage.DEBITED);
        }
        uint16 writer = seed % 2 == 0 ? Org.OFFICE_2 : Org.BANK_2;
        if ((seed >> 1) % 3 != 0) {
            if (writer == Org.OFFICE_2) alliance.succeed(Org.OFFICE, Org.OFFICE_2);
            else alliance.succeed(Org.BANK, Org.BANK_2);
        }
        uint8[5] memory actions = writer == Org.OFFICE_2
            ? [Action.CONSENT, Action.ORDER, Action.SETTLE, Action.DISPUTE, Action.CLOSE]
            : [Action.REVERSE, Action.DISPUTE, Action.REPLY, Action.DEBIT, Action.ACCEPT];
        uint8 action = actions[(seed >> 8) % 5];
        Entry[] memory es = new Entry[](9);
        bytes memory alone = new bytes(9);
        for (uint256 i; i < 9; ++i) {
            bool own = writer == Org.OFFICE_2 && (seed >> (16 + i)) % 2 == 0;
            if (own) cases[i] = ownCase(action);
            es[i] = alliance.entry(action, writer, own ? Org.OFFICE_2 : Org.OFFICE, cases[i]);
            alone[i] = bytes1(previewed(es[i]));
        }
        eq(alliance.writeAll(es), alone, "together against alone");
    }

    /// @dev A case of the second office's own, where the action is taken.
    function ownCase(uint8 action) private returns (bytes32 caseId) {
        caseId = alliance.newCase();
        Entry memory e = alliance.entry(Action.REQUEST, Org.OFFICE_2, Org.OFFICE_2, caseId);
        e.recipient = Org.BANK_2;
        taken(e, "a request of its own");
        if (action == Action.CLOSE) return caseId;
        taken(alliance.entry(Action.REPLY, Org.BANK_2, Org.OFFICE_2, caseId), "a reply");
        if (action != Action.ORDER) return caseId;
        taken(alliance.entry(Action.CONSENT, Org.OFFICE_2, Org.OFFICE_2, caseId), "a consent");
    }
}
