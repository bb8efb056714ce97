// Runs the stages of a study in order, and goes on where an earlier run stopped.

internal import IQTensor

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// What happens in a study.
package enum StudyEvent: Sendable {
    /// A stage begins or goes on.
    case began(stage: String, place: Int, count: Int, isResumed: Bool)
    /// The last line of its log.
    case progress(stage: String, line: String, seconds: Double)
    case finished(stage: String, seconds: Double)
    /// Another process is still at it.
    case waiting(stage: String)
}

/// Runs stages, each in a process of its own.
package struct StudyRunner: Sendable {
    package let graph: StudyGraph
    /// Holds the stages' folders.
    package let folder: String
    private let program: String
    private let identities: [String: StageIdentity]
    private let report: @Sendable (StudyEvent) -> Void

    /// - Parameters:
    ///   - folder: holds a folder for each stage.
    ///   - program: the path of `interest-query`.
    ///   - inputs: checksums of what comes from outside, by path.
    ///   - report: called with what happens.
    package init(
        _ graph: StudyGraph,
        folder: String,
        program: String,
        inputs: [String: String] = [:],
        report: @escaping @Sendable (StudyEvent) -> Void = { _ in }
    ) {
        self.graph = graph
        self.folder = folder
        self.program = program
        self.report = report
        identities = graph.identities(inputs: inputs)
    }

    package func folder(of stage: String) -> StageFolder { StageFolder(path: folder + "/" + stage) }

    /// A stage's state and why it is not as it was; no reason if it is.
    package func state(of stage: StudyStage) throws(StudyError) -> (state: StageFolder.State, change: String?) {
        let state = try folder(of: stage.name).state()
        let earlier: StageIdentity? =
            switch state {
            case .new: nil
            case .begun(let begun): begun.identity
            case .done(let done): done.identity
            }
        return (state, earlier.flatMap { identities[stage.name]?.change(since: $0) })
    }

    /// Takes away what these stages, and all that need them, have done.
    package func clear(_ names: some Sequence<String>) throws(StudyError) {
        for stage in try graph.dependents(of: names) { try folder(of: stage.name).clear() }
    }

    /// The stages that were begun with another command or other inputs than they have now.
    package func changed(_ stages: [StudyStage]) throws(StudyError) -> [StudyStage] {
        var changed: [StudyStage] = []
        for stage in stages where try state(of: stage).change != nil { changed.append(stage) }
        return changed
    }

    /// Runs stages that are not done.
    ///
    /// - Parameters:
    ///   - stages: in order, with all that they need.
    ///   - limit: at most so many are run; nil is all.
    /// - Returns: how many were run.
    /// - Throws: ``StudyError``; `CancellationError` once the running stage has ended after the task was cancelled.
    @discardableResult
    package func run(_ stages: [StudyStage], limit: Int? = nil) async throws -> Int {
        // Known before hours are spent on the stages before.
        for stage in try changed(stages) {
            throw StudyError.changed(stage: stage.name, reason: try state(of: stage).change ?? "")
        }
        var count = 0
        for (place, stage) in stages.enumerated() {
            try Task.checkCancellation()
            if case .done = try folder(of: stage.name).state() { continue }
            if let limit, count >= limit { break }
            try await run(stage, place: place + 1, of: stages.count)
            count += 1
        }
        return count
    }

    private func run(_ stage: StudyStage, place: Int, of count: Int) async throws {
        let folder = folder(of: stage.name)
        let identity = identities[stage.name] ?? StageIdentity(arguments: [], files: [:], inputs: [:], needs: [:])
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        var isReported = false
        let lock = try StageLock(path: folder.file(".running")) {
            try Task.checkCancellation()
            if !isReported { report(.waiting(stage: stage.name)) }
            isReported = true
        }
        if case .new = try folder.state() { try folder.begin(stage, identity: identity) }
        // Another study may have done it meanwhile.
        guard case .begun(var begun) = try folder.state() else { return }
        let isResumed = begun.calls > 0
        report(.began(stage: stage.name, place: place, count: count, isResumed: isResumed))
        begun.calls += 1
        try folder.record(begun)
        let start = ContinuousClock.now
        let code = try await call(stage, isResumed: isResumed, in: folder)
        begun.seconds += start.secondsPassed
        try folder.record(begun)
        if Task.isCancelled { throw CancellationError() }
        guard code == 0 else {
            let lines = Self.lastLines(of: folder.log, count: 3).joined(separator: " | ")
            throw StudyError.failed(stage: stage.name, code: code, log: folder.log, lastLines: lines)
        }
        try folder.finish(stage, begun: begun)
        report(.finished(stage: stage.name, seconds: begun.seconds))
        withExtendedLifetime(lock) {}
    }

    /// Runs the command and waits. When the task is cancelled the command is asked to end, once, and waited for.
    private func call(_ stage: StudyStage, isResumed: Bool, in folder: StageFolder) async throws -> Int32 {
        let child = try ChildProcess(
            program: program,
            arguments: stage.arguments + (isResumed ? stage.resumeArguments : []),
            output: stage.standardOutput.map(folder.file),
            log: folder.log
        )
        let start = ContinuousClock.now
        var isInterrupted = false
        var shown = 0.0
        while true {
            if let code = child.poll() { return code }
            if Task.isCancelled, !isInterrupted {
                isInterrupted = true
                child.interrupt()
            }
            let seconds = start.secondsPassed
            if seconds - shown >= 1 {
                shown = seconds
                let line = Self.lastLines(of: folder.log, count: 1).last ?? ""
                report(.progress(stage: stage.name, line: line, seconds: seconds))
            }
            // In a task of its own, which is not cancelled with this one: the command is still to be waited for, and no thread held.
            await Task.detached { try? await Task.sleep(for: .milliseconds(50)) }.value
        }
    }

    /// The last lines of a file that are not blank.
    static func lastLines(of path: String, count: Int) -> [String] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        fseek(file, 0, SEEK_END)
        fseek(file, max(0, ftell(file) - bytes.count), SEEK_SET)
        let read = fread(&bytes, 1, bytes.count, file)
        let lines = bytes[..<read].split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        return lines.suffix(count).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension ContinuousClock.Instant {
    fileprivate var secondsPassed: Double { (ContinuousClock.now - self) / .seconds(1) }
}
