"""Kills a run at random moments until it ends all the same, and compares with a run that nobody disturbed.

    kill.py PONS MANIFEST FOLDER TIMES [pons run's options]
    inputs.py PONS FOLDER 5 | xargs kill.py PONS manifests/clisc-demo.yaml FOLDER 100    (inputs.py is in Benchmarks/CLISC)

A run that is killed (SIGKILL) is started again on the same folders, and killed again, until it ends between two kills; then everything begins
anew with empty folders, until there were as many kills as asked for. The moments lie between the start and a third of the time that an
undisturbed run takes. Redone are calls that a killed run had reported as finished and that a later one made once more, because
they were not yet in the store. At the end, what a run costs that finds everything in the store.
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

different = redone = lost = killed = ended = 0
while killed < times:
    shutil.rmtree(out, ignore_errors=True)
    finished = set()
    while True:
        run = start()
        moment = random.uniform(0, seconds / 3)
        try:
            code = run.wait(timeout=moment if killed < times else None)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            code = None
            killed += 1
            print(f"killed {killed} of {times} times", end="\r", file=sys.stderr, flush=True)
        made = {call for call, outcome in calls().items() if outcome == "finished"}
        redone += len(finished & made)
        finished |= made
        if code is not None:
            break
    if code:
        sys.exit(f"the run answered {code}")
    ended += 1
    different += digests() != good
    lost += len(calls()) != total
print(f"killed {killed} times at random moments of runs of {seconds:.1f} s and {total} calls, of which {ended} ended in the end")
print(f"results that differ from those of an undisturbed run: {different}; runs with missing calls: {lost}")
print(f"calls finished before a kill and made again: {redone}")
print(f"a run that finds everything in the store: {again:.2f} s")
sys.exit(different + lost > 0)
