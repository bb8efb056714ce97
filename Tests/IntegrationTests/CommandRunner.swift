import Foundation
import _IQTestSupport

/// Runs the built `interest-query`, as a shell would.
enum CommandRunner {
    struct Outcome {
        let code: Int32
        let output: String
        let problems: String
    }

    /// The command beside the tests' own binary, or the one in `INTEREST_QUERY_COMMAND`.
    static let path: String? = {
        if let path = ProcessInfo.processInfo.environment["INTEREST_QUERY_COMMAND"] { return path }
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        // On macOS the binary is some folders down in a bundle.
        for _ in 0..<4 {
            let candidate = folder.appendingPathComponent("interest-query").path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
            folder.deleteLastPathComponent()
        }
        return nil
    }()

    static let model: String? = {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        let folder = environment["INTEREST_QUERY_MODELS"] ?? cache + "/interest-query-kit/models"
        let path = folder + "/SmolLM2-135M-Instruct.Q4_1.gguf"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    /// A folder with the tiny recorded model as a chat model; nil where the script that makes it cannot run.
    static let tinyModel: String? = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("iq-tiny-\(UUID().uuidString)").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["bash", packageFolder.appendingPathComponent("Scripts/make-tiny-model").path, folder]
        guard (try? process.run()) != nil else { return nil }
        process.waitUntilExit()
        return process.terminationStatus == 0 ? folder : nil
    }()

    static func run(_ arguments: [String], input: String = "", environment: [String: String] = [:]) throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("iq-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Files and not pipes: nothing has to be drained while the command runs.
        let (inputFile, outputFile, problemFile) = (
            folder.appendingPathComponent("in"), folder.appendingPathComponent("out"),
            folder.appendingPathComponent("err")
        )
        try Data(input.utf8).write(to: inputFile)
        for file in [outputFile, problemFile] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path ?? "")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        process.standardError = try FileHandle(forWritingTo: problemFile)
        try process.run()
        process.waitUntilExit()
        return Outcome(
            code: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
            output: String(decoding: try Data(contentsOf: outputFile), as: UTF8.self),
            problems: String(decoding: try Data(contentsOf: problemFile), as: UTF8.self)
        )
    }
}
