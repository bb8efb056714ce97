// Properties that hold for every list: bounds, order, and that better lists score higher.

import IQModel
import IQPolicy
import IQTensor
import Testing
import _IQTestSupport

import IQInterest

/// A person with a good list, and worse ones, each labelled with what is worse about it. Written by hand.
struct LabelledPerson: Sendable {
    let titles: [String]
    let good: [String]
    /// Says nothing in particular.
    let generic: [String]
    /// Says one thing again and again.
    let repetitive: [String]
    /// Is about somebody else's interests.
    let foreign: [String]
    /// Leaves out some of the interests.
    let partial: [String]
}

@Suite("Properties of the rewards, with real vectors", .enabled(if: ModelFiles.has(ModelFiles.miniLM)))
struct RewardPropertyTests {
    private struct Rewards {
        let all: CompositeReward<InterestSample, InterestOutput>

        init() async throws {
            let embedder = try await TextEmbedder(modelAt: ModelFiles.url(ModelFiles.miniLM))
            let titles = LabelledPerson.all.flatMap(\.titles)
            all = try await InterestRewards.standard(
                articles: try titles.enumerated().map { try NewsArticle(id: "N\($0)", title: $1) },
                embedder: embedder
            )
        }

        func scores(_ queries: [String], _ person: InterestSample, isValid: Bool = true) async throws -> [String:
            Double]
        {
            let report = try await all.report(of: [completion(queries, isValid: isValid)], for: person)
            return Dictionary(uniqueKeysWithValues: zip(all.names, report.scores.map { $0[0]?.value ?? -1 }))
        }
    }

    @Test("of 50 labelled pairs, the better list scores higher in what the other one lacks")
    func betterListsScoreHigher() async throws {
        let rewards = try await Rewards()
        var pairs = 0
        for person in LabelledPerson.all {
            let sample = try sample(titles: person.titles, clicks: ["N0"])
            let good = try await rewards.scores(person.good, sample)
            func expectWorse(_ queries: [String], in name: String, isValid: Bool = true) async throws {
                let worse = try await rewards.scores(queries, sample, isValid: isValid)
                #expect(good[name] ?? 0 > worse[name] ?? 1, "\(name): \(person.good) against \(queries)")
                pairs += 1
            }
            try await expectWorse(person.generic, in: "specificity")
            try await expectWorse(person.repetitive, in: "diversity")
            try await expectWorse(person.foreign, in: "coverage")
            try await expectWorse(person.partial, in: "coverage")
            try await expectWorse(person.good, in: "structure", isValid: false)
        }
        #expect(pairs == 50)
    }

    @Test func everyRewardIsBoundedAndBlindToTheOrderOfQueries() async throws {
        let rewards = try await Rewards()
        for person in LabelledPerson.all {
            let sample = try sample(titles: person.titles, clicks: ["N1", "N7"])
            for queries in [person.good, person.generic, person.repetitive, person.foreign, person.partial, []] {
                let scores = try await rewards.scores(queries, sample)
                let turned = try await rewards.scores(Array(queries.reversed()), sample)
                for name in rewards.all.names {
                    let (value, other) = (scores[name] ?? .nan, turned[name] ?? .nan)
                    #expect((0...1).contains(value), "\(name) of \(queries): \(value)")
                    #expect(abs(value - other) < 1e-6, "\(name) of \(queries): \(value) and \(other)")
                }
            }
        }
    }

    @Test func anotherQueryNeverLowersCoverage() async throws {
        let rewards = try await Rewards()
        for person in LabelledPerson.all {
            let sample = try sample(titles: person.titles)
            var last = 0.0
            for count in 0...person.good.count {
                let coverage = try await rewards.scores(Array(person.good.prefix(count)), sample)["coverage"] ?? -1
                #expect(coverage >= last - 1e-9)
                last = coverage
            }
        }
    }
}
