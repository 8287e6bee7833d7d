// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice A founding member: a governor organisation with its two ADMINs.
struct Governor {
    string name;
    address first;
    address second;
}

/// @notice One act of governors or of an organisation's ADMINs. Fields that a kind does not use are zero or empty.
struct Act {
    uint8 kind;
    uint16 org; // that it concerns; 0: the alliance
    uint64 number; // the next one of that organisation
    address first;
    address second;
    uint16 code;
    uint64 orderLimit; // fen
    uint64 dayLimit; // fen
    bytes data;
    uint64 validUntil; // Unix seconds, inclusive
}

/// @notice What the ledger needs to know of an organisation, as of this block. All zero if there is none.
struct Standing {
    uint8 role; // 1 OFFICE, 2 BANK, 3 AUDITOR, 4 AUTHORITY, 5 GOVERNOR
    bool active;
    bool paused; // the organisation's own pause or the alliance's
    uint16 successor; // who speaks for it, 0 if nobody
    uint32 keyVersion; // 0: no encryption key registered
    uint64 orderLimit; // fen
    uint64 dayLimit; // fen, Beijing day
}

/// @notice What the ledger needs to know of an address, as of this block.
struct Officer {
    uint16 org; // of which it is for ever; 0: of none
    uint8 permissions; // 1 MAKER, 2 CHECKER, 4 ADMIN, 8 SERVICE; 0 when suspended, itself or its organisation
    bool sender; // may send the organisation's transactions to the ledger
}

/// @title Who is who in the alliance: organisations, officers, senders, keys, fund accounts, limits
/// @notice Acts are typed data, taken once and in number order per organisation; anybody may carry one to the chain.
/// @dev A replacement of ADMINs comes into force by itself 86,400 s after its act: from that second on the new ones are
/// the only ADMINs and keep what else they may, and the old ones, unless named again, have lost every permission and are
/// no senders any more.
interface IMembershipRegistry {
    // ---------------------------------------------------------------------------------------------------------- events

    /// @notice The registry was founded.
    /// @param registry its id
    /// @param threshold M, the governors that an act of governors takes
    /// @param governors the founding ones: organisations 1 to N
    event Founded(bytes32 registry, uint8 threshold, Governor[] governors);

    /// @notice An act was carried out.
    /// @param org that it concerns; 0: the alliance
    /// @param kind of the act
    /// @param act what was signed
    /// @param signatures as they were given
    event Acted(uint16 indexed org, uint8 indexed kind, Act act, bytes[] signatures);

    // ---------------------------------------------------------------------------------------------------------- errors

    /// @notice No act of this kind can be about that organisation: there is none, or it is not the next to be admitted.
    /// @param org that the act is about, or names as a successor
    error UnknownOrg(uint16 org);

    /// @notice There is no such kind of act.
    /// @param kind given
    error UnknownKind(uint8 kind);

    /// @notice The act's time is over.
    /// @param validUntil Unix seconds, inclusive, as signed
    /// @param blockTime Unix seconds
    error ActExpired(uint64 validUntil, uint256 blockTime);

    /// @notice The act is not the organisation's next one.
    /// @param expected number
    /// @param given number
    error ActNumber(uint64 expected, uint64 given);

    /// @notice A field that the kind does not use is set, or one that it uses is missing or has no meaning.
    /// @param kind of the act
    error ActFields(uint8 kind);

    /// @notice The act would change nothing, or the organisation's state forbids it.
    /// @param kind of the act
    /// @param org that it concerns
    error ActState(uint8 kind, uint16 org);

    /// @notice A signature is malformed, or its s is in the upper half.
    /// @param index of the signature
    error BadSignature(uint256 index);

    /// @notice One address signed twice.
    /// @param signer of both
    error SignedTwice(address signer);

    /// @notice The signer's signature does not count for this act: no ADMIN now, of another house, or of a governor that
    /// another ADMIN speaks for already.
    /// @param signer recovered from the signature
    error NotEntitled(address signer);

    /// @notice Fewer signatures than the act takes, of one kind of signers or of all together.
    /// @param kind of the act
    /// @param given signatures that count
    /// @param needed signatures
    error TooFewSignatures(uint8 kind, uint256 given, uint256 needed);

    /// @notice Fewer active governors would be left than an act of governors takes.
    /// @param left active governors
    /// @param needed M
    error TooFewGovernors(uint256 left, uint256 needed);

    /// @notice Fewer than two ADMINs would be left.
    /// @param org of which
    error TooFewAdmins(uint16 org);

    /// @notice The address is another organisation's, officer or sender, for ever.
    /// @param account in question
    /// @param org whose it is
    error AddressTaken(address account, uint16 org);

    /// @notice An organisation's own ADMINs only lower its limits.
    /// @param org of which
    error LimitRaised(uint16 org);

    /// @notice More governors than the registry has seats for, suspended ones included.
    /// @param limit seats
    error TooManyGovernors(uint256 limit);

    // --------------------------------------------------------------------------------------------------------- writing

    /// @notice Carry out one act that the right people have signed.
    /// @param a the act
    /// @param signatures of its EIP-712 digest, in any order; each has to count
    function act(Act calldata a, bytes[] calldata signatures) external;

    // ----------------------------------------------------------------------------------------------------------- views

    /// @notice Random id given at construction, in all that is signed for this registry.
    function id() external view returns (bytes32);

    /// @notice M: how many governors an act of governors takes.
    function threshold() external view returns (uint8);

    /// @notice Organisations ever admitted; they are numbered from 1.
    function orgCount() external view returns (uint16);

    /// @notice Number that the organisation's next act has to have; of org 0 the alliance's.
    function nextNumber(uint16 org) external view returns (uint64);

    /// @notice An organisation as of this block.
    function standing(uint16 org) external view returns (Standing memory);

    /// @notice An address as of this block.
    function officer(address account) external view returns (Officer memory);

    /// @notice An organisation's current encryption key.
    /// @return version 0 if none is registered
    /// @return hash keccak of the public key
    function keyHash(uint16 org) external view returns (uint32 version, bytes32 hash);

    /// @notice A fund account of an organisation.
    /// @return hash keccak of the account text, zero if that number is not registered now
    function fundAccount(uint16 org, uint16 number) external view returns (bytes32 hash);

    /// @notice The ledger that comes after another.
    /// @return successor the ledger that governance named to follow, zero if none
    function successorLedger(address ledger) external view returns (address successor);

    /// @notice EIP-712 digest that governors and ADMINs sign.
    /// @param a the act
    function actDigest(Act calldata a) external view returns (bytes32);
}
