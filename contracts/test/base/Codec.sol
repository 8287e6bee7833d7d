// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Submission} from "../../src/interfaces/ICaseLedger.sol";
import {Act} from "../../src/interfaces/IMembershipRegistry.sol";

/// @notice An entry with every clear field of docs/wire.md; `body` is what the record calls `sealed`.
struct Entry {
    uint8 action;
    uint16 org;
    uint16 office;
    bytes32 caseId;
    uint16 recipient;
    bytes32 head;
    bytes32 target;
    bytes32 consent;
    uint64 amount;
    uint64 claim;
    uint40 notBefore;
    uint40 expiresAt;
    uint40 dueAt;
    uint16 fundAccount;
    uint8 debitable;
    uint8 inParts;
    bytes32 commitment;
    bytes body;
}

/// @notice docs/wire.md once more, written for the tests alone: it shares no code with src, so that each checks the other.
library Codec {
    bytes32 internal constant PAD = keccak256(hex"02");

    // ---------------------------------------------------------------- records

    function record(Entry memory e) internal pure returns (bytes memory) {
        bytes memory names = abi.encodePacked(e.office, e.caseId, e.recipient, e.head, e.target, e.consent);
        bytes memory numbers = abi.encodePacked(e.amount, e.claim, e.notBefore, e.expiresAt, e.dueAt, e.fundAccount);
        return bytes.concat(
            names, numbers, abi.encodePacked(e.debitable, e.inParts, e.commitment, uint24(e.body.length)), e.body
        );
    }

    function records(Entry[] memory es, uint256 place, uint256 number) internal pure returns (bytes memory out) {
        for (uint256 i = place; i < place + number; ++i) {
            out = bytes.concat(out, record(es[i]));
        }
    }

    // ---------------------------------------------------------------- typed data

    function entryHash(bytes32 ledger, Entry memory e) internal pure returns (bytes32) {
        bytes memory names = abi.encode(
            keccak256(
                "Entry(bytes32 ledger,uint8 action,uint16 org,uint16 office,bytes32 caseId,uint16 recipient,bytes32 head,bytes32 target,bytes32 consent,uint64 amount,uint64 claim,uint40 notBefore,uint40 expiresAt,uint40 dueAt,uint16 fundAccount,uint8 debitable,uint8 inParts,bytes32 commitment,bytes32 sealedHash)"
            ),
            ledger,
            e.action,
            e.org,
            e.office,
            e.caseId,
            e.recipient
        );
        bytes memory numbers =
            abi.encode(e.head, e.target, e.consent, e.amount, e.claim, e.notBefore, e.expiresAt, e.dueAt);
        return keccak256(
            bytes.concat(
                names, numbers, abi.encode(e.fundAccount, e.debitable, e.inParts, e.commitment, keccak256(e.body))
            )
        );
    }

    function submissionHash(bytes32 ledger, Submission memory s, uint8 role) internal pure returns (bytes32) {
        string[4] memory roles = ["", "MAKER", "CHECKER", "SERVICE"];
        bytes memory first = abi.encode(
            keccak256(
                "Submission(bytes32 ledger,uint16 org,string role,string action,bytes32 root,uint32 count,uint64 sum,bytes32 wraps,uint64 validUntil)"
            ),
            ledger,
            s.org,
            keccak256(bytes(roles[role])),
            keccak256(bytes(actionName(s.action)))
        );
        return keccak256(bytes.concat(first, abi.encode(s.root, s.count, s.sum, s.wraps, s.validUntil)));
    }

    function actHash(bytes32 registry, Act memory a) internal pure returns (bytes32) {
        bytes memory first = abi.encode(
            keccak256(
                "Act(bytes32 registry,string kind,uint16 org,uint64 number,address first,address second,uint16 code,uint64 orderLimit,uint64 dayLimit,bytes data,uint64 validUntil)"
            ),
            registry,
            keccak256(bytes(kindName(a.kind))),
            a.org,
            a.number,
            a.first,
            a.second
        );
        return
            keccak256(
                bytes.concat(first, abi.encode(a.code, a.orderLimit, a.dayLimit, keccak256(a.data), a.validUntil))
            );
    }

    function domain(string memory name, address verifier) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256("1"),
                block.chainid,
                verifier
            )
        );
    }

    function digest(bytes32 domainHash, bytes32 structHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domainHash, structHash));
    }

    function actionName(uint8 action) internal pure returns (string memory) {
        string[16] memory names = [
            "",
            "REQUEST",
            "ACKNOWLEDGE",
            "REPLY",
            "DECLINE",
            "CONSENT",
            "ORDER",
            "ACCEPT",
            "DEBIT",
            "CANCEL",
            "REVOKE",
            "REVERSE",
            "SETTLE",
            "DISPUTE",
            "RESOLVE",
            "CLOSE"
        ];
        return action < 16 ? names[action] : "";
    }

    function kindName(uint8 kind) internal pure returns (string memory) {
        string[18] memory names = [
            "",
            "ADMIT",
            "SUSPEND",
            "REINSTATE",
            "SET_LIMITS",
            "LOWER_LIMITS",
            "REPLACE_ADMINS",
            "NAME_SUCCESSOR",
            "PAUSE",
            "RESUME",
            "ADD_OFFICER",
            "SUSPEND_OFFICER",
            "ADD_SENDER",
            "REMOVE_SENDER",
            "REGISTER_KEY",
            "ADD_FUND_ACCOUNT",
            "REMOVE_FUND_ACCOUNT",
            "NAME_LEDGER"
        ];
        return kind < 18 ? names[kind] : "";
    }

    // ---------------------------------------------------------------- heads

    function firstHead(bytes32 ledger, uint16 office, bytes32 caseId) internal pure returns (bytes32) {
        return keccak256(abi.encode(ledger, office, caseId));
    }

    function nextHead(bytes32 head, bytes32 hash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(head, hash));
    }

    // ---------------------------------------------------------------- tree

    function leaf(bytes32 hash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"00", hash));
    }

    function join(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"01", left, right));
    }

    function leaves(bytes32[] memory hashes) internal pure returns (bytes32[] memory level) {
        level = new bytes32[](hashes.length);
        for (uint256 i; i < hashes.length; ++i) {
            level[i] = leaf(hashes[i]);
        }
    }

    function above(bytes32[] memory level) internal pure returns (bytes32[] memory next) {
        next = new bytes32[]((level.length + 1) / 2);
        for (uint256 i; i < next.length; ++i) {
            next[i] = join(level[2 * i], 2 * i + 1 < level.length ? level[2 * i + 1] : PAD);
        }
    }

    function root(bytes32[] memory hashes) internal pure returns (bytes32) {
        bytes32[] memory level = leaves(hashes);
        do {
            level = above(level);
        } while (level.length > 1);
        return level[0];
    }

    /// @notice What stands beside the range [place, place + number) on the way up, left before right, level by level.
    function proof(bytes32[] memory hashes, uint256 place, uint256 number)
        internal
        pure
        returns (bytes32[] memory out)
    {
        bytes32[] memory level = leaves(hashes);
        bytes32[] memory found = new bytes32[](64);
        uint256 length;
        uint256 low = place;
        uint256 high = place + number;
        do {
            if (low % 2 == 1) found[length++] = level[--low];
            if (high % 2 == 1) {
                if (high < level.length) found[length++] = level[high];
                ++high;
            }
            low /= 2;
            high /= 2;
            level = above(level);
        } while (level.length > 1);
        out = new bytes32[](length);
        for (uint256 i; i < length; ++i) {
            out[i] = found[i];
        }
    }
}
