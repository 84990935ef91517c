"""Run a command on a terminal of its own, and answer what it asks.

usage: terminal.py [PROMPT ANSWER]... -- COMMAND...

Each answer is typed when its prompt has come.  Prints what the terminal
showed; ends as the command does, or with 99 when a prompt does not come.
"""

import os
import pty
import select
import sys

WAIT = 30

at = sys.argv.index("--")
pairs = list(zip(sys.argv[1:at:2], sys.argv[2:at:2]))
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[at + 1], sys.argv[at + 1 :])
seen = shown = b""
while True:
    if not select.select([terminal], [], [], WAIT)[0]:
        print(f"nothing came for {WAIT} s", file=sys.stderr)
        os.kill(pid, 9)
        pairs = pairs or [("", "")]
        break
    try:
        got = os.read(terminal, 4096)
    except OSError:  # the command has ended
        break
    if not got:
        break
    seen += got
    shown += got
    while pairs and pairs[0][0].encode() in seen:
        seen = seen.split(pairs[0][0].encode(), 1)[1]
        os.write(terminal, pairs.pop(0)[1].encode() + b"\n")
sys.stdout.write(shown.decode().replace("\r\n", "\n"))
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
if pairs:
    print("did not ask:", *(p for p, _ in pairs), file=sys.stderr)
    status = 99
sys.exit(status)
