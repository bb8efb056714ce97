import Foundation
import IQInterest
import IQModel
import Testing
import _IQTestSupport

/// The titles of the real data that `INTEREST_QUERY_DATA` names.
private enum RealNews {
    static var path: String? {
        let folder = ProcessInfo.processInfo.environment["INTEREST_QUERY_DATA"] ?? ""
        let path = folder + "/mind/news.tsv"
        return !folder.isEmpty && FileManager.default.fileExists(atPath: path) ? path : nil
    }
}

@Suite("Synthetic noise")
struct CleaningNoiseTests {
    @Test(
        "is the same for the same seed, another for another, and grows at its end",
        arguments: CleaningNoise.Kind.allCases
    )
    func seed(kind: CleaningNoise.Kind) {
        let lines = CleaningNoise(seed: 7).lines(20, of: kind, for: .training)
        #expect(lines == CleaningNoise(seed: 7).lines(20, of: kind, for: .training))
        #expect(Array(lines.prefix(5)) == CleaningNoise(seed: 7).lines(5, of: kind, for: .training))
        #expect(lines != CleaningNoise(seed: 8).lines(20, of: kind, for: .training))
        #expect(lines.allSatisfy { $0.kind == kind && !$0.text.isEmpty && !$0.text.contains("⟨") })
    }

    @Test("shares hardly a line between training and test", arguments: CleaningNoise.Kind.allCases)
    func sides(kind: CleaningNoise.Kind) {
        let training = Set(CleaningNoise().lines(400, of: kind, for: .training).map(\.text))
        let test = CleaningNoise().lines(200, of: kind, for: .test)
        #expect(test.count { training.contains($0.text) } == 0)
    }

    @Test("holds personal data that the rule finds in most lines")
    func personalData() {
        let lines = CleaningNoise().lines(300, of: .personalData, for: .test)
        #expect(lines.count { PersonalDataRule().finding(in: $0.text) != nil } > 150)
    }
}

@Suite("A head over sentence vectors", .enabled(if: ModelFiles.has(ModelFiles.miniLM), "all-MiniLM-L6-v2 is not there"))
struct NoiseHeadTests {
    private func lines() throws -> [LabelledLine] {
        let path = packageFolder.appending(path: "Examples/Data/web-queries.txt").path
        let clean = try TextLineFile(path: path, form: .lines).readAll()
        return LabelledLine.mixing(
            clean.map { LabelledLine(text: $0, isNoise: false, source: "queries") },
            withNoiseOfEach: 12
        )
    }

    private func trainer(_ embedder: TextEmbedder) throws -> NoiseHeadTrainer {
        NoiseHeadTrainer(
            embedder: embedder,
            options: try NoiseHeadOptions(penalties: [0.01], folds: 2, measuresUnseenKinds: false)
        )
    }

    @Test("learns the same twice, is read as it was written, and cleans")
    func training() async throws {
        let embedder = try await TextEmbedder(modelAt: ModelFiles.url(ModelFiles.miniLM))
        let (head, report) = try await trainer(embedder).train(on: lines())
        let (again, second) = try await trainer(embedder).train(on: lines())
        #expect(report == second)
        #expect(report.head.areaUnderCurve.estimate > 0.85)
        let folder = FileManager.default.temporaryDirectory.appending(path: "iq-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try head.save(to: folder)
        let read = try await NoiseHead(at: folder, embedder: embedder)
        let texts = ["sdkjfh skdjf hksjdf", "heat pump running costs", ""]
        let probabilities = try await head.noiseProbabilities(of: texts)
        #expect(try await read.noiseProbabilities(of: texts) == probabilities)
        #expect(try await again.noiseProbabilities(of: texts) == probabilities)
        #expect(read.threshold == head.threshold)
        #expect(probabilities[0] > probabilities[1])

        // What another encoder would have left behind, and damage.
        let file = folder.appending(path: "cleaner.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        var object = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let probe = try #require(object["probe"] as? [Double])
        object["probe"] = Array(probe.reversed())
        try JSONSerialization.data(withJSONObject: object).write(to: file)
        await #expect(throws: CleaningError.self) { try await NoiseHead(at: folder, embedder: embedder) }
        do {
            _ = try await NoiseHead(at: folder, embedder: embedder)
        } catch CleaningError.encoderMismatch(_, let similarity) {
            #expect(similarity < 0.9)
        }
        try Data(text.utf8.prefix(text.utf8.count / 2)).write(to: file)
        await #expect(
            throws: CleaningError.notAHead(path: folder.path, reason: "cleaner.json is damaged or lacks a member")
        ) { try await NoiseHead(at: folder, embedder: embedder) }
    }

    @Test("is not trained on too little")
    func tooLittle() async throws {
        let embedder = try await TextEmbedder(modelAt: ModelFiles.url(ModelFiles.miniLM))
        await #expect(throws: CleaningError.notEnoughLines(label: "clean", found: 1, needed: 100)) {
            try await trainer(embedder).train(on: [LabelledLine(text: "a line", isNoise: false)])
        }
    }

    /// Done-when of the cleaner; the whole measurement is `Scripts/check-cleaner`.
    @Test(
        "tells held-out noise from real titles, and keeps 97 of 100 of these",
        .enabled(if: RealNews.path != nil, "INTEREST_QUERY_DATA is not set")
    )
    func realTitles() async throws {
        let news = try MINDNewsFile(path: try #require(RealNews.path)).readAll()
        var clean = stride(from: 0, to: news.count, by: 8).map {
            LabelledLine(text: news[$0].title, isNoise: false, source: "titles")
        }
        clean += try lines().filter { !$0.isNoise }.map {
            LabelledLine(text: $0.text, isNoise: false, source: "queries")
        }
        let embedder = try await TextEmbedder(modelAt: ModelFiles.url(ModelFiles.miniLM))
        let options = try NoiseHeadOptions(penalties: [0.01], folds: 2, measuresUnseenKinds: false)
        let (_, report) = try await NoiseHeadTrainer(embedder: embedder, options: options)
            .train(on: LabelledLine.mixing(clean, withNoiseOfEach: 80))
        #expect(report.head.areaUnderCurve.lower >= 0.95)
        #expect(report.withRules.areaUnderCurve.lower >= 0.95)
        #expect(report.head.cleanDropRate.estimate < 0.03)
        #expect(report.withRules.cleanDropRate.estimate < 0.03)
    }
}
