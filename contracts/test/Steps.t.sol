// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Case, Consent, Debit, Dispute, Order} from "../src/interfaces/ICaseLedger.sol";
import {Alliance} from "./base/Alliance.sol";
import {Entry} from "./base/Codec.sol";
import {LedgerTest} from "./base/LedgerTest.sol";
import {Action, Org, Phase, Rule, Stage} from "./base/Words.sol";

/// @notice Every stage of a case against every action, and what each step that is taken does.
contract StepsTest is LedgerTest {
    /// @dev A row a stage, a byte a column: 00 taken, else the rule. Columns: REQUEST ACKNOWLEDGE REPLY DECLINE CONSENT
    /// ORDER ACCEPT DEBIT CANCEL REVOKE, REVERSE by the office and by the bank, SETTLE, DISPUTE by each, RESOLVE by each, CLOSE.
    function row(Stage stage) private pure returns (bytes memory) {
        //                                      RQ AK RP DC CN OR AC DB CA RV Ro Rb ST Do Db So Sb CL
        if (stage == Stage.NONE) return hex"000404040404040404040404040404040404";
        if (stage == Stage.REQUESTED) return hex"040000000707070707070707070707070700";
        if (stage == Stage.ACKNOWLEDGED) return hex"040700000707070707070707070707070700";
        if (stage == Stage.DECLINED) return hex"040707070707070707070707070707070707";
        if (stage == Stage.CLOSED) return hex"040707070707070707070b0b070707070707";
        if (stage == Stage.NOT_DEBITABLE) return hex"040700070707070b07070b0b0b00000b0b00";
        if (stage == Stage.REPLIED) return hex"040700070007070b07070b0b0b00000b0b00";
        if (stage == Stage.CONSENTED) return hex"0407070710000b0b0b000b0b0b00000b0b00";
        if (stage == Stage.REVOKED) return hex"040700070007070b07070b0b0b00000b0b00";
        if (stage == Stage.OFFICE_DISPUTES) return hex"04070707100e0b0b0b000b0b0b0e00000b00";
        if (stage == Stage.BANK_DISPUTES) return hex"04070707100e0b0b0b000b0b0b000e0b0000";
        if (stage == Stage.ORDERED) return hex"040707070808000d00000b0b0b00000b0b08";
        if (stage == Stage.CANCELLED) return hex"0407070710000b0b0b000b0b0b00000b0b00";
        if (stage == Stage.ACCEPTED) return hex"0407070708080c000c000b0b0b00000b0b08";
        if (stage == Stage.REVOKED_ACCEPTED) return hex"040700070807070007070b0b0b00000b0b08";
        if (stage == Stage.DISPUTED_ACCEPTED) return hex"0407070708080c000c000b0b0b0e00000b08";
        if (stage == Stage.DEBITED) return hex"0407070710000b0b0b000b000000000b0b09";
        if (stage == Stage.FAILED) return hex"0407070710000b0b0b000b0b0b00000b0b00";
        if (stage == Stage.USED_UP) return hex"0407070715140b0b0b000b000000000b0b09";
        if (stage == Stage.SETTLED) return hex"0407070710000b0b0b00000b0b00000b0b00";
        if (stage == Stage.REVERSED) return hex"0407070710000b0b0b000b0b0b00000b0b00";
        if (stage == Stage.GIVEN_BACK) return hex"0407070710000b0b0b000b0b0b00000b0b00";
        return hex"04070707070707070707000b070707070707";
    }

    /// @dev The column's action and who writes it.
    function column(uint256 i) private pure returns (uint8 action, uint16 org) {
        bytes memory actions = hex"0102030405060708090a0b0b0c0d0d0e0e0f";
        bytes memory writers = hex"040606060404060604040406040406040604";
        return (uint8(actions[i]), uint8(writers[i]));
    }

    function test_every_action_at_every_stage() external {
        for (uint256 stage; stage <= uint256(type(Stage).max); ++stage) {
            bytes32 caseId = alliance.caseAt(Stage(stage));
            for (uint256 i; i < 18; ++i) {
                (uint8 action, uint16 org) = column(i);
                uint256 here = vm.snapshotState();
                uint8 rule = outcome(alliance.entry(action, org, caseId));
                vm.revertToState(here);
                if (rule != uint8(row(Stage(stage))[i])) revert Cell(Stage(stage), action, org, rule);
            }
        }
    }

    error Cell(Stage stage, uint8 action, uint16 org, uint8 rule);

    // ---------------------------------------------------------------- what a step does

    function caseOf(bytes32 caseId) private view returns (Case memory) {
        return ledger.caseOf(Org.OFFICE, caseId);
    }

    function trail(bytes32 caseId) private view returns (Alliance.Trail memory) {
        return alliance.trail(Org.OFFICE, caseId);
    }

    function test_request_opens_a_case() external {
        Case memory c = caseOf(alliance.caseAt(Stage.REQUESTED));
        eq(c.phase, Phase.REQUESTED, "phase");
        eq(c.office, Org.OFFICE, "office");
        eq(c.recipient, Org.BANK, "recipient");
        eq(c.seq, 1, "seq");
        eq(c.claim + c.net + c.openOrder + c.unsettled, 0, "nothing else");
    }

    function test_phases_after_each_step() external {
        eq(caseOf(alliance.caseAt(Stage.ACKNOWLEDGED)).phase, Phase.ACKNOWLEDGED, "ACKNOWLEDGE");
        eq(caseOf(alliance.caseAt(Stage.DECLINED)).phase, Phase.DECLINED, "DECLINE");
        eq(caseOf(alliance.caseAt(Stage.REPLIED)).phase, Phase.REPLIED, "REPLY");
        eq(caseOf(alliance.caseAt(Stage.CONSENTED)).phase, Phase.CONSENTED, "CONSENT");
        eq(caseOf(alliance.caseAt(Stage.REVOKED)).phase, Phase.REPLIED, "REVOKE");
        eq(caseOf(alliance.caseAt(Stage.ORDERED)).phase, Phase.CONSENTED, "ORDER");
        eq(caseOf(alliance.caseAt(Stage.ACCEPTED)).phase, Phase.CONSENTED, "ACCEPT");
        eq(caseOf(alliance.caseAt(Stage.CLOSED)).phase, Phase.CLOSED, "CLOSE");
    }

    function test_a_correction_of_the_reply_counts() external {
        bytes32 caseId = alliance.caseAt(Stage.REPLIED);
        yes(caseOf(caseId).debitable, "can be debited");
        Entry memory e = alliance.entry(Action.REPLY, Org.BANK, caseId);
        e.debitable = 0;
        taken(e, "a correction");
        no(caseOf(caseId).debitable, "cannot be debited after the correction");
        refused(alliance.entry(Action.CONSENT, Org.OFFICE, caseId), Rule.PHASE, "a consent then");
    }

    function test_consent_stands_and_fixes_the_claim() external {
        bytes32 caseId = alliance.caseAt(Stage.REPLIED);
        Entry memory e = alliance.entry(Action.CONSENT, Org.OFFICE, caseId);
        (e.amount, e.claim) = (300, 700);
        taken(e, "a consent to a part of the claim");
        Consent memory k = ledger.consentOf(Org.OFFICE, caseId, alliance.hashOf(e));
        eq(k.amount, 300, "amount");
        eq(k.debited, 0, "debited");
        eq(k.notBefore, e.notBefore, "notBefore");
        eq(k.expiresAt, e.expiresAt, "expiresAt");
        eq(k.seq, 3, "seq");
        yes(k.inParts, "in parts");
        no(k.ended, "ended");
        eq(caseOf(caseId).claim, 700, "claim");
    }

    function test_a_second_consent_ends_the_first() external {
        bytes32 caseId = alliance.caseAt(Stage.CONSENTED);
        bytes32 first = trail(caseId).consent;
        pass(30 days);
        taken(alliance.entry(Action.CONSENT, Org.OFFICE, caseId), "a consent after the first has expired");
        yes(ledger.consentOf(Org.OFFICE, caseId, first).ended, "the first has ended");
        no(ledger.consentOf(Org.OFFICE, caseId, trail(caseId).consent).ended, "the second stands");
        eq(caseOf(caseId).claim, alliance.CLAIM(), "the claim stays");
    }

    function test_order_is_open() external {
        bytes32 caseId = alliance.caseAt(Stage.ORDERED);
        Case memory c = caseOf(caseId);
        Order memory o = ledger.orderOf(Org.OFFICE, caseId, trail(caseId).order);
        eq(o.amount, alliance.ORDER_AMOUNT(), "amount");
        eq(o.seq, 4, "seq");
        eq(o.consentSeq, 3, "the consent's seq");
        eq(o.payee, Org.OFFICE, "payee");
        eq(o.fundAccount, 1, "fund account");
        eq(c.openOrder, o.seq, "the case's open order");
        no(c.accepted, "accepted");
    }

    function test_accept_and_cancel() external {
        yes(caseOf(alliance.caseAt(Stage.ACCEPTED)).accepted, "accepted");
        Case memory c = caseOf(alliance.caseAt(Stage.CANCELLED));
        eq(c.openOrder, 0, "a cancelled order is not open");
        no(c.accepted, "nor accepted");
    }

    function test_debit_ends_the_order_and_counts() external {
        bytes32 caseId = alliance.caseAt(Stage.DEBITED);
        Case memory c = caseOf(caseId);
        eq(c.openOrder, 0, "open order");
        no(c.accepted, "accepted");
        eq(c.unsettled, 1, "unsettled");
        eq(c.net, alliance.ORDER_AMOUNT(), "net");
        eq(ledger.consentOf(Org.OFFICE, caseId, trail(caseId).consent).debited, alliance.ORDER_AMOUNT(), "debited");
        Debit memory d = ledger.debitOf(Org.OFFICE, caseId, trail(caseId).debit);
        eq(d.amount, alliance.ORDER_AMOUNT(), "the debit's amount");
        no(d.settled || d.reversed, "neither settled nor reversed");
    }

    function test_debit_of_a_part_leaves_the_rest_to_another_order() external {
        bytes32 caseId = alliance.caseAt(Stage.ACCEPTED);
        Entry memory e = alliance.entry(Action.DEBIT, Org.BANK, caseId);
        e.amount = 150;
        taken(e, "a partial debit");
        e = alliance.entry(Action.ORDER, Org.OFFICE, caseId);
        e.amount = 850;
        taken(e, "an order for all that is left");
        eq(caseOf(caseId).net, 150, "net");
    }

    /// @dev The bank finishes what it accepted: it counts under the consent that was revoked meanwhile, not under the next.
    function test_debit_after_a_revocation_counts_under_the_revoked_consent() external {
        bytes32 caseId = alliance.caseAt(Stage.REVOKED_ACCEPTED);
        bytes32 revoked = trail(caseId).consent;
        taken(alliance.entry(Action.DEBIT, Org.BANK, caseId), "the debit");
        eq(ledger.consentOf(Org.OFFICE, caseId, revoked).debited, alliance.ORDER_AMOUNT(), "under the revoked one");
        eq(caseOf(caseId).net, alliance.ORDER_AMOUNT(), "net");
        Entry memory e = alliance.entry(Action.CONSENT, Org.OFFICE, caseId);
        e.amount = 600;
        taken(e, "consented anew, to the rest");
        eq(ledger.consentOf(Org.OFFICE, caseId, alliance.hashOf(e)).debited, 0, "nothing under the new one");
        eq(ledger.consentOf(Org.OFFICE, caseId, revoked).debited, alliance.ORDER_AMOUNT(), "the revoked one stays");
    }

    /// @dev A consent that has ended still says what was debited under it while it stood.
    function test_what_was_debited_under_a_consent_stays_known() external {
        bytes32 revoked = alliance.caseAt(Stage.DEBITED);
        bytes32 replaced = alliance.caseAt(Stage.DEBITED);
        bytes32 first = trail(revoked).consent;
        bytes32 second = trail(replaced).consent;
        taken(alliance.entry(Action.REVOKE, Org.OFFICE, revoked), "revoked");
        pass(30 days);
        Entry memory e = alliance.entry(Action.CONSENT, Org.OFFICE, replaced);
        e.amount = 600;
        taken(e, "replaced");
        uint64 fen = alliance.ORDER_AMOUNT();
        eq(ledger.consentOf(Org.OFFICE, revoked, first).debited, fen, "under the revoked one");
        eq(ledger.consentOf(Org.OFFICE, replaced, second).debited, fen, "under the replaced one");
        eq(ledger.consentOf(Org.OFFICE, replaced, alliance.hashOf(e)).debited, 0, "under the new one");
    }

    function test_debit_of_nothing_counts_nothing() external {
        bytes32 caseId = alliance.caseAt(Stage.FAILED);
        Case memory c = caseOf(caseId);
        eq(c.openOrder + c.unsettled + c.net, 0, "open, unsettled, net");
        eq(ledger.consentOf(Org.OFFICE, caseId, trail(caseId).consent).debited, 0, "debited");
    }

    function test_a_refusal_by_the_bank_is_a_debit_of_nothing() external {
        bytes32 caseId = alliance.caseAt(Stage.ORDERED);
        Entry memory e = alliance.entry(Action.DEBIT, Org.BANK, caseId);
        e.amount = 0;
        taken(e, "not accepted, and reported as 0");
        eq(caseOf(caseId).openOrder, 0, "open order");
    }

    function test_revoke_takes_an_order_with_it_unless_accepted() external {
        bytes32 caseId = alliance.caseAt(Stage.ORDERED);
        bytes32 consent = trail(caseId).consent;
        eq(alliance.step(Action.REVOKE, Org.OFFICE, caseId), 0, "a revocation");
        eq(caseOf(caseId).openOrder, 0, "the order fell");
        yes(ledger.consentOf(Org.OFFICE, caseId, consent).ended, "the consent has ended");
        Case memory c = caseOf(alliance.caseAt(Stage.REVOKED_ACCEPTED));
        eq(c.openOrder, 4, "an accepted order stays");
        yes(c.accepted, "and stays accepted");
    }

    function test_settle_and_reverse() external {
        bytes32 caseId = alliance.caseAt(Stage.SETTLED);
        Debit memory d = ledger.debitOf(Org.OFFICE, caseId, trail(caseId).debit);
        yes(d.settled && !d.reversed, "settled");
        eq(caseOf(caseId).unsettled, 0, "nothing unsettled after SETTLE");
        eq(caseOf(caseId).net, alliance.ORDER_AMOUNT(), "net after SETTLE");
        caseId = alliance.caseAt(Stage.REVERSED);
        d = ledger.debitOf(Org.OFFICE, caseId, trail(caseId).debit);
        yes(d.reversed && !d.settled, "reversed");
        eq(caseOf(caseId).unsettled + caseOf(caseId).net, 0, "nothing left after REVERSE by the bank");
        eq(
            ledger.consentOf(Org.OFFICE, caseId, trail(caseId).consent).debited,
            alliance.ORDER_AMOUNT(),
            "the consent's use is not given back"
        );
        caseId = alliance.caseAt(Stage.GIVEN_BACK);
        d = ledger.debitOf(Org.OFFICE, caseId, trail(caseId).debit);
        yes(d.reversed && d.settled, "given back");
        eq(caseOf(caseId).net, 0, "net after REVERSE by the office");
    }

    function test_reverse_after_close_is_the_offices_alone() external {
        bytes32 caseId = alliance.caseAt(Stage.CLOSED_SETTLED);
        refused(alliance.entry(Action.REVERSE, Org.BANK, caseId), Rule.TARGET, "by the bank");
        taken(alliance.entry(Action.REVERSE, Org.OFFICE, caseId), "by the office");
        eq(caseOf(caseId).net, 0, "net");
        eq(caseOf(caseId).phase, Phase.CLOSED, "the case stays closed");
        refused(alliance.entry(Action.REVERSE, Org.OFFICE, caseId), Rule.TARGET, "a second time");
    }

    function test_disputes_of_both_sides_are_apart() external {
        bytes32 caseId = alliance.caseAt(Stage.OFFICE_DISPUTES);
        taken(alliance.entry(Action.DISPUTE, Org.BANK, caseId), "the bank's beside the office's");
        Case memory c = caseOf(caseId);
        yes(c.officeDispute && c.recipientDispute, "both open");
        Alliance.Trail memory t = trail(caseId);
        Dispute memory d = ledger.disputeOf(Org.OFFICE, caseId, t.officeDispute);
        yes(d.byOffice && d.open && d.seq == 4, "the office's");
        d = ledger.disputeOf(Org.OFFICE, caseId, t.recipientDispute);
        yes(!d.byOffice && d.open && d.seq == 5, "the bank's");
        taken(alliance.entry(Action.RESOLVE, Org.OFFICE, caseId), "the office's resolved");
        refused(alliance.entry(Action.ORDER, Org.OFFICE, caseId), Rule.DISPUTED, "an order while the bank's is open");
        taken(alliance.entry(Action.RESOLVE, Org.BANK, caseId), "the bank's resolved");
        no(ledger.disputeOf(Org.OFFICE, caseId, t.recipientDispute).open, "not open any more");
        taken(alliance.entry(Action.ORDER, Org.OFFICE, caseId), "an order after both");
    }

    function test_close_voids_disputes() external {
        bytes32 caseId = alliance.caseAt(Stage.OFFICE_DISPUTES);
        bytes32 dispute = trail(caseId).officeDispute;
        taken(alliance.entry(Action.CLOSE, Org.OFFICE, caseId), "a close");
        refused(alliance.entry(Action.RESOLVE, Org.OFFICE, caseId), Rule.PHASE, "there is nothing to resolve at an end");
        eq(ledger.disputeOf(Org.OFFICE, caseId, dispute).seq, 4, "the dispute stays readable");
    }

    function test_authority_replies_and_never_debits() external {
        bytes32 caseId = alliance.newCase();
        Entry memory e = alliance.entry(Action.REQUEST, Org.OFFICE, caseId);
        e.recipient = Org.AUTHORITY;
        taken(e, "a request to an authority");
        taken(alliance.entry(Action.ACKNOWLEDGE, Org.AUTHORITY, caseId), "its acknowledgement");
        taken(alliance.entry(Action.REPLY, Org.AUTHORITY, caseId), "its reply");
        refused(alliance.entry(Action.CONSENT, Org.OFFICE, caseId), Rule.PHASE, "a consent on it");
        refused(alliance.entry(Action.DISPUTE, Org.AUTHORITY, caseId), Rule.ACTION, "its dispute");
        taken(alliance.entry(Action.CLOSE, Org.OFFICE, caseId), "a close");
    }
}
