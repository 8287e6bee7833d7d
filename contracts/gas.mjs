// SPDX-License-Identifier: Apache-2.0
//
// What an entry costs: gasUsed of the receipts of 100 entries to one recipient, in two chunks of 50, on Anvil (paris),
// with 600-byte payloads, signatures and two wraps, divided by 100. Hashes and ciphertexts are random bytes.
//
// It is also a second implementation of the wire format, on viem: were one hash different, nothing would be taken.
//
//   node gas.mjs [--json]      exit code 1 where a bound is passed
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { concatHex, createPublicClient, createWalletClient, encodeAbiParameters, hashStruct, hexToBytes, http, keccak256, numberToHex, parseEventLogs, toHex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { foundry } from "viem/chains";

const here = new URL(".", import.meta.url);
const artifact = (name) => JSON.parse(readFileSync(new URL(`../node/chain/artifacts/${name}.json`, here)));
const table = JSON.parse(readFileSync(new URL("../node/domain/data/transitions.json", here)));
const codeOf = (list, name) => list.find((row) => row.name === name).code;

const CHUNK = 50;
const ENTRIES = 100;
const BOUND = { REQUEST: 72_000, CONSENT: 65_000, ORDER: 65_000, DEBIT: 65_000, DISPUTE: 65_000 };
const boundOf = (action) => BOUND[action] ?? 45_000;

const random = (bytes) => {
  const out = randomBytes(bytes);
  for (let i = 0; i < out.length; i++) if (out[i] === 0) out[i] = 1;
  return toHex(out);
};
const ZERO = `0x${"00".repeat(32)}`;

// ------------------------------------------------------------------------------------------------------- typed data

const types = (text) => text.split(",").map((field) => ({ type: field.split(" ")[0], name: field.split(" ")[1] }));
const SUBMISSION = { Submission: types("bytes32 ledger,uint16 org,string role,string action,bytes32 root,uint32 count,uint64 sum,bytes32 wraps,uint64 validUntil") };
const ENTRY = { Entry: types("bytes32 ledger,uint8 action,uint16 org,uint16 office,bytes32 caseId,uint16 recipient,bytes32 head,bytes32 target,bytes32 consent,uint64 amount,uint64 claim,uint40 notBefore,uint40 expiresAt,uint40 dueAt,uint16 fundAccount,uint8 debitable,uint8 inParts,bytes32 commitment,bytes32 sealedHash") };
const ACT = { Act: types("bytes32 registry,string kind,uint16 org,uint64 number,address first,address second,uint16 code,uint64 orderLimit,uint64 dayLimit,bytes data,uint64 validUntil") };

const leafOf = (hash) => keccak256(concatHex(["0x00", hash]));
const nodeOf = (left, right) => keccak256(concatHex(["0x01", left, right]));
const PAD = keccak256("0x02");

const levelsOf = (hashes) => {
  const levels = [hashes.map(leafOf)];
  do {
    const level = levels.at(-1);
    levels.push(Array.from({ length: Math.ceil(level.length / 2) }, (_, i) => nodeOf(level[2 * i], level[2 * i + 1] ?? PAD)));
  } while (levels.at(-1).length > 1);
  return levels;
};

const proofOf = (levels, place, number) => {
  const proof = [];
  let [first, end] = [place, place + number];
  for (const level of levels.slice(0, -1)) {
    if (first % 2 === 1) proof.push(level[first - 1]);
    if (end % 2 === 1 && end !== level.length) proof.push(level[end]);
    [first, end] = [first >> 1, (end + 1) >> 1];
  }
  return proof;
};

const recordOf = (e) =>
  concatHex([
    numberToHex(e.office, { size: 2 }), e.caseId, numberToHex(e.recipient, { size: 2 }), e.head, e.target, e.consent,
    numberToHex(e.amount, { size: 8 }), numberToHex(e.claim, { size: 8 }), numberToHex(e.notBefore, { size: 5 }),
    numberToHex(e.expiresAt, { size: 5 }), numberToHex(e.dueAt, { size: 5 }), numberToHex(e.fundAccount, { size: 2 }),
    numberToHex(e.debitable, { size: 1 }), numberToHex(e.inParts, { size: 1 }), e.commitment,
    numberToHex(hexToBytes(e.sealed).length, { size: 3 }), e.sealed,
  ]);

// ---------------------------------------------------------------------------------------------------------- the chain

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const port = await freePort();
const anvil = spawn("node_modules/.bin/anvil", ["--port", String(port), "--hardfork", "paris", "--gas-limit", "100000000", "--silent"], { cwd: here, stdio: "ignore" });
process.on("exit", () => anvil.kill());
const transport = http(`http://127.0.0.1:${port}`, { timeout: 60_000 });
const chain = createPublicClient({ chain: foundry, transport, pollingInterval: 20 });
const rich = privateKeyToAccount("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
const wallet = createWalletClient({ account: rich, chain: foundry, transport });
for (let tries = 0; ; tries++) {
  try { await chain.getChainId(); break; } catch (fault) { if (tries > 100) throw fault; await new Promise((go) => setTimeout(go, 100)); }
}

const person = () => privateKeyToAccount(generatePrivateKey());
const registryId = random(32);
const ledgerId = random(32);
const validUntil = BigInt(Math.floor(Date.now() / 1000) + 10 * 86_400);
const DAY = Number(validUntil);

const deploy = async (name, args) => {
  const { abi, bytecode } = artifact(name);
  const hash = await wallet.deployContract({ abi, bytecode, args });
  const receipt = await chain.waitForTransactionReceipt({ hash });
  return { address: receipt.contractAddress, abi, gas: receipt.gasUsed };
};
const send = async (contract, functionName, args) => {
  const hash = await wallet.writeContract({ ...contract, functionName, args, gas: 60_000_000n });
  const receipt = await chain.waitForTransactionReceipt({ hash });
  if (receipt.status !== "success") await chain.simulateContract({ ...contract, functionName, args, account: rich }); // says why
  return receipt;
};

const governor = { admins: [person(), person()] };
const registry = await deploy("MembershipRegistry", [registryId, 1, [{ name: "治理单位", first: governor.admins[0].address, second: governor.admins[1].address }]]);
const ledger = await deploy("CaseLedger", [ledgerId, registry.address]);

const act = async (kind, org, signers, fields = {}) => {
  const number = await chain.readContract({ ...registry, functionName: "nextNumber", args: [org] });
  const a = { kind: codeOf(table.acts, kind), org, number, first: `0x${"00".repeat(20)}`, second: `0x${"00".repeat(20)}`, code: 0, orderLimit: 0n, dayLimit: 0n, data: "0x", validUntil, ...fields };
  const domain = { name: "Alliance Membership Registry", version: "1", chainId: foundry.id, verifyingContract: registry.address };
  const message = { ...a, registry: registryId, kind };
  const signatures = await Promise.all(signers.map((s) => s.signTypedData({ domain, types: ACT, primaryType: "Act", message })));
  return send(registry, "act", [a, signatures]);
};

const member = async (org, role, name) => {
  const m = { org, admins: [person(), person()], maker: person(), checker: person(), service: person() };
  await act("ADMIT", org, [governor.admins[0]], { code: codeOf(table.roles, role), first: m.admins[0].address, second: m.admins[1].address, data: toHex(name) });
  await act("ADD_OFFICER", org, m.admins, { first: m.maker.address, code: 1 });
  await act("ADD_OFFICER", org, m.admins, { first: m.checker.address, code: 2 });
  await act("ADD_OFFICER", org, m.admins, { first: m.service.address, code: 8 });
  await act("SET_LIMITS", org, [governor.admins[1]], { orderLimit: 2n ** 50n, dayLimit: 2n ** 52n });
  await act("REGISTER_KEY", org, m.admins, { code: 1, data: random(1216) });
  return m;
};
const office = await member(2, "OFFICE", "市社会保险事业管理中心");
const bank = await member(3, "BANK", "某某银行");
await act("ADD_FUND_ACCOUNT", 2, [...office.admins, governor.admins[0]], { code: 1, data: toHex("社会保险基金收入户") });

// an account that sends is of one organisation
const senderOf = new Map();
for (const m of [office, bank]) {
  const sender = person();
  await act("ADD_SENDER", m.org, m.admins, { first: sender.address });
  await chain.request({ method: "anvil_setBalance", params: [sender.address, "0xffffffffffffffffffff"] });
  senderOf.set(m.org, createWalletClient({ account: sender, chain: foundry, transport }));
}

// ------------------------------------------------------------------------------------------------------- presenting

const rows = [];

const present = async (label, action, writer, cases, fieldsOf, { service = false, bound } = {}) => {
  const code = codeOf(table.actions, action);
  const entries = cases.map((k) => ({
    office: 2, caseId: k.id, recipient: 0, head: ZERO, target: ZERO, consent: ZERO, amount: 0n, claim: 0n, notBefore: 0, expiresAt: 0,
    dueAt: 0, fundAccount: 0, debitable: 0, inParts: 0, commitment: random(32), sealed: random(616), ...fieldsOf(k),
  }));
  const hashes = entries.map((e) =>
    hashStruct({ types: ENTRY, primaryType: "Entry", data: { ...e, ledger: ledgerId, action: code, org: writer.org, sealedHash: keccak256(e.sealed) } }));
  const levels = levelsOf(hashes);
  const wraps = random(2 * 1174);
  const s = { org: writer.org, action: code, root: levels.at(-1)[0], count: entries.length, sum: entries.reduce((t, e) => t + e.amount, 0n), wraps: keccak256(wraps), validUntil };
  const domain = { name: "Alliance Case Ledger", version: "1", chainId: foundry.id, verifyingContract: ledger.address };
  const sign = (who, role) => who.signTypedData({ domain, types: SUBMISSION, primaryType: "Submission", message: { ...s, ledger: ledgerId, role, action } });
  const maker = service ? await sign(writer.service, "SERVICE") : await sign(writer.maker, "MAKER");
  const checker = service ? "0x" : await sign(writer.checker, "CHECKER");
  let gas = 0n;
  for (let place = 0; place < entries.length; place += CHUNK) {
    const part = entries.slice(place, place + CHUNK);
    const c = { place, number: part.length, maker, checker, proof: proofOf(levels, place, part.length), wraps: place === 0 ? wraps : "0x", entries: concatHex(part.map(recordOf)) };
    const hash = await senderOf.get(writer.org).writeContract({ ...ledger, functionName: "present", args: [s, c], gas: 60_000_000n });
    const receipt = await chain.waitForTransactionReceipt({ hash });
    if (receipt.status !== "success") throw new Error(`${label}: reverted`);
    gas += receipt.gasUsed;
    const [event] = parseEventLogs({ abi: ledger.abi, logs: receipt.logs, eventName: "Presented" });
    if (!/^0x(00)+$/.test(event.args.outcomes)) throw new Error(`${label}: refused, ${event.args.outcomes}`);
  }
  entries.forEach((e, i) => {
    const k = cases[i];
    const before = k.head ?? keccak256(encodeAbiParameters([{ type: "bytes32" }, { type: "uint16" }, { type: "bytes32" }], [ledgerId, 2, k.id]));
    k.head = keccak256(concatHex([before, hashes[i]]));
    k[action] = hashes[i];
  });
  const each = Math.round(Number(gas) / entries.length);
  rows.push({ label, each, bound: bound ?? boundOf(action) });
};

const casesOf = () => Array.from({ length: ENTRIES }, () => ({ id: random(32) }));
const cases = casesOf();
const consent = (replaces) => (k) => ({ head: k.head, consent: replaces ? k.CONSENT : ZERO, amount: 123_456n, claim: 1_234_567n, notBefore: 1_700_000_000, expiresAt: DAY, inParts: 1 });
const order = (amount) => (k) => ({ head: k.head, consent: k.CONSENT, amount, fundAccount: 1 });
const named = (k) => ({ target: k.ORDER, consent: k.CONSENT });

await present("REQUEST", "REQUEST", office, cases, () => ({ recipient: 3, dueAt: DAY }));
await present("ACKNOWLEDGE", "ACKNOWLEDGE", bank, cases, (k) => ({ head: k.head }));
await present("REPLY", "REPLY", bank, cases, (k) => ({ head: k.head, debitable: 1 }));
await present("REPLY, by the service officer", "REPLY", bank, cases, (k) => ({ head: k.head, debitable: 1 }), { service: true });
await present("CONSENT", "CONSENT", office, cases, consent(false));
await present("ORDER", "ORDER", office, cases, order(23_456n));
await present("CANCEL", "CANCEL", office, cases, (k) => ({ target: k.ORDER }));
await present("ORDER", "ORDER", office, cases, order(123_456n));
await present("ACCEPT", "ACCEPT", bank, cases, (k) => ({ ...named(k), head: k.head, amount: 123_456n }));
await present("DEBIT", "DEBIT", bank, cases, (k) => ({ ...named(k), amount: 123_456n }));
await present("SETTLE", "SETTLE", office, cases, (k) => ({ target: k.DEBIT, amount: 123_456n }));
// writes two consents, the end of one and the beginning of the other
await present("CONSENT, replacing a used one", "CONSENT", office, cases, consent(true), { bound: 66_000 });
await present("REVERSE", "REVERSE", office, cases, (k) => ({ target: k.DEBIT, amount: 123_456n }));
await present("DISPUTE", "DISPUTE", office, cases, () => ({}));
await present("RESOLVE", "RESOLVE", office, cases, (k) => ({ target: k.DISPUTE }));
await present("REVOKE", "REVOKE", office, cases, (k) => ({ target: k.CONSENT }));
await present("CLOSE", "CLOSE", office, cases, () => ({}));
const others = casesOf();
await present("REQUEST", "REQUEST", office, others, () => ({ recipient: 3, dueAt: DAY }));
await present("DECLINE", "DECLINE", bank, others, (k) => ({ head: k.head }));

const deployed = { "CaseLedger, deployment": Number(ledger.gas), "MembershipRegistry, deployment": Number(registry.gas) };
if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify({ entries: rows, deployed }, null, 1)}\n`);
else for (const row of rows) process.stdout.write(`${row.label.padEnd(32)}${String(row.each).padStart(8)}  of ${row.bound}${row.each > row.bound ? "  too much" : ""}\n`);
process.exitCode = rows.some((row) => row.each > row.bound) ? 1 : 0;
process.exit();
