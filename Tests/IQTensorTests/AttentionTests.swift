// Attention at every level against the naive form in Double: random shapes, chunks, windows, caps and cache formats.

import IQTensor
import Testing
import _IQTestSupport

/// A random sequence: its queries are the last of its tokens, as in decoding and in a prompt that continues a cache.
private struct AttentionCase {
    let shape: AttentionShape
    let format: CacheFormat
    let past: Int
    let queries: Int
    let q: [Float]
    /// Rounded to the cache format, so that the reference reads what the kernel reads.
    let keys: [Float]
    let values: [Float]
    let chunkLengths: [Int]

    init(numbers: inout TestNumbers) {
        func pick<T>(_ choices: [T]) -> T { choices[Int(numbers.nextBits() % UInt64(choices.count))] }
        let kvHeads = pick([1, 2, 3])
        let width = pick([1, 3, 4, 7, 8, 15, 16, 17, 20, 32, 33, 64])
        shape = AttentionShape(
            heads: kvHeads * pick([1, 2, 3, 4, 7, 9]),
            kvHeads: kvHeads,
            headDimension: width,
            scale: 1 / Float(width).squareRoot(),
            softCap: pick([nil, nil, 5]),
            window: pick([nil, nil, 1, 5, 40, 200]),
            isCausal: pick([true, true, true, false])
        )
        format = pick([.f32, .f16])
        queries = pick([1, 1, 2, 3, 5, 17, 40, 70])
        past = pick([0, 0, 1, 7, 63, 64, 65, 150])
        let tokens = past + queries
        q = numbers.values(queries * shape.heads * width, scale: 3)
        let format = format
        func cached(_ x: [Float]) -> [Float] { format == .f32 ? x : x.map { Float(Float16($0)) } }
        keys = cached(numbers.values(tokens * kvHeads * width, scale: 2))
        values = cached(numbers.values(tokens * kvHeads * width, scale: 2))
        var lengths: [Int] = []
        while lengths.reduce(0, +) < tokens {
            let limit = pick([1, 3, 64, 200])
            lengths.append(min(1 + Int(numbers.nextBits() % UInt64(limit)), tokens - lengths.reduce(0, +)))
        }
        chunkLengths = lengths
    }

    var keyWidth: Int { shape.kvHeads * shape.headDimension }
    var queryWidth: Int { shape.heads * shape.headDimension }

    /// Stores the keys and values in one block per chunk, in the second of two layers, and describes them.
    func describe(in batch: AttentionBatch, queryStart: Int, context: ComputeContext) throws {
        batch.beginSequence(queryStart: queryStart, queryCount: queries, firstPosition: past)
        var start = 0
        for (index, length) in chunkLengths.enumerated() {
            let range = (start * keyWidth)..<((start + length) * keyWidth)
            let block = try KeyValueBlock(
                layers: 2,
                kvHeads: shape.kvHeads,
                headDimension: shape.headDimension,
                capacity: length + index % 3,
                format: format
            )
            try context.store(
                keys: try FloatMatrix(rows: length, columns: keyWidth, values: Array(keys[range])),
                values: try FloatMatrix(rows: length, columns: keyWidth, values: Array(values[range])),
                in: block,
                layer: 1,
                at: 0
            )
            batch.append(block, count: length, firstPosition: start)
            start += length
        }
    }

    var expected: [Double] {
        Reference.attention(shape, q: q, firstPosition: past, keys: keys, values: values)
    }
}

