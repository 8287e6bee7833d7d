# SPDX-License-Identifier: Apache-2.0
"""The embedded chain: a lasting test network in this program, shared over JSON-RPC. Gas is free on it."""
