#!/bin/sh
# What a command that does little costs, beside age --version: alternated
# rounds, medians, and by how much ours is later.  Goal: within 10 ms.
#   STARTUP_ROUNDS (101)
set -eu

rounds=${STARTUP_ROUNDS:-101}
command -v age >/dev/null || { echo "age is not here"; exit 77; }
command -v python3 >/dev/null || { echo "python3 is not here"; exit 77; }

"$HANDOFF" keygen -o key 2>/dev/null
to=$("$HANDOFF" keygen -y key)
head -c 1000000 /dev/zero | "$HANDOFF" seal -r "$to" -o sealed
"$HANDOFF" init --name bench --no-recovery -i key --home home >/dev/null

# Started and waited for by one process, so that no shell is measured.
python3 - "$rounds" "$HANDOFF" <<'END'
import os, statistics, sys, time

rounds, program = int(sys.argv[1]), sys.argv[2]
null = os.open("/dev/null", os.O_WRONLY)
age = "/usr/bin/age" if os.path.exists("/usr/bin/age") else "age"
commands = {
    "age --version": [age, "--version"],
    "handoff --version": [program, "--version"],
    "handoff inspect FILE": [program, "inspect", "sealed"],
    "handoff status": [program, "status", "--home", "home"],
    "handoff audit list": [program, "audit", "list", "--home", "home"],
}
took = {name: [] for name in commands}

def run(argv):
    began = time.perf_counter()
    pid = os.posix_spawnp(argv[0], argv, os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
    _, status = os.waitpid(pid, 0)
    if status != 0:
        sys.exit("%s: status %d" % (" ".join(argv), status))
    return (time.perf_counter() - began) * 1e3

for argv in commands.values():
    run(argv)
for _ in range(rounds):
    for name, argv in commands.items():
        took[name].append(run(argv))
base = statistics.median(took["age --version"])
for name in commands:
    m = statistics.median(took[name])
    print("%-22s %6.2f ms  %5.2f times, %+6.2f ms%s" % (name, m, m / base,
        m - base, "" if m == base else "  (goal under +10)"))
END
