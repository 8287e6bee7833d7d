// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Submission} from "../src/interfaces/ICaseLedger.sol";
import {EntryCodec, Entry as Decoded} from "../src/libraries/EntryCodec.sol";
import {TypedData} from "../src/libraries/TypedData.sol";
import {Codec} from "./base/Codec.sol";
import {TestBase} from "./base/TestBase.sol";

/// @notice The EIP-712 hashes of entries and submissions that Python drew, by the code that the ledger runs.
/// @dev HASHES names the file. tests/contracts/test_hashes.py draws it and says how it is laid out.
contract HashesTest is TestBase {
    uint256 private constant SUBMISSION = 88;

    function test_hashes() external {
        string memory path = vm.envOr("HASHES", string(""));
        if (bytes(path).length == 0) {
            vm.skip(true);
            return;
        }
        this.readAll(vm.readFileBinary(path));
    }

    function readAll(bytes calldata data) external view {
        yes(keccak256(data[:8]) == keccak256("AHASHES\x01"), "the file's head");
        uint256 count = uint32(bytes4(data[8:12]));
        yes(count >= 1000, "entries in the file");
        uint256 at = 12;
        for (uint256 i; i < count; ++i) {
            uint256 size = uint32(bytes4(data[at:at + 4]));
            this.compare(data[at + 4:at + 4 + size]);
            at += 4 + size;
        }
        eq(at, data.length, "bytes read");
    }

    /// @dev ledger:32 · entry hash:32 · submission hash:32 · digest:32 · submission:88 · record
    function compare(bytes calldata d) external view {
        bytes32 ledger = bytes32(d[:32]);
        (Submission memory s, uint8 role) = submission(d[128:128 + SUBMISSION]);
        Decoded[] memory es = EntryCodec.decode(ledger, s.org, s.action, d[128 + SUBMISSION:], 1);
        eq(es[0].hash, bytes32(d[32:64]), "entry hash");
        eq(this.hashSubmission(ledger, s, role), bytes32(d[64:96]), "submission hash");
        eq(Codec.submissionHash(ledger, s, role), bytes32(d[64:96]), "submission hash by the tests' own codec");
    }

    /// @dev org:2 · action:1 · role:1 · root:32 · count:4 · sum:8 · wraps:32 · validUntil:8
    function submission(bytes calldata d) private pure returns (Submission memory s, uint8 role) {
        (s.org, s.action, role) = (uint16(bytes2(d[0:2])), uint8(d[2]), uint8(d[3]));
        (s.root, s.count, s.sum) = (bytes32(d[4:36]), uint32(bytes4(d[36:40])), uint64(bytes8(d[40:48])));
        (s.wraps, s.validUntil) = (bytes32(d[48:80]), uint64(bytes8(d[80:88])));
    }

    function hashSubmission(bytes32 ledger, Submission calldata s, uint8 role) external pure returns (bytes32) {
        return TypedData.hashSubmission(ledger, s, role);
    }
}
