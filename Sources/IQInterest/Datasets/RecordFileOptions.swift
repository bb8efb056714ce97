// What is accepted in files of articles and impressions.

/// What is accepted in a file with one record to a line.
public struct RecordFileOptions: Sendable {
    /// The longest line, in bytes.
    public var maximumLineBytes: Int
    /// What to do with a line that holds no record.
    public var invalidLines: InvalidLinePolicy

    /// - Precondition: the limit is at least 1.
    public init(maximumLineBytes: Int = 16 << 20, invalidLines: InvalidLinePolicy = .fail) {
        precondition(maximumLineBytes >= 1, "a limit of \(maximumLineBytes)")
        self.maximumLineBytes = maximumLineBytes
        self.invalidLines = invalidLines
    }
}
