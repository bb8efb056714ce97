// What a run was: everything that its result depends on, written as `run.json` beside the result.

package import IQTensor
internal import IQText

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

enum RunManifestFile {
    static let name = "run.json"
}

/// The full description of a run. With the same one, the same machine and the same files, the result has the same bits.
package struct RunManifest<Configuration: Codable & Sendable>: Codable, Sendable {
    package struct Compute: Codable, Sendable, Hashable {
        package var level: InstructionLevel
        package var threads: Int
        /// Processes that trained together.
        package var processes: Int

        package init(level: InstructionLevel, threads: Int, processes: Int = 1) {
            self.level = level
            self.threads = threads
            self.processes = processes
        }
    }

    /// What kind of training: `supervised`.
    package var kind: String
    /// UTC, ISO 8601.
    package var started: String
    /// As the command was called; empty for an app.
    package var arguments: [String]
    package var seed: UInt64
    package var configuration: Configuration
    package var compute: Compute
    package var software: SoftwareDescription
    package var machine: MachineDescription
    /// The files of the model that training began with.
    package var model: [FileFingerprint]
    package var data: [FileFingerprint]

    /// - Parameters:
    ///   - model: a file or a folder.
    ///   - data: files.
    /// - Throws: ``RunLogError`` if a file cannot be read.
    package init(
        kind: String,
        arguments: [String] = [],
        seed: UInt64,
        configuration: Configuration,
        compute: Compute,
        model: String,
        data: [String]
    ) throws(RunLogError) {
        self.kind = kind
        started = Date().formatted(.iso8601)
        self.arguments = arguments
        self.seed = seed
        self.configuration = configuration
        self.compute = compute
        software = .current
        machine = .current
        self.model = try FileFingerprint.all(at: model)
        var fingerprints: [FileFingerprint] = []
        for path in data { fingerprints += try FileFingerprint.all(at: path) }
        self.data = fingerprints
    }

    /// Writes `run.json` in a folder, whole or not at all.
    package func write(to folder: String) throws(RunLogError) {
        let path = joinedPath(folder, RunManifestFile.name)
        try writeAtomically(try encoded(path), to: path)
    }

    package static func read(from folder: String) throws(RunLogError) -> RunManifest {
        let path = joinedPath(folder, RunManifestFile.name)
        let bytes: [UInt8]
        do {
            bytes = try FileReader.contents(path)
        } catch {
            throw RunLogError(reading: error)
        }
        do {
            return try JSONDecoder().decode(RunManifest.self, from: Data(bytes))
        } catch {
            throw .malformed(path: path, reason: decodingReason(error))
        }
    }

    /// What is not as it was in an earlier run, for a run that resumes it: its result may have other bits then. Start and
    /// arguments are not compared.
    package func changes(since earlier: RunManifest) throws(RunLogError) -> [SettingChange] {
        func settings(_ manifest: RunManifest) throws(RunLogError) -> [(name: String, value: String)] {
            do {
                return flattenedSettings(try JSONDocument(try manifest.encoded(RunManifestFile.name)).root)
                    .filter { $0.name != "started" && $0.name != "arguments" }
            } catch let error as RunLogError {
                throw error
            } catch {
                throw .malformed(path: RunManifestFile.name, reason: "\(error)")
            }
        }
        let (before, now) = (try settings(earlier), try settings(self))
        let values = Dictionary(now.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        let known = Set(before.map(\.name))
        return before.compactMap { name, value in
            values[name] == value ? nil : SettingChange(name: name, before: value, now: values[name])
        } + now.filter { !known.contains($0.name) }.map { SettingChange(name: $0.name, before: nil, now: $0.value) }
    }

    private func encoded(_ path: String) throws(RunLogError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
        } catch {
            throw .malformed(path: path, reason: encodingReason(error))
        }
    }
}

/// A setting that is another than it was; nil where it is not set.
package struct SettingChange: Equatable, Sendable, CustomStringConvertible {
    package var name: String
    package var before: String?
    package var now: String?

    package init(name: String, before: String?, now: String?) {
        self.name = name
        self.before = before
        self.now = now
    }

    package var description: String { "\(name) was \(before ?? "not set") and is \(now ?? "not set")" }
}
