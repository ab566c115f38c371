"""Runs a command and prints, as its last line on standard output, what it took.

The kernel counts for us: wait4 gives the CPU time of the child and of all children that it waited for, and
the largest resident set that any one of them had.
"""

import json
import os
import sys
import time

started = time.perf_counter()
pid = os.fork()
if pid == 0:
    # The command's own output goes to the log: standard output is for the measurement.
    os.dup2(2, 1)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(pid, 0)
seconds = time.perf_counter() - started
print(
    json.dumps(
        {
            "seconds": seconds,
            "cpuSeconds": usage.ru_utime + usage.ru_stime,
            # Linux counts in KB, macOS in bytes.
            "peakBytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
            "exitCode": os.waitstatus_to_exitcode(status),
        }
    )
)
