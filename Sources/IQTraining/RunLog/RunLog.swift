// The log of a run: every record goes to `metrics.jsonl` and to an event file for TensorBoard.

/// Records what is measured at each step. One process writes the log of a run. Not Sendable.
package final class RunLog {
    package let folder: String
    private let metrics: MetricsFile
    private let events: EventFile?
    private let clock: RunClock
    /// Reading of the clock at which training would have begun, had there been no break.
    private let start: Double

    /// Opens the log in a folder, which is made if need be.
    ///
    /// - Parameters:
    ///   - step: nil for a new run; else the step that it resumes after. Records of later steps are removed.
    ///   - writesEvents: whether TensorBoard gets a file.
    /// - Throws: ``RunLogError``.
    package init(
        folder: String,
        resumingAfter step: Int? = nil,
        writesEvents: Bool = true,
        clock: RunClock = .system,
        calls: FileCalls = FileCalls()
    ) throws(RunLogError) {
        do {
            try calls.makeFolders(folder)
        } catch {
            throw RunLogError(writing: error)
        }
        self.folder = folder
        self.clock = clock
        metrics = try MetricsFile(path: joinedPath(folder, MetricsFile.name), resumingAfter: step, calls: calls)
        start = clock.seconds() - (metrics.lastRecord?.seconds ?? 0)
        events =
            writesEvents
            ? try EventFile(
                folder: folder,
                resumingAfter: step,
                unixTime: clock.unixTime(),
                hostName: systemHostName(),
                calls: calls
            ) : nil
    }

    /// Seconds of training so far, earlier parts of a resumed run included.
    package var seconds: Double { clock.seconds() - start }

    /// Records a step. Several records of one step are fine; log all of a step before its checkpoint is saved.
    ///
    /// - Parameter tokens: tokens trained on so far, in all.
    @discardableResult
    package func log(
        step: Int,
        tokens: Int,
        _ values: KeyValuePairs<String, Double>
    ) throws(RunLogError) -> MetricRecord {
        try log(step: step, tokens: tokens, metrics: values.map { MetricRecord.Metric($0.key, $0.value) })
    }

    @discardableResult
    package func log(step: Int, tokens: Int, metrics: [MetricRecord.Metric]) throws(RunLogError) -> MetricRecord {
        let record = MetricRecord(step: step, seconds: seconds, tokens: tokens, metrics: metrics)
        try self.metrics.append(record)
        try events?.append(record, unixTime: clock.unixTime())
        return record
    }

    /// Waits until all records are on the disk. Call it before a checkpoint is saved: the log then never ends before it.
    package func flush() throws(RunLogError) {
        try metrics.flush()
        try events?.flush()
    }
}
