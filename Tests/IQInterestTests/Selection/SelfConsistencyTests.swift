// One list out of several by agreement.

import IQInterest
import Testing

@Suite("Lists merged by agreement")
struct SelfConsistencyTests {
    private func lists(_ lists: [[String]]) -> [QueryList] { lists.map { QueryList($0) } }

    /// Four lists: "lunar eclipse" in three of them, "oil price" in two, "tidal power" in two but lower in its lists.
    private let four = [
        ["oil price", "lunar eclipse", "garden bulbs"], ["Lunar eclipse", "tidal power"],
        ["lunar eclipse!", "oil  price"],
        ["chess final", "tidal power"],
    ]

    @Test("have the queries that most lists have, by support, then by place, whatever their case and punctuation")
    func agreement() async throws {
        let merged = try await SelfConsistency().merge(lists(four), count: 1...5)
        #expect(merged.queries == ["Lunar eclipse", "oil price", "tidal power"])
        #expect(merged.support == [3, 2, 2])
    }

    @Test(
        "have as many queries as asked for: none beyond, and the best supported of the others where too few are agreed on"
    )
    func counts() async throws {
        let most = try await SelfConsistency().merge(lists(four), count: 1...2)
        #expect(most.queries == ["Lunar eclipse", "oil price"])
        let filled = try await SelfConsistency().merge(lists(four), count: 4...5)
        // "chess final" stands at the top of its list, "garden bulbs" at the end of another.
        #expect(filled.queries == ["Lunar eclipse", "oil price", "tidal power", "chess final"])
        #expect(filled.support == [3, 2, 2, 1])
        let all = try await SelfConsistency(support: 1).merge(lists(four), count: 1...5)
        #expect(all.queries == ["Lunar eclipse"], "the one that fills the list up")
        let any = try await SelfConsistency(support: 0).merge(lists(four), count: 1...9)
        #expect(any.queries.count == 5 && Set(any.queries).count == 5)
    }

    @Test("count a list once, however often it says the same")
    func oncePerList() async throws {
        let vectors = FixedVectors(table: [
            "oil price": [1, 0, 0], "price of oil": [0.8, 0.6, 0], "cost of oil": [0.9, 0.436, 0], "chess": [0, 0, 1],
        ])
        let consistency = try SelfConsistency(vectorizer: vectors, sameness: 0.75)
        let merged = try await consistency.merge(
            lists([["oil price", "price of oil", "cost of oil"], ["chess"], ["chess"]]),
            count: 1...5
        )
        #expect(merged.queries == ["chess"])
        #expect(merged.support == [2])
    }

    /// "cost of oil" is near to both others (0.9 and 0.8 · 0.9 + 0.6 · 0.436 = 0.98), which have 0.8 in common: with their own 1
    /// the sums are 2.88 against 2.78 and 2.70.
    @Test("take the wording in the middle of those that say the same")
    func medoid() async throws {
        let vectors = FixedVectors(table: [
            "oil price": [1, 0, 0], "price of oil": [0.8, 0.6, 0], "cost of oil": [0.9, 0.436, 0],
        ])
        let merged = try await SelfConsistency(vectorizer: vectors)
            .merge(lists([["oil price"], ["price of oil"], ["cost of oil"]]), count: 1...5)
        #expect(merged.queries == ["cost of oil"])
        #expect(merged.support == [3])
        let strict = try await SelfConsistency(vectorizer: vectors, sameness: 0.95)
            .merge(lists([["oil price"], ["price of oil"], ["cost of oil"]]), count: 1...5)
        #expect(strict.support == [2], "0.8 and 0.9 say something else then")
    }

    @Test("of nothing are nothing")
    func empty() async throws {
        #expect(try await SelfConsistency().merge([], count: 1...5).queries.isEmpty)
        #expect(try await SelfConsistency().merge(lists([[], []]), count: 3...5).support.isEmpty)
    }

    @Test("refuse shares and cosines that are none")
    func refusals() {
        #expect(throws: SelectionError.invalidOption(name: "support", value: "1.5", permitted: "0 to 1")) {
            try SelfConsistency(support: 1.5)
        }
        #expect(throws: SelectionError.self) { try SelfConsistency(support: .nan) }
        #expect(throws: SelectionError.self) { try SelfConsistency(sameness: 0) }
    }
}
