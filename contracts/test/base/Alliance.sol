// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Case, Chunk, ICaseLedger, Submission} from "../../src/interfaces/ICaseLedger.sol";
import {Act, Governor, IMembershipRegistry} from "../../src/interfaces/IMembershipRegistry.sol";
import {Action, Kind, Org, Permission, Phase, Stage} from "./Words.sol";
import {Codec, Entry} from "./Codec.sol";
import {Vm} from "./Vm.sol";

/// @notice A whole alliance on a fresh chain, and the hands of everybody in it.
/// @dev Deployed by tests through vm.deployCode: a test contract that creates it itself would be compiled together with it.
contract Alliance {
    Vm private constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    /// @notice Monday 2 March 2026, 10:00 in Beijing.
    uint256 public constant START = 1_772_416_800;
    uint64 public constant ORDER_LIMIT = 1_000_000;
    uint64 public constant DAY_LIMIT = 2_000_000;
    uint64 public constant CLAIM = 1000;
    uint64 public constant CONSENT_AMOUNT = 1000;
    uint64 public constant ORDER_AMOUNT = 400;

    // Keys of an organisation, by what they are for.
    uint8 public constant FIRST = 0;
    uint8 public constant SECOND = 1;
    uint8 public constant MAKER = 2;
    uint8 public constant CHECKER = 3;
    uint8 public constant SERVICE = 4;
    uint8 public constant SENDER = 5;

    IMembershipRegistry public registry;
    ICaseLedger public ledger;
    bytes32 public constant REGISTRY_ID = keccak256("registry of the tests");
    bytes32 public constant LEDGER_ID = keccak256("ledger of the tests");

    /// @notice What a case's next entries may name; hashes of entries that the ledger took.
    struct Trail {
        bytes32 consent;
        bytes32 order;
        bytes32 orderConsent;
        uint64 orderAmount;
        bytes32 debit;
        uint64 debitAmount;
        bytes32 officeDispute;
        bytes32 recipientDispute;
        bytes32 lastTaken;
    }

    mapping(bytes32 => Trail) private trails;
    mapping(uint16 => uint256[2]) private adminKeys;
    mapping(uint16 => uint16) private fundAccounts; // numbers given so far
    uint256 private serial;

    constructor() {
        vm.warp(START);
        Governor[] memory founders = new Governor[](3);
        for (uint16 g = 1; g <= 3; ++g) {
            founders[g - 1] = Governor("governor", who(g, FIRST), who(g, SECOND));
        }
        registry = IMembershipRegistry(
            vm.deployCode("MembershipRegistry.sol:MembershipRegistry", abi.encode(REGISTRY_ID, uint8(2), founders))
        );
        ledger = ICaseLedger(vm.deployCode("CaseLedger.sol:CaseLedger", abi.encode(LEDGER_ID, address(registry))));
        _admit(Org.OFFICE, 1);
        _admit(Org.OFFICE_2, 1);
        _admit(Org.BANK, 2);
        _admit(Org.BANK_2, 2);
        _admit(Org.AUTHORITY, 4);
        _admit(Org.AUDITOR, 3);
        for (uint16 org = Org.OFFICE; org <= Org.BANK_2; ++org) {
            _enact(_limits(org, ORDER_LIMIT, DAY_LIMIT));
        }
        addFundAccount(Org.OFFICE);
        addFundAccount(Org.OFFICE_2);
    }

    function _admit(uint16 org, uint16 role) private {
        Act memory a = actOf(Kind.ADMIT, org);
        (a.code, a.first, a.second, a.data) = (role, who(org, FIRST), who(org, SECOND), "a member");
        _enact(a);
        addOfficer(org, who(org, MAKER), Permission.MAKER);
        addOfficer(org, who(org, CHECKER), Permission.CHECKER);
        if (role == 2 || role == 4) addOfficer(org, who(org, SERVICE), Permission.SERVICE);
        a = actOf(Kind.ADD_SENDER, org);
        a.first = who(org, SENDER);
        _enact(a);
        registerKey(org);
    }

    // ---------------------------------------------------------------- keys

    function key(uint16 org, uint8 purpose) public pure returns (uint256) {
        return uint128(uint256(keccak256(abi.encode("key", org, purpose))));
    }

    function who(uint16 org, uint8 purpose) public pure returns (address) {
        return vm.addr(key(org, purpose));
    }

    function signature(uint256 privateKey, bytes32 digest) public pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digest);
        return abi.encodePacked(r, s, v);
    }

    function adminKey(uint16 org, uint8 which) public view returns (uint256) {
        uint256 replaced = adminKeys[org][which];
        return replaced == 0 ? key(org, which) : replaced;
    }

    function setAdminKeys(uint16 org, uint256 first, uint256 second) external {
        adminKeys[org] = [first, second];
    }

    // ---------------------------------------------------------------- acts

    /// @notice An act of this kind with the next number, valid for a week, its other fields empty.
    function actOf(uint8 kind, uint16 org) public view returns (Act memory a) {
        (a.kind, a.org, a.validUntil) = (kind, org, uint64(block.timestamp + 7 days));
        a.number = kind == Kind.ADMIT ? 1 : registry.nextNumber(org);
    }

    function actDigest(Act memory a) public view returns (bytes32) {
        return
            Codec.digest(Codec.domain("Alliance Membership Registry", address(registry)), Codec.actHash(REGISTRY_ID, a));
    }

    /// @notice One ADMIN of each of the first M active governors.
    function governors() public view returns (uint256[] memory keys) {
        keys = new uint256[](2);
        uint256 found;
        uint16 last = registry.orgCount();
        for (uint16 g = 1; g <= last && found < 2; ++g) {
            if (registry.standing(g).role == 5 && registry.standing(g).active) keys[found++] = adminKey(g, FIRST);
        }
    }

    function admins(uint16 org) public view returns (uint256[] memory keys) {
        keys = new uint256[](2);
        (keys[0], keys[1]) = (adminKey(org, FIRST), adminKey(org, SECOND));
    }

    function both(uint256[] memory some, uint256[] memory others) public pure returns (uint256[] memory keys) {
        keys = new uint256[](some.length + others.length);
        for (uint256 i; i < keys.length; ++i) {
            keys[i] = i < some.length ? some[i] : others[i - some.length];
        }
    }

    /// @notice The people who may sign an act of this kind, in docs/wire.md's words G, A, A + G.
    function entitled(uint8 kind, uint16 org) public view returns (uint256[] memory) {
        if (kind == Kind.ADD_FUND_ACCOUNT) return both(admins(org), governors());
        if (kind == Kind.LOWER_LIMITS || (kind >= Kind.ADD_OFFICER && kind <= Kind.REMOVE_FUND_ACCOUNT)) {
            return admins(org);
        }
        if (kind == Kind.PAUSE) return admins(org == 0 ? (registry.standing(1).active ? 1 : 2) : org);
        return governors();
    }

    function sign(Act memory a, uint256[] memory keys) public view returns (bytes[] memory signatures) {
        bytes32 digest = actDigest(a);
        signatures = new bytes[](keys.length);
        for (uint256 i; i < keys.length; ++i) {
            signatures[i] = signature(keys[i], digest);
        }
    }

    /// @return why the registry's revert data, empty if it took the act
    function tryAct(Act memory a, bytes[] memory signatures) public returns (bytes memory why) {
        try registry.act(a, signatures) {
            return "";
        } catch (bytes memory data) {
            return data;
        }
    }

    function tryEnact(Act memory a) public returns (bytes memory why) {
        return tryAct(a, sign(a, entitled(a.kind, a.org)));
    }

    function enact(Act memory a) external {
        _enact(a);
    }

    function _enact(Act memory a) private {
        registry.act(a, sign(a, entitled(a.kind, a.org)));
    }

    function simple(uint8 kind, uint16 org) external {
        _enact(actOf(kind, org));
    }

    function _limits(uint16 org, uint64 order, uint64 day) private view returns (Act memory a) {
        a = actOf(Kind.SET_LIMITS, org);
        (a.orderLimit, a.dayLimit) = (order, day);
    }

    function setLimits(uint16 org, uint64 order, uint64 day) external {
        _enact(_limits(org, order, day));
    }

    function addOfficer(uint16 org, address officer, uint16 permissions) public {
        Act memory a = actOf(Kind.ADD_OFFICER, org);
        (a.first, a.code) = (officer, permissions);
        _enact(a);
    }

    function suspendOfficer(uint16 org, address officer) external {
        Act memory a = actOf(Kind.SUSPEND_OFFICER, org);
        a.first = officer;
        _enact(a);
    }

    function registerKey(uint16 org) public {
        Act memory a = actOf(Kind.REGISTER_KEY, org);
        (uint32 version,) = registry.keyHash(org);
        (a.code, a.data) = (uint16(version + 1), new bytes(1216));
        (a.data[0], a.data[1]) = (bytes1(uint8(org)), bytes1(uint8(a.code)));
        _enact(a);
    }

    function addFundAccount(uint16 org) public {
        Act memory a = actOf(Kind.ADD_FUND_ACCOUNT, org);
        a.code = ++fundAccounts[org];
        a.data = "a fund account";
        _enact(a);
    }

    function removeFundAccount(uint16 org, uint16 number) external {
        Act memory a = actOf(Kind.REMOVE_FUND_ACCOUNT, org);
        a.code = number;
        _enact(a);
    }

    /// @notice Suspend an organisation and let another speak for it.
    function succeed(uint16 org, uint16 successor) external {
        _enact(actOf(Kind.SUSPEND, org));
        Act memory a = actOf(Kind.NAME_SUCCESSOR, org);
        a.code = successor;
        _enact(a);
    }

    function nameLedger(address next) external {
        Act memory a = actOf(Kind.NAME_LEDGER, 0);
        (a.first, a.second) = (address(ledger), next);
        _enact(a);
    }

    // ---------------------------------------------------------------- entries

    function trail(uint16 office, bytes32 caseId) public view returns (Trail memory) {
        return trails[keccak256(abi.encode(office, caseId))];
    }

    function newCase() public returns (bytes32) {
        return keccak256(abi.encode("case", ++serial));
    }

    /// @notice The entry that `org` would write next, were it allowed: head and targets as they stand, amounts by default.
    function entry(uint8 action, uint16 org, uint16 office, bytes32 caseId) public returns (Entry memory e) {
        (e.action, e.org, e.office, e.caseId) = (action, org, office, caseId);
        (e.commitment, e.body) = (keccak256(abi.encode("payload", ++serial)), new bytes(316));
        Case memory c = ledger.caseOf(office, caseId);
        Trail memory t = trail(office, caseId);
        if ((action >= Action.ACKNOWLEDGE && action <= Action.ACCEPT)) e.head = c.head;
        if (action == Action.REQUEST) {
            (e.recipient, e.dueAt) = (Org.BANK, uint40(block.timestamp + 5 days));
        } else if (action == Action.REPLY) {
            e.debitable = org == Org.AUTHORITY ? 0 : 1;
        } else if (action == Action.CONSENT) {
            (e.amount, e.claim, e.inParts) = (CONSENT_AMOUNT, c.claim == 0 ? CLAIM : c.claim, 1);
            (e.notBefore, e.expiresAt) = (uint40(block.timestamp), uint40(block.timestamp + 30 days));
            e.consent = c.phase == Phase.CONSENTED ? t.consent : bytes32(0);
        } else if (action == Action.ORDER) {
            (e.consent, e.amount, e.fundAccount) = (t.consent, ORDER_AMOUNT, 1);
        } else if (action == Action.ACCEPT || action == Action.DEBIT) {
            (e.target, e.consent, e.amount) = (t.order, t.orderConsent, t.orderAmount);
        } else if (action == Action.CANCEL) {
            e.target = t.order;
        } else if (action == Action.REVOKE) {
            e.target = t.consent;
        } else if (action == Action.REVERSE || action == Action.SETTLE) {
            (e.target, e.amount) = (t.debit, t.debitAmount);
        } else if (action == Action.RESOLVE) {
            e.target = _officeSide(org) ? t.officeDispute : t.recipientDispute;
        }
    }

    function entry(uint8 action, uint16 org, bytes32 caseId) public returns (Entry memory) {
        return entry(action, org, Org.OFFICE, caseId);
    }

    function hashOf(Entry memory e) public pure returns (bytes32) {
        return Codec.entryHash(LEDGER_ID, e);
    }

    function hashesOf(Entry[] memory es) public pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](es.length);
        for (uint256 i; i < es.length; ++i) {
            hashes[i] = hashOf(es[i]);
        }
    }

    function _officeSide(uint16 org) private view returns (bool) {
        return registry.standing(org).role == 1;
    }

    // ---------------------------------------------------------------- submissions

    function submissionOf(Entry[] memory es) public view returns (Submission memory s) {
        (s.org, s.action, s.count) = (es[0].org, es[0].action, uint32(es.length));
        s.root = Codec.root(hashesOf(es));
        for (uint256 i; i < es.length; ++i) {
            s.sum += es[i].amount;
        }
        (s.wraps, s.validUntil) = (keccak256("the wrapped keys"), uint64(block.timestamp + 7 days));
    }

    function digestOf(Submission memory s, uint8 role) public view returns (bytes32) {
        return
            Codec.digest(
                Codec.domain("Alliance Case Ledger", address(ledger)), Codec.submissionHash(LEDGER_ID, s, role)
            );
    }

    /// @notice The range [place, place + number), proven, and signed by the organisation's maker and checker.
    function chunkOf(Submission memory s, Entry[] memory es, uint32 place, uint32 number)
        public
        view
        returns (Chunk memory c)
    {
        (c.place, c.number) = (place, number);
        c.maker = signature(key(s.org, MAKER), digestOf(s, 1));
        c.checker = signature(key(s.org, CHECKER), digestOf(s, 2));
        c.proof = Codec.proof(hashesOf(es), place, number);
        c.wraps = place == 0 ? bytes("the wrapped keys") : bytes("");
        c.entries = Codec.records(es, place, number);
    }

    function byService(Submission memory s, Chunk memory c) external view returns (Chunk memory) {
        (c.maker, c.checker) = (signature(key(s.org, SERVICE), digestOf(s, 3)), "");
        return c;
    }

    /// @return outcomes one byte an entry, if the ledger took the chunk
    /// @return why the ledger's revert data, if it did not
    function attempt(address sender, Submission memory s, Chunk memory c)
        public
        returns (bytes memory outcomes, bytes memory why)
    {
        vm.prank(sender);
        try ledger.present(s, c) returns (bytes memory out) {
            return (out, "");
        } catch (bytes memory data) {
            return ("", data);
        }
    }

    function attempt(Submission memory s, Chunk memory c) external returns (bytes memory outcomes, bytes memory why) {
        return attempt(who(s.org, SENDER), s, c);
    }

    /// @notice Sign, present in one chunk and remember what was taken; the ledger must not revert.
    function writeAll(Entry[] memory es) public returns (bytes memory outcomes) {
        Submission memory s = submissionOf(es);
        Chunk memory c = chunkOf(s, es, 0, uint32(es.length));
        vm.prank(who(s.org, SENDER));
        outcomes = ledger.present(s, c);
        for (uint256 i; i < es.length; ++i) {
            if (outcomes[i] == 0) remember(es[i]);
        }
    }

    function write(Entry memory e) public returns (uint8 rule) {
        Entry[] memory es = new Entry[](1);
        es[0] = e;
        return uint8(writeAll(es)[0]);
    }

    /// @notice Write the entry as it comes by default.
    function step(uint8 action, uint16 org, bytes32 caseId) public returns (uint8 rule) {
        return write(entry(action, org, caseId));
    }

    function _must(uint8 action, uint16 org, bytes32 caseId) private {
        require(step(action, org, caseId) == 0, "the way to a stage was refused");
    }

    function remember(Entry memory e) public {
        Trail storage t = trails[keccak256(abi.encode(e.office, e.caseId))];
        bytes32 hash = hashOf(e);
        t.lastTaken = hash;
        if (e.action == Action.CONSENT) t.consent = hash;
        if (e.action == Action.ORDER) (t.order, t.orderConsent, t.orderAmount) = (hash, e.consent, e.amount);
        if (e.action == Action.DEBIT && e.amount > 0) (t.debit, t.debitAmount) = (hash, e.amount);
        if (e.action == Action.DISPUTE) {
            if (_officeSide(e.org)) t.officeDispute = hash;
            else t.recipientDispute = hash;
        }
    }

    // ---------------------------------------------------------------- stages

    /// @notice A new case of OFFICE and BANK, brought to where it stands in this stage by entries that were all taken.
    function caseAt(Stage stage) external returns (bytes32 caseId) {
        caseId = newCase();
        if (stage == Stage.NONE) return caseId;
        _must(Action.REQUEST, Org.OFFICE, caseId);
        if (stage == Stage.REQUESTED) return caseId;
        if (stage == Stage.ACKNOWLEDGED) _must(Action.ACKNOWLEDGE, Org.BANK, caseId);
        else if (stage == Stage.DECLINED) _must(Action.DECLINE, Org.BANK, caseId);
        else if (stage == Stage.CLOSED) _must(Action.CLOSE, Org.OFFICE, caseId);
        if (stage <= Stage.CLOSED) return caseId;
        Entry memory reply = entry(Action.REPLY, Org.BANK, caseId);
        if (stage == Stage.NOT_DEBITABLE) reply.debitable = 0;
        require(write(reply) == 0, "the reply was refused");
        if (stage <= Stage.REPLIED) return caseId;
        _must(Action.CONSENT, Org.OFFICE, caseId);
        if (stage == Stage.REVOKED) _must(Action.REVOKE, Org.OFFICE, caseId);
        else if (stage == Stage.OFFICE_DISPUTES) _must(Action.DISPUTE, Org.OFFICE, caseId);
        else if (stage == Stage.BANK_DISPUTES) _must(Action.DISPUTE, Org.BANK, caseId);
        if (stage <= Stage.BANK_DISPUTES) return caseId;
        Entry memory order = entry(Action.ORDER, Org.OFFICE, caseId);
        if (stage == Stage.USED_UP) order.amount = CONSENT_AMOUNT;
        require(write(order) == 0, "the order was refused");
        if (stage == Stage.CANCELLED) _must(Action.CANCEL, Org.OFFICE, caseId);
        if (stage <= Stage.CANCELLED) return caseId;
        _must(Action.ACCEPT, Org.BANK, caseId);
        if (stage == Stage.REVOKED_ACCEPTED) _must(Action.REVOKE, Org.OFFICE, caseId);
        else if (stage == Stage.DISPUTED_ACCEPTED) _must(Action.DISPUTE, Org.OFFICE, caseId);
        if (stage <= Stage.DISPUTED_ACCEPTED) return caseId;
        Entry memory debit = entry(Action.DEBIT, Org.BANK, caseId);
        if (stage == Stage.FAILED) debit.amount = 0;
        require(write(debit) == 0, "the debit was refused");
        if (stage == Stage.SETTLED || stage == Stage.GIVEN_BACK || stage == Stage.CLOSED_SETTLED) {
            _must(Action.SETTLE, Org.OFFICE, caseId);
        }
        if (stage == Stage.REVERSED) _must(Action.REVERSE, Org.BANK, caseId);
        else if (stage == Stage.GIVEN_BACK) _must(Action.REVERSE, Org.OFFICE, caseId);
        else if (stage == Stage.CLOSED_SETTLED) _must(Action.CLOSE, Org.OFFICE, caseId);
    }
}
