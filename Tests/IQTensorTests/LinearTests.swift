// Products with stored weights: every format, level and kind of product against sums in Double.

import IQTensor
import Testing

/// A product of random activations with random weights, and what it must give.
struct LinearCase {
    let format: NumberFormat
    let rows: Int
    let columns: Int
    private(set) var weights: WeightMatrix
    let expanded: [Float]
    let x: [Float]
    let bias: [Float]

    static let tokens = 64

    init(format: NumberFormat, rows: Int, columns: Int, seed: UInt64 = 1) throws {
        var numbers = TestNumbers(seed: seed &+ UInt64(rows * 1000 + columns))
        self.format = format
        self.rows = rows
        self.columns = columns
        let bytes = randomWeightBytes(format, count: rows * columns, numbers: &numbers)
        // Mapped files promise no alignment of block formats.
        weights = try matrix(format, rows: rows, columns: columns, bytes: bytes, offset: format.isQuantized ? 3 : 4)
        let reference = try ComputeContext(threads: 1, level: .portable).dequantized(weights)
        expanded = reference.withBytes { bytes in
            (0..<(rows * columns)).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
        x = numbers.values(Self.tokens * columns)
        bias = numbers.values(rows)
    }

    /// x · wᵀ + bias in Double, of activations that are given.
    func expected(_ x: [Double]) -> [Double] {
        var y: [Double] = []
        y.reserveCapacity(Self.tokens * rows)
        for t in 0..<Self.tokens {
            for n in 0..<rows {
                var sum = Double(bias[n])
                for k in 0..<columns { sum += x[t * columns + k] * Double(expanded[n * columns + k]) }
                y.append(sum)
            }
        }
        return y
    }

    /// The activations as an integer product sees them: rounded to 255 steps per block of 32.
    var roundedActivations: [Double] {
        var rounded: [Double] = []
        for start in stride(from: 0, to: x.count, by: 32) {
            let block = x[start..<(start + 32)]
            let largest = block.reduce(0) { max($0, abs($1)) }
            let inverse = 127 / largest
            let scale = largest / 127
            rounded.append(contentsOf: block.map { Double(($0 * inverse).rounded(.toNearestOrEven)) * Double(scale) })
        }
        return rounded
    }

    /// The activations rounded to bfloat16.
    var bfloat16Activations: [Double] {
        x.map { value in
            let bits = value.bitPattern
            return Double(Float(bitPattern: (bits &+ 0x7fff &+ (bits >> 16 & 1)) & 0xffff_0000))
        }
    }

    /// The same case, and the same with packed weights where the context packs them for this kind of product.
    func layouts(_ context: ComputeContext, _ kind: QuantizedProduct) throws -> [LinearCase] {
        guard context.packs(weights, for: kind) else { return [self] }
        var packed = self
        packed.weights = try context.packed([weights])[0]
        return [self, packed]
    }

    /// The product of the first `tokens` rows. The rows of x are followed by NaN and those of y lie among sentinels, which
    /// must be there afterwards.
    func product(
        _ context: ComputeContext,
        tokens: Int,
        _ kind: QuantizedProduct,
        withBias: Bool = true
    ) throws -> [Float] {
        let gap = 5
        let sentinel: Float = -12345.5
        let xBuffer = try FloatBuffer(count: (tokens + 1) * (columns + gap))
        let all = FloatMatrix(buffer: xBuffer, rows: tokens + 1, columns: columns + gap)
        for t in 0...tokens {
            for k in 0..<(columns + gap) {
                all[t, k] = t < tokens && k < columns ? x[t * columns + k] : .nan
            }
        }
        let input = FloatMatrix(buffer: xBuffer, rows: tokens, columns: columns, stride: columns + gap)
        let yBuffer = try FloatBuffer(count: (tokens + 2) * (rows + gap))
        let frame = FloatMatrix(buffer: yBuffer, rows: tokens + 2, columns: rows + gap)
        for t in 0..<(tokens + 2) { for n in 0..<(rows + gap) { frame[t, n] = sentinel } }
        let output = FloatMatrix(
            buffer: yBuffer,
            offset: rows + gap + 2,
            rows: tokens,
            columns: rows,
            stride: rows + gap
        )
        let biasVector = withBias ? try WeightVector(bias) : nil
        try context.linear(input, weights, bias: biasVector, product: kind, into: output)
        for t in 0..<(tokens + 2) {
            for n in 0..<(rows + gap) where t == 0 || t == tokens + 1 || n < 2 || n >= rows + 2 {
                #expect(frame[t, n] == sentinel, "row \(t - 1), column \(n - 2) of \(tokens) x \(rows)")
            }
        }
        return output.values
    }
}

@Suite("Products with stored weights")
struct LinearTests {
    /// Squared error that sums in f32 make, against sums in Double, divided by the squared result.
    static let roundingLimit = 1e-12
    /// Squared error that rounding the activations makes: about 1e-5 by uniform errors of ±1/254, and more where the offsets
    /// of blocks make the result smaller than its terms.
    static let activationLimit = 2e-4
    /// Squared error that rounding the activations to bfloat16 makes: their relative error is at most 2⁻⁸, and 2⁻⁹ or less on
    /// average.
    static let bfloat16Limit = 1.0 / 65536

