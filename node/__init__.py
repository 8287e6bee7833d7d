# SPDX-License-Identifier: Apache-2.0
"""alliance-node: the permissioned-ledger node for the joint recovery of social-insurance benefits."""

__version__ = "0.1.0"
