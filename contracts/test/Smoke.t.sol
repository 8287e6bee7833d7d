// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CaseLedger} from "../src/CaseLedger.sol";
import {MembershipRegistry} from "../src/MembershipRegistry.sol";
import {ICaseLedger} from "../src/interfaces/ICaseLedger.sol";
import {Act, Governor, IMembershipRegistry} from "../src/interfaces/IMembershipRegistry.sol";
import {RangeProof} from "../src/libraries/RangeProof.sol";
import {CaseSlot, ConsentSlot, ConsentSlots} from "../src/libraries/Slots.sol";

/// @dev That the tools work, that the contracts can be deployed, and what only the source can show: the stored words.
contract SmokeTest {
    uint256 private constant EIP_170 = 24_576;
    uint256 private constant ROOM = 20_000; // what we hold ourselves to

    MembershipRegistry private registry;
    CaseLedger private ledger;

    function setUp() external {
        Governor[] memory governors = new Governor[](1);
        governors[0] = Governor("governor", address(1), address(2));
        registry = new MembershipRegistry(keccak256("registry"), 1, governors);
        ledger = new CaseLedger(keccak256("ledger"), address(registry));
    }

    function test_deploys_with_room_to_spare() external view {
        require(address(ledger).code.length < ROOM && address(registry).code.length < ROOM, "size");
        require(ROOM < EIP_170);
        require(ledger.registry() == address(registry) && ledger.id() == keccak256("ledger"));
        require(registry.orgCount() == 1 && registry.nextNumber(1) == 2 && registry.nextNumber(2) == 1);
        require(registry.officer(address(1)).permissions == 4);
    }

    function test_a_registry_without_enough_governors_is_not_founded() external {
        Governor[] memory governors = new Governor[](1);
        governors[0] = Governor("governor", address(1), address(2));
        for (uint8 threshold; threshold <= 2; threshold += 2) {
            try new MembershipRegistry(0, threshold, governors) {
                revert("founded");
            } catch (bytes memory why) {
                require(bytes4(why) == IMembershipRegistry.TooFewGovernors.selector);
            }
        }
    }

    function test_preview_of_nothing_and_of_half_a_record() external {
        try ledger.preview(1, 1, "") {
            revert("returned");
        } catch (bytes memory why) {
            require(keccak256(why) == keccak256(abi.encodeWithSelector(ICaseLedger.Previewed.selector, "")));
        }
        try ledger.preview(1, 1, new bytes(201)) {
            revert("returned");
        } catch (bytes memory why) {
            require(keccak256(why) == keccak256(abi.encodeWithSelector(ICaseLedger.MalformedEntries.selector, 0)));
        }
    }

    /// @dev Every action number from 0 to 255 is judged, none reverts.
    function test_preview_of_every_action_number(bytes memory noise) external {
        bytes memory entry = new bytes(202 + 316);
        for (uint256 i; i < 199 && i < noise.length; ++i) {
            entry[i] = noise[i];
        }
        (entry[200], entry[201]) = (0x01, 0x3c);
        for (uint256 action; action < 256; ++action) {
            try ledger.preview(1, uint8(action), entry) {
                revert("returned");
            } catch (bytes memory why) {
                require(bytes4(why) == ICaseLedger.Previewed.selector);
            }
        }
    }

    function test_nobody_acts_without_signatures() external {
        Act memory a;
        (a.kind, a.org, a.number, a.validUntil) = (2, 1, 2, type(uint64).max);
        try registry.act(a, new bytes[](0)) {
            revert("acted");
        } catch (bytes memory why) {
            require(bytes4(why) == IMembershipRegistry.TooFewSignatures.selector);
        }
    }

    /// @dev The largest value of each field stays in its field.
    function test_stored_words_keep_their_fields_apart() external pure {
        uint256 fen = 2 ** 53 - 1;
        CaseSlot k = CaseSlot.wrap(0).withRecipient(type(uint16).max);
        for (uint256 i; i < 3; ++i) {
            k = k.withEntry();
        }
        k = k.withPhase(4).withReply(1).withConsent(fen).withOrder().withAcceptance();
        k = k.withDispute(true).withDispute(false);
        require(k.phase() == 4 && k.debitable() && k.accepted() && k.officeDispute() && k.recipientDispute());
        require(k.recipient() == type(uint16).max && k.seq() == 3 && k.openOrder() == 3 && k.unsettled() == 0);
        require(k.claim() == fen && k.net() == 0 && k.debited() == 0);
        k = k.withoutOrder().withDebit(fen).withoutDispute(true);
        require(k.openOrder() == 0 && !k.accepted() && k.unsettled() == 1 && k.net() == fen && k.debited() == fen);
        require(!k.officeDispute() && k.recipientDispute() && k.claim() == fen && k.seq() == 3);
        k = k.withReversal(fen).withoutUnsettled().withPhase(6).withReply(0);
        require(k.net() == 0 && k.debited() == fen && k.unsettled() == 0 && k.phase() == 6 && !k.debitable());
        require(k.withConsent(1).debited() == 0 && k.withConsent(1).claim() == 1);
        ConsentSlot c = ConsentSlots.create(fen, type(uint40).max, type(uint40).max, type(uint24).max, 1);
        require(c.stands() && c.inParts() && c.debited() == 0 && c.amount() == fen);
        c = c.withEnd(fen - 1).withDebit(1);
        require(!c.stands() && c.ended() && c.debited() == fen && c.amount() == fen && c.inParts());
        require(c.notBefore() == type(uint40).max && c.expiresAt() == type(uint40).max && c.seq() == type(uint24).max);
    }

    function test_root_of_one_leaf_climbs_one_level() external view {
        require(this.rootOf(keccak256("e")) == RangeProof.node(RangeProof.leaf(keccak256("e")), keccak256(hex"02")));
    }

    function rootOf(bytes32 entryHash) external view returns (bytes32) {
        bytes32[] memory nodes = new bytes32[](1);
        nodes[0] = RangeProof.leaf(entryHash);
        return this.climb(nodes, new bytes32[](0));
    }

    function climb(bytes32[] memory nodes, bytes32[] calldata proof) external pure returns (bytes32) {
        return RangeProof.root(nodes, 0, 1, proof);
    }
}