    static let tokens = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 17, 33, 64]

    static func shapes(_ format: NumberFormat) -> [(rows: Int, columns: Int)] {
        guard format.isQuantized else {
            return [(1, 1), (3, 7), (4, 16), (5, 31), (7, 33), (9, 100), (17, 64), (37, 129), (130, 256)]
        }
        let block = format.blockLength
        return [(1, block), (3, block), (4, 2 * block), (5, 3 * block), (17, block), (37, 2 * block), (130, 3 * block)]
    }

    @Test("equal sums in Double", arguments: NumberFormat.allCases, InstructionLevel.supported)
    func exactProduct(format: NumberFormat, level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 2, level: level)
        for (rows, columns) in Self.shapes(format) {
            let sample = try LinearCase(format: format, rows: rows, columns: columns)
            let expected = sample.expected(sample.x.map(Double.init))
            for linear in try sample.layouts(context, .exact) {
                for tokens in Self.tokens {
                    let found = try linear.product(context, tokens: tokens, .exact)
                    let error = normalizedError(found, Array(expected.prefix(tokens * rows)))
                    #expect(error < Self.roundingLimit, "\(linear.weights.layout), \(tokens) x \(rows) x \(columns)")
                }
            }
        }
    }

    @Test("with bf16 weights and rounded activations, equal sums of those", arguments: InstructionLevel.supported)
    func roundedProduct(level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 2, level: level)
        for (rows, columns) in Self.shapes(.bf16) {
            let sample = try LinearCase(format: .bf16, rows: rows, columns: columns)
            let expected = sample.expected(sample.bfloat16Activations)
            let ideal = sample.expected(sample.x.map(Double.init))
            for linear in try sample.layouts(context, .rounded) {
                for tokens in Self.tokens {
                    let found = try linear.product(context, tokens: tokens, .rounded)
                    let error = normalizedError(found, Array(expected.prefix(tokens * rows)))
                    #expect(error < Self.roundingLimit, "\(linear.weights.layout), \(tokens) x \(rows) x \(columns)")
                    let loss = normalizedError(found, Array(ideal.prefix(tokens * rows)))
                    #expect(loss < Self.bfloat16Limit, "\(linear.weights.layout), \(tokens) x \(rows) x \(columns)")
                }
            }
        }
    }

    @Test(
        "in integers, equal sums of the rounded activations",
        arguments: NumberFormat.quantized,
        InstructionLevel.supported
    )
    func integerProduct(format: NumberFormat, level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 2, level: level)
        for (rows, columns) in Self.shapes(format) {
            let sample = try LinearCase(format: format, rows: rows, columns: columns)
            let expected = sample.expected(sample.roundedActivations)
            let ideal = sample.expected(sample.x.map(Double.init))
            for linear in try sample.layouts(context, .integer) {
                for tokens in Self.tokens {
                    let found = try linear.product(context, tokens: tokens, .integer)
                    let error = normalizedError(found, Array(expected.prefix(tokens * rows)))
                    #expect(error < Self.roundingLimit, "\(linear.weights.layout), \(tokens) x \(rows) x \(columns)")
                    let loss = normalizedError(found, Array(ideal.prefix(tokens * rows)))
                    #expect(loss < Self.activationLimit, "\(linear.weights.layout), \(tokens) x \(rows) x \(columns)")
                }
            }
        }
    }

    /// From some number of rows on, levels take the general product, which sums in another order.
    @Test(
        "many rows at once equal the same rows in pieces",
        arguments: NumberFormat.allCases,
        InstructionLevel.supported
    )
    func manyRows(format: NumberFormat, level: InstructionLevel) throws {
        let columns = format.isQuantized ? 3 * format.blockLength : 129
        let linear = try LinearCase(format: format, rows: 133, columns: columns)
        var numbers = TestNumbers(seed: 8)
        let tokens = 201
        let x = try FloatMatrix(rows: tokens, columns: columns, values: numbers.values(tokens * columns))
        let bias = try WeightVector(linear.bias)
        for threads in [1, 3] {
            let context = try ComputeContext(threads: threads, level: level)
            let found = try GuardedMatrix(rows: tokens, columns: linear.rows)
            try context.linear(x, linear.weights, bias: bias, into: found.matrix)
            #expect(found.isIntact)
            let pieces = try FloatMatrix(rows: tokens, columns: linear.rows)
            for start in stride(from: 0, to: tokens, by: 33) {
                let rows = start..<min(start + 33, tokens)
                try context.linear(x.rows(rows), linear.weights, bias: bias, into: pieces.rows(rows))
            }
            let error = normalizedError(found.matrix.values, pieces.values.map(Double.init))
            #expect(error < 2 * Self.roundingLimit, "\(threads) threads")
        }
    }

    /// NEON hands many rows to sgemm, which sums in another order.
    static let batchInvariantLevels = InstructionLevel.supported.filter { $0 != .neon }

    @Test(
        "a row's result depends neither on the other rows nor on the threads",
        arguments: NumberFormat.allCases,
        batchInvariantLevels
    )
    func batchInvariance(format: NumberFormat, level: InstructionLevel) throws {
        let linear = try LinearCase(
            format: format,
            rows: 133,
            columns: format.isQuantized ? 2 * format.blockLength : 77
        )
        for kind in QuantizedProduct.allCases {
            let one = try ComputeContext(threads: 1, level: level)
            for linear in try linear.layouts(one, kind) {
                let reference = try linear.product(one, tokens: 64, kind).map(\.bitPattern)
                for threads in [1, 2, 3] {
                    let context = try ComputeContext(threads: threads, level: level)
                    for tokens in Self.tokens {
                        let found = try linear.product(context, tokens: tokens, kind).map(\.bitPattern)
                        #expect(
                            found == Array(reference.prefix(tokens * linear.rows)),
                            "\(kind), \(linear.weights.layout), \(tokens), \(threads)"
                        )
                    }
                }
            }
        }
    }

    @Test(
        "exact products equal those of the expanded weights bit for bit",
        arguments: NumberFormat.allCases,
        batchInvariantLevels
    )
    func expandedWeights(format: NumberFormat, level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 1, level: level)
        let linear = try LinearCase(format: format, rows: 9, columns: format.isQuantized ? 2 * format.blockLength : 77)
        let x = try FloatMatrix(rows: 3, columns: linear.columns, values: Array(linear.x.prefix(3 * linear.columns)))
        let y = try FloatMatrix(rows: 3, columns: 9)
        try context.linear(x, try context.dequantized(linear.weights), into: y)
        let found = try linear.product(context, tokens: 3, .exact, withBias: false)
        #expect(found.map(\.bitPattern) == y.values.map(\.bitPattern))
    }

    @Test("zeros give the bias", arguments: NumberFormat.allCases, InstructionLevel.supported)
    func zeros(format: NumberFormat, level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 1, level: level)
        let linear = try LinearCase(format: format, rows: 6, columns: format.isQuantized ? format.blockLength : 33)
        let x = try FloatMatrix(rows: 2, columns: linear.columns)
        let y = try FloatMatrix(rows: 2, columns: 6)
        for kind in QuantizedProduct.allCases {
            for linear in try linear.layouts(context, kind) {
                try context.linear(x, linear.weights, bias: try WeightVector(linear.bias), product: kind, into: y)
                #expect(y.values == linear.bias + linear.bias)
            }
        }
    }

    @Test("infinities and NaN stay visible", arguments: NumberFormat.allCases, InstructionLevel.supported)
    func nonFiniteActivations(format: NumberFormat, level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 1, level: level)
        let linear = try LinearCase(format: format, rows: 6, columns: format.isQuantized ? 2 * format.blockLength : 65)
        for value in [Float.infinity, -.infinity, .nan] {
            for kind in QuantizedProduct.allCases {
                let x = try FloatMatrix(
                    rows: 3,
                    columns: linear.columns,
                    values: Array(linear.x.prefix(3 * linear.columns))
                )
                x[1, linear.columns - 1] = value
                let y = try FloatMatrix(rows: 3, columns: 6)
                for linear in try linear.layouts(context, kind) {
                    try context.linear(x, linear.weights, product: kind, into: y)
                    #expect(y.rows(0..<1).values.allSatisfy { $0.isFinite })
                    #expect(y.rows(2..<3).values.allSatisfy { $0.isFinite })
                    #expect(y.rows(1..<2).values.allSatisfy { !$0.isFinite })
                }
            }
        }
    }

    @Test(
        "subnormal activations count in exact products and are zeros in integer ones",
        arguments: NumberFormat.quantized,
        InstructionLevel.supported
    )
    func subnormalActivations(format: NumberFormat, level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 1, level: level)
        let linear = try LinearCase(format: format, rows: 3, columns: format.blockLength)
        let tiny = [Float](repeating: 0x1p-130, count: linear.columns)
        let x = try FloatMatrix(rows: 1, columns: linear.columns, values: tiny)
        let y = try FloatMatrix(rows: 1, columns: 3)
        for linear in try linear.layouts(context, .integer) {
            try context.linear(x, linear.weights, product: .integer, into: y)
            #expect(y.values == [0, 0, 0])
        }
        try context.linear(x, linear.weights, product: .exact, into: y)
        for n in 0..<3 {
            let row = linear.expanded[(n * linear.columns)..<((n + 1) * linear.columns)]
            let expected = row.reduce(0.0) { $0 + Double($1) * 0x1p-130 }
            // Each addition of subnormal numbers may be off by half of the smallest one.
            #expect(abs(Double(y[0, n]) - expected) <= Double(linear.columns) * 0x1p-149)
        }
    }

    @Test("extreme integers do not overflow", arguments: NumberFormat.quantized, InstructionLevel.supported)
    func extremeIntegers(format: NumberFormat, level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 1, level: level)
        let columns = 2 * format.blockLength
        for filling: UInt8 in [0x00, 0x7f, 0x80, 0xff] {
            var block = [UInt8](repeating: filling, count: format.bytesPerBlock)
            for offset in format.scaleOffsets { block.replaceSubrange(offset..<(offset + 2), with: [0x00, 0x3c]) }
            let weights = try matrix(format, rows: 1, columns: columns, bytes: block + block)
            let expanded = try context.dequantized(weights).withBytes { bytes in
                (0..<columns).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
            }
            for sign in [Float(1), -1] {
                let x = try FloatMatrix(rows: 1, columns: columns, values: [Float](repeating: sign, count: columns))
                let y = try FloatMatrix(rows: 1, columns: 1)
                let expected = Double(sign) * expanded.reduce(0.0) { $0 + Double($1) }
                let magnitude = expanded.reduce(0.0) { $0 + abs(Double($1)) }
                let packed = context.packs(weights, for: .integer) ? try context.packed([weights]) : []
                for weights in [weights] + packed {
                    try context.linear(x, weights, product: .integer, into: y)
                    #expect(abs(Double(y[0, 0]) - expected) <= 1e-6 * max(1, magnitude))
                }
            }
        }
    }

    @Test("scratch memory is asked for once")
    func allocations() throws {
        let context = try ComputeContext(threads: 2)
        let linear = try LinearCase(format: .q8_0, rows: 130, columns: 256)
        for kind in QuantizedProduct.allCases { _ = try linear.product(context, tokens: 64, kind) }
        let before = context.scratchAllocations
        for kind in QuantizedProduct.allCases {
            for tokens in Self.tokens { _ = try linear.product(context, tokens: tokens, kind) }
        }
        #expect(context.scratchAllocations == before)
    }
}
