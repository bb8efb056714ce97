// Activations, sums, scaling and rotation at every level against Double.

import IQTensor
import Testing
import _IQTestSupport

@Suite("Operations element by element")
struct ElementwiseTests {
    /// Both signs, tiny to huge, the points where the approximations change over, and zero.
    private static func arguments(_ count: Int) -> [Float] {
        let special: [Float] = [
            0, 1e-30, 1e-6, 0.1733, 0.3466, 0.5, 1, 1.4143, 2, 4, 5.65, 5.7, 9.99, 10.1, 20, 87, 89, 104, 200, 1e13,
        ]
        var numbers = TestNumbers(seed: UInt64(count))
        return (0..<count).map { index in
            guard index < 2 * special.count else { return numbers.next() * 8 }
            return index % 2 == 0 ? special[index / 2] : -special[index / 2]
        }
    }

    private func check(
        _ machine: Machine,
        limit: Double,
        floor: Double,
        apply: (ComputeContext, FloatMatrix, FloatMatrix, FloatMatrix) throws -> Void,
        reference: (Float, Float) -> Double
    ) throws {
        let context = try machine.context()
        for columns in awkwardLengths + [1000] {
            for rows in [0, 1, 4] {
                let x = Self.arguments(rows * columns)
                var numbers = TestNumbers(seed: 7)
                let up = numbers.values(rows * columns)
                let first = try GuardedMatrix(rows: rows, columns: columns, values: x)
                let second = try GuardedMatrix(rows: rows, columns: columns, values: up)
                let output = try GuardedMatrix(rows: rows, columns: columns)
                try apply(context, first.matrix, second.matrix, output.matrix)
                let expected = zip(x, up).map { reference($0, $1) }
                #expect(worstDifference(output.matrix.values, expected, floor: floor) < limit, "\(rows) x \(columns)")
                #expect(first.isIntact && second.isIntact && output.isIntact)
            }
        }
    }

    @Test("silu(gate) · up", arguments: Machine.all)
    func silu(machine: Machine) throws {
        try check(machine, limit: 1e-6, floor: 1e-30) {
            try $0.siluMultiply($1, $2, into: $3)
        } reference: {
            Reference.silu($0) * Double($1)
        }
    }

    @Test("gelu(gate) · up with the tanh form", arguments: Machine.all)
    func geluTanh(machine: Machine) throws {
        try check(machine, limit: 1e-6, floor: 1e-2) {
            try $0.geluTanhMultiply($1, $2, into: $3)
        } reference: {
            Reference.geluTanh($0) * Double($1)
        }
    }

    @Test("gelu with erf", arguments: Machine.all)
    func geluErf(machine: Machine) throws {
        try check(machine, limit: 1e-6, floor: 1) {
            try $0.geluErf($1, into: $3)
        } reference: { x, _ in
            Reference.geluErf(x)
        }
    }

    @Test("tanh, precise also for small arguments", arguments: Machine.all)
    func tanh(machine: Machine) throws {
        try check(machine, limit: 4e-7, floor: 1e-37) {
            try $0.tanh($1, into: $3)
        } reference: { x, _ in
            Reference.tanh(x)
        }
    }

    @Test("NaN stays NaN through every activation", arguments: InstructionLevel.supported)
    func notANumber(level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 1, level: level)
        let x = try FloatMatrix(rows: 1, columns: 33, values: [Float](repeating: .nan, count: 33))
        let one = try FloatMatrix(rows: 1, columns: 33, values: [Float](repeating: 1, count: 33))
        let y = try FloatMatrix(rows: 1, columns: 33)
        let operations: [() throws -> Void] = [
            { try context.tanh(x, into: y) }, { try context.geluErf(x, into: y) },
            { try context.siluMultiply(x, one, into: y) }, { try context.geluTanhMultiply(x, one, into: y) },
        ]
        for operation in operations {
            try operation()
            #expect(y.values.allSatisfy { $0.isNaN })
        }
    }

    @Test("y += x, and x *= factor, exactly", arguments: Machine.all)
    func addAndScale(machine: Machine) throws {
        let context = try machine.context()
        for columns in awkwardLengths {
            var numbers = TestNumbers(seed: UInt64(columns))
            let (a, b) = (numbers.values(3 * columns), numbers.values(3 * columns))
            let x = try GuardedMatrix(rows: 3, columns: columns, values: a)
            let y = try GuardedMatrix(rows: 3, columns: columns, values: b)
            try context.add(x.matrix, to: y.matrix)
            #expect(y.matrix.values == zip(a, b).map { $0 + $1 })
            try context.scale(x.matrix, by: 1.7)
            #expect(x.matrix.values == a.map { $0 * 1.7 })
            #expect(x.isIntact && y.isIntact)
        }
    }

    @Test(
        "rotary tables are sines of the angle in f32, and rotation leaves the rest of a head alone",
        arguments: Machine.all
    )
    func rotary(machine: Machine) throws {
        let context = try machine.context()
        for half in awkwardLengths {
            let (tokens, heads, width) = (4, 3, 2 * half + half % 3)
            var numbers = TestNumbers(seed: UInt64(half))
            let frequencies = numbers.values(half).map(abs)
            let positions: [Int32] = [0, 1, 500, 100_000]
            let cosine = try FloatMatrix(rows: tokens, columns: half)
            let sine = try FloatMatrix(rows: tokens, columns: half)
            try context.rotaryTables(
                positions: positions,
                inverseFrequencies: try WeightVector(frequencies),
                scale: 0.5,
                cosine: cosine,
                sine: sine
            )
            for (t, position) in positions.enumerated() {
                for i in 0..<half {
                    let (c, s) = Reference.cosineAndSine(Float(position) * frequencies[i])
                    #expect(abs(Double(cosine[t, i]) - 0.5 * c) < 1e-7 && abs(Double(sine[t, i]) - 0.5 * s) < 1e-7)
                }
            }
            let values = numbers.values(tokens * heads * width)
            let x = try GuardedMatrix(rows: tokens, columns: heads * width, values: values)
            try context.rotate(x.matrix, cosine: cosine, sine: sine, headDimension: width)
            var expected: [Double] = []
            for index in 0..<(tokens * heads) {
                let row = (index / heads)..<(index / heads + 1)
                let head = Array(values[(index * width)..<((index + 1) * width)])
                expected += Reference.rotate(head, cosine: cosine.rows(row).values, sine: sine.rows(row).values)
            }
            #expect(worstDifference(x.matrix.values, expected, floor: 1) < 3e-7)
            #expect(x.isIntact)
        }
    }
}
