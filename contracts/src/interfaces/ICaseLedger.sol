// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What maker and checker sign, less the role: entries of one action, by one organisation.
struct Submission {
    uint16 org;
    uint8 action;
    bytes32 root; // of the tree over the entry hashes
    uint32 count; // entries in the tree
    uint64 sum; // fen, over the entries' clear amounts
    bytes32 wraps; // keccak of the wrapped keys
    uint64 validUntil; // Unix seconds, inclusive
}

/// @notice The next entries of a submission, with what proves them.
struct Chunk {
    uint32 place; // of the first entry here
    uint32 number; // entries here
    bytes maker; // signature; of the service officer where one signs alone
    bytes checker; // signature; empty where a service officer signs alone
    bytes32[] proof;
    bytes wraps; // with the first chunk only
    bytes entries; // records, see docs/wire.md
}

/// @notice A case: one slot for the head, one for the rest.
struct Case {
    bytes32 head;
    uint8 phase;
    bool debitable; // the last reply said that the account can be debited
    bool accepted; // the open order is accepted
    bool officeDispute;
    bool recipientDispute;
    uint16 office;
    uint16 recipient;
    uint24 seq; // entries so far
    uint24 openOrder; // seq of the open ORDER, 0 if none
    uint24 unsettled; // debits neither settled nor reversed
    uint56 claim; // fen, 0 until the first consent
    uint56 net; // fen debited and not reversed
}

struct Consent {
    uint56 amount; // fen
    uint56 debited; // fen ever debited under it, reversed or not
    uint40 notBefore;
    uint40 expiresAt;
    uint24 seq;
    bool inParts;
    bool ended; // revoked or replaced
}

struct Order {
    uint56 amount; // fen
    uint24 seq;
    uint24 consentSeq;
    uint16 payee; // organisation whose fund account it pays to
    uint16 fundAccount;
}

struct Debit {
    uint56 amount; // fen
    bool settled;
    bool reversed;
}

struct Dispute {
    uint24 seq;
    bool byOffice;
    bool open;
}

/// @notice What an organisation has written of one action.
struct Total {
    uint64 entries;
    uint128 fen;
}

/// @title The append-only log of assistance cases
/// @dev What is wrong with a whole submission reverts; what is wrong with one entry refuses that entry alone.
interface ICaseLedger {
    event Presented(
        uint16 indexed org, bytes32 indexed root, Submission submission, Chunk chunk, uint64 taken, bytes outcomes
    );
    event Refused(uint16 indexed org, bytes32 indexed entryHash, uint8 rule, bytes32 root, uint32 place);

    error NotSender(address account, uint16 org);
    error OrgNotActive(uint16 org);
    error SubmissionExpired(uint64 validUntil, uint256 blockTime);
    error Paused(uint16 org);
    error BadSignature(uint8 role); // malformed, or high-s: 1 maker, 2 checker, 3 service
    error NotOfficer(address signer, uint16 org, uint8 permission);
    error SameSigner(address signer);
    error ServiceMayNot(uint8 action);
    error ZeroRoot();
    error EmptySubmission();
    error EmptyChunk();
    error OutOfPlace(uint32 expected, uint32 given);
    error TooManyEntries(uint32 signed, uint256 presented);
    error SumPassed(uint64 signed, uint256 presented);
    error SumDiffers(uint64 signed, uint256 presented);
    error BadProof(bytes32 signed, bytes32 computed);
    error ProofLength(uint256 needed, uint256 given);
    error WrapsDiffer(bytes32 signed, bytes32 given);
    error HeaderDiffers(bytes32 known, bytes32 given);
    error MalformedEntries(uint256 offset);
    error Previewed(bytes outcomes);

    /// @notice Record the next chunk of a submission.
    /// @return outcomes one byte an entry: 0 taken, else the rule that refused it
    function present(Submission calldata s, Chunk calldata c) external returns (bytes memory outcomes);

    /// @notice What would become of these entries now. Always reverts, with Previewed(outcomes): use eth_call.
    function preview(uint16 org, uint8 action, bytes calldata entries) external;

    function id() external view returns (bytes32);
    function version() external view returns (string memory);
    function registry() external view returns (address);
    function taken() external view returns (uint64);
    function caseOf(uint16 office, bytes32 caseId) external view returns (Case memory);
    function consentOf(uint16 office, bytes32 caseId, bytes32 entryHash) external view returns (Consent memory);
    function orderOf(uint16 office, bytes32 caseId, bytes32 entryHash) external view returns (Order memory);
    function debitOf(uint16 office, bytes32 caseId, bytes32 entryHash) external view returns (Debit memory);
    function disputeOf(uint16 office, bytes32 caseId, bytes32 entryHash) external view returns (Dispute memory);
    function totalOf(uint16 org, uint8 action) external view returns (Total memory);
    /// @return next the place of the next entry, 0 also where the submission is unknown
    /// @return takenCount entries taken so far
    /// @return sum fen presented so far
    function progressOf(uint16 org, bytes32 root)
        external
        view
        returns (uint32 next, uint32 takenCount, uint64 sum, bytes32 header);
    /// @return day Beijing day number; fen charged against the day limit on it
    function chargedOf(uint16 org) external view returns (uint32 day, uint64 fen);
    /// @param role 1 MAKER, 2 CHECKER, 3 SERVICE
    function submissionDigest(Submission calldata s, uint8 role) external view returns (bytes32);
}
