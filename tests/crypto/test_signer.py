# SPDX-License-Identifier: Apache-2.0
"""The contract of the Signer port: what ledger and registry demand of any signer. A remote signer joins SIGNERS."""

import copy
import pickle
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.crypto.records import FieldOutOfRange
from node.crypto.signer import LocalSigner, SecretMalformed
from node.crypto.typed import recover
from node.domain.ports import Signer

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
SECRET = b"\x07" * 32
SIGNERS: dict[str, Callable[[], Signer]] = {"local": lambda: LocalSigner(SECRET)}


@pytest.fixture(params=sorted(SIGNERS))
def signer(request: pytest.FixtureRequest) -> Signer:
    return SIGNERS[request.param]()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(digest=st.binary(min_size=32, max_size=32))
def test_a_signature_recovers_to_the_signers_address(signer: Signer, digest: bytes) -> None:
    signature = signer.sign_digest(digest)
    assert len(signature) == 65
    assert signature[64] in (27, 28)
    assert 0 < int.from_bytes(signature[32:64], "big") <= ORDER // 2
    assert recover(digest, signature) == signer.address


def test_the_address_is_checksummed(signer: Signer) -> None:
    from eth_utils import is_checksum_address

    assert is_checksum_address(signer.address)


@pytest.mark.parametrize("digest", [b"", b"\x01" * 31, b"\x01" * 33])
def test_only_a_digest_is_signed(signer: Signer, digest: bytes) -> None:
    with pytest.raises(FieldOutOfRange):
        signer.sign_digest(digest)


def test_a_local_signer_signs_as_eth_account_does() -> None:
    from eth_account import Account

    account = Account.from_key(SECRET)
    local = LocalSigner(SECRET)
    assert local.address == account.address
    assert local.sign_digest(b"\x05" * 32) == bytes(account.unsafe_sign_hash(b"\x05" * 32).signature)


def test_a_local_signer_does_not_give_its_key_away() -> None:
    local = LocalSigner(SECRET)
    assert repr(local) == f"LocalSigner({local.address})"
    for write in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            write(local)


@pytest.mark.parametrize(
    "secret", [b"", b"\x07" * 31, b"\x07" * 33, bytes(32), ORDER.to_bytes(32, "big"), b"\xff" * 32]
)
def test_what_is_no_private_key_is_refused(secret: bytes) -> None:
    with pytest.raises(SecretMalformed):
        LocalSigner(secret)
