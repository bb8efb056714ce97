// Logistic regression with a ridge penalty, fitted by L-BFGS.
//
// The loss is convex, so the result does not depend on where the search starts; the order of sums is fixed, so it is the same bit for
// bit. Sources: Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2nd ed., section 4.4; Nocedal and Wright,
// "Numerical Optimization", 2nd ed., algorithm 7.4 (the two loops) and 3.1 (backtracking).

internal import IQTensor

/// Rows of features, all of one width.
struct FeatureMatrix: Sendable {
    let width: Int
    private(set) var values: [Float] = []
    var rows: Int { width == 0 ? 0 : values.count / width }

    init(width: Int) { self.width = width }

    mutating func append(_ row: some Collection<Float>) {
        precondition(row.count == width, "a row of \(row.count) features, not \(width)")
        values.append(contentsOf: row)
    }

    func row(_ index: Int) -> ArraySlice<Float> { values[index * width..<(index + 1) * width] }

    func selecting(_ rows: [Int]) -> FeatureMatrix {
        var selected = FeatureMatrix(width: width)
        selected.values.reserveCapacity(rows.count * width)
        for index in rows { selected.values.append(contentsOf: row(index)) }
        return selected
    }
}

/// Weights and a bias; the logarithm of the odds is `bias + weights · features`.
struct LogisticModel: Sendable, Equatable {
    var weights: [Double]
    var bias: Double

    static func probability(logOdds: Double) -> Double {
        logOdds >= 0 ? 1 / (1 + exponential(-logOdds)) : exponential(logOdds) / (1 + exponential(logOdds))
    }
}

/// Minimises the mean logistic loss plus `penalty / 2 · |weights|²`; the bias is not penalised.
struct LogisticRegression {
    let penalty: Double
    var maximumSteps = 300
    /// Ends when no component of the gradient is larger.
    var tolerance = 1e-5

    private static let memory = 10

    /// - Parameters:
    ///   - labels: true for the class whose probability is modelled, one for each row.
    ///   - start: where to begin, for speed only.
    func fit(_ features: FeatureMatrix, labels: [Bool], start: LogisticModel? = nil) -> LogisticModel {
        precondition(features.rows == labels.count, "\(labels.count) labels for \(features.rows) rows")
        let width = features.width
        var point = start.map { $0.weights + [$0.bias] } ?? [Double](repeating: 0, count: width + 1)
        var (value, gradient) = objective(features, labels, point)
        var pairs: [(step: [Double], change: [Double], curvature: Double)] = []
        for _ in 0..<maximumSteps {
            if gradient.allSatisfy({ abs($0) <= tolerance }) { break }
            let direction = Self.direction(gradient, pairs)
            let slope = Self.product(direction, gradient)
            // Rounding is all that is left.
            guard slope < 0 else { break }
            var length = pairs.isEmpty ? min(1, 1 / Self.product(gradient, gradient).squareRoot()) : 1
            var accepted: (point: [Double], value: Double, gradient: [Double])?
            for _ in 0..<30 {
                let next = zip(point, direction).map { $0 + length * $1 }
                let (nextValue, nextGradient) = objective(features, labels, next)
                if nextValue <= value + 1e-4 * length * slope {
                    accepted = (next, nextValue, nextGradient)
                    break
                }
                length /= 2
            }
            guard let accepted else { break }
            let step = zip(accepted.point, point).map { $0 - $1 }
            let change = zip(accepted.gradient, gradient).map { $0 - $1 }
            let curvature = Self.product(step, change)
            if curvature > 1e-12 * Self.product(change, change) {
                pairs.append((step, change, curvature))
                if pairs.count > Self.memory { pairs.removeFirst() }
            }
            let gain = value - accepted.value
            (point, value, gradient) = accepted
            if gain <= 1e-10 * max(1, abs(value)) { break }
        }
        return LogisticModel(weights: Array(point[..<width]), bias: point[width])
    }

    /// The two loops of L-BFGS.
    private static func direction(
        _ gradient: [Double],
        _ pairs: [(step: [Double], change: [Double], curvature: Double)]
    ) -> [Double] {
        var direction = gradient.map { -$0 }
        var factors: [Double] = []
        for pair in pairs.reversed() {
            let factor = product(pair.step, direction) / pair.curvature
            factors.append(factor)
            for index in direction.indices { direction[index] -= factor * pair.change[index] }
        }
        if let last = pairs.last {
            let scale = last.curvature / product(last.change, last.change)
            for index in direction.indices { direction[index] *= scale }
        }
        for (pair, factor) in zip(pairs, factors.reversed()) {
            let correction = factor - product(pair.change, direction) / pair.curvature
            for index in direction.indices { direction[index] += correction * pair.step[index] }
        }
        return direction
    }

    private static func product(_ one: [Double], _ other: [Double]) -> Double {
        var sum = 0.0
        for index in one.indices { sum += one[index] * other[index] }
        return sum
    }

    /// The loss and its gradient; the bias is the last number of the point.
    private func objective(_ features: FeatureMatrix, _ labels: [Bool], _ point: [Double]) -> (Double, [Double]) {
        let width = features.width
        let rows = features.rows
        let bias = point[width]
        let weights = point[..<width].map(Float.init)
        var loss = 0.0
        var gradient = [Double](repeating: 0, count: width + 1)
        // Sums of some rows in Float, as vectors; the sum over these in Double.
        var partial = [Float](repeating: 0, count: width)
        features.values.withUnsafeBufferPointer { values in
            weights.withUnsafeBufferPointer { weights in
                partial.withUnsafeMutableBufferPointer { partial in
                    gradient.withUnsafeMutableBufferPointer { gradient in
                        for start in stride(from: 0, to: rows, by: Self.block) {
                            partial.update(repeating: 0)
                            for row in start..<min(start + Self.block, rows) {
                                let place = row * width
                                let logOdds = bias + Double(dot(values, place, weights))
                                let probability = LogisticModel.probability(logOdds: logOdds)
                                let signed = labels[row] ? logOdds : -logOdds
                                loss += max(0, -signed) + naturalLogarithm(1 + exponential(-abs(signed)))
                                let error = probability - (labels[row] ? 1 : 0)
                                gradient[width] += error
                                add(Float(error), values, place, to: partial)
                            }
                            for index in 0..<width { gradient[index] += Double(partial[index]) }
                        }
                    }
                }
            }
        }
        let scale = 1 / Double(max(rows, 1))
        var square = 0.0
        for index in 0..<width {
            gradient[index] = gradient[index] * scale + penalty * point[index]
            square += point[index] * point[index]
        }
        gradient[width] *= scale
        return (loss * scale + penalty / 2 * square, gradient)
    }

    private static let block = 64

    private func dot(_ values: UnsafeBufferPointer<Float>, _ place: Int, _ weights: UnsafeBufferPointer<Float>) -> Float
    {
        var sums = SIMD8<Float>.zero
        var index = 0
        while index + 8 <= weights.count {
            var (left, right) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
            for lane in 0..<8 {
                left[lane] = values[place + index + lane]
                right[lane] = weights[index + lane]
            }
            sums += left * right
            index += 8
        }
        var sum = sums.sum()
        while index < weights.count {
            sum += values[place + index] * weights[index]
            index += 1
        }
        return sum
    }

    private func add(
        _ factor: Float,
        _ values: UnsafeBufferPointer<Float>,
        _ place: Int,
        to sums: UnsafeMutableBufferPointer<Float>
    ) {
        for index in sums.indices { sums[index] += factor * values[place + index] }
    }
}