@Suite("Attention")
struct AttentionTests {
    @Test("equals softmax(scale · q · Kᵀ) · V", arguments: Machine.all)
    func equalsReference(machine: Machine) throws {
        let context = try machine.context()
        var numbers = TestNumbers(seed: 11)
        for trial in 0..<60 {
            let sample = AttentionCase(numbers: &numbers)
            let batch = AttentionBatch()
            try sample.describe(in: batch, queryStart: 0, context: context)
            let q = try GuardedMatrix(rows: sample.queries, columns: sample.queryWidth, values: sample.q)
            let out = try GuardedMatrix(rows: sample.queries, columns: sample.queryWidth)
            try context.attention(sample.shape, q: q.matrix, batch: batch, layer: 1, into: out.matrix)
            #expect(
                worstDifference(out.matrix.values, sample.expected, floor: 2) < 2e-6,
                "trial \(trial): \(sample.shape), \(sample.format), \(sample.past) + \(sample.queries)"
            )
            #expect(q.isIntact && out.isIntact)
        }
    }

    @Test("sequences of one batch do not touch each other, nor rows of none", arguments: Machine.all)
    func batches(machine: Machine) throws {
        let context = try machine.context()
        let shape = AttentionShape(heads: 6, kvHeads: 2, headDimension: 16, scale: 0.25)
        var numbers = TestNumbers(seed: 5)
        let width = 32
        let lengths = [1, 9, 30]
        let batch = AttentionBatch()
        let q = try FloatMatrix(rows: 45, columns: 96, values: numbers.values(45 * 96))
        let out = try GuardedMatrix(rows: 45, columns: 96, values: [Float](repeating: 77, count: 45 * 96))
        var expected = [Double](repeating: 77, count: 45 * 96)
        var row = 2
        for length in lengths {
            let (keys, values) = (numbers.values(length * width), numbers.values(length * width))
            batch.beginSequence(queryStart: row, queryCount: length, firstPosition: 0)
            batch.append(
                keys: try FloatMatrix(rows: length, columns: width, values: keys),
                values: try FloatMatrix(rows: length, columns: width, values: values),
                headDimension: 16,
                firstPosition: 0
            )
            let result = Reference.attention(
                shape,
                q: q.rows(row..<(row + length)).values,
                firstPosition: 0,
                keys: keys,
                values: values
            )
            expected.replaceSubrange((row * 96)..<((row + length) * 96), with: result)
            row += length + 1
        }
        try context.attention(shape, q: q, batch: batch, layer: 0, into: out.matrix)
        #expect(worstDifference(out.matrix.values, expected, floor: 1) < 2e-6)
        #expect(out.isIntact)
    }

    @Test("is bit for bit the same on one thread and on several", arguments: InstructionLevel.supported)
    func threads(level: InstructionLevel) throws {
        var numbers = TestNumbers(seed: 3)
        for _ in 0..<10 {
            let sample = AttentionCase(numbers: &numbers)
            let results = try [1, 2, 5].map { threads in
                let context = try ComputeContext(threads: threads, level: level)
                let batch = AttentionBatch()
                try sample.describe(in: batch, queryStart: 0, context: context)
                let q = try FloatMatrix(rows: sample.queries, columns: sample.queryWidth, values: sample.q)
                let out = try FloatMatrix(rows: sample.queries, columns: sample.queryWidth)
                try context.attention(sample.shape, q: q, batch: batch, layer: 1, into: out)
                return out.values
            }
            #expect(results[0] == results[1] && results[0] == results[2])
        }
    }

    @Test("scores of hundreds do not overflow", arguments: InstructionLevel.supported)
    func largeScores(level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 1, level: level)
        for queries in [1, 40] {
            let shape = AttentionShape(heads: 1, kvHeads: 1, headDimension: 4, scale: 1)
            let rows = { (value: Float) in [Float](repeating: value, count: 4 * queries) }
            let keys = try FloatMatrix(rows: queries, columns: 4, values: rows(20))
            let values = try FloatMatrix(rows: queries, columns: 4, values: rows(3))
            let q = try FloatMatrix(rows: queries, columns: 4, values: rows(10))
            let out = try FloatMatrix(rows: queries, columns: 4)
            let batch = AttentionBatch()
            batch.beginSequence(queryStart: 0, queryCount: queries, firstPosition: 0)
            batch.append(keys: keys, values: values, headDimension: 4, firstPosition: 0)
            try context.attention(shape, q: q, batch: batch, layer: 0, into: out)
            #expect(out.values.allSatisfy { abs($0 - 3) < 1e-5 })
        }
    }
}
