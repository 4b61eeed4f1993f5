"""Milliseconds and peak kilobytes of a command: python measure.py COMMAND...

A small process of its own: the peak that the kernel reports for a child is at least the memory of who started it.
"""

import os
import sys
import time

null = os.open(os.devnull, os.O_RDWR)
start = time.perf_counter()
process = os.posix_spawnp(
    sys.argv[1], sys.argv[1:], os.environ,
    file_actions=[(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)])
_, _, usage = os.wait4(process, 0)
print((time.perf_counter() - start) * 1e3, usage.ru_maxrss)
