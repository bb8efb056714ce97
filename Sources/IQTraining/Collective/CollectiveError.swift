// What can go wrong between the processes of a run.

/// A failure of the exchange between processes. All but ``CollectiveError/notCompiledIn`` end the run.
public enum CollectiveError: Error, Equatable, Sendable, CustomStringConvertible {
    /// This build does not speak MPI.
    case notCompiledIn
    /// The ranks called different functions at the same time; the names are in the order of the ranks.
    case differentOperations([String])
    /// The ranks brought different numbers of elements to one operation; the counts are in the order of the ranks.
    case differentSizes(operation: String, counts: [Int])
    /// MPI returned an error code, with the text that MPI has for it.
    case failed(operation: String, code: Int, text: String)

    public var description: String {
        switch self {
        case .notCompiledIn:
            "this build runs in one process only; for several, build with the package trait MPI "
                + "(swift build --traits MPI, after Scripts/setup --mpi)"
        case .differentOperations(let names):
            "the processes do not do the same: " + Self.listed(names)
        case .differentSizes(let operation, let counts):
            "\(operation): the processes bring different sizes: " + Self.listed(counts.map(String.init))
        case .failed(let operation, let code, let text):
            "\(operation): MPI error \(code): \(text)"
        }
    }

    private static func listed(_ values: [String]) -> String {
        values.enumerated().map { "rank \($0.offset) \($0.element)" }.joined(separator: ", ")
    }
}
