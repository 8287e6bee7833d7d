# SPDX-License-Identifier: Apache-2.0
"""The main job, played by a whole alliance in one process: what ``scripts/demo`` shows and the system tests assert."""
