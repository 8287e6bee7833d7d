// SPDX-License-Identifier: Apache-2.0
// Read by `hardhat node` alone: the contracts are compiled by contracts/compile.mjs.
module.exports = {
  networks: {
    hardhat: {
      chainId: 20181706,
      hardfork: "merge", // Hardhat's name for paris
      initialBaseFeePerGas: 0, // gas is free on the alliance chain
      gasPrice: 0,
      blockGasLimit: 30_000_000,
      accounts: { count: 1 },
    },
  },
  paths: { cache: process.env.ALLIANCE_CHAIN_FOLDER, artifacts: process.env.ALLIANCE_CHAIN_FOLDER },
};
