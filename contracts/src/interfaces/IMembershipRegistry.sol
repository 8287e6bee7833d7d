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
    uint16 org;
    uint64 number;
    address first;
    address second;
    uint16 code;
    uint64 orderLimit;
    uint64 dayLimit;
    bytes data;
    uint64 validUntil;
}

/// @notice What the ledger needs to know of an organisation, as of this block.
struct Standing {
    uint8 role;
    bool active;
    bool paused; // the organisation's own pause or the alliance's
    uint16 successor; // who speaks for it, 0 if nobody
    uint32 keyVersion; // 0: no encryption key registered
    uint64 orderLimit; // fen
    uint64 dayLimit; // fen, Beijing day
}

/// @notice What the ledger needs to know of an address, as of this block.
struct Officer {
    uint16 org;
    uint8 permissions; // 1 MAKER, 2 CHECKER, 4 ADMIN, 8 SERVICE; 0 when suspended
    bool sender;
}

/// @title Who is who in the alliance: organisations, officers, senders, keys, fund accounts, limits
/// @dev Acts are typed data, taken once and in number order per organisation; anybody may carry one to the chain.
interface IMembershipRegistry {
    event Founded(bytes32 registry, uint8 threshold, Governor[] governors);
    event Acted(uint16 indexed org, uint8 indexed kind, Act act, bytes[] signatures);

    error UnknownOrg(uint16 org);
    error UnknownKind(uint8 kind);
    error ActExpired(uint64 validUntil, uint256 blockTime);
    error ActNumber(uint64 expected, uint64 given);
    error ActFields(uint8 kind);
    error ActState(uint8 kind, uint16 org); // the act would change nothing, or the organisation's state forbids it
    error BadSignature(uint256 index);
    error SignedTwice(address signer);
    error NotEntitled(address signer); // the signer's signature does not count for this act
    error TooFewSignatures(uint8 kind, uint256 given, uint256 needed);
    error TooFewGovernors(uint256 left, uint256 needed);
    error TooFewAdmins(uint16 org);
    error AddressTaken(address account, uint16 org);
    error LimitRaised(uint16 org);
    error TooManyGovernors(uint256 limit);

    /// @notice Carry out one act that the right people have signed.
    function act(Act calldata a, bytes[] calldata signatures) external;

    function id() external view returns (bytes32);
    function threshold() external view returns (uint8);
    function orgCount() external view returns (uint16);
    function nextNumber(uint16 org) external view returns (uint64);
    function standing(uint16 org) external view returns (Standing memory);
    function officer(address account) external view returns (Officer memory);
    function keyHash(uint16 org) external view returns (uint32 version, bytes32 hash);
    /// @return hash keccak of the account text, zero if that number is not registered now
    function fundAccount(uint16 org, uint16 number) external view returns (bytes32 hash);
    /// @return successor the ledger that governance named to follow, zero if none
    function successorLedger(address ledger) external view returns (address successor);
    function actDigest(Act calldata a) external view returns (bytes32);
}
