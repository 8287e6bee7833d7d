#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the sample files anew into node/sheets/samples/, or N inquiries to a file: make_samples.py [N FILE.xlsx]."""

import sys
from pathlib import Path

from node.sheets import samples, samples_bad


def main(arguments: list[str]) -> None:
    if arguments:
        count, file = arguments
        Path(file).write_bytes(samples.to_xlsx(samples.make_samples(int(count))))
        return
    for name, content in samples_bad.sample_files().items():
        samples.sample_path(name).write_bytes(content)
        print(name, len(content))


if __name__ == "__main__":
    main(sys.argv[1:])
