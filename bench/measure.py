# SPDX-License-Identifier: MIT
"""
One run of a program: how long by the clock, how much of the processor in user and kernel mode, how much memory at most.
The kernel counts memory from the fork, so no peak is below that of this interpreter, some 15 MB.
"""
import dataclasses
import os
import resource
import statistics
import subprocess
import threading
import time


@dataclasses.dataclass
class Run:
    seconds: float
    user: float
    kernel: float
    peak_kib: int
    status: int  # negative: the signal that ended it
    late: bool = False  # the bound ended it
    words: str = ""  # its last line on standard error


class Failed(Exception):
    pass


def prepare(cpus, memory):
    def inside():
        os.sched_setaffinity(0, cpus)
        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    return inside


def run(command, cpus, *, memory=0, bound=0, source=None, folder="."):
    """memory: bytes of address space, 0: as many as there are. bound: seconds. source: a command whose output is the input."""
    command = [str(word) for word in command]
    with open(os.path.join(folder, "stderr"), "w+", encoding="utf-8", errors="replace") as errors:
        feeder = subprocess.Popen([str(word) for word in source], stdout=subprocess.PIPE) if source else None
        start = time.monotonic_ns()
        child = subprocess.Popen(command, stdin=feeder.stdout if feeder else subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=errors, preexec_fn=prepare(cpus, memory))
        if feeder:
            feeder.stdout.close()
        ended = threading.Event()
        late = threading.Event()

        def end():
            if not ended.wait(bound):
                late.set()
                child.kill()

        watch = threading.Thread(target=end) if bound else None
        if watch:
            watch.start()
        _, status, used = os.wait4(child.pid, 0)
        seconds = (time.monotonic_ns() - start) / 1e9
        child.returncode = os.waitstatus_to_exitcode(status)
        ended.set()
        if watch:
            watch.join()
        if feeder:
            feeder.wait()
        errors.seek(0)
        words = (errors.read()[-2000:].strip().splitlines() or [""])[-1]
    return Run(seconds, used.ru_utime, used.ru_stime, used.ru_maxrss, child.returncode, late.is_set(), words)


def well(command, *args, **how):
    """The same; a program that fails ends the bench."""
    done = run(command, *args, **how)
    if done.status != 0:
        raise Failed(f"status {done.status} from {' '.join(map(str, command))}: {done.words}")
    return done


@dataclasses.dataclass
class Series:
    """Several runs of one program on one input."""

    runs: list

    def middle(self, what):
        return statistics.median(getattr(run, what) for run in self.runs)

    def least(self):
        return min(run.seconds for run in self.runs)

    def most(self):
        return max(run.seconds for run in self.runs)

    def peak_kib(self):
        return max(run.peak_kib for run in self.runs)


def in_turn(commands, runs, folder):
    """
    {name: Series}. commands: {name: (command, cpus)}. A warm-up of each, then all in turn, again and again: what else the
    machine does meets all of them alike.
    """
    done = {name: Series([]) for name in commands}
    for turn in range(runs + 1):
        for name, (command, cpus) in commands.items():
            one = well(command, cpus, folder=folder)
            if turn > 0:
                done[name].runs.append(one)
    return done
