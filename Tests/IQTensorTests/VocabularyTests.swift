// Operations over rows as long as a vocabulary, NaN and infinities included.

import IQTensor
import Testing
import _IQTestSupport

@Suite("Vocabulary rows")
struct VocabularyTests {
    private static let lengths = awkwardLengths + [1000, 49_152]

    private func with<Result>(
        _ values: [Float],
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        var values = values
        return try values.withUnsafeMutableBufferPointer { try body($0) }
    }

    @Test("the maximum is the first of the largest", arguments: InstructionLevel.supported)
    func maximum(level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 1, level: level)
        for length in Self.lengths {
            var numbers = TestNumbers(seed: UInt64(length))
            var x = numbers.values(length)
            let first = Int(numbers.nextBits() % UInt64(length))
            x[first] = 3
            x[length - 1] = 3
            let (value, index) = with(x) { context.maximum(of: $0) }
            #expect(value == 3 && index == first)
        }
    }

    @Test(
        "NaN is smaller than every number; a row without numbers has its maximum at 0",
        arguments: InstructionLevel.supported
    )
    func maximumWithNaN(level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 1, level: level)
        for length in Self.lengths where length > 1 {
            var x = [Float](repeating: .nan, count: length)
            #expect(with(x) { context.maximum(of: $0) } == (-.infinity, 0))
            x[length - 1] = -5
            #expect(with(x) { context.maximum(of: $0) } == (-5, length - 1))
            x = [Float](repeating: -.infinity, count: length)
            #expect(with(x) { context.maximum(of: $0) } == (-.infinity, 0))
            x[length / 2] = .infinity
            #expect(with(x) { context.maximum(of: $0) } == (.infinity, length / 2))
        }
    }

    @Test(
        "sums of exponentials agree with Double; -infinity adds nothing, NaN is not swallowed",
        arguments: InstructionLevel.supported
    )
    func sums(level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 1, level: level)
        for length in Self.lengths {
            var numbers = TestNumbers(seed: UInt64(length))
            var x = numbers.values(length, scale: 20)
            x[length / 2] = -.infinity
            let found = with(x) { context.sumOfExponentials(of: $0, shift: 20, factor: 0.7) }
            let expected = Reference.sumOfExponentials(x, shift: 20, factor: 0.7)
            #expect(abs(found - expected) <= 2e-6 * expected)
            #expect(with(x) { context.sumOfExponentials(of: $0, shift: 20, factor: 0) } == Double(length - 1))
            x[length - 1] = .nan
            #expect(with(x) { context.sumOfExponentials(of: $0, shift: 20, factor: 0.7) }.isNaN)
        }
    }

    @Test("collecting keeps the order, stops at the capacity, and counts all", arguments: InstructionLevel.supported)
    func collect(level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 1, level: level)
        for length in Self.lengths {
            var numbers = TestNumbers(seed: UInt64(length))
            var x = numbers.values(length)
            x[0] = .nan
            let expected = x.indices.filter { x[$0] >= 0.25 }.map(Int32.init)
            for capacity in [1, 7, length] {
                var indices = [Int32](repeating: -1, count: capacity)
                let count = with(x) { context.collect($0, atLeast: 0.25, into: &indices) }
                #expect(count == expected.count)
                let kept = min(capacity, expected.count)
                #expect(Array(indices[0..<kept]) == Array(expected[0..<kept]))
                #expect(indices[kept...].allSatisfy { $0 == -1 })
            }
        }
    }

    @Test("NaN and +infinity are found wherever they are", arguments: InstructionLevel.supported)
    func belowInfinity(level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 1, level: level)
        for length in awkwardLengths {
            var x = [Float](repeating: -.infinity, count: length)
            #expect(with(x) { context.isBelowInfinity($0) })
            for place in 0..<length {
                for bad in [Float.nan, .infinity] {
                    x[place] = bad
                    #expect(!with(x) { context.isBelowInfinity($0) })
                }
                x[place] = 1
            }
            #expect(with(x) { context.isBelowInfinity($0) })
        }
    }
}
