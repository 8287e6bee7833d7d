// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Case, Chunk, ICaseLedger, Submission, Total} from "../src/interfaces/ICaseLedger.sol";
import {Act, Governor, IMembershipRegistry} from "../src/interfaces/IMembershipRegistry.sol";
import {Codec} from "./base/Codec.sol";
import {TestBase} from "./base/TestBase.sol";
import {Action, Kind, Permission} from "./base/Words.sol";

/// @notice Walks drawn in Python (tests/model/WALKS.md), against the contracts: outcome, case and sums at every step.
/// @dev WALKS names a folder under tests/ with walks-0.bin, walks-1.bin, …; tests/contracts draws them and runs this.
/// Every walk is undone at its end by the revert that reports it, so that all begin on the same registry.
contract WalksTest is TestBase {
    bytes32 private constant REGISTRY_ID = keccak256("registry of the walks");
    uint8 private constant REVERTS = 255;

    IMembershipRegistry private registry;
    bytes private roles;
    bytes private ledgerCode;
    string private folder;

    error Walked(uint256 steps);
    error Step(uint256 step, string what, bytes32 found, bytes32 expected);

    function setUp() external {
        folder = vm.envOr("WALKS", string(""));
        ledgerCode = vm.getCode("CaseLedger.sol:CaseLedger");
    }

    function test_walks_0() external {
        file("walks-0.bin");
    }

    function test_walks_1() external {
        file("walks-1.bin");
    }

    function test_walks_2() external {
        file("walks-2.bin");
    }

    function test_walks_3() external {
        file("walks-3.bin");
    }

    function test_walks_4() external {
        file("walks-4.bin");
    }

    function test_walks_5() external {
        file("walks-5.bin");
    }

    function test_walks_6() external {
        file("walks-6.bin");
    }

    function test_walks_7() external {
        file("walks-7.bin");
    }

    /// @dev Every state against every action: a walk to the state, and the action as its last step.
    function test_pairs() external {
        file("pairs.bin");
    }

    // ---------------------------------------------------------------- a file

    function file(string memory name) private {
        if (bytes(folder).length == 0) {
            vm.skip(true);
            return;
        }
        this.readAll(vm.readFileBinary(string.concat(folder, "/", name)));
    }

    function readAll(bytes calldata data) external {
        yes(keccak256(data[:8]) == keccak256("AWALKS\x00\x01"), "the file's head");
        uint256 count = uint32(bytes4(data[8:12]));
        yes(count > 0, "walks in the file");
        uint256 at = 12;
        for (uint256 i; i < count; ++i) {
            uint256 size = uint32(bytes4(data[at:at + 4]));
            walk(data[at + 4:at + 4 + size]);
            at += 4 + size;
        }
        eq(at, data.length, "bytes read");
    }

    function walk(bytes calldata data) private {
        uint256 members = uint8(data[32]);
        bytes memory here = data[33:33 + members];
        if (keccak256(here) != keccak256(roles)) found(here);
        try this.play(data) {
            revert False("a walk ends by a revert");
        } catch (bytes memory why) {
            if (bytes4(why) == Walked.selector) return;
            assembly {
                revert(add(why, 0x20), mload(why))
            }
        }
    }

    // ---------------------------------------------------------------- the registry

    /// @dev Members 1, 2, 3, … with these roles, each with maker, checker and sender; the first is the governor.
    function found(bytes memory roles_) private {
        roles = roles_;
        vm.warp(1);
        Governor[] memory founders = new Governor[](1);
        founders[0] = Governor("governor", who(1, 0), who(1, 1));
        registry = IMembershipRegistry(
            vm.deployCode("MembershipRegistry.sol:MembershipRegistry", abi.encode(REGISTRY_ID, uint8(1), founders))
        );
        for (uint16 org = 1; org <= roles_.length; ++org) {
            if (org > 1) {
                Act memory a = fresh(Kind.ADMIT, org);
                (a.code, a.first, a.second, a.data) = (uint8(roles_[org - 1]), who(org, 0), who(org, 1), "member");
                enact(a, 1, false);
            }
            officer(org, 2, Permission.MAKER);
            officer(org, 3, Permission.CHECKER);
            Act memory s = fresh(Kind.ADD_SENDER, org);
            s.first = senderOf(org);
            enact(s, org, true);
        }
    }

    function officer(uint16 org, uint8 purpose, uint8 permission) private {
        Act memory a = fresh(Kind.ADD_OFFICER, org);
        (a.first, a.code) = (who(org, purpose), permission);
        enact(a, org, true);
    }

    function fresh(uint8 kind, uint16 org) private view returns (Act memory a) {
        (a.kind, a.org, a.validUntil) = (kind, org, type(uint64).max);
        a.number = kind == Kind.ADMIT ? 1 : registry.nextNumber(org);
    }

    /// @dev Signed by the first ADMIN of `org`, by both, or (ADD_FUND_ACCOUNT) by both and the governor's first.
    function enact(Act memory a, uint16 org, bool both) private {
        bool more = a.kind == Kind.ADD_FUND_ACCOUNT;
        bytes32 digest = Codec.digest(
            Codec.domain("Alliance Membership Registry", address(registry)), Codec.actHash(REGISTRY_ID, a)
        );
        bytes[] memory signatures = new bytes[](more ? 3 : both ? 2 : 1);
        signatures[0] = signature(key(org, 0), digest);
        if (both) signatures[1] = signature(key(org, 1), digest);
        if (more) signatures[2] = signature(key(1, 0), digest);
        registry.act(a, signatures);
    }

    function key(uint16 org, uint8 purpose) private pure returns (uint256) {
        return 1 + uint256(org) * 16 + purpose;
    }

    function who(uint16 org, uint8 purpose) private pure returns (address) {
        return vm.addr(key(org, purpose));
    }

    function senderOf(uint16 org) private pure returns (address) {
        return address(uint160(0x5e0000) + org);
    }

    function signature(uint256 privateKey, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digest);
        return abi.encodePacked(r, s, v);
    }

    // ---------------------------------------------------------------- a walk

    function play(bytes calldata data) external {
        bytes32 id = bytes32(data[:32]);
        ICaseLedger ledger = deploy(id);
        uint256 at = 33 + uint8(data[32]);
        uint256 steps = uint16(bytes2(data[at:at + 2]));
        at += 2;
        for (uint256 i; i < steps; ++i) {
            if (data[at] == 0x01) {
                act(data[at + 1:at + 27], ledger);
                at += 27;
            } else {
                entry(i, id, ledger, data[at + 1:at + 344]);
                at += 344;
            }
        }
        eq(at, data.length, "bytes of the walk");
        revert Walked(steps);
    }

    function deploy(bytes32 id) private returns (ICaseLedger ledger) {
        bytes memory code = bytes.concat(ledgerCode, abi.encode(id, address(registry)));
        assembly {
            ledger := create(0, add(code, 0x20), mload(code))
        }
        yes(address(ledger) != address(0), "a ledger");
    }

    function act(bytes calldata d, ICaseLedger ledger) private {
        vm.warp(uint40(bytes5(d[21:26])));
        Act memory a = fresh(uint8(d[0]), uint16(bytes2(d[1:3])));
        (a.code, a.orderLimit, a.dayLimit) = (uint16(bytes2(d[3:5])), uint64(bytes8(d[5:13])), uint64(bytes8(d[13:21])));
        bool admins =
            a.kind == Kind.REGISTER_KEY || a.kind == Kind.ADD_FUND_ACCOUNT || a.kind == Kind.REMOVE_FUND_ACCOUNT;
        if (a.kind == Kind.REGISTER_KEY) {
            a.data = new bytes(1216);
            a.data[0] = bytes1(uint8(a.code));
        }
        if (a.kind == Kind.ADD_FUND_ACCOUNT) a.data = "account";
        if (a.kind == Kind.NAME_LEDGER) (a.first, a.second) = (address(ledger), address(0xA11));
        // a pause takes both ADMINs of one house: the governor's
        enact(a, admins ? a.org : 1, admins || a.kind == Kind.PAUSE);
    }

    /// @dev d = org:2 · action:1 · time:5 · record:202 · expected:133
    function entry(uint256 step, bytes32 id, ICaseLedger ledger, bytes calldata d) private {
        vm.warp(uint40(bytes5(d[3:8])));
        bytes memory record = bytes.concat(d[8:210], new bytes(uint24(bytes3(d[207:210]))));
        bytes32 hash = hashOf(id, d, record);
        same(step, "entry hash", hash, bytes32(d[211:243]));
        uint8 expected = uint8(d[210]);
        bytes32 beside = Codec.leaf(bytes32(step));
        Submission memory s = submissionOf(d, hash, beside);
        uint8 outcome = present(ledger, s, chunkOf(id, ledger, s, record, beside));
        same(step, "outcome", bytes32(uint256(outcome)), bytes32(uint256(expected)));
        compareCase(step, ledger, d);
        compareSums(step, ledger, d);
    }

    /// @dev EIP-712 over the record as it lies there; the record's order of fields is the type's.
    function hashOf(bytes32 id, bytes calldata d, bytes memory record) private pure returns (bytes32) {
        bytes memory body = new bytes(record.length - 202);
        bytes memory names = abi.encode(
            keccak256(
                "Entry(bytes32 ledger,uint8 action,uint16 org,uint16 office,bytes32 caseId,uint16 recipient,bytes32 head,bytes32 target,bytes32 consent,uint64 amount,uint64 claim,uint40 notBefore,uint40 expiresAt,uint40 dueAt,uint16 fundAccount,uint8 debitable,uint8 inParts,bytes32 commitment,bytes32 sealedHash)"
            ),
            id,
            uint8(d[2]),
            uint16(bytes2(d[0:2])),
            uint16(bytes2(d[8:10])),
            bytes32(d[10:42]),
            uint16(bytes2(d[42:44]))
        );
        bytes calldata r = d[8:210];
        bytes memory numbers = abi.encode(
            bytes32(r[36:68]),
            bytes32(r[68:100]),
            bytes32(r[100:132]),
            uint64(bytes8(r[132:140])),
            uint64(bytes8(r[140:148])),
            uint40(bytes5(r[148:153])),
            uint40(bytes5(r[153:158]))
        );
        bytes memory rest = abi.encode(
            uint40(bytes5(r[158:163])),
            uint16(bytes2(r[163:165])),
            uint8(r[165]),
            uint8(r[166]),
            bytes32(r[167:199]),
            keccak256(body)
        );
        return keccak256(bytes.concat(names, numbers, rest));
    }

    /// @dev A walk may write the same entry twice. A second leaf that is never shown makes it another submission.
    function submissionOf(bytes calldata d, bytes32 hash, bytes32 beside) private pure returns (Submission memory s) {
        (s.org, s.action, s.count) = (uint16(bytes2(d[0:2])), uint8(d[2]), 2);
        s.root = Codec.join(Codec.leaf(hash), beside);
        s.sum = uint64(bytes8(d[140:148]));
        (s.wraps, s.validUntil) = (keccak256(""), type(uint64).max);
    }

    function chunkOf(bytes32 id, ICaseLedger ledger, Submission memory s, bytes memory record, bytes32 beside)
        private
        view
        returns (Chunk memory c)
    {
        bytes32 domain = Codec.domain("Alliance Case Ledger", address(ledger));
        c.number = 1;
        c.maker = signature(key(s.org, 2), Codec.digest(domain, Codec.submissionHash(id, s, 1)));
        c.checker = signature(key(s.org, 3), Codec.digest(domain, Codec.submissionHash(id, s, 2)));
        c.proof = new bytes32[](1);
        c.proof[0] = beside;
        c.entries = record;
    }

    function present(ICaseLedger ledger, Submission memory s, Chunk memory c) private returns (uint8) {
        vm.prank(senderOf(s.org));
        try ledger.present(s, c) returns (bytes memory outcomes) {
            return uint8(outcomes[0]);
        } catch (bytes memory why) {
            bytes4 error_ = bytes4(why);
            if (error_ == ICaseLedger.OrgNotActive.selector || error_ == ICaseLedger.Paused.selector) return REVERTS;
            assembly {
                revert(add(why, 0x20), mload(why))
            }
        }
    }

    // ---------------------------------------------------------------- what must be true

    function compareCase(uint256 step, ICaseLedger ledger, bytes calldata d) private view {
        bytes calldata e = d[243:307];
        Case memory c = ledger.caseOf(uint16(bytes2(d[8:10])), bytes32(d[10:42]));
        uint256 flags = (c.debitable ? 1 : 0) | (c.accepted ? 2 : 0);
        // at an end disputes are void: their flags mean nothing
        if (c.phase < 5) flags |= (c.officeDispute ? 4 : 0) | (c.recipientDispute ? 8 : 0);
        same(step, "phase", c.phase, uint8(e[0]));
        same(step, "flags", flags, uint8(e[1]));
        same(step, "recipient", c.recipient, uint16(bytes2(e[2:4])));
        same(step, "seq", c.seq, uint32(bytes4(e[4:8])));
        same(step, "open order", c.openOrder, uint32(bytes4(e[8:12])));
        same(step, "unsettled", c.unsettled, uint32(bytes4(e[12:16])));
        same(step, "claim", c.claim, uint64(bytes8(e[16:24])));
        same(step, "net", c.net, uint64(bytes8(e[24:32])));
        same(step, "head", c.head, bytes32(e[32:64]));
        same(step, "office", c.office, c.phase == 0 ? 0 : uint16(bytes2(d[8:10])));
    }

    function compareSums(uint256 step, ICaseLedger ledger, bytes calldata d) private view {
        bytes calldata e = d[307:343];
        uint16 org = uint16(bytes2(d[0:2]));
        (uint32 day, uint64 fen) = ledger.chargedOf(org);
        same(step, "day", day, uint32(bytes4(e[0:4])));
        same(step, "charged", fen, uint64(bytes8(e[4:12])));
        Total memory t = ledger.totalOf(org, uint8(d[2]));
        same(step, "total entries", t.entries, uint64(bytes8(e[12:20])));
        same(step, "total fen", t.fen, uint64(bytes8(e[20:28])));
        uint56 debited = ledger.consentOf(uint16(bytes2(d[8:10])), bytes32(d[10:42]), bytes32(d[108:140])).debited;
        same(step, "debited under the consent", debited, uint64(bytes8(e[28:36])));
    }

    function same(uint256 step, string memory what, uint256 found_, uint256 expected) private pure {
        same(step, what, bytes32(found_), bytes32(expected));
    }

    function same(uint256 step, string memory what, bytes32 found_, bytes32 expected) private pure {
        if (found_ != expected) revert Step(step, what, found_, expected);
    }
}
