// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Case, Chunk, ICaseLedger, Submission} from "../../src/interfaces/ICaseLedger.sol";
import {Alliance} from "./Alliance.sol";
import {Codec, Entry} from "./Codec.sol";
import {TestBase} from "./TestBase.sol";
import {Action, Org, Stage} from "./Words.sol";

/// @notice A test about the ledger: an alliance, and what is asked of it again and again.
abstract contract LedgerTest is TestBase {
    Alliance internal alliance;
    ICaseLedger internal ledger;

    /// @dev The block's time. The optimizer takes block.timestamp for a constant within a call, cheatcodes or not.
    uint256 internal clock = 1_772_416_800; // Alliance.START

    function setUp() public virtual {
        vm.warp(clock);
        alliance = Alliance(vm.deployCode("Alliance.sol:Alliance"));
        ledger = alliance.ledger();
    }

    function pass(uint256 time) internal {
        clock += time;
        vm.warp(clock);
    }

    function atTime(uint256 time) internal {
        clock = time;
        vm.warp(clock);
    }

    // ---------------------------------------------------------------- one entry

    /// @dev Preview and present agree; a refusal moves nothing but the refusal itself.
    function outcome(Entry memory e) internal returns (uint8 rule) {
        rule = previewed(e);
        Case memory before = ledger.caseOf(e.office, e.caseId);
        uint64 count = ledger.taken();
        eq(alliance.write(e), rule, "what presenting does against what previewing said");
        Case memory afterwards = ledger.caseOf(e.office, e.caseId);
        if (rule == 0) {
            eq(ledger.taken(), count + 1, "the global count after an entry taken");
            eq(afterwards.seq, before.seq + 1, "the case's seq after an entry taken");
            bytes32 from = before.seq == 0 ? Codec.firstHead(ledger.id(), e.office, e.caseId) : before.head;
            eq(afterwards.head, Codec.nextHead(from, alliance.hashOf(e)), "the head after an entry taken");
        } else {
            eq(ledger.taken(), count, "the global count after a refusal");
            eq(keccak256(abi.encode(afterwards)), keccak256(abi.encode(before)), "the case after a refusal");
        }
    }

    function previewed(Entry memory e) internal returns (uint8) {
        return uint8(previewed(e.org, e.action, Codec.record(e))[0]);
    }

    function previewed(uint16 org, uint8 action, bytes memory records) internal returns (bytes memory) {
        try ledger.preview(org, action, records) {
            revert False("preview reverts always");
        } catch (bytes memory why) {
            yes(bytes4(why) == ICaseLedger.Previewed.selector, "preview reverts with Previewed");
            return abi.decode(without4(why), (bytes));
        }
    }

    function without4(bytes memory data) internal pure returns (bytes memory rest) {
        rest = new bytes(data.length - 4);
        for (uint256 i; i < rest.length; ++i) {
            rest[i] = data[i + 4];
        }
    }

    function taken(Entry memory e, string memory what) internal {
        eq(outcome(e), 0, what);
    }

    function refused(Entry memory e, uint8 rule, string memory what) internal {
        eq(outcome(e), rule, what);
    }

    // ---------------------------------------------------------------- several entries

    function requests(uint256 count) internal returns (Entry[] memory es) {
        es = new Entry[](count);
        for (uint256 i; i < count; ++i) {
            es[i] = alliance.entry(Action.REQUEST, Org.OFFICE, alliance.newCase());
        }
    }

    function one(Entry memory e) internal pure returns (Entry[] memory es) {
        es = new Entry[](1);
        es[0] = e;
    }

    function presented(Submission memory s, Chunk memory c, string memory what)
        internal
        returns (bytes memory outcomes)
    {
        bytes memory why;
        (outcomes, why) = alliance.attempt(s, c);
        eq(why, "", what);
    }

    /// @dev The ledger reverts with exactly this, and keeps nothing of the attempt.
    function reverts(Submission memory s, Chunk memory c, bytes memory expected, string memory what) internal {
        reverts(alliance.who(s.org, alliance.SENDER()), s, c, expected, what);
    }

    function reverts(address sender, Submission memory s, Chunk memory c, bytes memory expected, string memory what)
        internal
    {
        (uint32 place,,,) = ledger.progressOf(s.org, s.root);
        (, bytes memory why) = alliance.attempt(sender, s, c);
        eq(why, expected, what);
        (uint32 still,,,) = ledger.progressOf(s.org, s.root);
        eq(still, place, what);
    }

    /// @dev As above, where the arguments of the error cannot be told beforehand.
    function revertsAs(Submission memory s, Chunk memory c, bytes4 expected, string memory what) internal {
        (, bytes memory why) = alliance.attempt(s, c);
        yes(why.length >= 4 && bytes4(why) == expected, what);
    }
}
