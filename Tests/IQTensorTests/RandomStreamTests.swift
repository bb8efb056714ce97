import Testing

import IQTensor

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Known answers are those of Random123's `kat_vectors` for philox4x32 with ten rounds.
@Suite struct RandomStreamTests {
    @Test func `ten rounds of Philox4x32 give the published answers`() {
        #expect(
            RandomStream.block(counter: SIMD4(repeating: 0), key: SIMD2(repeating: 0))
                == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
        )
        #expect(
            RandomStream.block(counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max))
                == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
        )
        #expect(
            RandomStream.block(
                counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
                key: SIMD2(0xa409_3822, 0x299f_31d0)
            ) == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
        )
    }

    @Test func `the stream reads the blocks of its counter in order`() {
        var stream = RandomStream(seed: 0x299f_31d0_a409_3822, stream: 0x0370_7344_1319_8a2e)
        let key: SIMD2<UInt32> = SIMD2(0xa409_3822, 0x299f_31d0)
        for number in 0..<3 as Range<UInt32> {
            let block = RandomStream.block(counter: SIMD4(number, 0, 0x1319_8a2e, 0x0370_7344), key: key)
            for word in 0..<4 { #expect(stream.nextWord() == block[word]) }
        }
        #expect(stream.position == 12)
    }

    @Test func `a stream encoded in the middle goes on bit for bit`() throws {
        var stream = RandomStream(seed: .max, stream: 7)
        for _ in 0..<13 { _ = stream.nextWord() }
        let encoded = try JSONEncoder().encode(stream)
        var resumed = try JSONDecoder().decode(RandomStream.self, from: encoded)
        #expect(resumed == stream)
        for _ in 0..<50 { #expect(resumed.next() == stream.next()) }
        #expect(resumed.normal() == stream.normal())
    }

    @Test func `seeds and streams that differ in one bit share no words`() {
        var words: Set<UInt64> = []
        var drawn = 0
        for (seed, stream) in [(1, 0), (0, 1), (1, 1), (0, 0), (1 << 40, 0), (0, 1 << 40)] as [(UInt64, UInt64)] {
            var random = RandomStream(seed: seed, stream: stream)
            for _ in 0..<1000 {
                words.insert(random.next())
                drawn += 1
            }
        }
        #expect(words.count == drawn)
    }

    @Test func `streams of one seed are uncorrelated`() {
        var first = RandomStream(seed: 3, stream: 0)
        var second = first.stream(1)
        let count = 100_000
        var sum = 0.0
        for _ in 0..<count { sum += (first.uniform() - 0.5) * (second.uniform() - 0.5) }
        // The product of two such numbers has the deviation 1/12; five deviations of the mean of n are 5/(12 sqrt n).
        #expect(abs(sum / Double(count)) < 5.0 / 12.0 / Double(count).squareRoot())
    }

    @Test func `uniform numbers fill the unit interval evenly and never reach 1`() {
        var random = RandomStream(seed: 11)
        var bins = [Int](repeating: 0, count: 64)
        let count = 128_000
        for _ in 0..<count {
            let value = random.uniform()
            #expect(value >= 0 && value < 1)
            bins[Int(value * 64)] += 1
        }
        #expect(chiSquare(bins, expected: Double(count) / 64) < 127)  // 63 degrees of freedom: p = 4e-6
        for _ in 0..<count {
            let value = random.uniformFloat()
            #expect(value >= 0 && value < 1)
        }
    }

    @Test func `integers below a bound are equally likely`() {
        var random = RandomStream(seed: 12)
        var bins = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { bins[random.uniform(below: 7)] += 1 }
        #expect(chiSquare(bins, expected: 10_000) < 35)  // 6 degrees of freedom: p = 4e-6
        #expect((0..<100).allSatisfy { _ in random.uniform(below: 1) == 0 })
    }

    @Test func `normal numbers have mean 0, variance 1, no skew and the kurtosis 3`() {
        var random = RandomStream(seed: 13)
        let count = 200_000
        var moments = [0.0, 0.0, 0.0, 0.0]
        for _ in 0..<count {
            let value = random.normal()
            for power in 0..<4 { moments[power] += (0...power).reduce(1) { product, _ in product * value } }
        }
        let mean = moments.map { $0 / Double(count) }
        #expect(abs(mean[0]) < 0.012)
        #expect(abs(mean[1] - 1) < 0.02)
        #expect(abs(mean[2]) < 0.05)
        #expect(abs(mean[3] - 3) < 0.15)
    }

    @Test func `a fill takes both numbers of each pair`() {
        var filled = [Float](repeating: 0, count: 100_001)
        var random = RandomStream(seed: 15)
        var same = random
        filled.withUnsafeMutableBufferPointer { random.fillNormal($0, mean: 3, standardDeviation: 2) }
        let pair = same.normalPair()
        #expect(filled[0] == Float(3 + 2 * pair.0) && filled[1] == Float(3 + 2 * pair.1))
        #expect(random.position == 200_004)
        let mean = filled.reduce(0.0) { $0 + Double($1) } / Double(filled.count)
        let variance = filled.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(filled.count)
        #expect(abs(mean - 3) < 0.03)
        #expect(abs(variance - 4) < 0.1)
        let neighbours = stride(from: 0, to: 100_000, by: 2).reduce(0.0) {
            $0 + (Double(filled[$1]) - 3) * (Double(filled[$1 + 1]) - 3) / 4
        }
        #expect(abs(neighbours / 50_000) < 0.025)
    }

    @Test func `64 bits are two words, across blocks too`() {
        for position in 0..<9 as Range<UInt64> {
            var whole = RandomStream(seed: 8, stream: 3, position: position)
            var halves = whole
            let (low, high) = (halves.nextWord(), halves.nextWord())
            let number = whole.next()
            #expect(number == UInt64(high) << 32 | UInt64(low))
            #expect(whole == halves)
        }
    }

    @Test func `a shuffle keeps every element and gives every order equally often`() {
        var random = RandomStream(seed: 14)
        var orders: [[Int]: Int] = [:]
        for _ in 0..<24_000 { orders[random.permutation(of: 4), default: 0] += 1 }
        #expect(orders.count == 24)
        #expect(chiSquare(Array(orders.values), expected: 1000) < 68)  // 23 degrees of freedom: p = 2e-6
        #expect(random.permutation(of: 100).sorted() == Array(0..<100))
        #expect(random.permutation(of: 0) == [])
    }

    private func chiSquare(_ bins: [Int], expected: Double) -> Double {
        bins.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    }
}
