// Divergences over some tokens: exact gradients, a bucket that catches what leaves the tokens, sampled estimates.

import IQTensor
import Testing

import IQDistillation

@Suite struct BucketDivergenceTests {
    static let divergences: [Divergence] = [
        .reverseKL, .forwardKL, .jensenShannon(beta: 0.3), .skewedReverseKL(alpha: 0.1), .skewedForwardKL(alpha: 0.1),
    ]

    /// Log-probabilities of `count` tokens whose logits are drawn at random.
    private func distribution(_ count: Int, seed: UInt64) -> [Double] {
        var random = RandomStream(seed: seed)
        return softmax((0..<count).map { _ in 2 * random.normal() })
    }

    private func softmax(_ logits: [Double]) -> [Double] {
        let sum = naturalLogarithm(logits.reduce(0) { $0 + exponential($1) })
        return logits.map { $0 - sum }
    }

    @Test("the gradient in the logits is the slope, the bucket's part included", arguments: divergences)
    func gradients(divergence: Divergence) {
        let count = 12
        let kept = [1, 4, 5, 9]
        let logits = distribution(count, seed: 1)
        let teacher = kept.map { distribution(count, seed: 2)[$0] }
        func value(_ logits: [Double]) -> BucketDivergence {
            let all = softmax(logits)
            return BucketDivergence(divergence, student: kept.map { all[$0] }, teacher: teacher)
        }
        let derivatives = value(logits).derivatives
        let total = derivatives.reduce(0, +)
        for place in 0..<count {
            let step = 1e-5
            var (up, down) = (logits, logits)
            up[place] += step
            down[place] -= step
            let slope = (value(up).value - value(down).value) / (2 * step)
            // ∂ log p(i) / ∂ z(j) = [i = j] − p(j)
            let own = kept.firstIndex(of: place).map { derivatives[$0] } ?? 0
            let gradient = own - total * exponential(softmax(logits)[place])
            #expect(abs(slope - gradient) < 1e-8, "\(divergence), token \(place)")
        }
    }

    @Test("over every token it is the divergence by brute force", arguments: divergences)
    func wholeVocabulary(divergence: Divergence) {
        let (p, q) = (distribution(40, seed: 3), distribution(40, seed: 4))
        func mixture(_ share: Double, _ j: Int) -> Double {
            naturalLogarithm(share * exponential(q[j]) + (1 - share) * exponential(p[j]))
        }
        let expected = p.indices.reduce(0.0) { sum, j in
            let (student, teacher) = (exponential(p[j]), exponential(q[j]))
            switch divergence {
            case .reverseKL: return sum + student * (p[j] - q[j])
            case .forwardKL: return sum + teacher * (q[j] - p[j])
            case .jensenShannon(let beta):
                return sum + beta * teacher * (q[j] - mixture(beta, j)) + (1 - beta) * student
                    * (p[j] - mixture(beta, j))
            case .skewedReverseKL(let alpha): return sum + student * (p[j] - mixture(1 - alpha, j))
            case .skewedForwardKL(let alpha): return sum + teacher * (q[j] - mixture(alpha, j))
            }
        }
        #expect(abs(BucketDivergence(divergence, student: p, teacher: q).value - expected) < 1e-9)
    }

    @Test("fewer tokens never see more divergence", arguments: divergences)
    func lowerBound(divergence: Divergence) {
        let (p, q) = (distribution(40, seed: 5), distribution(40, seed: 6))
        let order = q.indices.sorted { q[$0] > q[$1] }
        var last = 0.0
        for count in 1...40 {
            let kept = order.prefix(count)
            let value = BucketDivergence(divergence, student: kept.map { p[$0] }, teacher: kept.map { q[$0] }).value
            #expect(value >= last - 1e-9, "\(divergence), \(count) tokens: \(value) after \(last)")
            last = value
        }
    }

    /// A hazard of other trainers: without a bucket for the rest, a reverse KL over the teacher's best tokens falls when the
    /// student moves its weight to tokens that nobody looks at.
    @Test func massThatLeavesTheTeachersTokensIsPunished() {
        let teacher = [0.5, 0.3, 0.15].map(naturalLogarithm)
        let faithful = BucketDivergence(.reverseKL, student: teacher, teacher: teacher)
        let shed = BucketDivergence(.reverseKL, student: teacher.map { $0 - 1 }, teacher: teacher)
        #expect(abs(faithful.value) < 1e-12 && faithful.derivatives.allSatisfy { abs($0) < 1e-12 })
        #expect(shed.value > 0.5)
        // Going down the gradient takes weight back: every token that is looked at gains.
        #expect(shed.derivatives.allSatisfy { $0 < 0 })
    }

    @Test("what the teacher finds impossible costs much, but not infinitely much", arguments: divergences)
    func extremes(divergence: Divergence) {
        for (student, teacher) in [([0.0], [-100.0]), ([-100.0], [0.0]), ([-0.1, -100], [-100, -0.1])] {
            let found = BucketDivergence(divergence, student: student, teacher: teacher)
            #expect(found.value.isFinite && found.value >= 0)
            #expect(found.derivatives.allSatisfy { $0.isFinite }, "\(divergence): \(found.derivatives)")
        }
    }

    @Test func theMeanOverSamplesIsTheReverseKL() {
        let (p, q) = (distribution(30, seed: 7), distribution(30, seed: 8))
        let exact = BucketDivergence(.reverseKL, student: p, teacher: q).value
        var random = RandomStream(seed: 9)
        let count = 20_000
        var (sum, squares) = (0.0, 0.0)
        for _ in 0..<count {
            var rest = random.uniform()
            var token = 0
            while token < 29 && rest >= exponential(p[token]) {
                rest -= exponential(p[token])
                token += 1
            }
            let estimate = p[token] - q[token]
            sum += estimate
            squares += estimate * estimate
        }
        let mean = sum / Double(count)
        let error = ((squares / Double(count) - mean * mean) / Double(count)).squareRoot()
        #expect(abs(mean - exact) < 3 * error, "\(mean) ± \(error), exactly \(exact)")
        #expect(error < 0.05 * exact)
    }

    @Test func settingsThatMakeNoSenseAreRefused() {
        for objective in [
            { try DistillationObjective(.jensenShannon(beta: 0)) },
            { try DistillationObjective(.skewedReverseKL(alpha: 1)) },
            { try DistillationObjective(.forwardKL, over: .sampledToken) },
            { try DistillationObjective(over: .mostLikely(0)) },
            { try DistillationObjective(temperature: .nan) },
        ] as [() throws -> DistillationObjective] {
            #expect(throws: DistillationError.self) { try objective() }
        }
    }
}
