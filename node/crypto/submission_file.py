# SPDX-License-Identifier: Apache-2.0
"""The submission file: what a signature covers, entry by entry, for a second machine that is not online.

JSON (docs/schemas/submission.schema.json): the typed data that is signed, and of each entry its clear fields and two
digests (commitment, keccak of the ciphertext). Nothing in it is personal data. A file is taken only if the entries
hash to the signed root and agree with the signed number and sum; each entry lists the fields that its action uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import orjson

from node.crypto.merkle import root
from node.crypto.typed import entry_hash, json_value, typed_data_json
from node.crypto.typed_reading import (
    SignableSubmission,
    TypedDataMalformed,
    hexed,
    members,
    named,
    number,
    read_typed_data,
)
from node.domain.digest import keccak
from node.domain.entries import Action, Entry
from node.domain.errors import Broken, Refused
from node.domain.transitions import table

FORMAT: Final = "alliance-submission/1"
MAX_FILE_BYTES: Final = 64 * 1024 * 1024
_HASHES: Final = {"head": "head", "target": "target", "consent": "consent"}
_NUMBERS: Final = {
    "recipient": ("recipient", 16),
    "amount": ("amount_fen", 64),
    "claim": ("claim_fen", 64),
    "notBefore": ("not_before", 40),
    "expiresAt": ("expires_at", 40),
    "dueAt": ("due_at", 40),
    "fundAccount": ("fund_account", 16),
    "debitable": ("debitable", 8),
    "inParts": ("in_parts", 8),
}


class SubmissionFileMalformed(Refused):
    """Not a submission file. Values: ``field``."""

    code = "submission_file_malformed"


class SubmissionFileDiffers(Broken):
    """Entries and typed data do not agree: sign nothing. Values: ``field``, ``signed``, ``found``."""

    code = "submission_file_differs"


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry as a file lists it: its clear fields (``sealed`` empty), and the keccak of its ciphertext."""

    entry: Entry
    sealed_hash: bytes


@dataclass(frozen=True, slots=True)
class SubmissionFile:
    """A file whose entries and typed data agree."""

    signable: SignableSubmission
    entries: tuple[ListedEntry, ...]

    def dumps(self) -> bytes:
        """The file's bytes, UTF-8."""
        submission = self.signable.submission
        document = {
            "format": FORMAT,
            "org": submission.org,
            "action": Action(submission.action).name,
            "typedData": typed_data_json(submission, self.signable.domain, role=self.signable.role),
            "entries": [_listed_json(listed) for listed in self.entries],
        }
        return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def build(signable: SignableSubmission, entries: Sequence[Entry]) -> SubmissionFile:
    """The file for a submission with its sealed entries in order. Raises SubmissionFileDiffers."""
    listed = tuple(ListedEntry(replace(entry, sealed=b""), keccak(entry.sealed)) for entry in entries)
    return _agreeing(SubmissionFile(signable, listed))


def loads(data: bytes) -> SubmissionFile:
    """Read and check a file. Raises SubmissionFileMalformed, TypedDataMalformed, SubmissionFileDiffers."""
    if len(data) > MAX_FILE_BYTES:
        raise SubmissionFileMalformed(field="*")
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise SubmissionFileMalformed(field="*") from None
    return read(document)


def read(document: object) -> SubmissionFile:
    """The same from parsed JSON."""
    try:
        top = members(document, "file", "format", "org", "action", "typedData", "entries")
        if top["format"] != FORMAT:
            raise SubmissionFileMalformed(field="format")
        org = number(top["org"], "org", 16)
        action = Action(named(top["action"], "action", Action))
        if not isinstance(top["entries"], list) or not top["entries"]:
            raise SubmissionFileMalformed(field="entries")
        rows = cast("list[object]", top["entries"])
        entries = tuple(_listed(row, f"entries[{place}]", action, org) for place, row in enumerate(rows))
    except TypedDataMalformed as error:
        raise SubmissionFileMalformed(field=error.values["field"]) from None
    signable = read_typed_data(top["typedData"])
    if not isinstance(signable, SignableSubmission):
        raise SubmissionFileMalformed(field="typedData.primaryType")
    _same("org", signable.submission.org, org)
    _same("action", Action(signable.submission.action).name, action.name)
    return _agreeing(SubmissionFile(signable, entries))


def _agreeing(file: SubmissionFile) -> SubmissionFile:
    signed = file.signable.submission
    _same("count", signed.count, len(file.entries))
    _same("sum", signed.sum_fen, sum(listed.entry.amount_fen for listed in file.entries))
    for listed in file.entries:
        _same("org", signed.org, listed.entry.org)
        _same("action", signed.action, listed.entry.action)
        _check_unused(listed.entry)
    hashes = [entry_hash(signed.ledger, listed.entry, listed.sealed_hash) for listed in file.entries]
    _same("root", signed.root.hex(), root(hashes).hex() if hashes else "")
    return file


def _check_unused(entry: Entry) -> None:
    """A file does not list fields that the action does not use; the ledger refuses an entry that sets one."""
    used = table().actions[Action(entry.action)].fields
    for name, attribute in _HASHES.items():
        if name not in used and any(getattr(entry, attribute)):
            raise SubmissionFileDiffers(field=name, signed="0", found="1")
    for name, (attribute, _) in _NUMBERS.items():
        if name not in used and getattr(entry, attribute):
            raise SubmissionFileDiffers(field=name, signed="0", found="1")


def _same(field: str, signed: int | str, found: int | str) -> None:
    if signed != found:
        raise SubmissionFileDiffers(field=field, signed=signed, found=found)


def _listed_json(listed: ListedEntry) -> dict[str, int | str]:
    entry = listed.entry
    used = table().actions[Action(entry.action)].fields
    row: dict[str, int | str] = {"office": entry.office, "caseId": json_value(entry.case_id)}
    row |= {name: json_value(getattr(entry, at)) for name, at in _HASHES.items() if name in used}
    row |= {name: json_value(getattr(entry, at)) for name, (at, _) in _NUMBERS.items() if name in used}
    return row | {"commitment": json_value(entry.commitment), "sealedHash": json_value(listed.sealed_hash)}


def _listed(row: object, where: str, action: Action, org: int) -> ListedEntry:
    used = table().actions[action].fields
    at = members(row, where, "office", "caseId", *sorted(used), "commitment", "sealedHash")
    clear: dict[str, Any] = {}
    for name in used:
        if name in _HASHES:
            clear[_HASHES[name]] = hexed(at[name], f"{where}.{name}", 32)
        else:
            attribute, bits = _NUMBERS[name]
            clear[attribute] = number(at[name], f"{where}.{name}", bits)
    entry = Entry(
        action=action,
        org=org,
        office=number(at["office"], f"{where}.office", 16),
        case_id=hexed(at["caseId"], f"{where}.caseId", 32),
        commitment=hexed(at["commitment"], f"{where}.commitment", 32),
        sealed=b"",
        **clear,
    )
    return ListedEntry(entry, hexed(at["sealedHash"], f"{where}.sealedHash", 32))
