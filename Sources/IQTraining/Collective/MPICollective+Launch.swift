// Which processes a command was started with.

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension MPICollective {
    /// The processes that `mpirun` started, where it started this one; else this process alone.
    ///
    /// - Throws: ``CollectiveError/notCompiledIn`` where `mpirun` started several processes and this build would run each by
    ///   itself, all writing to the same files; what ``init(chunk:)`` throws.
    public static func launched() throws(CollectiveError) -> any Collective {
        switch launchedProcesses(ProcessInfo.processInfo.environment) {
        case 1: SingleProcess()
        default: try MPICollective()
        }
    }

    /// How many processes a launcher says that there are, from the variables that it sets: Open MPI's, and those of the
    /// PMI interface, which other launchers set. 1 without a launcher.
    package static func launchedProcesses(_ environment: [String: String]) -> Int {
        for name in ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"] {
            if let value = environment[name], let count = Int(value), count >= 1 { return count }
        }
        return 1
    }
}
