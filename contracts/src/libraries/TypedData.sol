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

    // ------------------------------------------------------------------------------------------------- struct hashes

    function hashSubmission(bytes32 ledger, Submission calldata s, uint8 role) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                SUBMISSION,
                ledger,
                s.org,
                keccak256(bytes(roleName(role))),
                keccak256(bytes(actionName(s.action))),
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
        return keccak256(
            abi.encode(
                ledger, s.org, keccak256(bytes(actionName(s.action))), s.root, s.count, s.sum, s.wraps, s.validUntil
            )
        );
    }

    function hashAct(bytes32 registry, Act calldata a) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                ACT,
                registry,
                keccak256(bytes(kindName(a.kind))),
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

    // --------------------------------------------------------------------------------------------------------- names

    function roleName(uint8 role) internal pure returns (string memory) {
        if (role == Signing.MAKER) return "MAKER";
        if (role == Signing.CHECKER) return "CHECKER";
        if (role == Signing.SERVICE) return "SERVICE";
        return "";
    }

    function actionName(uint8 action) internal pure returns (string memory) {
        if (action == Action.REQUEST) return "REQUEST";
        if (action == Action.ACKNOWLEDGE) return "ACKNOWLEDGE";
        if (action == Action.REPLY) return "REPLY";
        if (action == Action.DECLINE) return "DECLINE";
        if (action == Action.CONSENT) return "CONSENT";
        if (action == Action.ORDER) return "ORDER";
        if (action == Action.ACCEPT) return "ACCEPT";
        if (action == Action.DEBIT) return "DEBIT";
        if (action == Action.CANCEL) return "CANCEL";
        if (action == Action.REVOKE) return "REVOKE";
        if (action == Action.REVERSE) return "REVERSE";
        if (action == Action.SETTLE) return "SETTLE";
        if (action == Action.DISPUTE) return "DISPUTE";
        if (action == Action.RESOLVE) return "RESOLVE";
        if (action == Action.CLOSE) return "CLOSE";
        return "";
    }

    function kindName(uint8 kind) internal pure returns (string memory) {
        if (kind == Kind.ADMIT) return "ADMIT";
        if (kind == Kind.SUSPEND) return "SUSPEND";
        if (kind == Kind.REINSTATE) return "REINSTATE";
        if (kind == Kind.SET_LIMITS) return "SET_LIMITS";
        if (kind == Kind.LOWER_LIMITS) return "LOWER_LIMITS";
        if (kind == Kind.REPLACE_ADMINS) return "REPLACE_ADMINS";
        if (kind == Kind.NAME_SUCCESSOR) return "NAME_SUCCESSOR";
        if (kind == Kind.PAUSE) return "PAUSE";
        if (kind == Kind.RESUME) return "RESUME";
        if (kind == Kind.ADD_OFFICER) return "ADD_OFFICER";
        if (kind == Kind.SUSPEND_OFFICER) return "SUSPEND_OFFICER";
        if (kind == Kind.ADD_SENDER) return "ADD_SENDER";
        if (kind == Kind.REMOVE_SENDER) return "REMOVE_SENDER";
        if (kind == Kind.REGISTER_KEY) return "REGISTER_KEY";
        if (kind == Kind.ADD_FUND_ACCOUNT) return "ADD_FUND_ACCOUNT";
        if (kind == Kind.REMOVE_FUND_ACCOUNT) return "REMOVE_FUND_ACCOUNT";
        if (kind == Kind.NAME_LEDGER) return "NAME_LEDGER";
        return "";
    }
}
