// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Case, Consent, Debit, Total} from "../src/interfaces/ICaseLedger.sol";
import {Codec} from "./base/Codec.sol";
import {Said, Sent} from "./base/Society.sol";
import {SocietyTest} from "./base/SocietyTest.sol";
import {Action, Org, Phase} from "./base/Words.sol";

/// @notice PROPERTIES.md 1 to 24, as far as they are about states: a society acts at random, and its own books are compared
/// with the ledger after every turn.
/// forge-config: default.invariant.runs = 8
/// forge-config: default.invariant.depth = 100
contract PropertiesTest is SocietyTest {
    /// @notice What a case's book adds up to.
    struct Sums {
        uint256 open; // fen of the open order
        uint256 orders; // open ones
        bytes32 order;
        uint256 debited;
        uint256 settled; // and not reversed
        uint256 reversed;
        uint256 unsettled; // fen
        uint256 unsettledCount;
        uint256 claim;
    }

    // ---------------------------------------------------------------- reading the books

    function add(Said[] memory book) private pure returns (Sums memory s) {
        for (uint256 i; i < book.length; ++i) {
            Said memory e = book[i];
            if (e.action == Action.CONSENT && s.claim == 0) s.claim = e.claim;
            if (e.action == Action.ORDER && !e.ended) (s.open, s.order, s.orders) = (e.amount, e.hash, s.orders + 1);
            if (e.action != Action.DEBIT || e.amount == 0) continue;
            s.debited += e.amount;
            if (e.reversed) s.reversed += e.amount;
            else if (e.settled) s.settled += e.amount;
            else (s.unsettled, s.unsettledCount) = (s.unsettled + e.amount, s.unsettledCount + 1);
        }
    }

    function ended(Case memory c) private pure returns (bool) {
        return c.phase == Phase.CLOSED || c.phase == Phase.DECLINED;
    }

    // ---------------------------------------------------------------- money

    /// @dev 1 to 7, 11: a case against its book.
    function invariant_money_of_every_case() external view {
        for (uint256 i; i < society.caseCount(); ++i) {
            bytes32 caseId = society.cases(i);
            Said[] memory book = society.bookOf(caseId);
            Sums memory s = add(book);
            Case memory c = ledger.caseOf(Org.OFFICE, caseId);
            eq(s.debited, s.settled + s.reversed + s.unsettled, "2: each debit is in one of three");
            eq(c.net, s.settled + s.unsettled, "3: net");
            eq(c.unsettled, s.unsettledCount, "3: unsettled debits");
            atMost(s.open + c.net, c.claim, "5: open and net within the claim");
            eq(c.claim, s.claim, "5: the claim is the first consent's");
            atMost(s.orders, 1, "6: one open order");
            yes((c.openOrder != 0) == (s.orders == 1), "6: open exactly while one is open");
            if (s.orders == 1) {
                eq(ledger.orderOf(Org.OFFICE, caseId, s.order).seq, c.openOrder, "6: it is that one");
                yes(c.accepted == society.said(caseId, s.order).accepted, "7: accepted as the bank said");
            } else {
                no(c.accepted, "7: nothing is accepted");
            }
            if (ended(c)) eq(s.orders + s.unsettledCount, 0, "11: at an end nothing is open or unsettled");
        }
    }

    /// @dev 1, 2: a debit against its order and against its fate.
    function invariant_debits() external view {
        for (uint256 i; i < society.caseCount(); ++i) {
            bytes32 caseId = society.cases(i);
            Said[] memory book = society.bookOf(caseId);
            for (uint256 j; j < book.length; ++j) {
                if (book[j].action != Action.DEBIT) continue;
                Debit memory d = ledger.debitOf(Org.OFFICE, caseId, book[j].hash);
                eq(d.amount, book[j].amount, "1: the debit's amount");
                yes(d.settled == book[j].settled && d.reversed == book[j].reversed, "2: its fate");
                Said memory o = society.said(caseId, book[j].target);
                atMost(d.amount, o.amount, "1: at most its order");
                yes(d.amount == 0 || o.accepted, "1: above 0 only on an accepted order");
            }
        }
    }

    /// @dev 4: a consent against all that was debited under it.
    function invariant_consents() external view {
        for (uint256 i; i < society.caseCount(); ++i) {
            bytes32 caseId = society.cases(i);
            Said[] memory book = society.bookOf(caseId);
            for (uint256 j; j < book.length; ++j) {
                if (book[j].action != Action.CONSENT) continue;
                Consent memory k = ledger.consentOf(Org.OFFICE, caseId, book[j].hash);
                (uint256 open, uint256 debited) = under(book, book[j].hash);
                eq(k.debited, debited, "4: all ever debited under it, reversed too");
                atMost(open + debited, k.amount, "4: within the consent");
                yes(k.ended == book[j].ended, "4: ended as it was said");
            }
        }
    }

    function under(Said[] memory book, bytes32 consent) private pure returns (uint256 open, uint256 debited) {
        for (uint256 i; i < book.length; ++i) {
            if (book[i].consent != consent) continue;
            if (book[i].action == Action.DEBIT) debited += book[i].amount;
            if (book[i].action == Action.ORDER && !book[i].ended) open += book[i].amount;
        }
    }

    /// @dev 10: what was ordered and accepted on a day, against the highest limit of that day.
    function invariant_limits() external view {
        uint32 day = society.today();
        for (uint16 org = Org.OFFICE; org <= Org.BANK_2; ++org) {
            atMost(society.movedOn(org, day), society.highestLimit(org, day), "10: the day's limit");
            (uint32 last, uint64 fen) = ledger.chargedOf(org);
            eq(fen, society.movedOn(org, last), "10: charged what was moved");
        }
    }

    /// @dev 12, 24: sums over all that was taken, against the ledger's totals and its global count.
    function invariant_totals() external view {
        for (uint16 org = Org.OFFICE; org <= Org.AUDITOR; ++org) {
            for (uint8 action = 1; action <= 15; ++action) {
                Total memory t = ledger.totalOf(org, action);
                eq(t.entries, society.writtenEntries(org, action), "12: entries by org and action");
                eq(t.fen, society.writtenFen(org, action), "12: fen by org and action");
            }
        }
        eq(ledger.taken(), society.takenInAll(), "24: the global count");
    }

    // ---------------------------------------------------------------- the ledger

    /// @dev 13: the head recomputes from the entries taken, and seq counts them.
    function invariant_heads() external view {
        for (uint256 i; i < society.caseCount(); ++i) {
            bytes32 caseId = society.cases(i);
            Said[] memory book = society.bookOf(caseId);
            bytes32 head = Codec.firstHead(ledger.id(), Org.OFFICE, caseId);
            for (uint256 j; j < book.length; ++j) {
                head = Codec.nextHead(head, book[j].hash);
            }
            Case memory c = ledger.caseOf(Org.OFFICE, caseId);
            eq(c.head, head, "13: the head");
            eq(c.seq, book.length, "13: seq");
        }
    }

    /// @dev 15, 16: every submission's place, tally and sum.
    function invariant_submissions() external view {
        Sent[] memory sent = society.submissions();
        uint256 from = sent.length > 8 ? sent.length - 8 : 0; // the older ones stand as they were
        for (uint256 i = from; i < sent.length; ++i) {
            (uint32 next, uint32 taken, uint64 sum,) = ledger.progressOf(sent[i].org, sent[i].root);
            eq(next, sent[i].taken + sent[i].refused, "15: taken + refused = next place");
            eq(taken, sent[i].taken, "15: taken");
            atMost(next, sent[i].count, "15: at most the signed number");
            eq(sum, sent[i].presented, "16: presented");
            atMost(sum, sent[i].sum, "16: at most the signed sum");
            if (next == sent[i].count) eq(sum, sent[i].sum, "16: all of it when it is finished");
        }
    }

    // ---------------------------------------------------------------- is the society any good

    /// @dev A handler that never gets anywhere tests nothing: every action is taken, and rules of every kind refuse.
    function test_the_society_gets_everywhere() external {
        for (uint256 i; i < 1000; ++i) {
            society.turn(i);
        }
        for (uint8 action = 1; action <= 15; ++action) {
            yes(society.takenByAction(action) > 0, Codec.actionName(action));
        }
        uint256 rules;
        for (uint256 rule = 1; rule <= 24; ++rule) {
            if (society.refusedByRule(rule) > 0) ++rules;
        }
        yes(rules >= 16, "rules that refused something");
        this.invariant_money_of_every_case();
        this.invariant_debits();
        this.invariant_consents();
        this.invariant_limits();
        this.invariant_totals();
        this.invariant_heads();
        this.invariant_submissions();
    }
}
