// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ICaseLedger} from "../src/interfaces/ICaseLedger.sol";

contract SmokeTest {
    function test_tools() external pure {
        require(type(ICaseLedger).interfaceId != 0);
    }
}
