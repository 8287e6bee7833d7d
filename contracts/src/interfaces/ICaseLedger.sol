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

/// @notice A consent, by the hash of its CONSENT.
struct Consent {
    uint56 amount; // fen
    uint56 debited; // fen ever debited under it, reversed or not
    uint40 notBefore; // Unix seconds: the first at which it is live
    uint40 expiresAt; // Unix seconds: the first at which it is not
    uint24 seq; // of its entry in the case; 0: there is no such consent
    bool inParts; // may be ordered and debited in parts
    bool ended; // revoked or replaced
}

/// @notice A debit order, by the hash of its ORDER. It is open while the case names its seq.
struct Order {
    uint56 amount; // fen
    uint24 seq; // of its entry in the case; 0: there is no such order
    uint24 consentSeq; // of the consent that it rests on
    uint16 payee; // organisation whose fund account it pays to
    uint16 fundAccount; // number of that account
}

/// @notice A debit above 0, by the hash of its DEBIT. It ends once and whole: settled, or reversed, or one after the other.
struct Debit {
    uint56 amount; // fen; 0: there is no such debit
    bool settled;
    bool reversed;
}

/// @notice A dispute, by the hash of its DISPUTE.
struct Dispute {
    uint24 seq; // of its entry in the case; 0: there is no such dispute
    bool byOffice; // raised by the office's side, else by the recipient's
    bool open; // not resolved; void once the case is at an end
}

/// @notice What an organisation has written of one action.
struct Total {
    uint64 entries;
    uint128 fen;
}

/// @title The append-only log of assistance cases
/// @notice Entries come in submissions, submissions in chunks. Each entry is taken or refused by itself, once.
/// @dev What is wrong with a whole submission reverts; what is wrong with one entry refuses that entry alone. Whoever
/// reads the events has all that an audit needs: entries, signatures and what they signed, wraps, outcomes.
interface ICaseLedger {
    // ---------------------------------------------------------------------------------------------------------- events

    /// @notice A chunk was recorded.
    /// @param org the organisation that writes
    /// @param root of the submission
    /// @param submission what was signed
    /// @param chunk what was presented, as it came
    /// @param taken entries that the ledger has taken in all, with this chunk
    /// @param outcomes one byte an entry: 0 taken, else the rule that refused it
    event Presented(
        uint16 indexed org, bytes32 indexed root, Submission submission, Chunk chunk, uint64 taken, bytes outcomes
    );

    /// @notice An entry was refused. It is used up: it counts, and is approved anew or dropped.
    /// @param org the organisation that writes
    /// @param entryHash of the entry
    /// @param rule that it breaks, the first in the table's order
    /// @param root of its submission
    /// @param place of the entry in its submission, from 0
    event Refused(uint16 indexed org, bytes32 indexed entryHash, uint8 rule, bytes32 root, uint32 place);

    // ---------------------------------------------------------------------------- errors: the whole submission reverts

    /// @notice The transaction does not come from a sender that the organisation has named.
    /// @param account that sent it
    /// @param org of the submission
    error NotSender(address account, uint16 org);

    /// @notice The organisation is suspended, or there is none of that number.
    /// @param org of the submission
    error OrgNotActive(uint16 org);

    /// @notice The submission's time is over; what it had left is approved anew.
    /// @param validUntil Unix seconds, inclusive, as signed
    /// @param blockTime Unix seconds
    error SubmissionExpired(uint64 validUntil, uint256 blockTime);

    /// @notice A pause of the organisation or of the alliance stops its orders or acceptances. Nothing is used up.
    /// @param org of the submission
    error Paused(uint16 org);

    /// @notice A signature is malformed, or its s is in the upper half.
    /// @param role in which it was given: 1 maker, 2 checker, 3 service
    error BadSignature(uint8 role);

    /// @notice The signer may not sign this for the organisation; also what a changed submission or role looks like.
    /// @param signer recovered from the signature
    /// @param org of the submission
    /// @param permission that it would take: 1 MAKER, 2 CHECKER, 8 SERVICE
    error NotOfficer(address signer, uint16 org, uint8 permission);

    /// @notice Maker and checker are one person.
    /// @param signer of both
    error SameSigner(address signer);

    /// @notice A service officer signs alone only for ACKNOWLEDGE, REPLY and DEBIT.
    /// @param action of the submission
    error ServiceMayNot(uint8 action);

    /// @notice The root is zero.
    error ZeroRoot();

    /// @notice The submission has no entries.
    error EmptySubmission();

    /// @notice The chunk has no entries.
    error EmptyChunk();

    /// @notice The chunk is not the next one; a finished submission expects a place that is no longer in it.
    /// @param expected place of the next entry
    /// @param given place of the chunk
    error OutOfPlace(uint32 expected, uint32 given);

