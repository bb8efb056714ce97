// Which share of a file's lines a process takes, where several share the work.

internal import ArgumentParser

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// `i/n`, or `auto`: the rank and number of the processes that a launcher started.
struct ShardArgument: ExpressibleByArgument, Equatable {
    let index: Int
    let count: Int

    static let all = ShardArgument(index: 0, count: 1)

    init(index: Int, count: Int) { (self.index, self.count) = (index, count) }

    init?(argument: String) {
        self.init(argument: argument, environment: ProcessInfo.processInfo.environment)
    }

    init?(argument: String, environment: [String: String]) {
        if argument == "auto" {
            self = Self.launched(environment) ?? .all
            return
        }
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]), count >= 1, (0..<count) ~= index
        else { return nil }
        self.init(index: index, count: count)
    }

    var defaultValueDescription: String { "\(index)/\(count)" }

    /// The variables in which launchers tell a process its rank and the number of all: Open MPI's, those of the PMI interface,
    /// which other launchers set, and those of Slurm's srun.
    private static let variables = [
        (rank: "OMPI_COMM_WORLD_RANK", count: "OMPI_COMM_WORLD_SIZE"), (rank: "PMI_RANK", count: "PMI_SIZE"),
        (rank: "SLURM_PROCID", count: "SLURM_NTASKS"),
    ]

    /// This process among those that a launcher started; nil without one.
    static func launched(_ environment: [String: String]) -> ShardArgument? {
        for names in variables {
            if let rank = environment[names.rank].flatMap({ Int($0) }),
                let count = environment[names.count].flatMap({ Int($0) }), count >= 1, (0..<count) ~= rank
            {
                return ShardArgument(index: rank, count: count)
            }
        }
        return nil
    }

    /// The path with the shard's number where it says `{shard}`.
    func path(_ path: String) -> String { path.replacing("{shard}", with: "\(index)") }
}
