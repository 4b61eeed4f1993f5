"""Kills a run at random moments, lets the next run finish it, and compares with a run that nobody disturbed.

    kill.py PONS MANIFEST FOLDER TIMES [pons run's options]

Each time begins with empty folders: a run is killed (SIGKILL) at a moment between its start and its usual end, and then run again until it
ends. Redone are calls that the killed run had reported as finished and that the next run made once more, because they were not yet in the
store. At the end, what a run costs that finds everything in the store.
"""
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

pons, manifest, folder, times, options = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5:]
random.seed(1)
out, log = os.path.join(folder, "out"), os.path.join(folder, "events")
os.environ["PONS_SITE_KEY"] = os.path.join(folder, "site.key")


def start():
    with open(log, "wb") as events:
        return subprocess.Popen(
            [pons, "run", manifest, "--json", "--output", out, *options], stdout=events, stderr=subprocess.DEVNULL,
            start_new_session=True)


def calls():
    """The calls that ended in the last run, by stage and case, with how."""
    found = {}
    with open(log, "rb") as events:
        for line in events:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if event.get("event") == "ended":
                found[(event["stage"], event.get("case"))] = event["outcome"]
    return found


def digests():
    found = {}
    for path, folders, names in os.walk(out):
        folders[:] = [name for name in folders if name != ".pons"]
        for name in names:
            if name != "summary.json":
                file = os.path.join(path, name)
                with open(file, "rb") as content:
                    found[os.path.relpath(file, out)] = hashlib.sha256(content.read()).hexdigest()
    return found


def finish():
    begin = time.monotonic()
    code = start().wait()
    if code != 0:
        sys.exit(f"the run answered {code}")
    return time.monotonic() - begin


shutil.rmtree(out, ignore_errors=True)
seconds = finish()
good, total = digests(), len(calls())
again = finish()
if any(outcome != "reused" for outcome in calls().values()):
    sys.exit("a second run computed something")

different = redone = lost = reused = killed = 0
while killed < times:
    shutil.rmtree(out, ignore_errors=True)
    run = start()
    time.sleep(random.uniform(0, seconds))
    if run.poll() is not None:
        # It was faster than the first one.
        seconds *= 0.9
        continue
    os.killpg(run.pid, signal.SIGKILL)
    killed += 1
    run.wait()
    before = {call for call, outcome in calls().items() if outcome == "finished"} if os.path.exists(log) else set()
    finish()
    after = calls()
    made = {call for call, outcome in after.items() if outcome == "finished"}
    redone += len(before & made)
    reused += sum(outcome == "reused" for outcome in after.values())
    different += digests() != good
    lost += len(after) != total
print(f"killed {killed} times at random moments of a run of {seconds:.1f} s and {total} calls")
print(f"results that differ from those of an undisturbed run: {different}; runs with missing calls: {lost}")
print(f"calls reused by the next run: {reused}; finished before the kill and made again: {redone}")
print(f"a run that finds everything in the store: {again:.2f} s")
sys.exit(different + lost > 0)
