// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Act, Governor, IMembershipRegistry, Officer, Standing} from "./interfaces/IMembershipRegistry.sol";
import {Kind, Permission, Role} from "./libraries/Codes.sol";
import {TypedData} from "./libraries/TypedData.sol";

/// @title Who is who in the alliance
/// @notice Governors, M of N, admit and suspend members; two ADMINs of a member manage its officers, keys and accounts.
/// @dev Reading order: an act's form, its signatures, what it does, views. An act is taken once, in number order, and
/// whoever carries it to the chain has no say in it. No call leaves this contract.
contract MembershipRegistry is IMembershipRegistry, EIP712 {
    /// @dev A member. The first slot is all that the ledger asks for.
    struct Org {
        uint8 role;
        bool suspended;
        bool paused;
        uint16 successor;
        uint32 keyVersion;
        uint64 orderLimit; // fen
        uint64 dayLimit; // fen
        uint16 admins; // active ones
        uint16 accounts; // numbers given to fund accounts so far
        uint8 seat; // of a governor, 1 to 32; 0: no governor
        bytes32 keyHash;
        // ADMINs named by governors: from `due` on they are the only ones, whether an act has written that down or not
        address first;
        uint40 due; // Unix seconds, 0: none named
        uint32 generation; // of ADMINs: one more with each replacement written down
        address second;
    }

    /// @dev An address, of one organisation for ever. One slot.
    struct Account {
        uint16 org;
        uint8 permissions; // 0 when suspended
        bool person; // has been an officer other than SERVICE
        bool service; // has been SERVICE
        bool sender;
        uint32 generation; // of the ADMINs that it was made one of
    }

    /// @dev The signatures of an act that count, as they are gone through.
    struct Tally {
        uint256 admins;
        uint256 governors;
        uint256 seats; // of governors that have signed, a bit a seat
        uint16 house; // PAUSE: whose ADMINs sign
    }

    uint256 private constant MAX_GOVERNORS = 32;
    uint256 private constant ADMINS = 2; // who sign for an organisation, and whom it keeps
    uint256 private constant MAX_SIGNATURES = MAX_GOVERNORS + ADMINS;
    uint256 private constant KEY_LENGTH = 1216; // ML-KEM-768 and X25519
    uint40 private constant REPLACEMENT_DELAY = 86_400;

    // Fields that an act may use, one bit each.
    uint256 private constant FIRST = 1;
    uint256 private constant SECOND = 2;
    uint256 private constant CODE = 4;
    uint256 private constant LIMITS = 8;
    uint256 private constant DATA = 16;

    /// @inheritdoc IMembershipRegistry
    bytes32 public immutable id;

    /// @inheritdoc IMembershipRegistry
    uint8 public immutable threshold;

    /// @inheritdoc IMembershipRegistry
    uint16 public orgCount;

    uint8 private _seats; // governors ever admitted
    uint8 private _activeGovernors;

    /// @dev Org 0 is the alliance: of it only `paused` is used.
    mapping(uint16 org => Org) private _orgs;
    mapping(address => Account) private _accounts;
    mapping(uint16 org => uint64) private _numbers; // of the last act
    mapping(uint16 org => mapping(uint16 number => bytes32)) private _fundAccounts;

    /// @inheritdoc IMembershipRegistry
    mapping(address ledger => address) public successorLedger;

    /// @param id_ random, in all that is signed for this registry
    /// @param threshold_ M: how many governors an act of governors takes
    /// @param governors the founding governors, organisations 1 to N
    constructor(bytes32 id_, uint8 threshold_, Governor[] memory governors)
        EIP712("Alliance Membership Registry", "1")
    {
        if (governors.length > MAX_GOVERNORS) {
            revert TooManyGovernors(MAX_GOVERNORS);
        }
        if (threshold_ == 0 || governors.length < threshold_) revert TooFewGovernors(governors.length, threshold_);
        id = id_;
        threshold = threshold_;
        for (uint256 i; i < governors.length; ++i) {
            _found(governors[i]);
        }
        emit Founded(id_, threshold_, governors);
    }

    // ------------------------------------------------------------------------------------------------------------ acts

    /// @inheritdoc IMembershipRegistry
    function act(Act calldata a, bytes[] calldata signatures) external {
        _checkForm(a);
        _writeDownReplacement(a.org);
        _checkSignatures(a, signatures);
        _numbers[a.org] = a.number;
        _carryOut(a);
        emit Acted(a.org, a.kind, a, signatures);
    }

    function _carryOut(Act calldata a) private {
        if (a.kind == Kind.ADMIT) _admit(uint8(a.code), a.first, a.second);
        else if (a.kind == Kind.SUSPEND) _suspend(a);
        else if (a.kind == Kind.REINSTATE) _reinstate(a);
        else if (a.kind == Kind.SET_LIMITS) _setLimits(a);
        else if (a.kind == Kind.LOWER_LIMITS) _lowerLimits(a);
        else if (a.kind == Kind.REPLACE_ADMINS) _replaceAdmins(a);
        else if (a.kind == Kind.NAME_SUCCESSOR) _nameSuccessor(a);
        else if (a.kind == Kind.PAUSE) _setPaused(a, true);
        else if (a.kind == Kind.RESUME) _setPaused(a, false);
        else if (a.kind == Kind.ADD_OFFICER) _addOfficer(a);
        else if (a.kind == Kind.SUSPEND_OFFICER) _suspendOfficer(a);
        else if (a.kind == Kind.ADD_SENDER) _setSender(a, true);
        else if (a.kind == Kind.REMOVE_SENDER) _setSender(a, false);
        else if (a.kind == Kind.REGISTER_KEY) _registerKey(a);
        else if (a.kind == Kind.ADD_FUND_ACCOUNT) _addFundAccount(a);
        else if (a.kind == Kind.REMOVE_FUND_ACCOUNT) _removeFundAccount(a);
        else _nameLedger(a);
    }

    // -------------------------------------------------------------------------------------------------- form of an act

    function _checkForm(Act calldata a) private view {
        if (a.kind == 0 || a.kind > Kind.NAME_LEDGER) revert UnknownKind(a.kind);
        if (!_concerns(a.kind, a.org)) revert UnknownOrg(a.org);
        if (block.timestamp > a.validUntil) revert ActExpired(a.validUntil, block.timestamp);
        uint64 expected = _numbers[a.org] + 1;
        if (a.number != expected) revert ActNumber(expected, a.number);
        if (!_isWellFormed(a)) revert ActFields(a.kind);
    }

    /// @dev Whether an act of that kind can be about that organisation.
    function _concerns(uint8 kind, uint16 org) private view returns (bool) {
        if (kind == Kind.ADMIT) return uint256(org) == uint256(orgCount) + 1;
        if (kind == Kind.NAME_LEDGER) return org == 0;
        if (org == 0) return kind == Kind.PAUSE || kind == Kind.RESUME;
        return org <= orgCount;
    }

    /// @dev The fields of its kind and no others, with values that mean something whatever the registry's state. A limit
    /// may be zero.
    function _isWellFormed(Act calldata a) private pure returns (bool) {
        uint256 used = _fieldsUsed(a.kind);
        if ((_fieldsSet(a) | (used & LIMITS)) != used) return false;
        if (used & SECOND != 0 && a.first == a.second) return false;
        if (a.kind == Kind.ADMIT) return a.code <= Role.GOVERNOR;
        if (a.kind == Kind.ADD_OFFICER) return a.code <= Permission.SERVICE; // it stands alone
        return a.kind != Kind.REGISTER_KEY || a.data.length == KEY_LENGTH;
    }

    function _fieldsSet(Act calldata a) private pure returns (uint256 set) {
        if (a.first != address(0)) set |= FIRST;
        if (a.second != address(0)) set |= SECOND;
        if (a.code != 0) set |= CODE;
        if (a.orderLimit | a.dayLimit != 0) set |= LIMITS;
        if (a.data.length != 0) set |= DATA;
    }

    function _fieldsUsed(uint8 kind) private pure returns (uint256) {
        if (kind == Kind.ADMIT) return FIRST | SECOND | CODE | DATA;
        if (kind == Kind.SET_LIMITS || kind == Kind.LOWER_LIMITS) return LIMITS;
        if (kind == Kind.REPLACE_ADMINS || kind == Kind.NAME_LEDGER) return FIRST | SECOND;
        if (kind == Kind.NAME_SUCCESSOR || kind == Kind.REMOVE_FUND_ACCOUNT) return CODE;
        if (kind == Kind.ADD_OFFICER) return FIRST | CODE;
        if (kind == Kind.SUSPEND_OFFICER || kind == Kind.ADD_SENDER || kind == Kind.REMOVE_SENDER) return FIRST;
        if (kind == Kind.REGISTER_KEY || kind == Kind.ADD_FUND_ACCOUNT) return CODE | DATA;
        return 0; // SUSPEND, REINSTATE, PAUSE, RESUME
    }

    // ------------------------------------------------------------------------------------------------------ signatures

    function _checkSignatures(Act calldata a, bytes[] calldata signatures) private view {
        uint256 admins = _takesAdmins(a.kind) || a.kind == Kind.PAUSE ? ADMINS : 0;
        uint256 governors = _takesGovernors(a.kind) ? threshold : 0;
        if (signatures.length < admins + governors) {
            revert TooFewSignatures(a.kind, signatures.length, admins + governors);
        }
        Tally memory tally = _count(a, signatures);
        if (tally.admins < admins) revert TooFewSignatures(a.kind, tally.admins, admins);
        if (tally.governors < governors) revert TooFewSignatures(a.kind, tally.governors, governors);
    }

    /// @dev Every signature given has to count. Bounded: more than there can be use for do not count.
    function _count(Act calldata a, bytes[] calldata signatures) private view returns (Tally memory tally) {
        bytes32 digest = actDigest(a);
        address[] memory signers = new address[](MAX_SIGNATURES);
        for (uint256 i; i < signatures.length; ++i) {
            (address signer, ECDSA.RecoverError fault,) = ECDSA.tryRecover(digest, signatures[i]);
            if (fault != ECDSA.RecoverError.NoError) revert BadSignature(i);
            if (i >= MAX_SIGNATURES) revert NotEntitled(signer);
            for (uint256 j; j < i; ++j) {
                if (signers[j] == signer) revert SignedTwice(signer);
            }
            signers[i] = signer;
            if (!_countOne(a, signer, tally)) revert NotEntitled(signer);
        }
    }

    /// @dev Suspended officers, and all of a suspended organisation, have no permissions and so no say.
    function _countOne(Act calldata a, address signer, Tally memory tally) private view returns (bool) {
        Officer memory o = officer(signer);
        if (o.permissions & Permission.ADMIN == 0) return false;
        if (a.kind == Kind.PAUSE) return _countPausing(a, o.org, tally);
        if (_takesAdmins(a.kind) && o.org == a.org) {
            tally.admins += 1;
            return true;
        }
        return _takesGovernors(a.kind) && _countGovernor(o.org, tally);
    }

    /// @dev One house stops: the organisation itself, or one governor.
    function _countPausing(Act calldata a, uint16 org, Tally memory tally) private view returns (bool) {
        if (org != a.org && _orgs[org].seat == 0) return false;
        if (tally.house == 0) tally.house = org;
        if (tally.house != org) return false;
        tally.admins += 1;
        return true;
    }

    /// @dev A governor has one voice, whichever of its ADMINs raises it.
    function _countGovernor(uint16 org, Tally memory tally) private view returns (bool) {
        uint8 seat = _orgs[org].seat;
        uint256 bit = uint256(1) << seat;
        if (seat == 0 || tally.seats & bit != 0) return false;
        tally.seats |= bit;
        tally.governors += 1;
        return true;
    }

    function _takesAdmins(uint8 kind) private pure returns (bool) {
        return kind == Kind.LOWER_LIMITS || (kind >= Kind.ADD_OFFICER && kind <= Kind.REMOVE_FUND_ACCOUNT);
    }

    function _takesGovernors(uint8 kind) private pure returns (bool) {
        return kind == Kind.ADD_FUND_ACCOUNT || !(_takesAdmins(kind) || kind == Kind.PAUSE);
    }

    // ------------------------------------------------------------------------------------------------------ membership

    /// @dev What an act of governors would have to say of it is seen to here.
    function _found(Governor memory g) private {
        bool named = bytes(g.name).length != 0 && g.first != address(0) && g.second != address(0);
        if (!named || g.first == g.second) revert ActFields(Kind.ADMIT);
        _admit(Role.GOVERNOR, g.first, g.second);
    }

    function _admit(uint8 role, address first, address second) private {
        uint16 org = ++orgCount;
        if (role == Role.GOVERNOR) _seat(org);
        _orgs[org].role = role;
        _orgs[org].admins = uint16(ADMINS);
        _numbers[org] = 1;
        _makeAdmin(org, first);
        _makeAdmin(org, second);
    }

    function _makeAdmin(uint16 org, address admin) private {
        Account memory account = _claim(admin, org);
        account.person = true;
        account.permissions = Permission.ADMIN;
        _accounts[admin] = account;
    }

    function _seat(uint16 org) private {
        if (_seats == MAX_GOVERNORS) revert TooManyGovernors(MAX_GOVERNORS);
        _orgs[org].seat = ++_seats;
        _activeGovernors += 1;
    }

    function _suspend(Act calldata a) private {
        Org storage org = _orgs[a.org];
        if (org.suspended) revert ActState(a.kind, a.org);
        org.suspended = true;
        if (org.seat == 0) return;
        _activeGovernors -= 1;
        if (_activeGovernors < threshold) revert TooFewGovernors(_activeGovernors, threshold);
    }

    function _reinstate(Act calldata a) private {
        Org storage org = _orgs[a.org];
        if (!org.suspended) revert ActState(a.kind, a.org);
        org.suspended = false;
        org.successor = 0;
        if (org.seat != 0) _activeGovernors += 1;
    }

    function _nameSuccessor(Act calldata a) private {
        Org storage org = _orgs[a.org];
        Org storage successor = _orgs[a.code];
        if (a.code > orgCount) revert UnknownOrg(a.code);
        bool fits = org.suspended && !successor.suspended && successor.role == org.role;
        if (!fits || org.successor == a.code) revert ActState(a.kind, a.org);
        org.successor = a.code;
    }

    function _nameLedger(Act calldata a) private {
        if (successorLedger[a.first] == a.second) revert ActState(a.kind, a.org);
        successorLedger[a.first] = a.second;
    }

    // ----------------------------------------------------------------------------------------------- limits and pauses

    function _setLimits(Act calldata a) private {
        Org storage org = _orgs[a.org];
        if (a.orderLimit == org.orderLimit && a.dayLimit == org.dayLimit) revert ActState(a.kind, a.org);
        org.orderLimit = a.orderLimit;
        org.dayLimit = a.dayLimit;
    }

    function _lowerLimits(Act calldata a) private {
        Org storage org = _orgs[a.org];
        if (a.orderLimit > org.orderLimit || a.dayLimit > org.dayLimit) revert LimitRaised(a.org);
        _setLimits(a);
    }

    function _setPaused(Act calldata a, bool paused) private {
        Org storage org = _orgs[a.org];
        if (org.paused == paused) revert ActState(a.kind, a.org);
        org.paused = paused;
    }

    // -------------------------------------------------------------------------------------------- officers and senders

    function _addOfficer(Act calldata a) private {
        Account memory account = _claim(a.first, a.org);
        uint8 permissions = uint8(a.code);
        bool service = permissions == Permission.SERVICE;
        bool otherNature = service ? account.person : account.service;
        if (otherNature || account.permissions == permissions) revert ActState(a.kind, a.org);
        if (service) account.service = true;
        else account.person = true;
        _setPermissions(a.first, account, permissions);
    }

    function _suspendOfficer(Act calldata a) private {
        Account memory account = _current(a.first);
        if (account.org != a.org || account.permissions == 0) revert ActState(a.kind, a.org);
        _setPermissions(a.first, account, 0);
    }

    function _setSender(Act calldata a, bool sender) private {
        Account memory account = sender ? _claim(a.first, a.org) : _current(a.first);
        if (account.org != a.org || account.sender == sender) revert ActState(a.kind, a.org);
        account.sender = sender;
        _accounts[a.first] = account;
    }

    /// @dev Writes an account of an organisation whose replacement, if due, is written down.
    function _setPermissions(address a, Account memory account, uint8 permissions) private {
        Org storage org = _orgs[account.org];
        bool was = account.permissions & Permission.ADMIN != 0;
        bool is_ = permissions & Permission.ADMIN != 0;
        if (was && !is_) {
            if (org.admins <= ADMINS) revert TooFewAdmins(account.org);
            org.admins -= 1;
        } else if (is_ && !was) {
            org.admins += 1;
        }
        account.permissions = permissions;
        account.generation = org.generation;
        _accounts[a] = account;
    }

    /// @dev The account as it is now; a new address becomes the organisation's, another's is refused.
    function _claim(address a, uint16 org) private view returns (Account memory account) {
        account = _current(a);
        if (account.org == 0) account.org = org;
        else if (account.org != org) revert AddressTaken(a, account.org);
    }

    // ------------------------------------------------------------------------------------------------ replacing ADMINs

    /// @dev Names addresses now, so that no other organisation takes them meanwhile.
    function _replaceAdmins(Act calldata a) private {
        Org storage org = _orgs[a.org];
        if (org.due == 0 && org.admins == ADMINS && _isAdmin(a.first, a.org) && _isAdmin(a.second, a.org)) {
            revert ActState(a.kind, a.org);
        }
        _nameAdmin(a, a.first);
        _nameAdmin(a, a.second);
        org.first = a.first;
        org.second = a.second;
        org.due = uint40(block.timestamp) + REPLACEMENT_DELAY;
    }

    function _isAdmin(address a, uint16 org) private view returns (bool) {
        Account memory account = _current(a);
        return account.org == org && account.permissions & Permission.ADMIN != 0;
    }

    function _nameAdmin(Act calldata a, address admin) private {
        Account memory account = _claim(admin, a.org);
        if (account.service) revert ActState(a.kind, a.org);
        account.person = true;
        _accounts[admin] = account;
    }

    /// @dev What officer() has said since the moment it was due, into storage.
    function _writeDownReplacement(uint16 id_) private {
        Org storage org = _orgs[id_];
        if (!_isDue(org)) return;
        Account memory first = _current(org.first);
        Account memory second = _current(org.second);
        _accounts[org.first] = first;
        _accounts[org.second] = second;
        org.admins = uint16(ADMINS);
        org.generation += 1;
        org.first = address(0);
        org.second = address(0);
        org.due = 0;
    }

    function _isDue(Org storage org) private view returns (bool) {
        return org.due != 0 && block.timestamp >= org.due;
    }

    /// @dev An account as of now: an ADMIN of an earlier generation has lost everything, one named has become ADMIN.
    function _current(address a) private view returns (Account memory account) {
        account = _accounts[a];
        Org storage org = _orgs[account.org];
        uint32 generation = org.generation;
        _loseIfReplaced(account, generation);
        if (!_isDue(org)) return account;
        if (a == org.first || a == org.second) {
            account.permissions |= Permission.ADMIN;
            account.generation = generation + 1;
        } else {
            _loseIfReplaced(account, generation + 1);
        }
    }

    function _loseIfReplaced(Account memory account, uint32 generation) private pure {
        if (account.permissions & Permission.ADMIN == 0 || account.generation == generation) return;
        account.permissions = 0;
        account.sender = false;
    }

    // ------------------------------------------------------------------------------------------ keys and fund accounts

    function _registerKey(Act calldata a) private {
        Org storage org = _orgs[a.org];
        bytes32 hash = keccak256(a.data);
        if (a.code != uint256(org.keyVersion) + 1 || hash == org.keyHash) revert ActState(a.kind, a.org);
        org.keyVersion = a.code;
        org.keyHash = hash;
    }

    function _addFundAccount(Act calldata a) private {
        Org storage org = _orgs[a.org];
        if (org.role != Role.OFFICE || a.code != uint256(org.accounts) + 1) revert ActState(a.kind, a.org);
        org.accounts = a.code;
        _fundAccounts[a.org][a.code] = keccak256(a.data);
    }

    function _removeFundAccount(Act calldata a) private {
        if (_fundAccounts[a.org][a.code] == 0) revert ActState(a.kind, a.org);
        delete _fundAccounts[a.org][a.code];
    }

    // ----------------------------------------------------------------------------------------------------------- views

    /// @inheritdoc IMembershipRegistry
    function nextNumber(uint16 org) external view returns (uint64) {
        return _numbers[org] + 1;
    }

    /// @inheritdoc IMembershipRegistry
    function standing(uint16 org) external view returns (Standing memory) {
        Org storage o = _orgs[org];
        return Standing({
            role: o.role,
            active: o.role != 0 && !o.suspended,
            paused: o.paused || _orgs[0].paused,
            successor: o.successor,
            keyVersion: o.keyVersion,
            orderLimit: o.orderLimit,
            dayLimit: o.dayLimit
        });
    }

    /// @inheritdoc IMembershipRegistry
    function officer(address account) public view returns (Officer memory) {
        Account memory current = _current(account);
        uint8 permissions = _orgs[current.org].suspended ? 0 : current.permissions;
        return Officer({org: current.org, permissions: permissions, sender: current.sender});
    }

    /// @inheritdoc IMembershipRegistry
    function keyHash(uint16 org) external view returns (uint32 version, bytes32 hash) {
        return (_orgs[org].keyVersion, _orgs[org].keyHash);
    }

    /// @inheritdoc IMembershipRegistry
    function fundAccount(uint16 org, uint16 number) external view returns (bytes32 hash) {
        return _fundAccounts[org][number];
    }

    /// @inheritdoc IMembershipRegistry
    function actDigest(Act calldata a) public view returns (bytes32) {
        return _hashTypedDataV4(TypedData.hashAct(id, a));
    }
}
