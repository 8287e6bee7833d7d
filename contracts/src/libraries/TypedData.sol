// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Act} from "../interfaces/IMembershipRegistry.sol";
import {Submission} from "../interfaces/ICaseLedger.sol";
import {Action, Kind, Signing} from "./Codes.sol";

/// @notice EIP-712 struct hashes of what people sign, and the names that they read there.
/// @dev An unknown code has the empty name: its digest is well defined, and nobody is shown it to sign.
library TypedData {
    bytes32 internal constant SUBMISSION = keccak256(
        "Submission(bytes32 ledger,uint16 org,string role,string action,bytes32 root,uint32 count,uint64 sum,bytes32 wraps,uint64 validUntil)"
    );
    bytes32 internal constant ENTRY = keccak256(
        "Entry(bytes32 ledger,uint8 action,uint16 org,uint16 office,bytes32 caseId,uint16 recipient,bytes32 head,bytes32 target,bytes32 consent,uint64 amount,uint64 claim,uint40 notBefore,uint40 expiresAt,uint40 dueAt,uint16 fundAccount,uint8 debitable,uint8 inParts,bytes32 commitment,bytes32 sealedHash)"
    );
    bytes32 internal constant ACT = keccak256(
        "Act(bytes32 registry,string kind,uint16 org,uint64 number,address first,address second,uint16 code,uint64 orderLimit,uint64 dayLimit,bytes data,uint64 validUntil)"
    );

    // --------------------------------------------------------------------------------------------------- struct hashes

    function hashSubmission(bytes32 ledger, Submission calldata s, uint8 role) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                SUBMISSION,
                ledger,
                s.org,
                hashRole(role),
                hashAction(s.action),
                s.root,
                s.count,
                s.sum,
                s.wraps,
                s.validUntil
            )
        );
    }

    /// @notice What names a submission whoever signs it. Its first 16 bytes are the check code that people compare.
    function header(bytes32 ledger, Submission calldata s) internal pure returns (bytes32) {
        return keccak256(abi.encode(ledger, s.org, hashAction(s.action), s.root, s.count, s.sum, s.wraps, s.validUntil));
    }

    function hashAct(bytes32 registry, Act calldata a) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                ACT,
                registry,
                hashKind(a.kind),
                a.org,
                a.number,
                a.first,
                a.second,
                a.code,
                a.orderLimit,
                a.dayLimit,
                keccak256(a.data),
                a.validUntil
            )
        );
    }

    // ----------------------------------------------------------------------------------------------------------- names

    function hashRole(uint8 role) internal pure returns (bytes32) {
        if (role == Signing.MAKER) return keccak256("MAKER");
        if (role == Signing.CHECKER) return keccak256("CHECKER");
        if (role == Signing.SERVICE) return keccak256("SERVICE");
        return keccak256("");
    }

    function hashAction(uint8 action) internal pure returns (bytes32) {
        if (action == Action.REQUEST) return keccak256("REQUEST");
        if (action == Action.ACKNOWLEDGE) return keccak256("ACKNOWLEDGE");
        if (action == Action.REPLY) return keccak256("REPLY");
        if (action == Action.DECLINE) return keccak256("DECLINE");
        if (action == Action.CONSENT) return keccak256("CONSENT");
        if (action == Action.ORDER) return keccak256("ORDER");
        if (action == Action.ACCEPT) return keccak256("ACCEPT");
        if (action == Action.DEBIT) return keccak256("DEBIT");
        if (action == Action.CANCEL) return keccak256("CANCEL");
        if (action == Action.REVOKE) return keccak256("REVOKE");
        if (action == Action.REVERSE) return keccak256("REVERSE");
        if (action == Action.SETTLE) return keccak256("SETTLE");
        if (action == Action.DISPUTE) return keccak256("DISPUTE");
        if (action == Action.RESOLVE) return keccak256("RESOLVE");
        if (action == Action.CLOSE) return keccak256("CLOSE");
        return keccak256("");
    }

    function hashKind(uint8 kind) internal pure returns (bytes32) {
        if (kind == Kind.ADMIT) return keccak256("ADMIT");
        if (kind == Kind.SUSPEND) return keccak256("SUSPEND");
        if (kind == Kind.REINSTATE) return keccak256("REINSTATE");
        if (kind == Kind.SET_LIMITS) return keccak256("SET_LIMITS");
        if (kind == Kind.LOWER_LIMITS) return keccak256("LOWER_LIMITS");
        if (kind == Kind.REPLACE_ADMINS) return keccak256("REPLACE_ADMINS");
        if (kind == Kind.NAME_SUCCESSOR) return keccak256("NAME_SUCCESSOR");
        if (kind == Kind.PAUSE) return keccak256("PAUSE");
        if (kind == Kind.RESUME) return keccak256("RESUME");
        if (kind == Kind.ADD_OFFICER) return keccak256("ADD_OFFICER");
        if (kind == Kind.SUSPEND_OFFICER) return keccak256("SUSPEND_OFFICER");
        if (kind == Kind.ADD_SENDER) return keccak256("ADD_SENDER");
        if (kind == Kind.REMOVE_SENDER) return keccak256("REMOVE_SENDER");
        if (kind == Kind.REGISTER_KEY) return keccak256("REGISTER_KEY");
        if (kind == Kind.ADD_FUND_ACCOUNT) return keccak256("ADD_FUND_ACCOUNT");
        if (kind == Kind.REMOVE_FUND_ACCOUNT) return keccak256("REMOVE_FUND_ACCOUNT");
        if (kind == Kind.NAME_LEDGER) return keccak256("NAME_LEDGER");
        return keccak256("");
    }
}
