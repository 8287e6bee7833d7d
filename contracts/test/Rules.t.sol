// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Case, Chunk, ICaseLedger, Submission} from "../src/interfaces/ICaseLedger.sol";
import {Act} from "../src/interfaces/IMembershipRegistry.sol";
import {Codec, Entry} from "./base/Codec.sol";
import {LedgerTest} from "./base/LedgerTest.sol";
import {Action, Kind, Org, Rule, Stage} from "./base/Words.sol";

/// @notice The rules 1 to 13 that look at an entry's form, its case, its parties and what it names.
contract RulesTest is LedgerTest {
    // ---------------------------------------------------------------- 1 ACTION

    function test_01_action_is_one_of_the_writers_role() external {
        // A bit an action that the role writes, as the table in transitions.json has it.
        uint256[10] memory byRole;
        byRole[Org.OFFICE] = 0xfe62; // REQUEST CONSENT ORDER CANCEL REVOKE REVERSE SETTLE DISPUTE RESOLVE CLOSE
        byRole[Org.BANK] = 0x699c; // ACKNOWLEDGE REPLY DECLINE ACCEPT DEBIT REVERSE DISPUTE RESOLVE
        byRole[Org.AUTHORITY] = 0x001c; // ACKNOWLEDGE REPLY DECLINE
        bytes32 caseId = alliance.caseAt(Stage.CONSENTED);
        for (uint16 org = 1; org <= Org.AUDITOR; ++org) {
            if (org == Org.OFFICE_2 || org == Org.BANK_2) continue;
            for (uint8 action = 0; action < 20; ++action) {
                bool mine = (byRole[org] >> action) & 1 == 1;
                uint8 rule = previewed(alliance.entry(action, org, caseId));
                if ((rule == Rule.ACTION) == mine) revert Written(org, action, rule);
            }
        }
    }

    error Written(uint16 org, uint8 action, uint8 rule);

    function test_01_action_that_does_not_exist_is_refused_and_used_up() external {
        Entry memory e = alliance.entry(Action.CLOSE, Org.OFFICE, alliance.caseAt(Stage.REPLIED));
        e.action = 16;
        refused(e, Rule.ACTION, "action 16");
        e.action = 0;
        refused(e, Rule.ACTION, "action 0");
        e.action = 255;
        refused(e, Rule.ACTION, "action 255");
    }

    function test_01_action_ledger_that_is_followed_opens_nothing() external {
        bytes32 replied = alliance.caseAt(Stage.REPLIED);
        bytes32 ordered = alliance.caseAt(Stage.ORDERED);
        Entry memory request = alliance.entry(Action.REQUEST, Org.OFFICE, alliance.newCase());
        alliance.nameLedger(address(0xBEEF));
        refused(request, Rule.ACTION, "REQUEST on a followed ledger");
        refused(alliance.entry(Action.CONSENT, Org.OFFICE, replied), Rule.ACTION, "CONSENT on a followed ledger");
        taken(alliance.entry(Action.ACCEPT, Org.BANK, ordered), "its cases finish there: ACCEPT");
        taken(alliance.entry(Action.DEBIT, Org.BANK, ordered), "its cases finish there: DEBIT");
        taken(alliance.entry(Action.SETTLE, Org.OFFICE, ordered), "its cases finish there: SETTLE");
        taken(alliance.entry(Action.ORDER, Org.OFFICE, ordered), "its cases finish there: ORDER");
    }

    // ---------------------------------------------------------------- 2 FIELDS

    /// @dev Bit i: the action uses field i of recipient, head, target, consent, amount, claim, notBefore, expiresAt,
    /// dueAt, fundAccount, debitable, inParts.
    function used(uint8 action) private pure returns (uint256) {
        uint16[16] memory fields = [
            0x000, // none
            0x101, // REQUEST: recipient, dueAt
            0x002, // ACKNOWLEDGE: head
            0x402, // REPLY: head, debitable
            0x002, // DECLINE: head
            0x8fa, // CONSENT: head, consent, amount, claim, notBefore, expiresAt, inParts
            0x21a, // ORDER: head, consent, amount, fundAccount
            0x01e, // ACCEPT: head, target, consent, amount
            0x01c, // DEBIT: target, consent, amount
            0x004, // CANCEL: target
            0x004, // REVOKE: target
            0x014, // REVERSE: target, amount
            0x014, // SETTLE: target, amount
            0x000, // DISPUTE
            0x004, // RESOLVE: target
            0x000 // CLOSE
        ];
        return fields[action];
    }

    function spoil(Entry memory e, uint256 field) private pure {
        if (field == 0) e.recipient = 1;
        else if (field == 1) e.head = bytes32(uint256(1));
        else if (field == 2) e.target = bytes32(uint256(1));
        else if (field == 3) e.consent = bytes32(uint256(1));
        else if (field == 4) e.amount = 1;
        else if (field == 5) e.claim = 1;
        else if (field == 6) e.notBefore = 1;
        else if (field == 7) e.expiresAt = 1;
        else if (field == 8) e.dueAt = 1;
        else if (field == 9) e.fundAccount = 1;
        else if (field == 10) e.debitable = 1;
        else e.inParts = 1;
    }

    function test_02_fields_that_an_action_does_not_use_are_zero() external {
        bytes32 caseId = alliance.caseAt(Stage.ORDERED);
        for (uint8 action = 1; action <= 15; ++action) {
            bool bank = action == Action.ACKNOWLEDGE || action == Action.REPLY || action == Action.DECLINE
                || action == Action.ACCEPT || action == Action.DEBIT;
            for (uint256 field; field < 12; ++field) {
                Entry memory e = alliance.entry(action, bank ? Org.BANK : Org.OFFICE, caseId);
                no(previewed(e) == Rule.FIELDS, "the entry as it comes has the right fields");
                spoil(e, field);
                bool mine = (used(action) >> field) & 1 == 1;
                uint8 rule = previewed(e);
                if ((rule == Rule.FIELDS) == mine) revert Field(action, field, rule);
            }
        }
    }

    error Field(uint8 action, uint256 field, uint8 rule);

    /// @dev Whatever stands in a field that is not used: any bit of it counts.
    function test_02_fields_any_value_fuzz(uint64 value, uint256 field) external {
        vm.assume(value != 0);
        field = within(field, 0, 6);
        Entry memory e = alliance.entry(Action.DISPUTE, Org.OFFICE, alliance.caseAt(Stage.REPLIED));
        if (field == 0) e.amount = value;
        else if (field == 1) e.claim = value;
        else if (field == 2) e.head = bytes32(uint256(value) << (value % 192));
        else if (field == 3) e.notBefore = uint40(value) | 1;
        else if (field == 4) e.expiresAt = uint40(value) | 1;
        else if (field == 5) e.dueAt = uint40(value) | 1;
        else e.fundAccount = uint16(value) | 1;
        eq(previewed(e), Rule.FIELDS, "a value in an unused field");
    }

    function test_02_fields_flags_are_zero_or_one() external {
        Entry memory e = alliance.entry(Action.REPLY, Org.BANK, alliance.caseAt(Stage.REQUESTED));
        e.debitable = 2;
        refused(e, Rule.FIELDS, "debitable 2");
        e.debitable = 255;
        refused(e, Rule.FIELDS, "debitable 255");
        e = alliance.entry(Action.CONSENT, Org.OFFICE, alliance.caseAt(Stage.REPLIED));
        e.inParts = 2;
        refused(e, Rule.FIELDS, "inParts 2");
    }

    function test_02_fields_an_authority_has_nothing_to_debit() external {
        bytes32 caseId = alliance.newCase();
        Entry memory e = alliance.entry(Action.REQUEST, Org.OFFICE, caseId);
        e.recipient = Org.AUTHORITY;
        taken(e, "a request to an authority");
        e = alliance.entry(Action.REPLY, Org.AUTHORITY, caseId);
        e.debitable = 1;
        refused(e, Rule.FIELDS, "an authority's reply that can be debited");
    }

    // ---------------------------------------------------------------- 3 PAYLOAD_SIZE

    function test_03_payload_has_one_of_five_lengths() external {
        uint256[5] memory right = [uint256(316), 616, 1216, 2416, 4816];
        bytes32 caseId = alliance.caseAt(Stage.REPLIED);
        for (uint256 i; i < 5; ++i) {
            Entry memory e = alliance.entry(Action.REPLY, Org.BANK, caseId);
            e.body = new bytes(right[i]);
            taken(e, "one of the five lengths");
            e = alliance.entry(Action.REPLY, Org.BANK, caseId);
            e.body = new bytes(right[i] - 1);
            refused(e, Rule.PAYLOAD_SIZE, "one byte less");
            e.body = new bytes(right[i] + 1);
            refused(e, Rule.PAYLOAD_SIZE, "one byte more");
        }
        Entry memory last = alliance.entry(Action.REPLY, Org.BANK, caseId);
        last.body = "";
        refused(last, Rule.PAYLOAD_SIZE, "no payload");
    }

    // ---------------------------------------------------------------- 4 CASE

    function test_04_case_is_opened_once() external {
        refused(alliance.entry(Action.REQUEST, Org.OFFICE, alliance.caseAt(Stage.REQUESTED)), Rule.CASE, "opened twice");
        refused(
            alliance.entry(Action.REQUEST, Org.OFFICE, alliance.caseAt(Stage.CLOSED)), Rule.CASE, "a closed one again"
        );
    }

    function test_04_case_id_is_the_offices_own() external {
        bytes32 caseId = alliance.caseAt(Stage.REQUESTED);
        taken(alliance.entry(Action.REQUEST, Org.OFFICE_2, Org.OFFICE_2, caseId), "the same case id of another office");
        refused(
            alliance.entry(Action.ACKNOWLEDGE, Org.BANK, Org.BANK, caseId), Rule.CASE, "an office that has no such case"
        );
    }

    function test_04_case_twice_in_one_submission() external {
        Entry[] memory es = requests(3);
        es[1].caseId = es[0].caseId;
        eq(alliance.writeAll(es), hex"000400", "the second of two");
    }

    /// @dev The 24 bits of seq are raised in storage: no walk gets there.
    function test_04_case_is_full_at_its_last_seq() external {
        bytes32 caseId = alliance.caseAt(Stage.REPLIED);
        setSeq(caseId, 2 ** 24 - 2);
        taken(alliance.entry(Action.DISPUTE, Org.OFFICE, caseId), "entry number 2^24 - 1");
        refused(alliance.entry(Action.RESOLVE, Org.OFFICE, caseId), Rule.CASE, "an entry more");
        refused(alliance.entry(Action.REPLY, Org.BANK, caseId), Rule.CASE, "of the other side");
    }

    function setSeq(bytes32 caseId, uint24 seq) private {
        vm.record();
        Case memory before = ledger.caseOf(Org.OFFICE, caseId);
        (bytes32[] memory reads,) = vm.accesses(address(ledger));
        for (uint256 i; i < reads.length; ++i) {
            bytes32 word = vm.load(address(ledger), reads[i]);
            if (word == before.head) continue;
            for (uint256 shift; shift <= 232; shift += 8) {
                if (uint24(uint256(word) >> shift) != before.seq) continue;
                vm.store(address(ledger), reads[i], word ^ bytes32(uint256(before.seq ^ seq) << shift));
                Case memory now_ = ledger.caseOf(Org.OFFICE, caseId);
                bool right = now_.seq == seq;
                now_.seq = before.seq;
                if (right && keccak256(abi.encode(now_)) == keccak256(abi.encode(before))) return;
                vm.store(address(ledger), reads[i], word);
            }
        }
        revert False("seq found in storage");
    }

    // ---------------------------------------------------------------- 5 PARTY

    function test_05_party_nobody_writes_for_another() external {
        bytes32 caseId = alliance.caseAt(Stage.CONSENTED);
        for (uint8 action = 2; action <= 15; ++action) {
            if (action != Action.ACKNOWLEDGE && action != Action.REPLY && action != Action.DECLINE) {
                if (action != Action.ACCEPT && action != Action.DEBIT) {
                    refused(alliance.entry(action, Org.OFFICE_2, caseId), Rule.PARTY, "another office");
                }
            }
            bool banks = action <= Action.DECLINE || action == Action.ACCEPT || action == Action.DEBIT
                || action == Action.REVERSE || action == Action.DISPUTE || action == Action.RESOLVE;
            if (banks) refused(alliance.entry(action, Org.BANK_2, caseId), Rule.PARTY, "another bank");
        }
        refused(alliance.entry(Action.REPLY, Org.AUTHORITY, caseId), Rule.PARTY, "an authority that was not asked");
    }

    function test_05_party_a_request_is_for_ones_own_office() external {
        Entry memory e = alliance.entry(Action.REQUEST, Org.OFFICE_2, Org.OFFICE, alliance.newCase());
        refused(e, Rule.PARTY, "a case of another office");
        e = alliance.entry(Action.REQUEST, Org.OFFICE, 0, alliance.newCase());
        refused(e, Rule.PARTY, "a case of office 0");
    }

    function test_05_party_a_successor_is_one() external {
        bytes32 caseId = alliance.caseAt(Stage.DEBITED);
        alliance.succeed(Org.OFFICE, Org.OFFICE_2);
        taken(alliance.entry(Action.SETTLE, Org.OFFICE_2, caseId), "the office's successor settles");
        taken(alliance.entry(Action.ORDER, Org.OFFICE_2, caseId), "and orders, to an account of its own");
        alliance.succeed(Org.BANK, Org.BANK_2);
        taken(alliance.entry(Action.ACCEPT, Org.BANK_2, caseId), "the bank's successor accepts");
        taken(alliance.entry(Action.DEBIT, Org.BANK_2, caseId), "and debits");
        Entry memory e = alliance.entry(Action.REQUEST, Org.OFFICE_2, Org.OFFICE, alliance.newCase());
        refused(e, Rule.PARTY, "but opens no case in the other's name");
        alliance.simple(Kind.REINSTATE, Org.OFFICE);
        refused(alliance.entry(Action.SETTLE, Org.OFFICE_2, caseId), Rule.PARTY, "a successor no longer");
        taken(alliance.entry(Action.SETTLE, Org.OFFICE, caseId), "the office itself again");
    }

    /// @dev Neighbours that ask the registry the same or another thing in turn: what it answered for one is not
    /// taken for another's.
    function test_05_party_is_asked_for_every_entry_of_a_chunk() external {
        Entry[] memory es = new Entry[](6);
        bytes32[] memory cases = new bytes32[](6);
        for (uint256 i; i < 6; ++i) {
            cases[i] = alliance.caseAt(i == 3 ? Stage.NONE : Stage.CONSENTED);
        }
        alliance.succeed(Org.OFFICE, Org.OFFICE_2);
        for (uint256 i; i < 6; ++i) {
            if (i == 3) {
                Entry memory own = alliance.entry(Action.REQUEST, Org.OFFICE_2, Org.OFFICE_2, cases[i]);
                taken(own, "a case of the successor's own");
                es[i] = alliance.entry(Action.CLOSE, Org.OFFICE_2, Org.OFFICE_2, cases[i]);
            } else {
                es[i] = alliance.entry(Action.CLOSE, Org.OFFICE_2, cases[i]);
            }
        }
        eq(alliance.writeAll(es), hex"000000000000", "the successor closes them all in one chunk");
    }

    function test_05_party_of_strangers_in_one_chunk() external {
        Entry[] memory es = new Entry[](5);
        for (uint256 i; i < 5; ++i) {
            es[i] = alliance.entry(Action.CLOSE, Org.OFFICE_2, alliance.caseAt(Stage.CONSENTED));
        }
        eq(alliance.writeAll(es), hex"0505050505", "another office's close of five cases");
    }

    // ---------------------------------------------------------------- 6 RECIPIENT

    function test_06_recipient_is_an_active_bank_or_authority_with_a_key() external {
        uint16[7] memory wrong = [uint16(0), 1, Org.OFFICE, Org.OFFICE_2, Org.AUDITOR, 10, 65_535];
        for (uint256 i; i < wrong.length; ++i) {
            Entry memory e = alliance.entry(Action.REQUEST, Org.OFFICE, alliance.newCase());
            e.recipient = wrong[i];
            refused(e, Rule.RECIPIENT, "one that receives no requests");
        }
        Act memory a = alliance.actOf(Kind.ADMIT, 10);
        (a.code, a.first, a.second, a.data) = (2, alliance.who(10, 0), alliance.who(10, 1), "a bank without a key");
        alliance.enact(a);
        Entry memory toNew = alliance.entry(Action.REQUEST, Org.OFFICE, alliance.newCase());
        toNew.recipient = 10;
        refused(toNew, Rule.RECIPIENT, "a bank without a key");
        alliance.registerKey(10);
        taken(toNew = again(toNew), "once it has a key");
        alliance.simple(Kind.SUSPEND, 10);
        toNew = alliance.entry(Action.REQUEST, Org.OFFICE, alliance.newCase());
        toNew.recipient = 10;
        refused(toNew, Rule.RECIPIENT, "a suspended bank");
    }

    /// @dev The same wish under a new payload: a refused entry is approved anew, never sent again.
    function again(Entry memory e) private returns (Entry memory) {
        e.commitment = alliance.newCase();
        return e;
    }

    function test_06_recipient_is_asked_for_every_entry_of_a_chunk() external {
        Entry[] memory es = requests(8);
        uint16[8] memory to =
            [Org.BANK, Org.BANK, Org.AUDITOR, Org.AUDITOR, Org.BANK_2, Org.AUDITOR, Org.BANK_2, Org.BANK];
        for (uint256 i; i < 8; ++i) {
            es[i].recipient = to[i];
        }
        eq(alliance.writeAll(es), hex"0000060600060000", "eight requests, three to an auditor");
    }

    // ---------------------------------------------------------------- 7, 8, 9: see StepsTest, every stage and action

    function test_08_order_open_and_09_unsettled_hold_back_a_close() external {
        refused(alliance.entry(Action.CLOSE, Org.OFFICE, alliance.caseAt(Stage.ORDERED)), Rule.ORDER_OPEN, "an order");
        bytes32 caseId = alliance.caseAt(Stage.DEBITED);
        refused(alliance.entry(Action.CLOSE, Org.OFFICE, caseId), Rule.UNSETTLED, "a debit");
        taken(alliance.entry(Action.REVERSE, Org.BANK, caseId), "reversed");
        taken(alliance.entry(Action.CLOSE, Org.OFFICE, caseId), "nothing is left");
    }

    // ---------------------------------------------------------------- 10 HEAD

    function test_10_head_is_the_one_that_the_signers_saw() external {
        Stage[6] memory stages =
            [Stage.REQUESTED, Stage.REQUESTED, Stage.REQUESTED, Stage.REPLIED, Stage.CONSENTED, Stage.ORDERED];
        uint8[6] memory action =
            [Action.ACKNOWLEDGE, Action.REPLY, Action.DECLINE, Action.CONSENT, Action.ORDER, Action.ACCEPT];
        for (uint256 i; i < 6; ++i) {
            bytes32 caseId = alliance.caseAt(stages[i]);
            uint16 org = action[i] == Action.CONSENT || action[i] == Action.ORDER ? Org.OFFICE : Org.BANK;
            Entry memory e = alliance.entry(action[i], org, caseId);
            bytes32 head = e.head;
            e.head = 0;
            refused(e, Rule.HEAD, "no head");
            e.head = head ^ bytes32(uint256(1));
            refused(e, Rule.HEAD, "a head with one bit changed");
            e.head = ledger.caseOf(Org.OFFICE, alliance.caseAt(stages[i])).head;
            refused(e, Rule.HEAD, "the head of another case");
            e.head = head;
            taken(e, "the head as it stands");
        }
    }

    function test_10_head_that_is_stale_is_refused_and_its_neighbours_stand() external {
        Entry[] memory es = new Entry[](3);
        for (uint256 i; i < 3; ++i) {
            es[i] = alliance.entry(Action.ACKNOWLEDGE, Org.BANK, alliance.caseAt(Stage.REQUESTED));
        }
        taken(alliance.entry(Action.REPLY, Org.BANK, es[1].caseId), "another entry crosses");
        eq(alliance.writeAll(es), hex"000700", "already replied");
        es = new Entry[](3);
        for (uint256 i; i < 3; ++i) {
            es[i] = alliance.entry(Action.CONSENT, Org.OFFICE, alliance.caseAt(Stage.REPLIED));
        }
        taken(alliance.entry(Action.REPLY, Org.BANK, es[1].caseId), "a correction crosses");
        eq(alliance.writeAll(es), hex"000a00", "one stale head of three");
    }

    /// @dev PROPERTIES 28: what names a target or the case is not pushed aside by unrelated news.
    function test_10_head_is_not_asked_of_stops_and_facts() external {
        bytes32 caseId = alliance.caseAt(Stage.ORDERED);
        Entry memory cancel = alliance.entry(Action.CANCEL, Org.OFFICE, caseId);
        Entry memory revoke = alliance.entry(Action.REVOKE, Org.OFFICE, caseId);
        Entry memory close = alliance.entry(Action.CLOSE, Org.OFFICE, caseId);
        Entry memory dispute = alliance.entry(Action.DISPUTE, Org.OFFICE, caseId);
        taken(alliance.entry(Action.DISPUTE, Org.BANK, caseId), "unrelated news");
        taken(dispute, "DISPUTE");
        taken(alliance.entry(Action.RESOLVE, Org.BANK, caseId), "more news");
        taken(cancel, "CANCEL");
        taken(revoke, "REVOKE");
        taken(alliance.entry(Action.REPLY, Org.BANK, caseId), "more news");
        taken(close, "CLOSE");
    }

    // ---------------------------------------------------------------- 11 TARGET

    function test_11_target_of_another_case() external {
        bytes32 mine = alliance.caseAt(Stage.ACCEPTED);
        bytes32 other = alliance.caseAt(Stage.ACCEPTED);
        Entry memory e = alliance.entry(Action.DEBIT, Org.BANK, mine);
        Entry memory f = alliance.entry(Action.DEBIT, Org.BANK, other);
        (bytes32 target, bytes32 consent) = (e.target, e.consent);
        e.target = f.target;
        refused(e, Rule.TARGET, "another case's order");
        (e.target, e.consent) = (target, f.consent);
        refused(e, Rule.TARGET, "another case's consent");
        e.consent = 0;
        refused(e, Rule.TARGET, "no consent");
        (e.target, e.consent) = (consent, consent);
        refused(e, Rule.TARGET, "a consent where an order should stand");
        (e.target, e.consent) = (0, consent);
        refused(e, Rule.TARGET, "no target");
        (e.target, e.consent) = (target, consent);
        taken(e, "its own");
    }

    function test_11_target_that_has_ended() external {
        bytes32 caseId = alliance.caseAt(Stage.ORDERED);
        Entry memory accept = alliance.entry(Action.ACCEPT, Org.BANK, caseId);
        Entry memory cancel = alliance.entry(Action.CANCEL, Org.OFFICE, caseId);
        Entry memory cancelAgain = alliance.entry(Action.CANCEL, Org.OFFICE, caseId);
        taken(cancel, "cancelled");
        taken(alliance.entry(Action.ORDER, Org.OFFICE, caseId), "another order");
        accept.head = ledger.caseOf(Org.OFFICE, caseId).head;
        refused(accept, Rule.TARGET, "ACCEPT of the cancelled order");
        refused(cancelAgain, Rule.TARGET, "CANCEL of the cancelled order");
    }

    function test_11_target_of_revoke_order_and_consent_is_the_standing_consent() external {
        bytes32 caseId = alliance.caseAt(Stage.CONSENTED);
        bytes32 first = alliance.trail(Org.OFFICE, caseId).consent;
        pass(30 days);
        taken(alliance.entry(Action.CONSENT, Org.OFFICE, caseId), "a second consent");
        Entry memory e = alliance.entry(Action.REVOKE, Org.OFFICE, caseId);
        e.target = first;
        refused(e, Rule.TARGET, "REVOKE of the one that was replaced");
        e = alliance.entry(Action.ORDER, Org.OFFICE, caseId);
        e.consent = first;
        refused(e, Rule.TARGET, "ORDER on the one that was replaced");
        pass(30 days);
        e = alliance.entry(Action.CONSENT, Org.OFFICE, caseId);
        bytes32 second = e.consent;
        e.consent = first;
        refused(e, Rule.TARGET, "CONSENT in place of the one that was replaced");
        e.consent = 0;
        refused(e, Rule.TARGET, "CONSENT in place of nothing");
        e.consent = second;
        taken(e, "CONSENT in place of the standing one");
        bytes32 replied = alliance.caseAt(Stage.REVOKED);
        e = alliance.entry(Action.CONSENT, Org.OFFICE, replied);
        e.consent = alliance.trail(Org.OFFICE, replied).consent;
        refused(e, Rule.TARGET, "CONSENT in place of a revoked one");
    }

    function test_11_target_order_on_a_revoked_consent_of_the_same_case() external {
        bytes32 caseId = alliance.caseAt(Stage.REVOKED);
        bytes32 revoked = alliance.trail(Org.OFFICE, caseId).consent;
        taken(alliance.entry(Action.CONSENT, Org.OFFICE, caseId), "consented anew");
        Entry memory e = alliance.entry(Action.ORDER, Org.OFFICE, caseId);
        e.consent = revoked;
        refused(e, Rule.TARGET, "the revoked one");
    }

    function test_11_target_of_accept_names_the_orders_consent() external {
        bytes32 caseId = alliance.caseAt(Stage.REVOKED);
        bytes32 revoked = alliance.trail(Org.OFFICE, caseId).consent;
        taken(alliance.entry(Action.CONSENT, Org.OFFICE, caseId), "consented anew");
        taken(alliance.entry(Action.ORDER, Org.OFFICE, caseId), "ordered");
        Entry memory e = alliance.entry(Action.ACCEPT, Org.BANK, caseId);
        e.consent = revoked;
        refused(e, Rule.TARGET, "ACCEPT on another consent of the case");
    }

    function test_11_target_debits_are_told_apart() external {
        bytes32 caseId = alliance.caseAt(Stage.DEBITED);
        Entry memory settle = alliance.entry(Action.SETTLE, Org.OFFICE, caseId);
        Entry memory give = alliance.entry(Action.REVERSE, Org.OFFICE, caseId);
        Entry memory reverse = alliance.entry(Action.REVERSE, Org.BANK, caseId);
        refused(give, Rule.TARGET, "REVERSE by the office of one not settled");
        taken(settle, "SETTLE");
        refused(alliance.entry(Action.SETTLE, Org.OFFICE, caseId), Rule.TARGET, "SETTLE a second time");
        refused(reverse, Rule.TARGET, "REVERSE by the bank of a settled one");
        taken(alliance.entry(Action.REVERSE, Org.OFFICE, caseId), "REVERSE by the office");
        refused(alliance.entry(Action.REVERSE, Org.OFFICE, caseId), Rule.TARGET, "REVERSE a second time");
        refused(alliance.entry(Action.SETTLE, Org.OFFICE, caseId), Rule.TARGET, "SETTLE of one given back");
        bytes32 failed = alliance.caseAt(Stage.ACCEPTED);
        Entry memory nothing = alliance.entry(Action.DEBIT, Org.BANK, failed);
        nothing.amount = 0;
        taken(nothing, "a debit of nothing");
        Entry memory e = alliance.entry(Action.SETTLE, Org.OFFICE, failed);
        e.target = alliance.hashOf(nothing);
        refused(e, Rule.TARGET, "SETTLE of a debit of nothing");
        e = alliance.entry(Action.REVERSE, Org.BANK, failed);
        e.target = alliance.hashOf(nothing);
        refused(e, Rule.TARGET, "REVERSE of a debit of nothing");
    }

    function test_11_target_of_resolve_is_ones_own_open_dispute() external {
        bytes32 caseId = alliance.caseAt(Stage.OFFICE_DISPUTES);
        Entry memory e = alliance.entry(Action.RESOLVE, Org.BANK, caseId);
        e.target = alliance.trail(Org.OFFICE, caseId).officeDispute;
        refused(e, Rule.TARGET, "the other side's");
        taken(alliance.entry(Action.RESOLVE, Org.OFFICE, caseId), "its own");
        refused(alliance.entry(Action.RESOLVE, Org.OFFICE, caseId), Rule.TARGET, "resolved already");
    }

    function test_11_target_the_same_dispute_is_not_raised_twice() external {
        bytes32 caseId = alliance.caseAt(Stage.REPLIED);
        Entry memory e = alliance.entry(Action.DISPUTE, Org.OFFICE, caseId);
        taken(e, "a dispute");
        taken(alliance.entry(Action.RESOLVE, Org.OFFICE, caseId), "resolved");
        Entry[] memory es = new Entry[](2);
        (es[0], es[1]) = (e, alliance.entry(Action.DISPUTE, Org.OFFICE, caseId));
        eq(alliance.writeAll(es), hex"0b00", "the same entry again, and another");
    }

    // ---------------------------------------------------------------- 12 ACCEPTED, 13 NOT_ACCEPTED

    function test_12_accepted_orders_are_the_banks_to_end() external {
        bytes32 caseId = alliance.caseAt(Stage.ACCEPTED);
        refused(alliance.entry(Action.CANCEL, Org.OFFICE, caseId), Rule.ACCEPTED, "CANCEL");
        refused(alliance.entry(Action.ACCEPT, Org.BANK, caseId), Rule.ACCEPTED, "ACCEPT again");
    }

    function test_13_not_accepted_no_money_moves() external {
        Entry memory e = alliance.entry(Action.DEBIT, Org.BANK, alliance.caseAt(Stage.ORDERED));
        e.amount = 1;
        refused(e, Rule.NOT_ACCEPTED, "one fen");
        e.amount = 0;
        taken(e, "nothing");
    }
}
