// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICaseLedger} from "../../src/interfaces/ICaseLedger.sol";
import {Society} from "./Society.sol";
import {TestBase} from "./TestBase.sol";

/// @notice An invariant test over a society: forge calls its `turn` and nothing else.
abstract contract SocietyTest is TestBase {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Society internal society;
    ICaseLedger internal ledger;

    function setUp() public virtual {
        society = Society(vm.deployCode("Society.sol:Society"));
        ledger = society.ledger();
    }

    function targetContracts() external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(society);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory list) {
        list = new FuzzSelector[](1);
        list[0] = FuzzSelector(address(society), new bytes4[](1));
        list[0].selectors[0] = Society.turn.selector;
    }
}
