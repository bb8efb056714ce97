// The backward pass of attention at every level: against the plain form, and that against differences of the definition.

import IQTensor
import Testing
import _IQTestSupport

/// A random forest of segments with rows of no segment between them, and the inputs of attention over it.
private struct BackwardCase: CustomStringConvertible {
    let shape: AttentionShape
    let segments: [PackedSegment]
    let rows: Int
    let q: [Float]
    let k: [Float]
    let v: [Float]
    let dout: [Float]

    init(numbers: inout TestNumbers, lengths: [Int], widths: [Int], mostSegments: Int) {
        func pick<T>(_ choices: [T]) -> T { choices[Int(numbers.nextBits() % UInt64(choices.count))] }
        let kvHeads = pick([1, 2, 3])
        let width = pick(widths)
        shape = AttentionShape(
            heads: kvHeads * pick([1, 2, 3, 4]),
            kvHeads: kvHeads,
            headDimension: width,
            scale: 1 / Float(width).squareRoot(),
            softCap: pick([nil, nil, 3]),
            window: pick([nil, nil, 1, 5, 40, 70]),
            isCausal: pick([true, true, true, false])
        )
        var segments: [PackedSegment] = []
        var row = pick([0, 1, 3])
        for _ in 0..<pick(Array(1...mostSegments)) {
            let parent = shape.isCausal ? pick([nil] + segments.indices.map { $0 }) : nil
            segments.append(
                PackedSegment(
                    start: row,
                    count: pick(lengths),
                    firstPosition: parent.map { segments[$0].firstPosition + segments[$0].count } ?? 0,
                    parent: parent
                )
            )
            row += (segments.last?.count ?? 0) + pick([0, 0, 1])
        }
        self.segments = segments
        rows = row + 1
        q = numbers.values(rows * shape.heads * width, scale: 2)
        k = numbers.values(rows * kvHeads * width, scale: 2)
        v = numbers.values(rows * kvHeads * width)
        dout = numbers.values(rows * shape.heads * width)
    }

    var queryWidth: Int { shape.heads * shape.headDimension }
    var keyWidth: Int { shape.kvHeads * shape.headDimension }
    var description: String { "\(shape), \(segments.map { ($0.start, $0.count, $0.parent ?? -1) })" }

    /// dq, dk and dv; numbers that nothing was written to are 77.
    func gradients(_ context: ComputeContext, precision: MatrixPrecision = .f32) throws -> [[Float]] {
        func guarded(_ values: [Float], _ columns: Int) throws -> GuardedMatrix {
            try GuardedMatrix(rows: rows, columns: columns, values: values)
        }
        let inputs = try [
            guarded(q, queryWidth), guarded(k, keyWidth), guarded(v, keyWidth), guarded(dout, queryWidth),
        ]
        let outputs = try [queryWidth, keyWidth, keyWidth].map { columns in
            try guarded([Float](repeating: 77, count: rows * columns), columns)
        }
        try context.attentionBackward(
            shape,
            q: inputs[0].matrix,
            k: inputs[1].matrix,
            v: inputs[2].matrix,
            dout: inputs[3].matrix,
            segments: segments,
            precision: precision,
            dq: outputs[0].matrix,
            dk: outputs[1].matrix,
            dv: outputs[2].matrix
        )
        #expect((inputs + outputs).allSatisfy { $0.isIntact }, "\(self)")
        return outputs.map(\.matrix.values)
    }

    /// ∑ dout · attention, by the definition.
    func loss(q: [Float], k: [Float], v: [Float]) -> Double {
        var sum = 0.0
        for segment in segments {
            var keyRows: [Int] = []
            var piece: PackedSegment? = segment
            while let current = piece {
                keyRows = Array(current.rows) + keyRows
                piece = current.parent.map { segments[$0] }
            }
            func gather(_ x: [Float], _ rows: [Int], _ width: Int) -> [Float] {
                rows.flatMap { x[($0 * width)..<(($0 + 1) * width)] }
            }
            let out = Reference.attention(
                shape,
                q: gather(q, Array(segment.rows), queryWidth),
                firstPosition: segment.firstPosition,
                keys: gather(k, keyRows, keyWidth),
                values: gather(v, keyRows, keyWidth)
            )
            for (a, b) in zip(out, gather(dout, Array(segment.rows), queryWidth)) { sum += a * Double(b) }
        }
        return sum
    }
}

/// Norm of the difference by norm of what is expected.
private func relativeNorm(_ found: [Float], _ expected: [Float]) -> Double {
    normalizedError(found, expected.map(Double.init)).squareRoot()
}

