// The softmax over the vocabulary, its gradients and divergences at every level, against their definitions in Double.

import IQTensor
import Testing
import _IQTestSupport

private let rowCount = 4

/// log softmax(x · inverseTemperature) in Double, row by row.
private func logProbabilities(_ x: [Float], inverseTemperature: Float) -> [[Double]] {
    let columns = x.count / rowCount
    return (0..<rowCount).map { row in
        let z = x[(row * columns)..<((row + 1) * columns)].map { Double($0) * Double(inverseTemperature) }
        let highest = z.max() ?? 0
        let logSum = naturalLogarithm(z.reduce(0) { $0 + exponential($1 - highest) }) + highest
        return z.map { $0 - logSum }
    }
}

private func entropy(_ logs: [Double]) -> Double {
    logs.reduce(0) { $1 == -.infinity ? $0 : $0 - exponential($1) * $1 }
}

/// Logits of three kinds: small ones, ones as large as they get, and some of -infinity (never the first of a row).
private func sampleLogits(_ kind: Int, columns: Int, numbers: inout TestNumbers) -> [Float] {
    numbers.values(rowCount * columns, scale: kind == 1 ? 60 : 4).enumerated().map { index, value in
        kind == 2 && index % columns > 0 && index % 3 == 1 ? -.infinity : value
    }
}

private func largestError(_ found: [Float], _ expected: [Double]) -> Double {
    zip(found, expected).reduce(0) { $1.0.isFinite ? max($0, abs(Double($1.0) - $1.1)) : .infinity }
}

@Suite("Softmax over the vocabulary, its gradients and divergences")
struct SoftmaxGradientTests {
    @Test("log-sum-exp, entropy, and the gradient of log-probabilities and entropies", arguments: Machine.all)
    func statisticsAndGradient(machine: Machine) throws {
        let context = try machine.context()
        for columns in awkwardLengths + [1000] {
            for kind in 0..<3 {
                var numbers = TestNumbers(seed: UInt64(columns + kind))
                let logits = sampleLogits(kind, columns: columns, numbers: &numbers)
                let factor: Float = 0.75
                let logs = logProbabilities(logits, inverseTemperature: factor)
                let matrix = try GuardedMatrix(rows: rowCount, columns: columns, values: logits)
                var (sums, entropies): ([Float], [Float]) = ([], [])
                try context.softmaxStatistics(
                    matrix.matrix,
                    inverseTemperature: factor,
                    logSumExp: &sums,
                    entropy: &entropies,
                    wantsEntropy: true
                )
                let expectedSums = logs.indices.map { Double(logits[$0 * columns]) * Double(factor) - logs[$0][0] }
                #expect(worstDifference(sums, expectedSums, floor: 1) < 1e-6)
                #expect(worstDifference(entropies, logs.map(entropy), floor: 1) < 2e-6)
                #expect(matrix.matrix.values == logits)

                let targets: [Int32] = (0..<rowCount).map { Int32($0 * 5 % columns) }
                let (dlogp, dentropy): ([Float], [Float]) = ([1, -2, 0, 0.5], [0.25, 0, -1, 3])
                for withEntropy in [false, true] {
                    let expected = logs.indices.flatMap { row in
                        logs[row].indices.map { column -> Double in
                            let (log, p) = (logs[row][column], exponential(logs[row][column]))
                            let hit = Int(targets[row]) == column ? 1.0 : 0
                            var d = Double(dlogp[row]) * (hit - p)
                            if withEntropy && p > 0 { d -= Double(dentropy[row]) * p * (log + entropy(logs[row])) }
                            return d * Double(factor)
                        }
                    }
                    let gradient = try GuardedMatrix(rows: rowCount, columns: columns, values: logits)
                    try context.softmaxBackward(
                        gradient.matrix,
                        inverseTemperature: factor,
                        logSumExp: sums,
                        targets: targets,
                        dlogp: dlogp,
                        entropy: withEntropy ? (entropies, dentropy) : nil
                    )
                    #expect(largestError(gradient.matrix.values, expected) < 2e-5, "\(columns) columns, kind \(kind)")
                    #expect(gradient.isIntact)
                }
            }
        }
    }

