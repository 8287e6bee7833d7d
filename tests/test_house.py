# SPDX-License-Identifier: Apache-2.0
"""The house itself: the package imports, and imports nothing heavy."""

import subprocess
import sys


def test_the_package_imports_without_the_chain_library() -> None:
    code = "import sys, node, node.domain.ports, node.domain.messages; sys.exit('web3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