@Suite("Backward pass of attention")
struct AttentionBackwardTests {
    @Test("is the derivative of the definition", arguments: Machine.all)
    func equalsDifferences(machine: Machine) throws {
        let context = try machine.context()
        var numbers = TestNumbers(seed: 21)
        let step: Float = 1.0 / 256
        for _ in 0..<12 {
            let sample = BackwardCase(numbers: &numbers, lengths: [0, 1, 2, 5], widths: [1, 3, 8], mostSegments: 4)
            let found = try sample.gradients(context)
            for (input, values) in [sample.q, sample.k, sample.v].enumerated() {
                for index in values.indices {
                    let sides = [step, -step].map { distance in
                        var inputs = [sample.q, sample.k, sample.v]
                        inputs[input][index] += distance
                        return sample.loss(q: inputs[0], k: inputs[1], v: inputs[2])
                    }
                    let width = input == 0 ? sample.queryWidth : sample.keyWidth
                    let belongs = sample.segments.contains { $0.rows.contains(index / width) }
                    let expected = belongs ? (sides[0] - sides[1]) / Double(2 * step) : 77
                    #expect(abs(Double(found[input][index]) - expected) < 1e-3, "\(sample), input \(input), \(index)")
                }
            }
        }
    }

    @Test("equals the plain form, and leaves rows of no segment alone", arguments: Machine.all)
    func equalsPlainForm(machine: Machine) throws {
        let (context, plain) = (try machine.context(), try ComputeContext(threads: 1, level: .portable))
        var numbers = TestNumbers(seed: 22)
        for trial in 0..<25 {
            let sample = BackwardCase(
                numbers: &numbers,
                lengths: [0, 1, 2, 15, 17, 33, 63, 64, 65, 130],
                widths: [1, 4, 7, 16, 20, 33, 64],
                mostSegments: 5
            )
            for (found, expected) in zip(try sample.gradients(context), try sample.gradients(plain)) {
                #expect(relativeNorm(found, expected) < 1e-6, "trial \(trial): \(sample)")
            }
        }
    }

    /// Products of operands rounded to bfloat16 (2^-9 each) stay near the plain form in f32, which is their twin.
    @Test("with products in bfloat16 stays within their rounding of the plain form", arguments: Machine.all)
    func roundedProducts(machine: Machine) throws {
        let (context, plain) = (try machine.context(), try ComputeContext(threads: 1, level: .portable))
        var numbers = TestNumbers(seed: 25)
        for trial in 0..<25 {
            let sample = BackwardCase(
                numbers: &numbers,
                lengths: [15, 17, 33, 63, 64, 65, 130],
                widths: [16, 20, 33, 64, 130],
                mostSegments: 4
            )
            let found = try sample.gradients(context, precision: .bf16)
            for (found, expected) in zip(found, try sample.gradients(plain)) {
                #expect(relativeNorm(found, expected) < 0.05, "trial \(trial): \(sample)")
            }
            #expect(try sample.gradients(context, precision: .bf16) == found)
        }
    }

    @Test("is the same bits again with the same number of threads", arguments: Machine.all)
    func repeats(machine: Machine) throws {
        var numbers = TestNumbers(seed: 23)
        for _ in 0..<4 {
            let sample = BackwardCase(numbers: &numbers, lengths: [70, 130], widths: [16], mostSegments: 4)
            #expect(try sample.gradients(machine.context()) == sample.gradients(machine.context()))
        }
    }

    @Test("a number that is none reaches all gradients that depend on it, and no earlier query", arguments: Machine.all)
    func notANumber(machine: Machine) throws {
        let context = try machine.context()
        let shape = AttentionShape(heads: 1, kvHeads: 1, headDimension: 8, scale: 0.25)
        var numbers = TestNumbers(seed: 24)
        var values = numbers.values(20 * 8)
        let others = try FloatMatrix(rows: 20, columns: 8, values: values)
        values[12 * 8 + 3] = .nan
        let q = try FloatMatrix(rows: 20, columns: 8, values: values)
        let results = try (0..<3).map { _ in try FloatMatrix(rows: 20, columns: 8) }
        try context.attentionBackward(
            shape,
            q: q,
            k: others,
            v: others,
            dout: others,
            segments: [PackedSegment(start: 0, count: 20, firstPosition: 0, parent: nil)],
            dq: results[0],
            dk: results[1],
            dv: results[2]
        )
        #expect(results[0].rows(12..<13).values.allSatisfy { $0.isNaN })
        #expect(results[0].rows(0..<12).values.allSatisfy { $0.isFinite })
        #expect(results[1].rows(0..<13).values.allSatisfy { $0.isNaN })
        #expect(results[2].rows(0..<13).values.allSatisfy { $0.isNaN })
    }
}
