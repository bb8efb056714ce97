// What the best of k samples is worth on average: against every way of taking k.

import IQInterest
import IQTensor
import Testing

@Suite("The expected best of k samples")
struct ExpectedBestTests {
    /// All ways of taking `count` of the indices below `total`.
    private func subsets(_ count: Int, of total: Int) -> [[Int]] {
        (0..<1 << total).filter { $0.nonzeroBitCount == count }
            .map { bits in (0..<total).filter { bits >> $0 & 1 == 1 } }
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    /// The documented example: of the pairs {1, 2}, {1, 6}, {2, 6} the best are 2, 6, 6.
    @Test("of 1, 2 and 6 is 3, 14/3 and 6, in any order of the samples")
    func example() throws {
        for scores in [[1.0, 2, 6], [6, 1, 2], [2, 6, 1]] {
            let curve = try ExpectedBest.curve(of: scores)
            #expect(curve.count == 3)
            #expect(curve[0] == 3 && curve[2] == 6)
            #expect(abs(curve[1] - 14 / 3) < 1e-15)
        }
    }

    @Test("is the mean over all subsets of the best one's value, ties chosen equally often", arguments: 0..<20)
    func bruteForce(seed: UInt64) throws {
        var random = RandomStream(seed: seed, stream: 5)
        let count = 1 + Int(random.nextWord() % 9)
        // Few different scores, so that there are ties.
        let scores = (0..<count).map { _ in Double(random.nextWord() % 5) / 4 }
        let values = (0..<count).map { _ in Double(random.nextWord() % 1000) / 7 - 60 }
        let curve = try ExpectedBest.curve(of: scores)
        let measured = try ExpectedBest.curve(of: scores, measuring: values)
        for k in 1...count {
            let taken = subsets(k, of: count)
            let best = mean(taken.map { subset in subset.map { scores[$0] }.max() ?? .nan })
            let worth = mean(
                taken.map { subset in
                    let top = subset.map { scores[$0] }.max()
                    return mean(subset.filter { scores[$0] == top }.map { values[$0] })
                }
            )
            #expect(abs(curve[k - 1] - best) < 1e-12)
            #expect(abs(measured[k - 1] - worth) < 1e-10)
        }
    }

    /// Every sample of six of nine is equally likely, so the mean over them is the expectation, and the population's own number is what
    /// is estimated. The plug-in estimate, the mean of the largest of k drawn with replacement, would miss it.
    @Test("is unbiased: its mean over all samples of a population is the population's number")
    func unbiased() throws {
        let population = [0.1, 0.2, 0.2, 0.5, 0.9, 1.3, 2.0, 3.5, 8.0]
        let truth = try ExpectedBest.curve(of: population)
        let samples = try subsets(6, of: 9).map { sample in try ExpectedBest.curve(of: sample.map { population[$0] }) }
        for k in 0..<6 { #expect(abs(mean(samples.map { $0[k] }) - truth[k]) < 1e-12) }
    }

    @Test("rises, by less each time, from the mean to the largest score, for 32 samples too")
    func shape() throws {
        var random = RandomStream(seed: 1, stream: 0)
        let scores = (0..<32).map { _ in Double(random.nextWord() % 100_000) / 1000 }
        let curve = try ExpectedBest.curve(of: scores)
        #expect(abs(curve[0] - mean(scores)) < 1e-10)
        #expect(curve[31] == scores.max())
        let gains = zip(curve.dropFirst(), curve).map { $0 - $1 }
        #expect(gains.allSatisfy { $0 > 0 })
        #expect(zip(gains.dropFirst(), gains).allSatisfy { $0 <= $1 + 1e-12 })
    }

    @Test("does not move when all scores are equal, to the last bit")
    func equal() throws {
        #expect(try ExpectedBest.curve(of: [0.1, 0.1, 0.1], measuring: [4, 4, 4]).allSatisfy { abs($0 - 4) < 1e-15 })
        #expect(try ExpectedBest.curve(of: [7.25]) == [7.25])
    }

    @Test("refuses scores that are none")
    func refusals() {
        #expect(throws: SelectionError.noScores) { try ExpectedBest.curve(of: []) }
        #expect(throws: SelectionError.notFinite(person: 0, sample: 1)) { try ExpectedBest.curve(of: [1, .nan, 2]) }
        #expect(throws: SelectionError.notFinite(person: 0, sample: 2)) {
            try ExpectedBest.curve(of: [1, 2, 3], measuring: [1, 2, .infinity])
        }
        #expect(throws: SelectionError.unequalCounts(person: 0, found: 1, expected: 2)) {
            try ExpectedBest.curve(of: [1, 2], measuring: [1])
        }
    }
}

@Suite("The curve of the best of N over people")
struct ExpectedBestCurveTests {
    /// Two people: (1, 3) has curve 2, 3 and (0, 8) has 4, 8. Means 3 and 5.5; deviations of ±1 and ±2.5 give standard errors
    /// sqrt(2 / 1 / 2) = 1 and sqrt(12.5 / 1 / 2) = 2.5.
    @Test("has means and standard errors over people")
    func twoPeople() throws {
        let curve = try ExpectedBestCurve(scores: [[1, 3], [8, 0]])
        #expect(curve.means == [3, 5.5])
        #expect(curve.standardErrors == [1, 2.5])
        #expect(curve.gains == [3, 2.5])
        #expect(curve.people == 2)
    }

    @Test("may measure something else than what chooses")
    func measuring() throws {
        // By score the second sample is the best; it is worth 10.
        let curve = try ExpectedBestCurve(scores: [[0, 1]], measuring: [[20, 10]])
        #expect(curve.means == [15, 10])
        #expect(curve.standardErrors == nil)
    }

    @Test("takes people one by one, and leaves out nobody silently")
    func streaming() throws {
        let scores: [[Double]] = [[1, 2, 4], [9, 1, 1], [0.5, 0.25, 3], [2, 2, 2]]
        var curve = ExpectedBestCurve(samples: 3)
        #expect(curve.people == 0 && curve.standardErrors == nil)
        for person in scores { try curve.add(person) }
        #expect(try curve == ExpectedBestCurve(scores: scores))
        let before = curve
        #expect(throws: SelectionError.unequalCounts(person: 4, found: 2, expected: 3)) { try curve.add([1, 2]) }
        #expect(throws: SelectionError.notFinite(person: 4, sample: 0)) { try curve.add([.nan, 1, 2]) }
        #expect(curve == before)
        #expect(throws: SelectionError.noScores) { try ExpectedBestCurve(scores: []) }
        #expect(throws: SelectionError.unequalCounts(person: 1, found: 0, expected: 1)) {
            try ExpectedBestCurve(scores: [[1], [2]], measuring: [[1]])
        }
    }
}
