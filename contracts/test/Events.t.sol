// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Chunk, ICaseLedger, Submission} from "../src/interfaces/ICaseLedger.sol";
import {Codec, Entry} from "./base/Codec.sol";
import {LedgerTest} from "./base/LedgerTest.sol";
import {Vm} from "./base/Vm.sol";
import {Action, Org, Rule, Stage} from "./base/Words.sol";

/// @notice All that an audit needs stands in events: one a chunk, one a refusal, and nothing else.
contract EventsTest is LedgerTest {
    function presentedLogs(Submission memory s, Chunk memory c) private returns (Vm.Log[] memory logs) {
        vm.recordLogs();
        presented(s, c, "a chunk");
        return vm.getRecordedLogs();
    }

    /// @dev A refused entry among taken ones: one Refused with hash, rule, root and place, then one Presented with all.
    function test_a_chunk_tells_all_that_was_presented() external {
        Entry[] memory es = requests(5);
        es[3].recipient = Org.AUDITOR;
        Submission memory s = alliance.submissionOf(es);
        presented(s, alliance.chunkOf(s, es, 0, 2), "two before");
        Chunk memory c = alliance.chunkOf(s, es, 2, 3);
        uint64 before = ledger.taken();
        Vm.Log[] memory logs = presentedLogs(s, c);
        eq(logs.length, 2, "two events");
        eq(logs[0].topics[0], ICaseLedger.Refused.selector, "Refused");
        eq(uint256(logs[0].topics[1]), Org.OFFICE, "of this org");
        eq(logs[0].topics[2], alliance.hashOf(es[3]), "of this entry");
        eq(logs[0].data, abi.encode(Rule.RECIPIENT, s.root, uint32(3)), "rule, root and place");
        eq(logs[1].topics[0], ICaseLedger.Presented.selector, "Presented");
        eq(uint256(logs[1].topics[1]), Org.OFFICE, "by this org");
        eq(logs[1].topics[2], s.root, "under this root");
        eq(logs[1].data, abi.encode(s, c, before + 2, hex"000600"), "submission, chunk, count and outcomes");
        eq(logs[1].emitter, address(ledger), "by the ledger");
    }

    /// @dev PROPERTIES 24: the count goes on by one an entry taken, whoever writes, and never by a refusal.
    function test_the_global_count_is_told_with_every_chunk() external {
        uint64 before = ledger.taken();
        Entry[] memory es = requests(4);
        es[0].recipient = 0;
        Submission memory s = alliance.submissionOf(es);
        for (uint32 place; place < 4; ++place) {
            Vm.Log[] memory logs = presentedLogs(s, alliance.chunkOf(s, es, place, 1));
            (,, uint64 taken_,) = abi.decode(logs[logs.length - 1].data, (Submission, Chunk, uint64, bytes));
            eq(taken_, before + place, "the count after this chunk");
        }
        eq(ledger.taken(), before + 3, "three of four");
    }

    /// @dev PROPERTIES 24: from the events alone every entry, both signatures and the head come out again.
    function test_the_log_alone_gives_everything_back() external {
        vm.recordLogs();
        bytes32 caseId = alliance.caseAt(Stage.GIVEN_BACK);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        bytes32 head = Codec.firstHead(ledger.id(), Org.OFFICE, caseId);
        uint256 chunks;
        for (uint256 i; i < logs.length; ++i) {
            yes(logs[i].topics[0] == ICaseLedger.Presented.selector, "nothing but chunks: all was taken");
            (Submission memory s, Chunk memory c,, bytes memory outcomes) =
                abi.decode(logs[i].data, (Submission, Chunk, uint64, bytes));
            eq(outcomes, hex"00", "taken");
            bytes32 hash = this.hashOfRecord(s, c.entries);
            eq(s.root, Codec.join(Codec.leaf(hash), Codec.PAD), "the record hashes to the signed root");
            eq(recovered(alliance.digestOf(s, 1), c.maker), alliance.who(s.org, 2), "the maker's signature");
            eq(recovered(alliance.digestOf(s, 2), c.checker), alliance.who(s.org, 3), "the checker's signature");
            eq(s.wraps, keccak256(c.wraps), "25: the wraps hash to what was signed");
            head = Codec.nextHead(head, hash);
            ++chunks;
        }
        eq(chunks, 8, "REQUEST REPLY CONSENT ORDER ACCEPT DEBIT SETTLE REVERSE");
        eq(ledger.caseOf(Org.OFFICE, caseId).head, head, "the head");
    }

    function hashOfRecord(Submission calldata s, bytes calldata r) external view returns (bytes32) {
        Entry memory e;
        (e.action, e.org, e.office, e.caseId) = (s.action, s.org, uint16(bytes2(r[0:2])), bytes32(r[2:34]));
        (e.recipient, e.head) = (uint16(bytes2(r[34:36])), bytes32(r[36:68]));
        (e.target, e.consent) = (bytes32(r[68:100]), bytes32(r[100:132]));
        (e.amount, e.claim) = (uint64(bytes8(r[132:140])), uint64(bytes8(r[140:148])));
        (e.notBefore, e.expiresAt) = (uint40(bytes5(r[148:153])), uint40(bytes5(r[153:158])));
        (e.dueAt, e.fundAccount) = (uint40(bytes5(r[158:163])), uint16(bytes2(r[163:165])));
        (e.debitable, e.inParts, e.commitment) = (uint8(r[165]), uint8(r[166]), bytes32(r[167:199]));
        e.body = r[202:];
        eq(uint24(bytes3(r[199:202])), e.body.length, "25: the payload's length, and nothing behind it");
        return alliance.hashOf(e);
    }

    function recovered(bytes32 digest, bytes memory signature) private pure returns (address) {
        (bytes32 r, bytes32 s, uint8 v) = (0, 0, uint8(signature[64]));
        assembly {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        return ecrecover(digest, v, r, s);
    }

    function test_an_attempt_that_reverts_tells_nothing() external {
        Entry[] memory es = requests(2);
        Submission memory s = alliance.submissionOf(es);
        Chunk memory c = alliance.chunkOf(s, es, 0, 2);
        c.proof = new bytes32[](1);
        vm.recordLogs();
        revertsAs(s, c, ICaseLedger.ProofLength.selector, "a proof too long");
        eq(vm.getRecordedLogs().length, 0, "no event");
    }

    /// @dev PROPERTIES 25: a field that an action does not use cannot carry anything out; see RulesTest for every field.
    function test_no_clear_field_beyond_the_listed_ones() external {
        Entry memory e = alliance.entry(Action.REPLY, Org.BANK, alliance.caseAt(Stage.REQUESTED));
        e.amount = 12_345;
        refused(e, Rule.FIELDS, "a balance in the clear");
        e.amount = 0;
        e.target = keccak256("an account");
        refused(e, Rule.FIELDS, "a hash in the clear");
    }
}
