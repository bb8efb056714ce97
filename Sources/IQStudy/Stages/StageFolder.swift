// What the folder of a stage says of it: markers that are written whole or not at all.

internal import IQInterest
internal import IQModel
package import IQTraining

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A stage's folder.
///
/// `begun.json` is written before the first call and says with what it was begun; `done.json` is written once the command has ended with
/// code 0. A stage without either is new, with the first alone it was broken off.
package struct StageFolder: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    /// What a begun stage is.
    package struct Begun: Sendable, Hashable, Codable {
        package var identity: StageIdentity
        /// UTC, ISO 8601.
        package var started: String
        /// Calls so far.
        package var calls: Int
        /// Wall seconds of the calls that ended.
        package var seconds: Double
    }

    /// What a stage that is done was.
    package struct Done: Sendable, Hashable, Codable {
        package var identity: StageIdentity
        package var command: String
        package var started: String
        package var finished: String
        package var calls: Int
        /// Wall seconds of all calls, but of those that were killed.
        package var seconds: Double
        package var software: SoftwareDescription
    }

    /// What has become of a stage.
    package enum State: Sendable, Hashable {
        case new
        case begun(Begun)
        case done(Done)
    }

    package func file(_ name: String) -> String { path + "/" + name }
    package var log: String { file("log.txt") }

    /// - Throws: ``StudyError/file(path:reason:)`` for a marker that is damaged.
    package func state() throws(StudyError) -> State {
        if let done: Done = try Self.read(file(Self.doneName)) { return .done(done) }
        if let begun: Begun = try Self.read(file(Self.begunName)) { return .begun(begun) }
        return .new
    }

    /// Makes the folder with its files, and says that the stage is begun.
    package func begin(_ stage: StudyStage, identity: StageIdentity) throws(StudyError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw .file(path: path, reason: "it cannot be made: \(error)")
        }
        for name in stage.files.keys.sorted() { try Self.write(stage.files[name] ?? "", to: file(name)) }
        let begun = Begun(identity: identity, started: Date().formatted(.iso8601), calls: 0, seconds: 0)
        try Self.write(encoding: begun, to: file(Self.begunName))
    }

    /// Counts a call that ended.
    package func record(_ begun: Begun) throws(StudyError) {
        try Self.write(encoding: begun, to: file(Self.begunName))
    }

    /// Says that the stage is done, and removes what nobody needs then.
    package func finish(_ stage: StudyStage, begun: Begun) throws(StudyError) {
        let done = Done(
            identity: begun.identity,
            command: stage.commandLine,
            started: begun.started,
            finished: Date().formatted(.iso8601),
            calls: begun.calls,
            seconds: begun.seconds,
            software: .current
        )
        try Self.write(encoding: done, to: file(Self.doneName))
        for name in stage.temporaries { try? FileManager.default.removeItem(atPath: file(name)) }
    }

    /// Removes everything, so that the stage is new.
    package func clear() throws(StudyError) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do { try FileManager.default.removeItem(atPath: path) } catch {
            throw .file(path: path, reason: "it cannot be removed: \(error)")
        }
    }

    private static let begunName = "begun.json"
    private static let doneName = "done.json"

    /// The value of a file; nil if there is none.
    static func read<Value: Decodable>(_ path: String) throws(StudyError) -> Value? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        do { return try JSONDecoder().decode(Value.self, from: data) } catch {
            throw .file(path: path, reason: "it is damaged: \(error)")
        }
    }

    static func write(encoding value: some Encodable, to path: String) throws(StudyError) {
        let text: String
        do { text = try JSONText.encoded(value) } catch {
            throw .file(path: path, reason: "it cannot be written as JSON: \(error)")
        }
        try write(text + "\n", to: path)
    }

    package static func write(_ text: String, to path: String) throws(StudyError) {
        do { try AtomicFile.write(Array(text.utf8), to: path) } catch {
            throw .file(path: path, reason: "it cannot be written: \(error)")
        }
    }
}
