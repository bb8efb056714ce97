// `interest-query collective-check`: do the processes of an mpirun sum, copy and fail as they should? For Scripts/test-mpi.

internal import ArgumentParser
internal import InterestQueryKit

struct CollectiveCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collective-check",
        abstract: "Check the exchange between the processes of an mpirun.",
        discussion: """
            Run it as `mpirun -np N interest-query collective-check`. Rank 0 prints one line when everything was right; a wrong \
            result, or a failure that was asked for, ends all ranks.
            """,
        shouldDisplay: false
    )

    @Option(help: "This rank fails half-way, while the others wait for it.")
    var failing: Int?

    @Flag(help: "Bring another size on every rank, which all ranks must notice.")
    var mismatch = false

    func run() async throws {
        let collective = try MPICollective(chunk: 1000)
        var check = CollectiveCheck(collective: collective)
        try check.sumsOfFloats()
        try check.sumsOfDoubles()
        try check.copies()
        if let failing {
            if collective.rank == failing {
                throw CommandFailure(
                    message: "rank \(failing) of \(collective.count) fails, as it was told to",
                    code: CommandFailure.internalFailure
                )
            }
            try collective.barrier()
        }
        if mismatch { try check.differentSizes() }
        if collective.isFirst {
            try StandardOutput.write("\(check.count) checks right on \(collective.count) ranks\n")
        }
        try collective.finish()
    }
}

/// The checks, each against a value that is worked out here.
private struct CollectiveCheck {
    let collective: MPICollective
    private(set) var count = 0

    init(collective: MPICollective) { self.collective = collective }

    /// What rank `rank` brings at `index`: sums of these depend on their order, so a wrong order would show.
    private static func value(_ index: Int, rank: Int) -> Float {
        Float(rank + 1) / Float(index + 3) + (index % 7 == 0 ? 1e6 : 0)
    }

    /// Around the chunk's length, and shorter than the number of ranks.
    mutating func sumsOfFloats() throws {
        for length in [0, 1, 2, 3, 5, 999, 1000, 1001, 4321] {
            var values = (0..<length).map { Self.value($0, rank: collective.rank) }
            try collective.sum(&values)
            for index in 0..<length {
                let summands = (0..<collective.count).map { Double(Self.value(index, rank: $0)) }
                let sum = collective.count == 1 ? summands[0] : summands.reduce(0, +)
                try require(
                    values[index] == Float(sum),
                    "float \(index) of \(length): \(values[index]), not \(Float(sum))"
                )
            }
        }
    }

    mutating func sumsOfDoubles() throws {
        let ranks = Double(collective.count)
        let sums = try collective.sum([Double(collective.rank), 1, 0.5])
        try require(sums == [ranks * (ranks - 1) / 2, ranks, ranks / 2], "sums of doubles: \(sums)")
        try require(try collective.any(collective.rank == collective.count - 1), "a flag of the last rank is not seen")
        try require(try !collective.any(false), "a flag is seen that nobody raised")
    }

    mutating func copies() throws {
        let bytes = try collective.broadcast(collective.isFirst ? [7, 8, 9] : [])
        try require(bytes == [7, 8, 9], "broadcast: \(bytes)")
        // Rank r brings r bytes, rank 0 none.
        let parts = try collective.gather([UInt8](repeating: UInt8(collective.rank), count: collective.rank))
        let expected = (0..<collective.count).map { [UInt8](repeating: UInt8($0), count: $0) }
        try require(parts == (collective.isFirst ? expected : nil), "gather: \(parts.map { "\($0)" } ?? "nothing")")
        try collective.barrier()
    }

    /// Every rank must get the error that says what each brought, and the exchange must still work behind it.
    mutating func differentSizes() throws {
        let sizes = (0..<collective.count).map { $0 + 2 }
        do {
            _ = try collective.sum([Double](repeating: 1, count: sizes[collective.rank]))
            try require(collective.count == 1, "different sizes are not noticed")
        } catch let error as CollectiveError {
            let expected = CollectiveError.differentSizes(operation: "sum of doubles", counts: sizes)
            try require(error == expected, "different sizes: \(error)")
        }
        try require(try collective.sum(1) == Double(collective.count), "a sum behind an error is wrong")
    }

    private mutating func require(_ condition: Bool, _ text: @autoclosure () -> String) throws {
        count += 1
        guard condition else {
            throw CommandFailure(
                message: "rank \(collective.rank) of \(collective.count): \(text())",
                code: CommandFailure.internalFailure
            )
        }
    }
}
