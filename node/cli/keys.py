# SPDX-License-Identifier: Apache-2.0
"""``keys``: new, list, register, destroy, hand-over, take-over, export-public."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from node.cli.call import Call, calling
from node.cli.options import File, FileUnreadable, Out, Send, Signers, read_file, write_file
from node.domain.errors import Refused
from node.domain.messages import say

if TYPE_CHECKING:
    from node.crypto.keyring import KeyRing

Under = Annotated[Path, typer.Option("--under", metavar="FILE")]
_ADMINS = ("admin-1", "admin-2")


class KeyUnnamed(Refused):
    """A signing key needs a name."""

    code = "key_unnamed"


class NoEncryptionKey(Refused):
    """There is no encryption key of that version here. Values: ``version``."""

    code = "no_encryption_key"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer()
    group.command("new")(new)
    group.command("list")(show)
    group.command("register")(register_key)
    group.command("destroy")(destroy)
    group.command("hand-over")(hand_over)
    group.command("take-over")(take_over)
    group.command("export-public")(export_public)
    app.add_typer(group, name="keys")


def new(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME")] = None,
    encryption: Annotated[bool, typer.Option("--encryption")] = False,
) -> None:
    """Signing keys by name, and with --encryption the next encryption key."""
    call = calling(context)
    if not names and not encryption:
        raise KeyUnnamed()
    ring = call.node.keyring
    made: dict[str, Any] = {"officers": {name: ring.new_officer_key(name) for name in names or []}, "encryption": []}
    if encryption:
        made["encryption"] = [ring.new_encryption_key().version]
    lines = [f"{name}  {address}" for name, address in made["officers"].items()]
    call.terminal.data(made, [*lines, *(f"encryption {version}" for version in made["encryption"])])


def show(context: typer.Context) -> None:
    """Names, addresses and versions; needs no passphrase."""
    call = calling(context)
    ring = call.node.listed_keys
    rows = [{"name": name, "address": ring.address(name)} for name in ring.names()]
    if call.options.json:
        call.terminal.data({"officers": rows, "encryption": ring.versions()})
        return
    call.terminal.table(rows, ["name", "address"])
    call.terminal.note("cli.encryption_keys", versions=", ".join(map(str, ring.versions())) or "—")


def register_key(
    context: typer.Context,
    version: Annotated[int, typer.Option("--key-version", metavar="N")] = 0,
    sign: Signers = None,
    send: Send = False,
    out: Out = None,
) -> None:
    """The act that registers an encryption key, after the key has opened what was sealed to it."""
    from node.cli.making import make_act
    from node.domain.transitions import ActKind

    call = calling(context)
    versions = call.node.listed_keys.versions()
    wanted = version or max(versions, default=0)
    if wanted not in versions:
        raise NoEncryptionKey(version=wanted)
    key = call.node.keyring.public_key(wanted)
    call.node.keyring.prove_possession(key.version, key.public)
    make_act(call, ActKind.REGISTER_KEY, own=True, sign=sign, send=send, out=out, code=key.version, data=key.public)


def destroy(context: typer.Context, version: Annotated[int, typer.Argument(metavar="VERSION")]) -> None:
    """Destroy the private half of an old encryption key that no open case needs."""
    from node.services import own_keys

    call = calling(context)
    if version not in call.node.listed_keys.versions():
        raise NoEncryptionKey(version=version)
    with call.store.reading() as session:
        own_keys.destroy(call.ctx, session, version)
    call.terminal.data({"destroyed": version}, [say("cli.key_destroyed", call.lang, version=version)])


def hand_over(
    context: typer.Context, target: Annotated[Path, typer.Option("--to-file", metavar="FILE")], under: Under
) -> None:
    """All encryption keys in one file, for the house that governors named to speak for this one."""
    from node.crypto.handover import pack_keys
    from node.crypto.private_files import write_new
    from node.machine import read_passphrase

    call = calling(context)
    sealed = pack_keys(call.node.keyring, read_passphrase(under), call.node.random)
    try:
        write_new(target, sealed)
    except OSError:
        raise FileUnreadable(file=target.name) from None
    call.terminal.data({"file": str(target)}, [str(target)])


def take_over(
    context: typer.Context, file: File, source: Annotated[int, typer.Option("--from", metavar="ORG")], under: Under
) -> None:
    """Keep the encryption keys of an organisation for which this one speaks now; its cases then read."""
    from node.crypto.handover import unpack_keys
    from node.machine import read_passphrase
    from node.services import own_keys

    call = calling(context)
    keys = unpack_keys(read_file(file), read_passphrase(under), file.name)
    with call.store.reading() as session:
        versions = own_keys.take_over(call.ctx, session, source, keys)
    call.terminal.data({"from": source, "encryption": versions}, [f"encryption {version}" for version in versions])


def export_public(
    context: typer.Context,
    admins: Annotated[list[str] | None, typer.Option("--admin", metavar="KEY")] = None,
    out: Out = None,
) -> None:
    """What governors need to found the alliance with this organisation, or to admit it; nothing in it is secret."""
    call = calling(context)
    document = public_part(call, call.node.listed_keys, admins or list(_ADMINS))
    if out is not None:
        write_file(out, orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    call.terminal.data(document, [orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()])


def public_part(call: Call, ring: KeyRing, admins: list[str]) -> dict[str, Any]:
    """Name, the two ADMINs' addresses, all addresses, and the public encryption keys."""
    addresses = {name: ring.address(name) for name in ring.names()}
    first, second = ([addresses.get(name, "") for name in admins] + ["", ""])[:2]
    return {
        "name": call.node.settings.name,
        "first": first,
        "second": second,
        "officers": addresses,
        "encryption": {str(v): "0x" + ring.public_key(v).public.hex() for v in ring.versions()},
    }