    /// @notice The chunk runs past the submission's end.
    /// @param signed entries in the submission
    /// @param presented entries with this chunk
    error TooManyEntries(uint32 signed, uint256 presented);

    /// @notice More fen are presented than were signed.
    /// @param signed fen
    /// @param presented fen with this chunk
    error SumPassed(uint64 signed, uint256 presented);

    /// @notice The submission is all presented, and has fewer fen than were signed.
    /// @param signed fen
    /// @param presented fen with this chunk
    error SumDiffers(uint64 signed, uint256 presented);

    /// @notice The entries are not those that stand at these places under the root.
    /// @param signed root
    /// @param computed root of these entries and this proof
    error BadProof(bytes32 signed, bytes32 computed);

    /// @notice The proof is too short or too long for this range.
    /// @param needed hashes
    /// @param given hashes
    error ProofLength(uint256 needed, uint256 given);

    /// @notice The wrapped keys are not those that were signed, or come again with a later chunk.
    /// @param signed their keccak as signed; zero with a later chunk, which carries none
    /// @param given their keccak
    error WrapsDiffer(bytes32 signed, bytes32 given);

    /// @notice Another submission was presented under this root before.
    /// @param known header of that one
    /// @param given header of this one
    error HeaderDiffers(bytes32 known, bytes32 given);

    /// @notice The records do not fit their number or their own lengths.
    /// @param offset in bytes, of the record that does not fit, or of the end where the records stop short
    error MalformedEntries(uint256 offset);

    /// @notice Not a fault: the answer of preview.
    /// @param outcomes one byte an entry: 0 would be taken, else the rule that would refuse it
    error Previewed(bytes outcomes);

    // --------------------------------------------------------------------------------------------------------- writing

    /// @notice Record the next chunk of a submission.
    /// @dev Both signatures are verified with each chunk, so that an officer suspended in between signs nothing more.
    /// @param s the submission, the same with each of its chunks
    /// @param c the chunk at the next place
    /// @return outcomes one byte an entry: 0 taken, else the rule that refused it
    function present(Submission calldata s, Chunk calldata c) external returns (bytes memory outcomes);

    /// @notice What would become of these entries now. Always reverts, with Previewed(outcomes): use eth_call.
    /// @dev Only the entries are judged, each after those before it: no signature, place, pause or suspension.
    /// @param org the organisation that would write
    /// @param action of the entries
    /// @param entries records, see docs/wire.md
    function preview(uint16 org, uint8 action, bytes calldata entries) external;

    // ----------------------------------------------------------------------------------------------------------- views

    /// @notice Random id given at construction, in all that is signed for this ledger.
    function id() external view returns (bytes32);

    /// @notice Version of the wire format that it takes.
    function version() external view returns (string memory);

    /// @notice Membership registry that it reads.
    function registry() external view returns (address);

    /// @notice Entries that it has taken in all.
    function taken() external view returns (uint64);

    /// @notice A case; all zero if there is none.
    function caseOf(uint16 office, bytes32 caseId) external view returns (Case memory);

    /// @notice A consent of a case; all zero if there is none.
    function consentOf(uint16 office, bytes32 caseId, bytes32 entryHash) external view returns (Consent memory);

    /// @notice An order of a case, open or ended; all zero if there is none.
    function orderOf(uint16 office, bytes32 caseId, bytes32 entryHash) external view returns (Order memory);

    /// @notice A debit of a case; all zero if there is none, or of 0 fen.
    function debitOf(uint16 office, bytes32 caseId, bytes32 entryHash) external view returns (Debit memory);

    /// @notice A dispute of a case; all zero if there is none.
    function disputeOf(uint16 office, bytes32 caseId, bytes32 entryHash) external view returns (Dispute memory);

    /// @notice What an organisation has written of an action.
    function totalOf(uint16 org, uint8 action) external view returns (Total memory);

    /// @notice How far a submission has come.
    /// @return next the place of the next entry, 0 also where the submission is unknown
    /// @return takenCount entries taken so far
    /// @return sum fen presented so far
    /// @return header keccak of its fields without the role; the first 16 bytes are its check code
    function progressOf(uint16 org, bytes32 root)
        external
        view
        returns (uint32 next, uint32 takenCount, uint64 sum, bytes32 header);

    /// @notice What an organisation has ordered, or accepted, on the latest day on which it did.
    /// @return day Beijing day number
    /// @return fen charged against the day limit on it
    function chargedOf(uint16 org) external view returns (uint32 day, uint64 fen);

    /// @notice EIP-712 digest that an officer signs.
    /// @param s the submission
    /// @param role 1 MAKER, 2 CHECKER, 3 SERVICE
    function submissionDigest(Submission calldata s, uint8 role) external view returns (bytes32);
}
