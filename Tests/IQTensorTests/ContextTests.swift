// The context: threads, scratch memory, and the product of two f32 matrices that is split over them.

import IQTensor
import Testing
import _IQTestSupport

@Suite("Compute context")
struct ContextTests {
    @Test("c = alpha · op(a) · op(b) + beta · c", arguments: Machine.all)
    func multiply(machine: Machine) throws {
        let context = try machine.context()
        let shapes = [(1, 1, 1), (3, 5, 7), (16, 33, 17), (64, 100, 31), (1, 300, 64), (300, 2, 33), (130, 150, 100)]
        for (m, n, k) in shapes {
            for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
                var numbers = TestNumbers(seed: UInt64(m * n))
                let (a, b, c) = (numbers.values(m * k), numbers.values(k * n), numbers.values(m * n))
                let left = try GuardedMatrix(rows: transposeA ? k : m, columns: transposeA ? m : k, values: a)
                let right = try GuardedMatrix(rows: transposeB ? n : k, columns: transposeB ? k : n, values: b)
                let result = try GuardedMatrix(rows: m, columns: n, values: c)
                try context.multiply(
                    left.matrix,
                    transposed: transposeA,
                    right.matrix,
                    transposed: transposeB,
                    alpha: 0.5,
                    beta: 2,
                    into: result.matrix
                )
                let product = Reference.product(rows: m, columns: n, inner: k) {
                    transposeA ? a[$1 * m + $0] : a[$0 * k + $1]
                } b: {
                    transposeB ? b[$1 * k + $0] : b[$0 * n + $1]
                }
                let expected = zip(product, c).map { 0.5 * $0 + 2 * Double($1) }
                #expect(worstDifference(result.matrix.values, expected, floor: 3) < 2e-6, "\(m) x \(n) x \(k)")
                #expect(result.isIntact)
            }
        }
    }

    @Test("row operations are bit for bit the same on one thread and on several", arguments: InstructionLevel.supported)
    func threads(level: InstructionLevel) throws {
        var numbers = TestNumbers(seed: 1)
        let (rows, columns) = (67, 1000)
        let x = numbers.values(rows * columns, scale: 4)
        let weight = try WeightVector(numbers.values(columns))
        let results = try [1, 2, 4].map { threads in
            let context = try ComputeContext(threads: threads, level: level)
            let input = try FloatMatrix(rows: rows, columns: columns, values: x)
            let output = try FloatMatrix(rows: rows, columns: columns)
            try context.rmsNorm(input, weight: weight, weightOffset: 0, epsilon: 1e-6, into: output)
            try context.siluMultiply(output, input, into: output)
            return output.values
        }
        #expect(results[0] == results[1] && results[0] == results[2])
    }

    @Test("attention asks for scratch memory once", arguments: InstructionLevel.supported)
    func allocations(level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 2, level: level)
        let shape = AttentionShape(heads: 9, kvHeads: 3, headDimension: 64, scale: 0.125)
        let block = try KeyValueBlock(layers: 1, kvHeads: 3, headDimension: 64, capacity: 300, format: .f16)
        let batch = AttentionBatch()
        let q = try FloatMatrix(rows: 40, columns: 576)
        let out = try FloatMatrix(rows: 40, columns: 576)
        func attend(queries: Int, keys: Int) throws {
            batch.removeAll()
            batch.beginSequence(queryStart: 0, queryCount: queries, firstPosition: keys - queries)
            batch.append(block, count: keys, firstPosition: 0)
            try context.attention(shape, q: q, batch: batch, layer: 0, into: out)
        }
        try attend(queries: 40, keys: 300)
        let before = context.scratchAllocations
        for keys in 100...300 { try attend(queries: 1, keys: keys) }
        #expect(context.scratchAllocations == before)
        #expect(before > 0)
    }

    @Test("thousands of short regions lose no work")
    func manyRegions() throws {
        let context = try ComputeContext(threads: 4)
        let x = try FloatMatrix(rows: 64, columns: 1024, values: [Float](repeating: 1, count: 64 * 1024))
        let y = try FloatMatrix(rows: 64, columns: 1024)
        for _ in 0..<1000 { try context.add(x, to: y) }
        #expect(y.values.allSatisfy { $0 == 1000 })
    }

    @Test("contexts come and go, used or not")
    func lifetimes() throws {
        for threads in 1...8 {
            let context = try ComputeContext(threads: threads)
            #expect(context.threads == threads)
        }
    }

    @Test("thread counts outside the range, and levels of other processors, are refused")
    func refusals() throws {
        #expect(throws: TensorError.invalidThreadCount(0, permitted: 1...256)) { try ComputeOptions(threads: 0) }
        #expect(throws: TensorError.invalidThreadCount(257, permitted: 1...256)) { try ComputeOptions(threads: 257) }
        for level in InstructionLevel.allCases where !level.isSupported {
            #expect(throws: TensorError.unsupportedLevel(level, supported: InstructionLevel.supported)) {
                try ComputeOptions(threads: 1, level: level)
            }
        }
        #expect(InstructionLevel.supported.contains(.portable))
    }

    @Test("calls work of the caller's once for each index, on several threads", arguments: [1, 2, 5])
    func perform(threads: Int) throws {
        let context = try ComputeContext(threads: threads)
        for count in [0, 1, 2, 7, 100] {
            var calls = [Int](repeating: 0, count: count)
            calls.withUnsafeMutableBufferPointer { calls in
                let places = calls
                context.perform(ConcurrentWork { places[$0] += $0 + 1 }, count: count)
            }
            #expect(calls == Array(1..<(count + 1)))
        }
    }
}
