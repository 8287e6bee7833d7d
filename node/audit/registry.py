# SPDX-License-Identifier: Apache-2.0
"""Are the registry's acts rightful? Each is judged on the members as they stood before it, then folded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from node.audit.findings import Finding, Kind
from node.chain.deployment import Deployment
from node.crypto.typed import SignatureMalformed, act_digest, recover, registry_domain
from node.domain.acts import ActExpired, ActNumber, NotEntitled, SignedTwice, TooFewSignatures, check_act
from node.domain.entries import Act, Acted, Founded
from node.domain.errors import AllianceError
from node.domain.members import Members

_SIGNERS = (SignedTwice, NotEntitled, TooFewSignatures)


class Registry:
    """Folds the founding and every act; ``members`` is None until the founding was seen."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._domain = registry_domain(deployment.chain_id, deployment.registry.address)
        self.members: Members | None = None

    def found(self, event: Founded) -> Iterator[Finding]:
        """The founding stands once, before all else, and bears the registry's id."""
        if self.members is not None:
            yield Finding(Kind.FOUNDING, event.position, found=event.registry.hex(), expected="-")
            return
        if event.registry != self._deployment.registry.id:
            expected = self._deployment.registry.id.hex()
            yield Finding(Kind.FOUNDING, event.position, found=event.registry.hex(), expected=expected)
        self.members = Members.found(event)

    def carry_out(self, event: Acted) -> Iterator[Finding]:
        """Findings on one act; whatever is found it is folded as far as it can be, since the registry has done so."""
        members, act = self.members, event.act
        if members is None:
            yield Finding(Kind.FOUNDING, event.position, found="-", expected=self._deployment.registry.id.hex())
            return
        signers: list[str] = []
        malformed = False
        for index, signature in enumerate(event.signatures):
            try:
                digest = act_digest(self._domain, self._deployment.registry.id, act)
                signers.append(recover(digest, signature))
            except SignatureMalformed as error:
                malformed = True
                found = f"{index}: {error.values['part']}"
                yield Finding(Kind.ACT_SIGNATURE, event.position, found, f"{index}: r, s, v", act.org, place=act.number)
            except ValueError:  # a kind that there is not has no digest
                break
        for kind, found, expected in _judged(members, act, signers, event.block.timestamp):
            if not (malformed and kind is Kind.ACT_SIGNERS):  # who is missing is known already
                yield Finding(kind, event.position, found, expected, act.org, place=act.number)
        self.members = _folded(members, act, event.block.timestamp)


def _judged(members: Members, act: Act, signers: list[str], now: int) -> Iterator[tuple[Kind, str, str]]:
    """Every fault of an act: number and expiry are set right one after the other, so that the next one shows."""
    while True:
        try:
            check_act(members, act, signers, now)
            return
        except ActNumber:
            expected = members.next_number(act.org)
            yield Kind.ACT_NUMBER, str(act.number), str(expected)
            act = replace(act, number=expected)
        except ActExpired:
            yield Kind.ACT_EXPIRED, str(now), f"<= {act.valid_until}"
            act = replace(act, valid_until=now)
        except _SIGNERS as error:
            yield Kind.ACT_SIGNERS, str(error), f"kind {act.kind}"
            return
        except (AllianceError, ValueError) as error:
            text = str(error) if isinstance(error, AllianceError) else type(error).__name__
            yield Kind.ACT_STATE, text, f"kind {act.kind}"
            return


def _folded(members: Members, act: Act, now: int) -> Members:
    """The members after an act that the registry says it has carried out; unchanged where that cannot be."""
    try:
        folded = members.apply(replace(act, number=members.next_number(act.org)), now)
    except (AllianceError, ValueError):
        return members
    if act.org == 0:
        return replace(folded, alliance_acts=act.number)
    orgs = folded.organisations
    at = min(act.org, len(orgs)) - 1
    # numbering goes on from what the log says, so that one lost act is one finding
    return replace(folded, organisations=(*orgs[:at], replace(orgs[at], acts=act.number), *orgs[at + 1 :]))
