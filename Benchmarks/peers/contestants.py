"""Who takes part in a comparison, how they are run in turn, and what comes out.

A peer is a program that gets ready (loads, warms up, compiles), prints one line of JSON (`name`, `version`, perhaps
`first_loss` and `perplexity`), and then measures one round for every line on its standard input, printing a line each: `values` (one
figure a step, in the row's unit) and `peak_resident_bytes`, perhaps `recall` and `tokens`. It stays alive between rounds, waiting, so that what it
needs once is not paid each time. We are a program that measures one round, prints such a line and ends: every round
of ours includes a fresh start.
"""

import functools
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

    # Whom the goal and the ratio are about: the fastest of the row's own peers, of those whose name begins so, or of the rivals too.
    FASTEST = "fastest"
    ALL = "all"

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
    goal_peer: str = FASTEST
    # Peers that do the work in other number formats.
    rivals: list[list[str]] = field(default_factory=list)
    # A command of ours that prints `first_loss` where the measured one does not, and `values`: the perplexity.
    proof: list[str] | None = None
    # How many of the first tokens that are written must be the same: proof that both do the same work.
    common_tokens: int = 0

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
    perplexity: float | None = None
    tokens: list[int] | None = None  # that were written first in the last round
    roofline: dict | None = None  # of the last round

    def add(self, line: dict) -> None:
        self.recall = line.get("recall")
        self.tokens = line.get("tokens")
        self.roofline = line.get("roofline")
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
    peer: float  # fastest round of the fastest peer that the goal is about
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
    goal_peer: str = Match.FASTEST
    ours_perplexity: float | None = None
    peer_perplexity: float | None = None
    peers: list[dict] = field(default_factory=list)  # the row's own, each with `name`, `best`, `spread`, `perplexity`, `peak_bytes`
    ours_roofline: dict | None = None

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
            self.record = Record(
                hello["name"], hello["version"], hello.get("first_loss"), perplexity=hello.get("perplexity")
            )
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


def run_ours(command: list[str]) -> dict:
    """The last line of JSON that a command of ours prints."""
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        raise Failure(f"ours ended with status {result.returncode}: {' '.join(command)}")
    return parsed(result.stdout.strip().splitlines()[-1] if result.stdout.strip() else "", " ".join(command))


def measure_ours(command: list[str], record: Record) -> None:
    line = run_ours(command)
    record.first_loss = line.get("first_loss", record.first_loss)
    record.add(line)


@functools.cache
def proved(command: tuple[str, ...]) -> tuple[float, float]:
    """The loss and the perplexity that a command of ours finds: the same for every workload."""
    line = run_ours(list(command))
    return line["first_loss"], line["values"][0]


class Field:
    """The peers of some rows: one process for each command, however many rows it is in."""

    def __init__(self) -> None:
        self.peers: dict[tuple[str, ...], Peer] = {}
        self.problems: dict[tuple[str, ...], str] = {}

    def enter(self, match: Match, command: list[str]) -> None:
        key = tuple(command)
        if key in self.peers or key in self.problems:
            return
        say(f"{match.workload} {match.format}: getting ready: {' '.join(command[1:])}")
        try:
            self.peers[key] = Peer(command)
        except Failure as failure:
            # One way of running a peer may not work on a machine; the others still count.
            self.problems[key] = str(failure)
            say(f"note: {failure}")

    def of(self, commands: list[list[str]]) -> list[Peer]:
        return [self.peers[tuple(command)] for command in commands if tuple(command) in self.peers]

    def close(self) -> None:
        for peer in self.peers.values():
            peer.close()


def compare(matches: list[Match], rounds: int) -> list[Row | Failure]:
    """The rows of matches whose contestants take turns; a failure where there is none, as it was not the same work."""
    ours = [Record("InterestQueryKit", "this working copy") for _ in matches]
    contest = Field()
    try:
        for match, record in zip(matches, ours):
            for command in match.peers + match.rivals:
                contest.enter(match, command)
            if not contest.of(match.peers):
                raise Failure(f"no peer of {match.workload} {match.format} runs: {'; '.join(contest.problems.values())}")
            if match.proof:
                record.first_loss, record.perplexity = proved(tuple(match.proof))
        for number in range(1, rounds + 1):
            measured: list[Peer] = []
            for match, record in zip(matches, ours):
                measure_ours(match.ours, record)
                for peer in contest.of(match.peers + match.rivals):
                    if peer not in measured:
                        peer.measure()
                        measured.append(peer)
                figures = ", ".join(f"{peer.record.name} {peer.record.rounds[-1]:.2f}" for peer in contest.of(match.peers))
                say(f"{match.workload} {match.format}: round {number}: ours {record.rounds[-1]:.2f}, {figures} {match.unit}")
    finally:
        contest.close()
    rows: list[Row | Failure] = []
    for match, record in zip(matches, ours):
        peers, rivals = ([peer.record for peer in contest.of(some)] for some in (match.peers, match.rivals))
        try:
            rows.append(row(match, record, peers, rivals))
        except Failure as failure:
            rows.append(failure)
    return rows


def check_same_work(match: Match, ours: Record, peers: list[Record]) -> None:
    for peer in peers:
        if ours.first_loss is not None and peer.first_loss is not None:
            difference = abs(ours.first_loss - peer.first_loss) / abs(peer.first_loss)
            if not difference <= match.loss_tolerance:
                raise Failure(
                    f"{match.workload} {match.format}: this is not the same work: the first loss is {ours.first_loss} "
                    f"here and {peer.first_loss} with {peer.name}"
                )
        count = match.common_tokens
        if count > 0 and (ours.tokens or [])[:count] != (peer.tokens or [])[:count]:
            raise Failure(
                f"{match.workload} {match.format}: this is not the same work: the first tokens are {ours.tokens} here and "
                f"{peer.tokens} with {peer.name}"
            )
    if match.recall is not None and not (ours.recall or 0) >= match.recall:
        raise Failure(f"{match.workload} {match.format}: ours finds {ours.recall} and has to find {match.recall}")


def row(match: Match, ours: Record, peers: list[Record], rivals: list[Record]) -> Row:
    check_same_work(match, ours, peers)
    everybody = peers + [rival for rival in rivals if rival not in peers]
    if match.goal_peer == Match.ALL:
        opponents = everybody
    elif match.goal_peer == Match.FASTEST:
        opponents = peers
    else:
        opponents = [peer for peer in peers if peer.name.startswith(match.goal_peer)]
        if not opponents:
            raise Failure(f"{match.workload} {match.format}: the goal is about {match.goal_peer}, which does not run")
    choose = max if match.higher_is_better else min
    fastest = choose(opponents, key=lambda record: record.best(match.higher_is_better))
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
        peer_rounds={record.name: record.rounds for record in everybody},
        ours_first_loss=ours.first_loss,
        peer_first_loss=fastest.first_loss,
        ours_recall=ours.recall,
        peer_recall={record.name: record.recall for record in peers} if match.recall is not None else None,
        goal_peer=match.goal_peer,
        ours_perplexity=ours.perplexity,
        peer_perplexity=fastest.perplexity,
        peers=[
            {
                "name": record.name,
                "best": record.best(match.higher_is_better),
                "spread": record.spread,
                "perplexity": record.perplexity,
                "peak_bytes": record.peak_bytes,
            }
            for record in peers
        ],
        ours_roofline=ours.roofline,
    )
