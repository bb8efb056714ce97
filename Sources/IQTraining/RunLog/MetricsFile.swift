// The log that programs read: `metrics.jsonl`, one record to a line, each given to the system at its step.

internal import IQModel

/// A file of records that grows. Not Sendable.
package final class MetricsFile {
    package static let name = "metrics.jsonl"

    /// The last record that was there when the file was opened.
    package let lastRecord: MetricRecord?
    private let file: OpenFile

    /// Opens the file of a new run, or that of an earlier one to go on with.
    ///
    /// - Parameters:
    ///   - step: nil for a new run; else the step that the run resumes after. Records of later steps, and half a record at
    ///     the end, are cut off, so that the file becomes that of a run without a break.
    /// - Throws: ``RunLogError/alreadyThere(path:)`` for a new run where there are records;
    ///   ``RunLogError/malformedLine(path:line:reason:)`` for a line that is no record and stands before ones to be kept.
    package init(path: String, resumingAfter step: Int? = nil, calls: FileCalls = FileCalls()) throws(RunLogError) {
        do {
            let present = try fileByteCount(path) ?? 0
            guard step != nil || present == 0 else { throw RunLogError.alreadyThere(path: path) }
            let contents = present == 0 ? [] : try FileReader.contents(path)
            let kept = try Self.kept(contents, through: step ?? 0, path: path)
            file = try calls.append(path)
            if kept.byteCount < contents.count { try file.truncate(to: kept.byteCount) }
            lastRecord = kept.last
        } catch let error as RunLogError {
            throw error
        } catch let failure as FileFailure {
            throw RunLogError(writing: failure)
        } catch {
            throw .notWritable(path: path, code: 0)
        }
    }

    /// Adds a record. It survives a kill of the process when the call returns; a power cut only after ``flush()``.
    package func append(_ record: MetricRecord) throws(RunLogError) {
        do {
            try file.write(record.line)
        } catch {
            throw RunLogError(writing: error)
        }
    }

    /// Waits until all records are on the disk.
    package func flush() throws(RunLogError) {
        do {
            try file.flush()
        } catch {
            throw RunLogError(writing: error)
        }
    }

    /// All records of a file. Half a record at the end, as a killed run may leave, is passed over.
    package static func read(_ path: String) throws(RunLogError) -> [MetricRecord] {
        let contents: [UInt8]
        do {
            contents = try FileReader.contents(path)
        } catch {
            throw RunLogError(reading: error)
        }
        var records: [MetricRecord] = []
        for line in lines(contents) where line.isComplete {
            do {
                records.append(try MetricRecord(line: contents[line.range]))
            } catch {
                throw .malformedLine(path: path, line: line.number, reason: error.reason)
            }
        }
        return records
    }

    private struct Line {
        var number: Int
        /// Without the newline.
        var range: Range<Int>
        /// Whether a newline follows.
        var isComplete: Bool
    }

    private static func lines(_ contents: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var start = 0
        while start < contents.count {
            let end = contents[start...].firstIndex(of: UInt8(ascii: "\n"))
            lines.append(Line(number: lines.count + 1, range: start..<(end ?? contents.count), isComplete: end != nil))
            start = (end ?? contents.count) + 1
        }
        return lines
    }

    /// How many bytes hold the records up to a step, and the last of these.
    private static func kept(
        _ contents: [UInt8],
        through step: Int,
        path: String
    ) throws(RunLogError) -> (byteCount: Int, last: MetricRecord?) {
        var byteCount = 0
        var last: MetricRecord?
        var malformed: RunLogError?
        for line in lines(contents) where line.isComplete {
            let record: MetricRecord
            do {
                record = try MetricRecord(line: contents[line.range])
            } catch {
                malformed = malformed ?? .malformedLine(path: path, line: line.number, reason: error.reason)
                continue
            }
            guard record.step <= step else { break }
            // What a power cut left at the end may go; something strange in the middle is not ours to remove.
            if let malformed { throw malformed }
            byteCount = line.range.upperBound + 1
            last = record
        }
        return (byteCount, last)
    }
}
