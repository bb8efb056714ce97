// The description of a run: complete, readable again, and able to say what has changed since.

import IQTensor
import IQTraining
import Testing

@Suite struct RunManifestTests {
    private struct Options: Codable, Sendable, Equatable {
        var learningRate: Float = 2e-4
        var rank: Int?
    }

    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        try folder.makeFolder("model/sub")
        try folder.write(Array("weights".utf8), "model/b.safetensors")
        try folder.write(Array("{}".utf8), "model/a.json")
        try folder.write(Array("hidden".utf8), "model/.cache")
        try folder.write(Array("123456789".utf8), "pairs.jsonl")
    }

    private func manifest(_ options: Options = Options(), threads: Int = 2) throws -> RunManifest<Options> {
        try RunManifest(
            kind: "supervised",
            arguments: ["interest-query", "train"],
            seed: .max,
            configuration: options,
            compute: .init(level: .portable, threads: threads),
            model: folder.file("model"),
            data: [folder.file("pairs.jsonl")]
        )
    }

    @Test func `it names the files with sizes and checksums, in order`() throws {
        let manifest = try manifest()
        #expect(manifest.data.map(\.crc32c) == ["e3069283"])
        #expect(manifest.data.map(\.byteCount) == [9])
        #expect(manifest.model.map(\.path) == [folder.file("model/a.json"), folder.file("model/b.safetensors")])
        #expect(throws: RunLogError.missing(path: folder.file("none"))) {
            try RunManifest(
                kind: "supervised",
                seed: 1,
                configuration: Options(),
                compute: .init(level: .portable, threads: 1),
                model: folder.file("model"),
                data: [folder.file("none")]
            )
        }
    }

    @Test func `machine and software are not left blank`() throws {
        let manifest = try manifest()
        #expect(!manifest.machine.processor.isEmpty)
        #expect(manifest.machine.processors >= 1)
        #expect(manifest.machine.memoryBytes > 1 << 26)
        #expect(manifest.machine.system.contains(" "))
        #expect(manifest.software.package == SoftwareDescription.packageVersion)
        #expect(manifest.software.swift.hasPrefix("6."))
        #expect(manifest.started.hasSuffix("Z"))
    }

    @Test func `it comes back as it was written`() throws {
        let manifest = try manifest(Options(rank: 8))
        try manifest.write(to: folder.path)
        let read = try RunManifest<Options>.read(from: folder.path)
        #expect(read.configuration == Options(rank: 8))
        #expect(read.seed == .max)
        #expect(try read.changes(since: manifest).isEmpty)
        #expect(try folder.names() == ["model", "pairs.jsonl", "run.json"])
    }

    @Test func `it says what has changed since`() throws {
        let before = try manifest()
        try folder.write(Array("other".utf8), "pairs.jsonl")
        let now = try manifest(Options(learningRate: 1e-3, rank: 8), threads: 4)
        let changes = try now.changes(since: before).map(\.description)
        #expect(
            changes == [
                "compute.threads was 2 and is 4", "configuration.learningRate was 0.0002 and is 0.001",
                "data.1.byteCount was 9 and is 5",
                "data.1.crc32c was e3069283 and is \(CRC32C(Array("other".utf8)).hexadecimal)",
                "configuration.rank was not set and is 8",
            ]
        )
    }

    @Test func `a file that is no description is refused with the reason`() throws {
        try folder.write(Array(#"{"kind": "supervised"}"#.utf8), "run.json")
        #expect(throws: RunLogError.malformed(path: folder.file("run.json"), reason: "it lacks started")) {
            try RunManifest<Options>.read(from: folder.path)
        }
        #expect(throws: RunLogError.missing(path: folder.file("model/run.json"))) {
            try RunManifest<Options>.read(from: folder.file("model"))
        }
    }
}
