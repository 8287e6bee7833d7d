# SPDX-License-Identifier: Apache-2.0
"""An auditor needs no database: the floor stands on domain, crypto and chain alone."""

import subprocess
import sys

ASK = """
import sys, pkgutil, importlib, node.audit
for module in pkgutil.iter_modules(node.audit.__path__):
    importlib.import_module(f"node.audit.{module.name}")
floors = {name.split(".")[1] for name in sys.modules if name.startswith("node.")}
print(sorted(floors), "sqlalchemy" in sys.modules, "web3" in sys.modules)
"""


def test_the_audit_imports_no_store_no_services_and_no_web3() -> None:
    told = subprocess.run([sys.executable, "-c", ASK], check=True, capture_output=True, text=True).stdout
    assert told.strip() == "['audit', 'chain', 'crypto', 'domain'] False False"
