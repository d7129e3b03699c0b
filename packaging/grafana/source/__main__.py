"""Makes the dashboards that stand beside this folder.

usage: python3 -B packaging/grafana/source [--check]

--check: writes nothing, and exits 1 if one of them is not what is made here.
"""

import json
import pathlib
import sys

import overview
import prober

FOLDER = pathlib.Path(__file__).resolve().parents[1]
BOARDS = {"xprober-overview.json": overview.board, "xprober-prober.json": prober.board}


def main():
    stale = []
    for name, board in BOARDS.items():
        text = json.dumps(board().as_json(), indent=2, ensure_ascii=False) + "\n"
        file = FOLDER / name
        if "--check" not in sys.argv[1:]:
            file.write_text(text, encoding="utf-8")
        elif not file.is_file() or file.read_text(encoding="utf-8") != text:
            stale.append(f"{file} is not what packaging/grafana/source makes: run that, or change it there")
    for line in stale:
        print(line, file=sys.stderr)
    sys.exit(1 if stale else 0)


if __name__ == "__main__":
    main()