    @Test("divergences and their gradients are what the definitions say", arguments: Machine.all)
    func divergences(machine: Machine) throws {
        let context = try machine.context()
        let kinds: [DivergenceKind] = [
            .reverseKL, .forwardKL, .jensenShannon(beta: 0.5), .jensenShannon(beta: 0.1),
            .skewedReverseKL(alpha: 0.1), .skewedReverseKL(alpha: 0.5), .skewedForwardKL(alpha: 0.1),
            .skewedForwardKL(alpha: 0.5),
        ]
        for columns in awkwardLengths + [1000] {
            for (sample, kind) in [0, 1, 2].flatMap({ sample in kinds.map { (sample, $0) } }) {
                var numbers = TestNumbers(seed: UInt64(columns + sample))
                let logits = sampleLogits(sample, columns: columns, numbers: &numbers)
                // Where the student cannot draw, neither can the teacher: all divergences are finite.
                let teacher = zip(logits, sampleLogits(0, columns: columns, numbers: &numbers)).map {
                    sample == 0 ? $0 + 0.01 * $1 : $0 == -.infinity ? $0 : $1
                }
                let factor: Float = 0.75
                let (p, q) = (
                    logProbabilities(logits, inverseTemperature: factor),
                    logProbabilities(teacher, inverseTemperature: factor)
                )
                let dvalue: [Float] = [1, -2, 0.5, 0]
                let (matrix, teachers) = (
                    try GuardedMatrix(rows: rowCount, columns: columns, values: logits),
                    try GuardedMatrix(rows: rowCount, columns: columns, values: teacher)
                )
                var (sums, teacherSums, unused): ([Float], [Float], [Float]) = ([], [], [])
                try context.softmaxStatistics(
                    matrix.matrix,
                    inverseTemperature: factor,
                    logSumExp: &sums,
                    entropy: &unused,
                    wantsEntropy: false
                )
                try context.softmaxStatistics(
                    teachers.matrix,
                    inverseTemperature: factor,
                    logSumExp: &teacherSums,
                    entropy: &unused,
                    wantsEntropy: false
                )
                let values = try context.divergence(
                    kind,
                    logits: matrix.matrix,
                    logSumExp: sums,
                    teacherLogits: teachers.matrix,
                    teacherLogSumExp: teacherSums,
                    inverseTemperature: factor,
                    dvalue: dvalue
                )
                let expected = (0..<rowCount).map { expectedDivergence(kind, p[$0], q[$0]) }
                #expect(worstDifference(values, expected.map(\.value), floor: 1) < 1e-5)
                let gradients = (0..<rowCount).flatMap { row in
                    expected[row].gradient.map { $0 * Double(dvalue[row]) * Double(factor) }
                }
                #expect(largestError(matrix.matrix.values, gradients) < 5e-5, "\(kind), \(columns), sample \(sample)")
                #expect(matrix.isIntact && teachers.matrix.values == teacher)
            }
        }
    }

    @Test("a distribution does not diverge from itself", arguments: Machine.all)
    func itself(machine: Machine) throws {
        let context = try machine.context()
        var numbers = TestNumbers(seed: 8)
        let logits = numbers.values(rowCount * 100, scale: 20)
        let teacher = try FloatMatrix(rows: rowCount, columns: 100, values: logits)
        var (sums, unused): ([Float], [Float]) = ([], [])
        try context.softmaxStatistics(
            teacher,
            inverseTemperature: 1,
            logSumExp: &sums,
            entropy: &unused,
            wantsEntropy: false
        )
        let kinds: [DivergenceKind] = [
            .reverseKL, .forwardKL, .jensenShannon(beta: 0.5), .skewedReverseKL(alpha: 0.1),
            .skewedForwardKL(alpha: 0.1),
        ]
        for kind in kinds {
            let student = try FloatMatrix(rows: rowCount, columns: 100, values: logits)
            let values = try context.divergence(
                kind,
                logits: student,
                logSumExp: sums,
                teacherLogits: teacher,
                teacherLogSumExp: sums,
                inverseTemperature: 1,
                dvalue: [1, 1, 1, 1]
            )
            #expect(values.allSatisfy { abs($0) < 1e-7 }, "\(kind): \(values)")
            #expect(student.values.allSatisfy { abs($0) < 1e-6 })
        }
    }

