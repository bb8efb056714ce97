"""Who takes part in a comparison, how they are run in turn, and what comes out.

A peer is a program that gets ready (loads, warms up, compiles), prints one line of JSON (`name`, `version`, perhaps
`first_loss`), and then measures one round for every line on its standard input, printing a line each: `values` (one
figure a step, in the row's unit) and `peak_resident_bytes`. It stays alive between rounds, waiting, so that what it
needs once is not paid each time. We are a program that measures one round, prints such a line and ends: every round
of ours includes a fresh start.
"""

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass, field


class Failure(Exception):
    """What is said instead of a traceback."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Match:
    """One row: the same work for us and for some peers."""

    workload: str
    format: str
    unit: str  # of a figure; anything "/s" is better when higher, everything else when lower
    goal: float | None  # the ratio to reach, if there is one
    ours: list[str]
    peers: list[list[str]]
    # How far the losses of the first step may lie apart, relative: proof that both do the same work.
    loss_tolerance: float
    # The share of what there is to find that ours must find for its speed to count, and that a peer must find to be compared.
    recall: float | None = None

    @property
    def higher_is_better(self) -> bool:
        return self.unit.endswith("/s")


@dataclass
class Record:
    """The rounds of one contestant."""

    name: str
    version: str
    first_loss: float | None = None
    rounds: list[float] = field(default_factory=list)  # the median of each
    peak_bytes: int = 0
    recall: float | None = None  # of the last round

    def add(self, line: dict) -> None:
        self.recall = line.get("recall")
        self.rounds.append(statistics.median(line["values"]))
        self.peak_bytes = max(self.peak_bytes, line["peak_resident_bytes"])

    def best(self, higher_is_better: bool) -> float:
        return max(self.rounds) if higher_is_better else min(self.rounds)

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def spread(self) -> float:
        """From the slowest to the fastest round, as a part of the median."""
        return (max(self.rounds) - min(self.rounds)) / self.median


@dataclass(frozen=True)
class Row:
    workload: str
    format: str
    unit: str
    ours: float  # median of our rounds
    peer: float  # fastest round of the fastest peer
    ratio: float  # how many times better ours is; above 1 we win, whatever the unit
    goal: float | None
    ours_spread: float
    peer_spread: float
    ours_peak_bytes: int
    peer_peak_bytes: int
    peer_name: str
    peer_version: str
    ours_rounds: list[float]
    peer_rounds: dict[str, list[float]]  # of all peers, by name
    ours_first_loss: float | None
    peer_first_loss: float | None
    ours_recall: float | None = None
    peer_recall: dict[str, float] | None = None  # of all peers, by name

    def as_json(self) -> dict:
        return dict(self.__dict__)


def parsed(line: str, who: str) -> dict:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise Failure(f"{who} printed something else than JSON: {line.strip()[:200]!r}") from error


class Peer:
    """A peer's process, ready to measure."""

    def __init__(self, command: list[str]):
        self.command = command
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            hello = self.read()
            self.record = Record(hello["name"], hello["version"], hello.get("first_loss"))
        except BaseException:
            self.close()
            raise

    def read(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"the peer ended (status {self.process.wait()}): {' '.join(self.command)}")
        return parsed(line, " ".join(self.command))

    def measure(self) -> None:
        try:
            self.process.stdin.write("round\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # `read` says how it ended
        self.record.add(self.read())

    def close(self) -> None:
        try:
            self.process.stdin.close()  # a peer that waits ends by this
            self.process.wait(timeout=5)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            self.process.kill()
            self.process.wait()


def measure_ours(command: list[str], record: Record) -> None:
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        raise Failure(f"ours ended with status {result.returncode}: {' '.join(command)}")
    line = parsed(result.stdout.strip().splitlines()[-1] if result.stdout.strip() else "", " ".join(command))
    record.first_loss = line.get("first_loss")
    record.add(line)


def compare(match: Match, rounds: int) -> Row:
    ours = Record("InterestQueryKit", "this working copy")
    peers: list[Peer] = []
    problems: list[str] = []
    try:
        for command in match.peers:
            say(f"{match.workload} {match.format}: getting ready: {' '.join(command[1:])}")
            try:
                peers.append(Peer(command))
            except Failure as failure:
                # One way of running a peer may not work on a machine; the others still count.
                problems.append(str(failure))
                say(f"note: {failure}")
        if not peers:
            raise Failure(f"no peer of {match.workload} {match.format} runs: {'; '.join(problems)}")
        for number in range(1, rounds + 1):
            measure_ours(match.ours, ours)
            for peer in peers:
                peer.measure()
            figures = ", ".join(f"{peer.record.name} {peer.record.rounds[-1]:.2f}" for peer in peers)
            say(f"{match.workload} {match.format}: round {number}: ours {ours.rounds[-1]:.2f}, {figures} {match.unit}")
    finally:
        for peer in peers:
            peer.close()
    return row(match, ours, [peer.record for peer in peers])


def row(match: Match, ours: Record, peers: list[Record]) -> Row:
    for peer in peers:
        if ours.first_loss is not None and peer.first_loss is not None:
            difference = abs(ours.first_loss - peer.first_loss) / abs(peer.first_loss)
            if not difference <= match.loss_tolerance:
                raise Failure(
                    f"{match.workload} {match.format}: this is not the same work: the first loss is {ours.first_loss} "
                    f"here and {peer.first_loss} with {peer.name}"
                )
    if match.recall is not None and not (ours.recall or 0) >= match.recall:
        raise Failure(f"{match.workload} {match.format}: ours finds {ours.recall} and has to find {match.recall}")
    choose = max if match.higher_is_better else min
    fastest = choose(peers, key=lambda record: record.best(match.higher_is_better))
    best = fastest.best(match.higher_is_better)
    return Row(
        workload=match.workload,
        format=match.format,
        unit=match.unit,
        ours=ours.median,
        peer=best,
        ratio=ours.median / best if match.higher_is_better else best / ours.median,
        goal=match.goal,
        ours_spread=ours.spread,
        peer_spread=fastest.spread,
        ours_peak_bytes=ours.peak_bytes,
        peer_peak_bytes=fastest.peak_bytes,
        peer_name=fastest.name,
        peer_version=fastest.version,
        ours_rounds=ours.rounds,
        peer_rounds={record.name: record.rounds for record in peers},
        ours_first_loss=ours.first_loss,
        peer_first_loss=fastest.first_loss,
        ours_recall=ours.recall,
        peer_recall={record.name: record.recall for record in peers} if match.recall is not None else None,
    )
