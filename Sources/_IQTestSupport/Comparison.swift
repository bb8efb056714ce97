// How far two lists of numbers are apart.

/// Largest difference divided by the largest magnitude of the expected values; infinite if a value is not a number or the
/// lengths differ.
public func relativeDifference(
    _ found: some Collection<Float>,
    _ expected: some Collection<Float>
) -> Double {
    guard found.count == expected.count else { return .infinity }
    var difference = 0.0
    var magnitude = 0.0
    for (a, b) in zip(found, expected) {
        guard a.isFinite else { return .infinity }
        difference = max(difference, abs(Double(a) - Double(b)))
        magnitude = max(magnitude, abs(Double(b)))
    }
    return magnitude > 0 ? difference / magnitude : difference
}

/// 1 − cos of the angle between two vectors.
public func cosineDistance(_ a: [Float], _ b: [Float]) -> Double {
    guard a.count == b.count else { return .infinity }
    var product = 0.0
    var squaresA = 0.0
    var squaresB = 0.0
    for (x, y) in zip(a, b) {
        product += Double(x) * Double(y)
        squaresA += Double(x) * Double(x)
        squaresB += Double(y) * Double(y)
    }
    return 1 - product / (squaresA * squaresB).squareRoot()
}