    @Test("a number that is none reaches the results of its row, and of no other", arguments: Machine.all)
    func notANumber(machine: Machine) throws {
        let context = try machine.context()
        for place in [0, 37, 99] {
            var values = [Float](repeating: 1, count: rowCount * 100)
            values[100 + place] = .nan
            let logits = try FloatMatrix(rows: rowCount, columns: 100, values: values)
            var (sums, entropies): ([Float], [Float]) = ([], [])
            try context.softmaxStatistics(
                logits,
                inverseTemperature: 1,
                logSumExp: &sums,
                entropy: &entropies,
                wantsEntropy: true
            )
            #expect(sums.map(\.isNaN) == [false, true, false, false] && entropies.map(\.isNaN) == sums.map(\.isNaN))
        }
    }

    /// The divergence of p from q and its gradient in p's tempered logits, from log p and log q.
    private func expectedDivergence(
        _ kind: DivergenceKind,
        _ p: [Double],
        _ q: [Double]
    ) -> (value: Double, gradient: [Double]) {
        let possible = p.indices.filter { p[$0] > -.infinity }
        func sum(_ term: (Int) -> Double) -> Double { possible.reduce(0) { $0 + term($1) } }
        func gradient(_ term: (Int) -> Double) -> [Double] { p.indices.map { p[$0] > -.infinity ? term($0) : 0 } }
        /// Log of the share of q in the mixture, the rest p.
        func mixture(_ share: Float, _ j: Int) -> Double {
            let beta = Double(share)
            let high = max(p[j], q[j])
            let weighted = beta * exponential(q[j] - high) + (1 - beta) * exponential(p[j] - high)
            return naturalLogarithm(weighted) + high
        }
        switch kind {
        case .reverseKL:
            let mean = sum { exponential(p[$0]) * (p[$0] - q[$0]) }
            return (mean, gradient { exponential(p[$0]) * (p[$0] - q[$0] - mean) })
        case .forwardKL:
            let value = sum { exponential(q[$0]) * (q[$0] - p[$0]) }
            return (value, gradient { exponential(p[$0]) - exponential(q[$0]) })
        case .jensenShannon(let share):
            let beta = Double(share)
            let mean = sum { exponential(p[$0]) * (p[$0] - mixture(share, $0)) }
            let other = sum { exponential(q[$0]) * (q[$0] - mixture(share, $0)) }
            return (
                beta * other + (1 - beta) * mean,
                gradient { (1 - beta) * exponential(p[$0]) * (p[$0] - mixture(share, $0) - mean) }
            )
        case .skewedReverseKL(let alpha):
            let share = 1 - alpha
            func derivative(_ j: Int) -> Double {
                let distance = p[j] - mixture(share, j)
                return distance - (1 - Double(share)) * exponential(distance)
            }
            let mean = sum { exponential(p[$0]) * derivative($0) }
            return (
                sum { exponential(p[$0]) * (p[$0] - mixture(share, $0)) },
                gradient { exponential(p[$0]) * (derivative($0) - mean) }
            )
        case .skewedForwardKL(let share):
            func derivative(_ j: Int) -> Double { -(1 - Double(share)) * exponential(q[j] - mixture(share, j)) }
            let mean = sum { exponential(p[$0]) * derivative($0) }
            return (
                sum { exponential(q[$0]) * (q[$0] - mixture(share, $0)) },
                gradient { exponential(p[$0]) * (derivative($0) - mean) }
            )
        }
    }
}
