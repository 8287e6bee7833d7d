// SPDX-License-Identifier: Apache-2.0
//
// The EIP-712 hashes of the entries and submissions in a file that Python drew (tests/contracts/test_hashes.py), by viem.
// Prints {"count": n, "differ": [index, …]}; a file of another form is an error.
//
//   node test/js/hashes.mjs FILE
import { readFileSync } from "node:fs";
import { hashStruct, hashTypedData, keccak256 } from "viem";

const fields = (text) => text.split(",").map((field) => ({ type: field.split(" ")[0], name: field.split(" ")[1] }));
const ENTRY = {
  Entry: fields(
    "bytes32 ledger,uint8 action,uint16 org,uint16 office,bytes32 caseId,uint16 recipient,bytes32 head,bytes32 target,bytes32 consent,uint64 amount,uint64 claim,uint40 notBefore,uint40 expiresAt,uint40 dueAt,uint16 fundAccount,uint8 debitable,uint8 inParts,bytes32 commitment,bytes32 sealedHash",
  ),
};
const SUBMISSION = {
  Submission: fields(
    "bytes32 ledger,uint16 org,string role,string action,bytes32 root,uint32 count,uint64 sum,bytes32 wraps,uint64 validUntil",
  ),
};
const ROLES = ["", "MAKER", "CHECKER", "SERVICE"];
const table = JSON.parse(readFileSync(new URL("../../../node/domain/data/transitions.json", import.meta.url), "utf8"));
const ACTIONS = Object.fromEntries(table.actions.map((row) => [row.code, row.name]));

// A big-endian reader over one item.
const reader = (bytes) => {
  let at = 0;
  const take = (size) => bytes.subarray(at, (at += size));
  return {
    hex: (size) => `0x${take(size).toString("hex")}`,
    number: (size) => BigInt(`0x${take(size).toString("hex")}`),
    rest: () => bytes.subarray(at),
  };
};

const submissionOf = (read, ledger) => {
  const [org, action, role] = [read.number(2), read.number(1), read.number(1)];
  const message = {
    ledger, org, role: ROLES[role], action: ACTIONS[action],
    root: read.hex(32), count: read.number(4), sum: read.number(8), wraps: read.hex(32), validUntil: read.number(8),
  };
  return { message, action, org };
};

const entryOf = (read, ledger, action, org) => {
  const clear = {
    ledger, action, org, office: read.number(2), caseId: read.hex(32), recipient: read.number(2),
    head: read.hex(32), target: read.hex(32), consent: read.hex(32), amount: read.number(8), claim: read.number(8),
    notBefore: read.number(5), expiresAt: read.number(5), dueAt: read.number(5), fundAccount: read.number(2),
    debitable: read.number(1), inParts: read.number(1), commitment: read.hex(32),
  };
  const length = Number(read.number(3));
  const sealed = read.rest();
  if (sealed.length !== length) throw new Error("a record's length is not its payload's");
  return { ...clear, sealedHash: keccak256(sealed) };
};

const agrees = (item, domain) => {
  const read = reader(item);
  const [ledger, entryHash, submissionHash, digest] = [read.hex(32), read.hex(32), read.hex(32), read.hex(32)];
  const { message, action, org } = submissionOf(read, ledger);
  const entry = entryOf(read, ledger, action, org);
  return (
    hashStruct({ data: entry, primaryType: "Entry", types: ENTRY }) === entryHash &&
    hashStruct({ data: message, primaryType: "Submission", types: SUBMISSION }) === submissionHash &&
    hashTypedData({ domain, types: SUBMISSION, primaryType: "Submission", message }) === digest
  );
};

const data = readFileSync(process.argv[2]);
if (data.subarray(0, 8).toString("latin1") !== "AHASHES\x01") throw new Error("not a file of hashes");
const count = data.readUInt32BE(8);
const domain = {
  name: "Alliance Case Ledger",
  version: "1",
  chainId: 31337,
  verifyingContract: "0x00000000000000000000000000000000000a11ce",
};
const differ = [];
let at = 12;
for (let i = 0; i < count; i++) {
  const size = data.readUInt32BE(at);
  if (!agrees(data.subarray(at + 4, at + 4 + size), domain)) differ.push(i);
  at += 4 + size;
}
if (at !== data.length) throw new Error("bytes behind the last item");
process.stdout.write(`${JSON.stringify({ count, differ })}\n`);
