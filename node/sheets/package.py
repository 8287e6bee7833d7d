# SPDX-License-Identifier: Apache-2.0
"""The .xlsx container before any library reads it: bounds, what a bomb needs, and where formulas stand.

The parts are unpacked here under a bound and packed anew without compression, so that what was checked is what calamine
reads: a size that the archive lies about, or two parts of one name, cannot tell two stories.
"""

from __future__ import annotations

import io
import re
import xml.parsers.expat
import zipfile
import zlib
from collections.abc import Mapping
from xml.etree import ElementTree

from node.sheets.table import Limits, NotASheet, SheetDamaged, SheetTooLarge

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z0-9]+)""")
_PLACE = re.compile(rb"([A-Z]{0,3})([0-9]{1,7})")
_FORMULA = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?f[\s/>]")
_HIDDEN_ROW = re.compile(rb"""<(?:\w+:)?row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*\br="(\d+)\"""")
_STRING = re.compile(rb"<(?:\w+:)?si\b.*?</(?:\w+:)?si>", re.DOTALL)
_STRING_CELL = re.compile(rb"""\bt="s"[^>]*>\s*<(?:\w+:)?v>(\d+)<""")
_KEPT = ("[content_types].xml", "_rels/.rels", "xl/")
_PARTS = 1_000


def unpack(data: bytes, limits: Limits) -> dict[str, bytes]:
    """The parts of an .xlsx that a reader needs, by name. Errors: NotASheet, SheetDamaged, SheetTooLarge."""
    parts: dict[str, bytes] = {}
    left = limits.unpacked_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if len(infos) > _PARTS:
                raise SheetTooLarge(what="parts", limit=_PARTS)
            for info in infos:
                name = info.filename.replace("\\", "/").lstrip("/")
                if not name.lower().startswith(_KEPT) or not name.lower().endswith((".xml", ".rels")):
                    continue
                if name.lower() in map(str.lower, parts):
                    raise SheetDamaged(where="two parts of one name")
                with archive.open(info) as stream:
                    parts[name] = stream.read(left + 1)
                left -= len(parts[name])
                if left < 0:
                    raise SheetTooLarge(what="unpacked_bytes", limit=limits.unpacked_bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        raise SheetDamaged(where="archive") from None
    if "xl/workbook.xml" not in parts:
        raise NotASheet
    for content in parts.values():
        # a document type declares entities; a NUL means another encoding, which the scans below would not see through
        if b"<!DOCTYPE" in content or b"\x00" in content:
            raise SheetDamaged(where="markup")
    return parts


def repack(parts: Mapping[str, bytes]) -> io.BytesIO:
    """The same parts as an archive without compression."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    packed.seek(0)
    return packed


def sheet_parts(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Worksheet name → part name, in the workbook's order."""
    try:
        workbook = ElementTree.fromstring(parts["xl/workbook.xml"])  # noqa: S314 - no document type, bounded
        relations = ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])  # noqa: S314
    except (ElementTree.ParseError, LookupError, ValueError):  # a part is missing, broken, or of an odd encoding
        raise SheetDamaged(where="workbook") from None
    targets = {node.get("Id"): node.get("Target", "") for node in relations}
    found: dict[str, str] = {}
    for namespace in (_MAIN, _STRICT):
        for sheet in workbook.iterfind(f"{namespace}sheets/{namespace}sheet"):
            relation = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
            target = targets.get(relation, "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part in parts:
                found[sheet.get("name", "")] = part
    return found


def check_extent(sheet: bytes, limits: Limits) -> None:
    """Refuse cells far out, which a dense reader would allocate for, before one reads them."""
    columns: set[bytes] = set()
    last_row = 0
    for reference in _REFERENCE.findall(sheet):
        place = _PLACE.fullmatch(reference)
        if not place:
            raise SheetDamaged(where="reference")
        columns.add(place[1])
        last_row = max(last_row, int(place[2]))
    if last_row > limits.rows + 1:
        raise SheetTooLarge(what="rows", limit=limits.rows)
    if sheet.count(b"row") > 3 * (limits.rows + 1000):  # rows may come without a number
        raise SheetTooLarge(what="rows", limit=limits.rows)
    if any(_column(letters.decode()) >= limits.columns for letters in columns):
        raise SheetTooLarge(what="columns", limit=limits.columns)


def check_strings(sheet: bytes, strings: bytes, limits: Limits) -> None:
    """Refuse a long shared string that very many cells point at: small in the file, huge once read."""
    lengths = [len(found) for found in _STRING.findall(strings)]
    cells = sheet.count(b't="s"') + sheet.count(b"t='s'")
    if cells * max(lengths, default=0) <= limits.unpacked_bytes:
        return
    numbers = [int(number) for number in _STRING_CELL.findall(sheet) if len(number) < 10]
    total = sum(lengths[number] for number in numbers if number < len(lengths))
    if len(numbers) != cells or total > limits.unpacked_bytes:
        raise SheetTooLarge(what="unpacked_bytes", limit=limits.unpacked_bytes)


def hidden_rows(sheet: bytes) -> tuple[int, ...]:
    """Numbers of the rows that the spreadsheet does not show (hidden, or filtered away)."""
    return tuple(int(number) for number in _HIDDEN_ROW.findall(sheet) if len(number) < 8)


def formula_cells(sheet: bytes) -> frozenset[tuple[int, int]]:
    """Where formulas stand: (row from 1, column from 0). Only a sheet that holds one is parsed."""
    if not _FORMULA.search(sheet):
        return frozenset()
    found: set[tuple[int, int]] = set()
    row = column = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column
        local = name.rpartition(":")[2]
        if local == "row":
            row, column = int(attributes.get("r", row + 1)), -1
        elif local == "c":
            letters = attributes.get("r", "").rstrip("0123456789")
            column = _column(letters) if letters else column + 1
        elif local == "f":
            found.add((row, column))

    parser = xml.parsers.expat.ParserCreate()
    parser.StartElementHandler = start
    try:
        parser.Parse(sheet, True)
    except (xml.parsers.expat.ExpatError, LookupError, ValueError):
        raise SheetDamaged(where="worksheet") from None
    return frozenset(found)


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1
