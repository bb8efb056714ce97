// Random numbers: Philox4x32-10, a counter-based generator (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as
// easy as 1, 2, 3", SC 2011). Block number b of stream s under a seed is a fixed scrambling of (b, s) by the seed, so
// streams need no splitting, never overlap, and a stream resumes anywhere from three integers.

/// A stream of random numbers, fixed by a seed and a stream number.
///
/// The 64-bit seed is Philox's key; the 128-bit counter holds the stream number above and the block number below. Every
/// pair of seed and stream is a sequence of its own, 2⁶⁶ words of 32 bits long. The state is three integers: encoded and
/// decoded, the stream goes on bit for bit.
package struct RandomStream: RandomNumberGenerator, Sendable, Hashable, Codable {
    package let seed: UInt64
    package let stream: UInt64
    /// How many 32-bit words have been taken, modulo 2⁶⁴.
    package private(set) var position: UInt64

    package init(seed: UInt64, stream: UInt64 = 0, position: UInt64 = 0) {
        self.seed = seed
        self.stream = stream
        self.position = position
    }

    /// Another stream of the same seed, from its beginning.
    package func stream(_ number: UInt64) -> RandomStream { RandomStream(seed: seed, stream: number) }

    /// The next 32 random bits.
    package mutating func nextWord() -> UInt32 {
        let word = currentBlock[Int(position & 3)]
        position &+= 1
        return word
    }

    /// The next 64 random bits, the earlier word below.
    package mutating func next() -> UInt64 {
        let place = Int(position & 3)
        let block = currentBlock
        // The two words are in one block, unless the first is the last of its block.
        guard place < 3 else { return UInt64(nextWord()) | UInt64(nextWord()) << 32 }
        position &+= 2
        return UInt64(block[place]) | UInt64(block[place + 1]) << 32
    }

    /// The four words around the position.
    private var currentBlock: SIMD4<UInt32> {
        Self.block(
            counter: SIMD4(
                UInt32(truncatingIfNeeded: position >> 2),
                UInt32(truncatingIfNeeded: position >> 34),
                UInt32(truncatingIfNeeded: stream),
                UInt32(truncatingIfNeeded: stream >> 32)
            ),
            key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        )
    }

    /// A number in [0, 1), a multiple of 2⁻⁵³. Takes two words.
    package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A number in [0, 1), a multiple of 2⁻²⁴. Takes one word.
    package mutating func uniformFloat() -> Float { Float(nextWord() >> 8) * 0x1p-24 }

    /// An integer in 0 ..< bound, all equally likely (Lemire 2019, "Fast random integer generation in an interval").
    package mutating func uniform(below bound: Int) -> Int {
        precondition(bound > 0, "a random number below \(bound)")
        let bound = UInt64(bound)
        // The first `2⁶⁴ mod bound` low halves would make some results likelier than others; draw again on these.
        let unevenPart = (0 &- bound) % bound
        while true {
            let (high, low) = bound.multipliedFullWidth(by: next())
            if low >= unevenPart { return Int(high) }
        }
    }

    /// A number of the standard normal distribution. Takes four words; nothing is kept between calls, so that the position
    /// alone is the state.
    package mutating func normal() -> Double { normalPair().0 }

    /// Two independent numbers of the standard normal distribution (Box and Muller 1958). Takes four words.
    package mutating func normalPair() -> (Double, Double) {
        // 1 - u is in (0, 1], so the logarithm is finite.
        let radius = (-2 * naturalLogarithm(1 - uniform())).squareRoot()
        let angle = 2 * Double.pi * uniform()
        return (radius * cosine(angle), radius * sine(angle))
    }

    /// Fills with numbers of the normal distribution, two for each four words.
    package mutating func fillNormal(
        _ destination: UnsafeMutableBufferPointer<Float>,
        mean: Float = 0,
        standardDeviation: Float = 1
    ) {
        for index in stride(from: 0, to: destination.count, by: 2) {
            let pair = normalPair()
            destination[index] = Float(Double(mean) + Double(standardDeviation) * pair.0)
            guard index + 1 < destination.count else { return }
            destination[index + 1] = Float(Double(mean) + Double(standardDeviation) * pair.1)
        }
    }

    /// Puts the elements in random order, every order equally likely (Fisher and Yates, in Durstenfeld's form). Written
    /// out here so that the order does not depend on the version of the standard library.
    package mutating func shuffle<Element>(_ elements: inout [Element]) {
        guard elements.count > 1 else { return }
        for last in stride(from: elements.count - 1, through: 1, by: -1) {
            elements.swapAt(last, uniform(below: last + 1))
        }
    }

    /// The numbers 0 ..< count in random order.
    package mutating func permutation(of count: Int) -> [Int] {
        var order = Array(0..<count)
        shuffle(&order)
        return order
    }

    /// Ten rounds of Philox4x32 on one counter.
    package static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var (a, b, c, d) = (counter.x, counter.y, counter.z, counter.w)
        var (first, second) = (key.x, key.y)
        for _ in 0..<rounds {
            let left = firstMultiplier.multipliedFullWidth(by: a)
            let right = secondMultiplier.multipliedFullWidth(by: c)
            (a, b, c, d) = (right.high ^ b ^ first, right.low, left.high ^ d ^ second, left.low)
            first &+= firstWeyl
            second &+= secondWeyl
        }
        return SIMD4(a, b, c, d)
    }

    private static let rounds = 10
    private static let firstMultiplier: UInt32 = 0xD251_1F53
    private static let secondMultiplier: UInt32 = 0xCD9E_8D57
    /// The golden ratio and the square root of 3, less 1: their fractions advance the key between rounds.
    private static let firstWeyl: UInt32 = 0x9E37_79B9
    private static let secondWeyl: UInt32 = 0xBB67_AE85
}
