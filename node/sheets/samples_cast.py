# SPDX-License-Identifier: Apache-2.0
"""Who plays what in the twenty inquiries of the demo: data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One inquiry: to which bank (from 1), how much, and how its account stands there.

    ``reserved``: a reserved number of the simulated bank; else the account is loaded at ``held_by`` (0: the bank asked)
    with ``balance_fen`` and ``status``. ``story``: what the demo does with it.
    """

    story: str
    category: str
    insurance: str
    bank: int
    amount_fen: int
    balance_fen: int = 0
    status: str = "NORMAL"
    held_by: int = 0
    reserved: str = ""


CAST: tuple[Part, ...] = (
    Part("full", "PEN-02", "EMPLOYEE_PENSION", 1, 600_714, 5_000_000),
    Part("two_heirs", "PEN-02", "RESIDENT_PENSION", 2, 600_000, 900_000),
    Part("given_back", "PEN-01a", "EMPLOYEE_PENSION", 1, 10_700_053, 20_000_000),
    Part("short", "PEN-01b", "PUBLIC_PENSION", 3, 1_640_902, 1_000_000),
    Part("smallest", "PEN-01c", "RESIDENT_PENSION", 3, 1, 100_000),
    Part("name_differs", "PEN-03", "EMPLOYEE_PENSION", 1, 1_000_000, reserved="0000009900000143"),
    Part("id_differs", "UNE-01", "UNEMPLOYMENT", 2, 168_032, reserved="0000009900000150"),
    Part("closed", "UNE-02a", "UNEMPLOYMENT", 3, 140_950, reserved="0000009900000044"),
    Part("frozen", "UNE-02b", "UNEMPLOYMENT", 1, 1_000_001, reserved="0000009900000051"),
    Part("not_ours", "UNE-03", "UNEMPLOYMENT", 2, 512_662, 800_000, held_by=3),
    Part("representative", "INJ-01a", "WORK_INJURY", 3, 3_914_715, 6_000_000),
    Part("refused", "UNE-04b", "UNEMPLOYMENT", 1, 218_024, reserved="0000009900000168"),
    Part("unknown", "UNE-05", "UNEMPLOYMENT", 2, 3_145_813, reserved="0000009900000176"),
    Part("no_consent", "INJ-01b", "WORK_INJURY", 1, 442_281, 500_000),
    Part("disputed", "INJ-02a", "WORK_INJURY", 2, 880_000, 1_500_000),
    Part("revoked_before", "INJ-02e", "WORK_INJURY", 3, 4_357_003, 5_000_000),
    Part("revoked_after", "INJ-02f", "WORK_INJURY", 1, 1_744_809, 2_500_000),
    Part("reversed", "INJ-03", "WORK_INJURY", 2, 2_290_825, 3_000_000),
    Part("cancelled", "INJ-04", "WORK_INJURY", 3, 725_000, 900_000),
    Part("stale", "UNE-04a", "UNEMPLOYMENT", 1, 32_504, 100_000),
)
