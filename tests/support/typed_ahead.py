"""Type while a command tries a passphrase, and see whether it shows.

usage: typed_ahead.py PROMPT PASSPHRASE TEXT -- COMMAND...

The text is typed once the terminal's echo is off after the prompt was answered.
Prints what the terminal showed; ends as the command does, with 98 when the echo
was never off, and with 97 when it is off in the end.
"""

import os
import pty
import select
import sys
import termios

prompt, passphrase, text = (a.encode() for a in sys.argv[1:4])
terminal, side = pty.openpty()


def echoes():
    return termios.tcgetattr(side)[3] & termios.ECHO != 0


pid = os.fork()
if pid == 0:
    os.setsid()
    os.close(os.open(os.ttyname(side), os.O_RDWR))  # now it is our terminal
    for fd in range(3):
        os.dup2(side, fd)
    os.execvp(sys.argv[5], sys.argv[5:])
shown, typed, status = b"", False, None
while status is None:
    if select.select([terminal], [], [], 0.005)[0]:
        shown += os.read(terminal, 4096)
    if passphrase is not None and prompt in shown:
        os.write(terminal, passphrase + b"\n")
        passphrase = None
        while b"\n" not in shown.split(prompt, 1)[1]:
            shown += os.read(terminal, 4096)
    elif passphrase is None and not typed and not echoes():
        os.write(terminal, text + b"\n")
        typed = True
    ended, code = os.waitpid(pid, os.WNOHANG)
    status = os.waitstatus_to_exitcode(code) if ended else None
while select.select([terminal], [], [], 0)[0]:
    shown += os.read(terminal, 4096)
sys.stdout.write(shown.decode().replace("\r\n", "\n"))
sys.exit(98 if not typed else 97 if not echoes() else status)
