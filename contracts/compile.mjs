// SPDX-License-Identifier: Apache-2.0
//
// Compiles src/ with solc-js and writes one artifact a contract for the Python package. The same sources and compiler
// give the same bytes: no paths, no times, keys sorted.
//
//   node compile.mjs [--check]      --check writes nothing and fails where a committed artifact differs
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const solc = createRequire(import.meta.url)("solc");

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "node", "chain", "artifacts");
const contracts = ["CaseLedger", "MembershipRegistry"];
const compiler = {
  evmVersion: "paris",
  metadata: { appendCBOR: false, bytecodeHash: "none" },
  optimizer: { enabled: true, runs: 200 },
  viaIR: true,
};

const readImport = (path) => {
  const file = path.startsWith("@") ? join(here, "node_modules", path) : join(here, path);
  return existsSync(file) ? { contents: readFileSync(file, "utf8") } : { error: `no such file: ${path}` };
};

const compile = () => {
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(
      contracts.map((name) => [`src/${name}.sol`, { content: readFileSync(join(here, "src", `${name}.sol`), "utf8") }]),
    ),
    settings: {
      ...compiler,
      outputSelection: {
        "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.deployedBytecode.immutableReferences"] },
      },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport }));
  const faults = output.errors ?? [];
  const ours = faults.filter((fault) => fault.severity === "error" || fault.sourceLocation?.file.startsWith("src/"));
  for (const fault of ours) process.stderr.write(fault.formattedMessage);
  if (ours.length > 0) process.exit(1);
  return output;
};

const artifactOf = (output, contractName) => {
  const { abi, evm } = output.contracts[`src/${contractName}.sol`][contractName];
  return {
    abi,
    bytecode: `0x${evm.bytecode.object}`,
    compiler: { name: "solc", version: solc.version(), settings: compiler },
    contractName,
    deployedBytecode: `0x${evm.deployedBytecode.object}`,
    immutableReferences: evm.deployedBytecode.immutableReferences,
  };
};

// keys sorted at every level; lists keep their order
const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
};

const check = process.argv.includes("--check");
const output = compile();
mkdirSync(target, { recursive: true });
for (const name of contracts) {
  const artifact = artifactOf(output, name);
  const text = `${JSON.stringify(sorted(artifact), null, 1)}\n`;
  const file = join(target, `${name}.json`);
  const bytes = artifact.deployedBytecode.length / 2 - 1;
  if (!check) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    process.stderr.write(`${name}.json differs from what src/ compiles to: run scripts/compile\n`);
    process.exitCode = 1;
  }
  process.stderr.write(`${name}: ${bytes} of 24576 bytes\n`);
}
