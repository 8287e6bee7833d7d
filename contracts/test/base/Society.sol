// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Case, Chunk, ICaseLedger, Submission} from "../../src/interfaces/ICaseLedger.sol";
import {Act, IMembershipRegistry, Standing} from "../../src/interfaces/IMembershipRegistry.sol";
import {Alliance} from "./Alliance.sol";
import {Codec, Entry} from "./Codec.sol";
import {TestBase} from "./TestBase.sol";
import {Action, Kind, Org, Phase, Rule} from "./Words.sol";

/// @notice One entry that the ledger took, as its writer remembers it, and what has become of it since.
struct Said {
    uint8 action;
    uint16 org;
    bytes32 hash;
    bytes32 target;
    bytes32 consent;
    uint64 amount;
    uint64 claim;
    bool accepted; // an ORDER
    bool settled; // a DEBIT
    bool reversed; // a DEBIT
    bool ended; // a CONSENT, an ORDER, a DISPUTE
}

/// @notice A submission that was presented at least in part, and what came of its entries.
struct Sent {
    uint16 org;
    uint32 count;
    uint32 taken;
    uint32 refused;
    uint64 sum; // signed
    uint64 presented; // fen
    bytes32 root;
}

/// @notice Everybody in the alliance, acting at random: the handler of the invariant tests.
/// @dev It keeps its own books from what it did and what the ledger answered, never from the ledger's views. What must
/// hold of a single step is checked here, at that step; what must hold always is checked by PropertiesTest.
contract Society is TestBase {
    /// @dev Actions as often as they are tried: money moves in most turns, and a dispute does not stop it for long.
    bytes private constant LIKED = hex"0102030405050606060607070707080808090a0b0c0c0d0e0e0e0f";

    Alliance public alliance;
    ICaseLedger public ledger;
    IMembershipRegistry public registry;

    bytes32[] public cases; // all of OFFICE; their recipients vary
    mapping(bytes32 => Said[]) private books;
    mapping(bytes32 => mapping(bytes32 => uint256)) private places; // 1 + place in the books, by entry hash
    Sent[] private sent;
    mapping(uint16 => mapping(uint8 => uint64)) public writtenEntries;
    mapping(uint16 => mapping(uint8 => uint256)) public writtenFen;
    mapping(uint16 => mapping(uint32 => uint256)) public movedOn; // fen ordered or accepted, by org and Beijing day
    mapping(uint16 => mapping(uint32 => uint256)) public highestLimit; // the highest day limit seen on that day
    uint256 public takenInAll;
    uint256[16] public takenByAction;
    uint256[25] public refusedByRule;
    uint256 public clock;
    uint256 private turns;

    constructor() {
        clock = 1_772_416_800;
        vm.warp(clock);
        alliance = Alliance(vm.deployCode("Alliance.sol:Alliance"));
        (ledger, registry) = (alliance.ledger(), alliance.registry());
        alliance.setLimits(Org.OFFICE, 900, 2500);
        alliance.setLimits(Org.BANK, 800, 2000);
        seeLimits();
    }

    // ---------------------------------------------------------------- a turn

    /// @notice Something happens. The seed says what.
    function turn(uint256 seed) external {
        seed = uint256(keccak256(abi.encode(seed, ++turns)));
        uint256 kind = seed % 100;
        if (kind < 70) single(seed >> 8);
        else if (kind < 80) several(seed >> 8);
        else if (kind < 90) time(seed >> 8);
        else membership(seed >> 8);
        seeLimits();
    }

    function time(uint256 seed) private {
        uint32[12] memory spans = [uint32(0), 1, 60, 60, 600, 3600, 3600, 1 hours, 6 hours, 6 hours, 1 days, 20 days];
        clock += spans[seed % 12];
        vm.warp(clock);
    }

    function membership(uint256 seed) private {
        uint16 org = [Org.OFFICE, Org.BANK, Org.OFFICE_2, Org.BANK_2][seed % 4];
        Standing memory s = registry.standing(org);
        uint256 what = (seed >> 8) % 7;
        if (!s.active) {
            if (what < 4) alliance.simple(Kind.REINSTATE, org);
        } else if (s.paused) {
            alliance.simple(Kind.RESUME, pausedItself(org) ? org : 0);
        } else if (what == 0) {
            alliance.simple(Kind.PAUSE, (seed >> 16) % 2 == 0 ? org : 0);
        } else if (what == 1 && (org == Org.OFFICE || org == Org.BANK)) {
            alliance.succeed(org, org + 1);
        } else if (what == 2) {
            changeLimits(org, seed >> 16);
        } else if (what == 3 && org < Org.BANK) {
            alliance.addFundAccount(org);
        } else if (what == 4 && registry.fundAccount(Org.OFFICE, 1) != 0 && (seed >> 16) % 4 == 0) {
            if (registry.standing(Org.OFFICE).active) alliance.removeFundAccount(Org.OFFICE, 1);
        } else if (what == 5) {
            governor(uint16(1 + (seed >> 16) % 3));
        }
    }

    /// @dev PROPERTIES 31: a governor comes and goes, but M of them stay.
    function governor(uint16 g) private {
        if (!registry.standing(g).active) return alliance.simple(Kind.REINSTATE, g);
        bytes memory why = alliance.tryEnact(alliance.actOf(Kind.SUSPEND, g));
        bytes memory tooFew = abi.encodeWithSelector(IMembershipRegistry.TooFewGovernors.selector, 1, 2);
        if (why.length > 0) eq(why, tooFew, "31: M governors are left");
    }

    function changeLimits(uint16 org, uint256 seed) private {
        (uint64 order, uint64 day) = (uint64(200 + seed % 900), uint64(500 + (seed >> 16) % 3000));
        Standing memory s = registry.standing(org);
        if (order != s.orderLimit || day != s.dayLimit) alliance.setLimits(org, order, day);
    }

    /// @dev Org 0's pause shows in everybody's standing; the auditor is paused by nobody else.
    function pausedItself(uint16 org) private view returns (bool) {
        return registry.standing(org).paused && !registry.standing(Org.AUDITOR).paused;
    }

    function today() public view returns (uint32) {
        return uint32((clock + 8 hours) / 1 days);
    }

    function seeLimits() private {
        for (uint16 org = Org.OFFICE; org <= Org.BANK_2; ++org) {
            uint64 limit = registry.standing(org).dayLimit;
            if (limit > highestLimit[org][today()]) highestLimit[org][today()] = limit;
        }
    }

    // ---------------------------------------------------------------- entries

    /// @dev One entry, mostly one that would be taken, sometimes spoilt, written in a chunk of its own.
    function single(uint256 seed) private {
        Entry[] memory es = new Entry[](1);
        es[0] = wish(pick(seed), seed >> 16);
        send(es, 1);
    }

    /// @dev Entries of one action on several cases, the same case twice among them, presented in part.
    function several(uint256 seed) private {
        Entry memory first = wish(pick(seed), seed >> 16);
        uint256 n = 2 + (seed >> 32) % 3;
        Entry[] memory es = new Entry[](n);
        es[0] = first;
        for (uint256 i = 1; i < n; ++i) {
            bytes32 caseId = first.action == Action.REQUEST ? alliance.newCase() : pick(seed >> (40 + 8 * i));
            es[i] = alliance.entry(first.action, first.org, caseId);
            if ((seed >> (80 + 2 * i)) % 4 == 0) spoil(es[i], seed >> (90 + i));
        }
        send(es, 1 + (seed >> 128) % n);
    }

    /// @dev A case on the books, mostly one that has not ended, or a new one while few are left.
    function pick(uint256 seed) private returns (bytes32 caseId) {
        uint256 n = cases.length;
        for (uint256 i; i < n; ++i) {
            caseId = cases[(seed + i) % n];
            uint8 phase = ledger.caseOf(Org.OFFICE, caseId).phase;
            if ((phase != Phase.CLOSED && phase != Phase.DECLINED) || seed % 23 == 0) break;
            caseId = 0;
        }
        if (caseId == 0 || (n < 12 && seed % 11 == 0)) caseId = alliance.newCase();
    }

    function wish(bytes32 caseId, uint256 seed) private returns (Entry memory e) {
        bool accepted = ledger.caseOf(Org.OFFICE, caseId).accepted;
        for (uint256 i; i < 10; ++i) {
            uint256 one = uint256(keccak256(abi.encode(seed, i)));
            uint8 action = uint8(LIKED[one % LIKED.length]);
            bool ends = action == Action.CLOSE || action == Action.REVOKE || action == Action.DECLINE;
            // rarely, but often enough between an acceptance and its debit
            if (ends && (one >> 8) % (accepted ? 2 : 12) != 0) continue;
            if (action == Action.DISPUTE && (one >> 8) % 8 != 0) continue;
            e = alliance.entry(action, writer(action, caseId, one >> 16), caseId);
            terms(e, one >> 24);
            if (preview(e) == Rule.TAKEN) break;
        }
        if (seed % 7 == 0) spoil(e, seed >> 8);
    }

    /// @dev Whoever may: the party, or its successor, or at times somebody else.
    function writer(uint8 action, bytes32 caseId, uint256 seed) private view returns (uint16 org) {
        bool banks = (action >= Action.ACKNOWLEDGE && action <= Action.DECLINE) || action == Action.ACCEPT
            || action == Action.DEBIT;
        if (action == Action.REVERSE || action == Action.DISPUTE || action == Action.RESOLVE) banks = seed % 2 == 0;
        org = banks ? recipientOf(caseId) : Org.OFFICE;
        uint16 successor = registry.standing(org).successor;
        if (successor != 0 && action != Action.REQUEST) org = successor;
        if ((seed >> 8) % 25 == 0) org = [Org.OFFICE_2, Org.BANK_2, Org.AUTHORITY, Org.AUDITOR][(seed >> 16) % 4];
    }

    function recipientOf(bytes32 caseId) private pure returns (uint16) {
        return uint256(caseId) % 5 == 0 ? Org.BANK_2 : Org.BANK;
    }

    function terms(Entry memory e, uint256 seed) private view {
        if (e.action == Action.REQUEST) e.recipient = recipientOf(e.caseId);
        if (e.action == Action.CONSENT) {
            if (e.claim == Alliance(alliance).CLAIM()) e.claim = uint64(500 + uint256(e.caseId) % 1000);
            e.amount = uint64(1 + seed % e.claim);
            e.inParts = uint8((seed >> 64) % 4 == 0 ? 0 : 1);
            e.expiresAt = uint40(clock + 1 + (seed >> 72) % 40 days);
            e.notBefore = uint40((seed >> 112) % 3 == 0 ? clock : clock - 1 days);
        } else if (e.action == Action.ORDER) {
            Said memory k = said(e.caseId, e.consent);
            e.amount = seed % 3 == 0 ? k.amount : uint64(1 + seed % 400);
            if (registry.fundAccount(e.org, 1) == 0) e.fundAccount = uint16(1 + (seed >> 64) % 4);
        } else if (e.action == Action.DEBIT) {
            if (seed % 4 == 0) e.amount = 0;
            else if (seed % 4 == 1) e.amount = uint64((seed >> 8) % (uint256(e.amount) + 1));
        } else if ((e.action == Action.SETTLE || e.action == Action.REVERSE) && seed % 2 == 0) {
            olderDebit(e, seed >> 8);
        }
        if (e.action == Action.REPLY && seed % 8 == 0) e.debitable = 0;
    }

    /// @dev Any debit of the case, not only the last one.
    function olderDebit(Entry memory e, uint256 seed) private view {
        Said[] storage entries = books[e.caseId];
        if (entries.length == 0) return;
        for (uint256 i; i < entries.length; ++i) {
            Said storage d = entries[(seed + i) % entries.length];
            if (d.action == Action.DEBIT && d.amount > 0) {
                (e.target, e.amount) = (d.hash, d.amount);
                return;
            }
        }
    }

    /// @dev One thing of it is changed to something that may be wrong.
    function spoil(Entry memory e, uint256 seed) private view {
        uint256 what = seed % 12;
        seed >>= 8;
        if (what == 0) e.head = bytes32(seed);
        else if (what == 1) e.target = anyHash(seed);
        else if (what == 2) e.consent = anyHash(seed);
        else if (what == 3) e.amount = uint64(seed >> 3);
        else if (what == 4) e.amount = uint64(seed % 2000);
        else if (what == 5) e.claim = uint64(seed % 2000);
        else if (what == 6) (e.notBefore, e.expiresAt) = (e.expiresAt, e.notBefore);
        else if (what == 7) e.fundAccount = uint16(seed % 5);
        else if (what == 8) e.body = new bytes(seed % 700);
        else if (what == 9) e.debitable = uint8(seed % 3);
        else if (what == 10) e.inParts = uint8(seed % 3);
        else e.recipient = uint16(seed % 12);
    }

    /// @dev An entry of any case.
    function anyHash(uint256 seed) private view returns (bytes32) {
        if (cases.length == 0) return bytes32(seed);
        Said[] storage entries = books[cases[seed % cases.length]];
        return entries[(seed >> 32) % entries.length].hash;
    }

    function preview(Entry memory e) public returns (uint8 rule) {
        try ledger.preview(e.org, e.action, Codec.record(e)) {
            revert False("preview reverts always");
        } catch (bytes memory why) {
            // Previewed(bytes): selector, offset, length, then one byte an entry
            return uint8(why[68]);
        }
    }

    // ---------------------------------------------------------------- presenting, and the books

    /// @dev Presents the first `number` of the entries. Only what stops a whole submission may revert.
    function send(Entry[] memory es, uint256 number) private {
        Submission memory s = alliance.submissionOf(es);
        for (uint256 i; i < es.length; ++i) {
            if (es[i].amount > type(uint32).max) s.sum = 0; // may not add up in 64 bits; then it is signed as it wraps
        }
        if (s.sum == 0) s.sum = wrapped(es);
        Case[] memory before = new Case[](number);
        for (uint256 i; i < number; ++i) {
            before[i] = ledger.caseOf(es[i].office, es[i].caseId);
        }
        (bytes memory outcomes, bytes memory why) = alliance.attempt(s, alliance.chunkOf(s, es, 0, uint32(number)));
        if (why.length > 0) {
            stopped(es[0], why);
            return;
        }
        sent.push(Sent(s.org, s.count, 0, 0, s.sum, 0, s.root));
        for (uint256 i; i < number; ++i) {
            enter(es[i], uint8(outcomes[i]), before[i], i > 0);
        }
    }

    function wrapped(Entry[] memory es) private pure returns (uint64 sum) {
        for (uint256 i; i < es.length; ++i) {
            unchecked {
                sum += es[i].amount;
            }
        }
    }

    /// @dev PROPERTIES 18, 21: suspension and pause revert, a sum past 64 bits does, and nothing else.
    function stopped(Entry memory e, bytes memory why) private view {
        Standing memory s = registry.standing(e.org);
        bytes4 error_ = bytes4(why);
        if (error_ == ICaseLedger.OrgNotActive.selector) return no(s.active, "an active organisation was stopped");
        bool moves = e.action == Action.ORDER || e.action == Action.ACCEPT;
        if (error_ == ICaseLedger.Paused.selector) return yes(s.paused && moves, "stopped without a pause");
        if (error_ == ICaseLedger.SumPassed.selector) return;
        assembly {
            revert(add(why, 0x20), mload(why))
        }
    }

    function enter(Entry memory e, uint8 rule, Case memory before, bool late) private {
        Sent storage s = sent[sent.length - 1];
        s.presented += e.amount;
        ++refusedByRule[rule];
        if (rule != Rule.TAKEN) {
            ++s.refused;
            return;
        }
        ++s.taken;
        ++takenInAll;
        ++takenByAction[e.action];
        ++writtenEntries[e.org][e.action];
        writtenFen[e.org][e.action] += e.amount;
        alliance.remember(e);
        if (!late) checkStep(e, before);
        checkMembers(e, before);
        checkNamed(e);
        record(e);
    }

    function record(Entry memory e) private {
        Said[] storage b = books[e.caseId];
        bytes32 hash = alliance.hashOf(e);
        if (e.action == Action.REQUEST) cases.push(e.caseId);
        b.push(Said(e.action, e.org, hash, e.target, e.consent, e.amount, e.claim, false, false, false, false));
        places[e.caseId][hash] = b.length;
        if (e.action == Action.ACCEPT) find(e.caseId, e.target).accepted = true;
        else if (e.action == Action.DEBIT || e.action == Action.CANCEL) find(e.caseId, e.target).ended = true;
        else if (e.action == Action.SETTLE) find(e.caseId, e.target).settled = true;
        else if (e.action == Action.REVERSE) find(e.caseId, e.target).reversed = true;
        else if (e.action == Action.RESOLVE) find(e.caseId, e.target).ended = true;
        else if (e.action == Action.CONSENT && e.consent != 0) find(e.caseId, e.consent).ended = true;
        else if (e.action == Action.REVOKE) revoke(e);
        if (e.action == Action.ORDER || e.action == Action.ACCEPT) movedOn[e.org][today()] += e.amount;
    }

    function revoke(Entry memory e) private {
        find(e.caseId, e.target).ended = true;
        Said[] storage b = books[e.caseId];
        for (uint256 i; i < b.length; ++i) {
            if (b[i].action == Action.ORDER && !b[i].accepted) b[i].ended = true;
        }
    }

    function find(bytes32 caseId, bytes32 hash) private view returns (Said storage) {
        uint256 place = places[caseId][hash];
        yes(place > 0, "what an entry names was said before, in this case");
        return books[caseId][place - 1];
    }

    // ---------------------------------------------------------------- what must hold of a step

    /// @dev PROPERTIES 5, 7, 8, 11, 14 for the entry that came first in its chunk.
    function checkStep(Entry memory e, Case memory before) private view {
        Case memory afterwards = ledger.caseOf(e.office, e.caseId);
        if (before.claim != 0) eq(afterwards.claim, before.claim, "5: the claim is set once");
        if (e.action >= Action.ACKNOWLEDGE && e.action <= Action.ACCEPT) eq(e.head, before.head, "14: on its head");
        if (before.accepted && e.action != Action.DEBIT) {
            eq(afterwards.openOrder, before.openOrder, "7: an accepted order is changed by DEBIT only");
            yes(afterwards.accepted, "7: and stays accepted");
        }
        bool ended = before.phase == Phase.DECLINED || before.phase == Phase.CLOSED;
        bool givenBack = e.action == Action.REVERSE && registry.standing(e.org).role == 1;
        if (ended) yes(before.phase == Phase.CLOSED && givenBack, "11: after an end only the office's REVERSE");
        if (e.action == Action.ORDER || e.action == Action.ACCEPT) {
            no(before.officeDispute || before.recipientDispute, "8: no dispute is open");
        }
    }

    /// @dev PROPERTIES 8, 9, 10, 20, 21: of the org, its pause, its limits, its accounts, at this block.
    function checkMembers(Entry memory e, Case memory before) private view {
        Standing memory s = registry.standing(e.org);
        yes(s.active, "21: a suspended organisation writes nothing");
        bool office = s.role == 1;
        uint16 party = office ? before.office : before.recipient;
        if (e.action == Action.REQUEST) party = e.office;
        yes(party == e.org || registry.standing(party).successor == e.org, "21: nobody acts for another");
        if (e.action != Action.ORDER && e.action != Action.ACCEPT) return;
        no(s.paused, "8: no pause stops the writer");
        atMost(e.amount, s.orderLimit, "10: the order limit of its block");
        if (e.action == Action.ORDER) {
            yes(registry.fundAccount(e.org, e.fundAccount) != 0, "9: the fund account is registered");
        }
    }

    /// @dev PROPERTIES 1, 7, 8, 9, 14: what it names stands in the books of this case, has not ended, and fits.
    function checkNamed(Entry memory e) private view {
        if (e.action == Action.ACCEPT || e.action == Action.DEBIT || e.action == Action.CANCEL) {
            Said storage o = find(e.caseId, e.target);
            yes(o.action == Action.ORDER && !o.ended, "14: the target is an open order");
            if (e.action != Action.DEBIT) no(o.accepted, "7: an accepted order is the bank's to end");
            if (e.action == Action.ACCEPT) eq(e.amount, o.amount, "18: the order's amount");
            if (e.action != Action.CANCEL) eq(e.consent, o.consent, "14: its consent");
            if (e.action == Action.DEBIT) {
                atMost(e.amount, o.amount, "1: a debit is at most its order");
                yes(e.amount == 0 || o.accepted, "1: a debit above 0 has an accepted order");
            }
        } else if (e.action == Action.ORDER || e.action == Action.REVOKE) {
            Said storage k = find(e.caseId, e.action == Action.ORDER ? e.consent : e.target);
            yes(k.action == Action.CONSENT && !k.ended, "14: the consent stands");
        } else if (e.action == Action.SETTLE || e.action == Action.REVERSE) {
            Said storage d = find(e.caseId, e.target);
            yes(d.action == Action.DEBIT && !d.reversed, "14: a debit that is not reversed");
            bool office = registry.standing(e.org).role == 1;
            if (e.action == Action.SETTLE) no(d.settled, "2: a debit is settled once");
            else yes(d.settled == office, "2: the bank reverses before, the office after it is settled");
            eq(e.amount, d.amount, "18: the debit's amount");
        } else if (e.action == Action.RESOLVE) {
            Said storage d = find(e.caseId, e.target);
            yes(d.action == Action.DISPUTE && !d.ended, "14: an open dispute");
            yes((registry.standing(d.org).role == 1) == (registry.standing(e.org).role == 1), "14: of its own side");
        }
        if (e.action == Action.ORDER || e.action == Action.ACCEPT) checkLive(e);
    }

    function checkLive(Entry memory e) private view {
        (uint40 notBefore, uint40 expiresAt) = window(e.caseId, e.consent);
        yes(notBefore <= clock && clock < expiresAt, "8: the consent is live");
        no(find(e.caseId, e.consent).ended, "8: the consent is not revoked or replaced");
    }

    function window(bytes32 caseId, bytes32 consent) private view returns (uint40, uint40) {
        return (
            ledger.consentOf(Org.OFFICE, caseId, consent).notBefore,
            ledger.consentOf(Org.OFFICE, caseId, consent).expiresAt
        );
    }

    // ---------------------------------------------------------------- the books, to be compared

    function caseCount() external view returns (uint256) {
        return cases.length;
    }

    function bookOf(bytes32 caseId) external view returns (Said[] memory) {
        return books[caseId];
    }

    function said(bytes32 caseId, bytes32 hash) public view returns (Said memory empty) {
        uint256 place = places[caseId][hash];
        return place == 0 ? empty : books[caseId][place - 1];
    }

    function submissions() external view returns (Sent[] memory) {
        return sent;
    }
}
