// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Chunk, ICaseLedger, Submission} from "../src/interfaces/ICaseLedger.sol";
import {Codec, Entry} from "./base/Codec.sol";
import {LedgerTest} from "./base/LedgerTest.sol";
import {Action, Org, Rule, Stage} from "./base/Words.sol";

/// @notice The tree, its ranges and their order: every entry is presented once, at its place, or not at all.
contract ChunksTest is LedgerTest {
    bytes4 private constant BAD_PROOF = ICaseLedger.BadProof.selector;

    // ---------------------------------------------------------------- empty things

    function test_ZeroRoot() external {
        Entry[] memory es = requests(2);
        Submission memory s = alliance.submissionOf(es);
        s.root = 0;
        Chunk memory c = alliance.chunkOf(s, es, 0, 2);
        reverts(s, c, abi.encodeWithSelector(ICaseLedger.ZeroRoot.selector), "root 0");
        Submission memory nothing;
        nothing.org = Org.OFFICE;
        Chunk memory none;
        reverts(nothing, none, abi.encodeWithSelector(ICaseLedger.ZeroRoot.selector), "the default struct");
    }

    function test_EmptySubmission() external {
        Entry[] memory es = requests(2);
        Submission memory s = alliance.submissionOf(es);
        s.count = 0;
        reverts(
            s, alliance.chunkOf(s, es, 0, 2), abi.encodeWithSelector(ICaseLedger.EmptySubmission.selector), "count 0"
        );
    }

    function test_EmptyChunk() external {
        Entry[] memory es = requests(2);
        Submission memory s = alliance.submissionOf(es);
        Chunk memory c = alliance.chunkOf(s, es, 0, 2);
        (c.number, c.entries) = (0, "");
        reverts(s, c, abi.encodeWithSelector(ICaseLedger.EmptyChunk.selector), "number 0");
    }

    // ---------------------------------------------------------------- places

    function test_OutOfPlace() external {
        Entry[] memory es = requests(6);
        Submission memory s = alliance.submissionOf(es);
        Chunk memory first = alliance.chunkOf(s, es, 0, 2);
        Chunk memory second = alliance.chunkOf(s, es, 2, 3);
        Chunk memory third = alliance.chunkOf(s, es, 5, 1);
        reverts(s, second, abi.encodeWithSelector(ICaseLedger.OutOfPlace.selector, 0, 2), "the second before the first");
        presented(s, first, "the first");
        reverts(s, first, abi.encodeWithSelector(ICaseLedger.OutOfPlace.selector, 2, 0), "the first again");
        reverts(s, third, abi.encodeWithSelector(ICaseLedger.OutOfPlace.selector, 2, 5), "the third before the second");
        presented(s, second, "the second");
        Chunk memory overlap = alliance.chunkOf(s, es, 4, 2);
        reverts(
            s, overlap, abi.encodeWithSelector(ICaseLedger.OutOfPlace.selector, 5, 4), "one shown twice in two chunks"
        );
        presented(s, third, "the third");
        for (uint32 place; place < 6; ++place) {
            Chunk memory c = alliance.chunkOf(s, es, place, 1);
            reverts(s, c, abi.encodeWithSelector(ICaseLedger.OutOfPlace.selector, 6, place), "a finished submission");
        }
    }

    function test_TooManyEntries() external {
        Entry[] memory es = requests(3);
        Submission memory s = alliance.submissionOf(es);
        s.count = 2;
        Chunk memory c = alliance.chunkOf(s, es, 0, 3);
        reverts(s, c, abi.encodeWithSelector(ICaseLedger.TooManyEntries.selector, 2, 3), "three of two");
        s = alliance.submissionOf(es);
        c = alliance.chunkOf(s, es, 0, 3);
        c.number = type(uint32).max;
        reverts(s, c, abi.encodeWithSelector(ICaseLedger.TooManyEntries.selector, 3, c.number), "all bits");
        presented(s, alliance.chunkOf(s, es, 0, 2), "two of three");
        c = alliance.chunkOf(s, es, 2, 1);
        c.number = type(uint32).max;
        reverts(
            s, c, abi.encodeWithSelector(ICaseLedger.TooManyEntries.selector, 3, uint256(2) + c.number), "past 2^32"
        );
    }

    /// @dev PROPERTIES 15, 23, 32: any tree, cut in any way, in as many transactions as it takes.
    function test_any_size_in_any_chunks_fuzz(uint8 count, uint256 cuts) external {
        uint32 n = uint32(within(count, 1, 24));
        Entry[] memory es = requests(n);
        Submission memory s = alliance.submissionOf(es);
        uint32 place;
        while (place < n) {
            uint32 k = uint32(within(cuts, 1, n - place));
            cuts = uint256(keccak256(abi.encode(cuts)));
            bytes memory outcomes = presented(s, alliance.chunkOf(s, es, place, k), "the next chunk");
            eq(outcomes, new bytes(k), "all taken");
            place += k;
            (uint32 next, uint32 takenCount,,) = ledger.progressOf(s.org, s.root);
            eq(next, place, "next place");
            eq(takenCount, place, "taken");
        }
    }

    function test_in_chunks_of_k_takes_n_over_k_transactions() external {
        for (uint32 k = 1; k <= 9; ++k) {
            Entry[] memory es = requests(8);
            Submission memory s = alliance.submissionOf(es);
            uint256 transactions;
            for (uint32 place; place < 8; place += k) {
                presented(s, alliance.chunkOf(s, es, place, place + k > 8 ? 8 - place : k), "a chunk");
                ++transactions;
            }
            eq(transactions, (8 + k - 1) / k, "transactions");
        }
    }

    // ---------------------------------------------------------------- proofs

    function test_ProofLength() external {
        Entry[] memory es = requests(5);
        Submission memory s = alliance.submissionOf(es);
        Chunk memory c = alliance.chunkOf(s, es, 0, 2);
        uint256 needed = c.proof.length;
        eq(needed, 2, "the right neighbour on two levels");
        bytes32[] memory proof = c.proof;
        c.proof = new bytes32[](needed - 1);
        c.proof[0] = proof[0];
        reverts(s, c, abi.encodeWithSelector(ICaseLedger.ProofLength.selector, needed, needed - 1), "one less");
        c.proof = new bytes32[](needed + 1);
        (c.proof[0], c.proof[1]) = (proof[0], proof[1]);
        reverts(s, c, abi.encodeWithSelector(ICaseLedger.ProofLength.selector, needed, needed + 1), "one more");
        c.proof = new bytes32[](0);
        reverts(s, c, abi.encodeWithSelector(ICaseLedger.ProofLength.selector, needed, 0), "none");
        c.proof = proof;
        presented(s, c, "as it should be");
    }

    function test_ProofLength_fuzz(uint8 count, uint8 place, uint8 number, uint8 length) external {
        uint32 n = uint32(within(count, 1, 16));
        Entry[] memory es = requests(n);
        Submission memory s = alliance.submissionOf(es);
        uint32 from = uint32(within(place, 0, n - 1));
        uint32 k = uint32(within(number, 1, n - from));
        if (from > 0) presented(s, alliance.chunkOf(s, es, 0, from), "what is before it");
        Chunk memory c = alliance.chunkOf(s, es, from, k);
        vm.assume(length % 12 != c.proof.length);
        uint256 needed = c.proof.length;
        c.proof = new bytes32[](length % 12);
        reverts(s, c, abi.encodeWithSelector(ICaseLedger.ProofLength.selector, needed, length % 12), "another length");
    }

    function test_BadProof_one_bit_fuzz(uint8 count, uint8 place, uint8 number, uint256 bit) external {
        uint32 n = uint32(within(count, 2, 16));
        Entry[] memory es = requests(n);
        Submission memory s = alliance.submissionOf(es);
        uint32 from = uint32(within(place, 0, n - 1));
        uint32 k = uint32(within(number, 1, n - from));
        if (from > 0) presented(s, alliance.chunkOf(s, es, 0, from), "what is before it");
        Chunk memory c = alliance.chunkOf(s, es, from, k);
        if (c.proof.length > 0) {
            c.proof[bit % c.proof.length] ^= bytes32(uint256(1) << (bit >> 248));
            revertsAs(s, c, BAD_PROOF, "a proof with one bit changed");
        }
        c = alliance.chunkOf(s, es, from, k);
        uint256 at_ = uint256(keccak256(abi.encode(bit))) % c.entries.length;
        uint256 inRecord = at_ % 518;
        vm.assume(inRecord < 199 || inRecord > 201); // not the length, that would be malformed
        c.entries[at_] ^= bytes1(uint8(1 << (bit % 8)));
        revertsAs(s, c, BAD_PROOF, "a record with one bit changed");
    }

    function test_BadProof_tells_what_was_signed_and_computed() external {
        Entry[] memory es = requests(2);
        Submission memory s = alliance.submissionOf(es);
        Entry[] memory others = requests(2);
        bytes32 computed = alliance.submissionOf(others).root;
        Chunk memory c = alliance.chunkOf(s, others, 0, 2);
        reverts(s, c, abi.encodeWithSelector(BAD_PROOF, s.root, computed), "other entries under this root");
    }

    function test_BadProof_entries_in_another_order() external {
        Entry[] memory es = requests(4);
        Submission memory s = alliance.submissionOf(es);
        (es[1], es[2]) = (es[2], es[1]);
        revertsAs(s, alliance.chunkOf(s, es, 0, 4), BAD_PROOF, "two places exchanged");
        Chunk memory c = alliance.chunkOf(s, es, 0, 1);
        c.proof = Codec.proof(alliance.hashesOf(es), 1, 1);
        revertsAs(s, c, BAD_PROOF, "the proof of another place");
    }

    /// @dev A signed count that is not the tree's: another shape, so no proof fits.
    function test_BadProof_count_that_is_not_the_trees_fuzz(uint8 count, uint32 signed) external {
        uint32 n = uint32(within(count, 1, 12));
        Entry[] memory es = requests(n);
        Submission memory s = alliance.submissionOf(es);
        vm.assume(signed > n);
        s.count = signed;
        Chunk memory c = alliance.chunkOf(s, es, 0, n);
        (bytes memory outcomes, bytes memory why) = alliance.attempt(s, c);
        eq(outcomes.length, 0, "nothing is taken");
        bytes4 error_ = bytes4(why);
        yes(error_ == BAD_PROOF || error_ == ICaseLedger.ProofLength.selector, "refused by name");
    }

    // ---------------------------------------------------------------- leaves, nodes and padding

    /// @dev The hashes that a record would need to have: an inner node, a leaf and the padding stand for no entry.
    function test_inner_node_leaf_and_padding_are_no_entries() external {
        bytes32[] memory hashes = alliance.hashesOf(requests(4));
        bytes32[] memory leaves = Codec.leaves(hashes);
        bytes32[] memory level = Codec.above(leaves);
        bytes32 root = Codec.root(hashes);
        // A tree of two "entries" that are the inner nodes has another root: they are hashed as leaves once more.
        no(Codec.root(level) == root, "inner nodes as entries");
        no(Codec.join(level[0], level[1]) != root, "the sketch of the tree");
        no(Codec.root(leaves) == root, "leaves as entries");
        bytes32[] memory three = new bytes32[](3);
        (three[0], three[1], three[2]) = (hashes[0], hashes[1], hashes[2]);
        bytes32[] memory padded = new bytes32[](4);
        (padded[0], padded[1], padded[2], padded[3]) = (hashes[0], hashes[1], hashes[2], Codec.PAD);
        no(Codec.root(padded) == Codec.root(three), "the padding as an entry");
        bytes32[] memory one_ = new bytes32[](1);
        one_[0] = hashes[0];
        no(Codec.root(one_) == leaves[0], "a root of one leaf is no leaf");
        no(Codec.root(one_) == hashes[0], "nor an entry");
    }

    /// @dev FAILURES: a leaf that was never signed rides on a real proof. Here the ledger itself is asked.
    function test_inner_node_as_entry_is_refused() external {
        Entry[] memory es = requests(4);
        Submission memory s = alliance.submissionOf(es);
        // Shown as a tree of two: its "entries" would be the inner nodes, whose preimages are 65 bytes and no records.
        s.count = 2;
        Chunk memory c = alliance.chunkOf(s, es, 0, 2);
        c.proof = new bytes32[](0);
        revertsAs(s, c, BAD_PROOF, "two records under a root of four");
        // A root that is the leaf itself, and one that is the entry's hash: nothing climbs to them.
        s = alliance.submissionOf(es);
        (s.count, s.root) = (1, Codec.leaf(alliance.hashOf(es[0])));
        c = alliance.chunkOf(s, es, 0, 1);
        c.proof = new bytes32[](0);
        revertsAs(s, c, BAD_PROOF, "a leaf as root");
        s.root = alliance.hashOf(es[0]);
        c = alliance.chunkOf(s, es, 0, 1);
        c.proof = new bytes32[](0);
        revertsAs(s, c, BAD_PROOF, "an entry's hash as root");
    }

    /// @dev Signed as four, where three stand beside a padding: what the padding's place would need is no record.
    function test_padding_as_entry_is_refused() external {
        Entry[] memory es = requests(3);
        Submission memory s = alliance.submissionOf(es);
        s.count = 4;
        presented(s, alliance.chunkOf(s, es, 0, 2), "two of them: this far the two trees are one");
        bytes32[] memory level = Codec.above(Codec.leaves(alliance.hashesOf(es)));
        Chunk memory c = alliance.chunkOf(s, es, 2, 1);
        c.proof = new bytes32[](2);
        (c.proof[0], c.proof[1]) = (Codec.PAD, level[0]);
        presented(s, c, "the third, its right neighbour named");
        c = alliance.chunkOf(s, es, 2, 1);
        c.place = 3;
        c.proof = new bytes32[](2);
        (c.proof[0], c.proof[1]) = (Codec.leaf(alliance.hashOf(es[2])), level[0]);
        revertsAs(s, c, BAD_PROOF, "no fourth: the padding is no leaf");
        c.entries = "";
        revertsAs(s, c, ICaseLedger.MalformedEntries.selector, "nor is nothing");
    }

    // ---------------------------------------------------------------- sums

    function orders(uint256 count) private returns (Entry[] memory es) {
        es = new Entry[](count);
        for (uint256 i; i < count; ++i) {
            es[i] = alliance.entry(Action.ORDER, Org.OFFICE, alliance.caseAt(Stage.CONSENTED));
            es[i].amount = uint64(100 + i);
        }
    }

    function test_SumPassed() external {
        Entry[] memory es = orders(3);
        Submission memory s = alliance.submissionOf(es);
        s.sum = 200;
        presented(s, alliance.chunkOf(s, es, 0, 1), "100 of 200");
        reverts(
            s, alliance.chunkOf(s, es, 1, 1), abi.encodeWithSelector(ICaseLedger.SumPassed.selector, 200, 201), "201"
        );
    }

    function test_SumDiffers() external {
        Entry[] memory es = orders(3);
        Submission memory s = alliance.submissionOf(es);
        s.sum = 304;
        presented(s, alliance.chunkOf(s, es, 0, 2), "201 of 304");
        reverts(
            s, alliance.chunkOf(s, es, 2, 1), abi.encodeWithSelector(ICaseLedger.SumDiffers.selector, 304, 303), "303"
        );
    }

    function test_sum_counts_what_is_refused_as_well() external {
        Entry[] memory es = orders(3);
        es[1].amount = 5000; // more than the consent
        Submission memory s = alliance.submissionOf(es);
        eq(s.sum, 5202, "signed");
        eq(presented(s, alliance.chunkOf(s, es, 0, 3), "all presented"), hex"001400", "outcomes");
        (, uint32 takenCount, uint64 sum,) = ledger.progressOf(s.org, s.root);
        eq(takenCount, 2, "taken");
        eq(sum, 5202, "presented");
        eq(ledger.totalOf(Org.OFFICE, Action.ORDER).fen, 202, "total of what was taken");
    }

    /// @dev Amounts that no uint64 could add up are no way round the signed sum.
    function test_sum_does_not_wrap() external {
        Entry[] memory es = orders(3);
        (es[0].amount, es[1].amount, es[2].amount) = (type(uint64).max, type(uint64).max, 2);
        Submission memory s = alliance.submissionOf(orders(1));
        (s.root, s.count, s.sum) = (Codec.root(alliance.hashesOf(es)), 3, 0);
        uint256 all = 2 * uint256(type(uint64).max) + 2;
        reverts(
            s, alliance.chunkOf(s, es, 0, 3), abi.encodeWithSelector(ICaseLedger.SumPassed.selector, 0, all), "2^65"
        );
    }

    // ---------------------------------------------------------------- wraps and header

    function test_WrapsDiffer() external {
        Entry[] memory es = requests(2);
        Submission memory s = alliance.submissionOf(es);
        Chunk memory c = alliance.chunkOf(s, es, 0, 1);
        c.wraps = "others";
        reverts(
            s, c, abi.encodeWithSelector(ICaseLedger.WrapsDiffer.selector, s.wraps, keccak256("others")), "other wraps"
        );
        c.wraps = "";
        reverts(s, c, abi.encodeWithSelector(ICaseLedger.WrapsDiffer.selector, s.wraps, keccak256("")), "no wraps");
        presented(s, alliance.chunkOf(s, es, 0, 1), "the signed ones");
        c = alliance.chunkOf(s, es, 1, 1);
        c.wraps = "the wrapped keys";
        revertsAs(s, c, ICaseLedger.WrapsDiffer.selector, "a second time");
        presented(s, alliance.chunkOf(s, es, 1, 1), "none with later chunks");
    }

    /// @dev An org and a root know one submission: the same tree signed with other words is another, and does not go on.
    function test_HeaderDiffers() external {
        Entry[] memory es = requests(3);
        Submission memory s = alliance.submissionOf(es);
        presented(s, alliance.chunkOf(s, es, 0, 1), "the first");
        (,,, bytes32 header) = ledger.progressOf(s.org, s.root);
        for (uint256 i; i < 4; ++i) {
            Submission memory t = alliance.submissionOf(es);
            if (i == 0) t.validUntil += 1;
            else if (i == 1) t.sum += 1;
            else if (i == 2) t.count += 1;
            else t.wraps = keccak256("others");
            Chunk memory c = alliance.chunkOf(t, es, 1, 1);
            bytes memory expected = abi.encodeWithSelector(ICaseLedger.HeaderDiffers.selector, header, headerOf(t));
            reverts(t, c, expected, "another submission under the same root");
        }
        presented(s, alliance.chunkOf(s, es, 1, 2), "the one that was begun");
    }

    /// @dev The check code's hash (docs/wire.md) names the submission whoever signs it.
    function headerOf(Submission memory s) private view returns (bytes32) {
        bytes32 action = keccak256(bytes(Codec.actionName(s.action)));
        return keccak256(abi.encode(alliance.LEDGER_ID(), s.org, action, s.root, s.count, s.sum, s.wraps, s.validUntil));
    }

    function test_header_is_the_hash_of_the_check_code() external {
        Entry[] memory es = requests(2);
        Submission memory s = alliance.submissionOf(es);
        (uint32 next, uint32 takenCount, uint64 sum, bytes32 header) = ledger.progressOf(s.org, s.root);
        eq(next + takenCount + sum, 0, "unknown before it is presented");
        eq(header, bytes32(0), "no header before");
        presented(s, alliance.chunkOf(s, es, 0, 2), "presented");
        (,,, header) = ledger.progressOf(s.org, s.root);
        eq(header, headerOf(s), "header");
    }

    /// @dev Two organisations may sign over one root: a stranger cannot use up another's submission.
    function test_a_root_is_known_by_its_org() external {
        Entry[] memory es = requests(2);
        Submission memory s = alliance.submissionOf(es);
        Submission memory t = alliance.submissionOf(es);
        t.org = Org.OFFICE_2;
        Chunk memory c = alliance.chunkOf(t, es, 0, 2);
        revertsAs(t, c, BAD_PROOF, "the same root for another org: its entry hashes are others");
        presented(s, alliance.chunkOf(s, es, 0, 2), "the org's own");
    }

    // ---------------------------------------------------------------- records

    function test_MalformedEntries() external {
        Entry[] memory es = requests(2);
        Submission memory s = alliance.submissionOf(es);
        Chunk memory c = alliance.chunkOf(s, es, 0, 2);
        bytes memory whole = c.entries;
        bytes4 malformed = ICaseLedger.MalformedEntries.selector;
        uint256[6] memory lengths = [uint256(0), 1, 201, 518, 518 + 202, whole.length - 1];
        for (uint256 i; i < 6; ++i) {
            c.entries = new bytes(lengths[i]);
            for (uint256 j; j < lengths[i]; ++j) {
                c.entries[j] = whole[j];
            }
            revertsAs(s, c, malformed, "cut short");
        }
        c.entries = bytes.concat(whole, hex"00");
        revertsAs(s, c, malformed, "a byte more");
        c.entries = bytes.concat(whole, Codec.record(es[1]));
        revertsAs(s, c, malformed, "a record more");
        c.entries = whole;
        (c.entries[199], c.entries[200], c.entries[201]) = (0xff, 0xff, 0xff);
        revertsAs(s, c, malformed, "a length of 2^24 - 1");
    }

    /// @dev PROPERTIES 18: no content of an entry can revert a transaction; what is in the fields is at most refused.
    function test_no_content_reverts_fuzz(uint8 action, bytes32[6] calldata words, uint64[6] calldata numbers)
        external
    {
        Entry[] memory es = requests(3);
        action = uint8(within(action, 0, 17));
        for (uint256 i; i < 3; ++i) {
            es[i].action = action;
        }
        Entry memory e = es[1];
        (e.caseId, e.head, e.target, e.consent, e.commitment) = (words[0], words[1], words[2], words[3], words[4]);
        (e.amount, e.claim, e.notBefore, e.expiresAt) =
        (numbers[0] >> 2, numbers[1], uint40(numbers[2]), uint40(numbers[3]));
        (e.dueAt, e.fundAccount, e.debitable, e.inParts) =
        (uint40(numbers[4]), uint16(numbers[5]), uint8(numbers[5] >> 16), uint8(numbers[5] >> 24));
        (e.recipient, e.office) = (uint16(uint256(words[5])), uint16(uint256(words[5]) >> 16));
        e.body = new bytes(uint256(words[5]) >> 244);
        Submission memory s = alliance.submissionOf(es);
        bytes memory outcomes = presented(s, alliance.chunkOf(s, es, 0, 3), "whatever stands in an entry");
        eq(outcomes.length, 3, "an outcome each");
        if (action == Action.REQUEST) eq(uint8(outcomes[0]) + uint8(outcomes[2]), 0, "its neighbours stand");
    }

    function test_no_content_reverts_on_a_living_case_fuzz(uint256 seed, uint64 amount, uint64 claim) external {
        bytes32 caseId = alliance.caseAt(Stage(within(seed, 1, uint256(type(Stage).max))));
        uint8 action = uint8(within(seed >> 8, 1, 15));
        Entry memory e = alliance.entry(action, (seed >> 16) % 2 == 0 ? Org.OFFICE : Org.BANK, caseId);
        if ((seed >> 17) % 2 == 0) e.amount = amount;
        if ((seed >> 18) % 2 == 0) e.claim = claim;
        if ((seed >> 19) % 4 == 0) e.target = e.consent;
        if ((seed >> 21) % 4 == 0) (e.notBefore, e.expiresAt) = (uint40(seed >> 24), uint40(seed >> 64));
        outcome(e);
    }

    // ---------------------------------------------------------------- refusals

    /// @dev PROPERTIES 17: a refusal changes its submission's place and tally, and nothing else; it is used up.
    function test_refused_entries_are_used_up_and_their_neighbours_stand() external {
        Entry[] memory es = new Entry[](5);
        for (uint256 i; i < 5; ++i) {
            es[i] = alliance.entry(Action.ACKNOWLEDGE, Org.BANK, alliance.caseAt(Stage.REQUESTED));
        }
        es[1].head = 0;
        es[3].body = "";
        Submission memory s = alliance.submissionOf(es);
        eq(presented(s, alliance.chunkOf(s, es, 0, 4), "four of five"), hex"000a0003", "outcomes");
        (uint32 next, uint32 takenCount,,) = ledger.progressOf(s.org, s.root);
        eq(next, 4, "next place");
        eq(takenCount, 2, "taken");
        Chunk memory again = alliance.chunkOf(s, es, 1, 1);
        reverts(s, again, abi.encodeWithSelector(ICaseLedger.OutOfPlace.selector, 4, 1), "the refused one again");
        eq(presented(s, alliance.chunkOf(s, es, 4, 1), "the last"), hex"00", "outcome");
        eq(ledger.totalOf(Org.BANK, Action.ACKNOWLEDGE).entries, 3, "total");
    }
}
