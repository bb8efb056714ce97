// Gradients of the row operations at every level, against differences of the definitions in Double.

import IQTensor
import Testing
import _IQTestSupport

/// ∂loss/∂x[i] for every i by central differences. The step is a power of 2, so that x ± step are exact enough in f32.
private func differences(of x: [Float], step: Float = 1.0 / 128, _ loss: ([Float]) -> Double) -> [Double] {
    x.indices.map { index in
        var (above, below) = (x, x)
        above[index] += step
        below[index] -= step
        return (loss(above) - loss(below)) / (Double(above[index]) - Double(below[index]))
    }
}

private func dot(_ a: [Double], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * Double($1.1) } }

private func guarded(_ rows: Int, _ columns: Int, _ values: [Float]) throws -> GuardedMatrix {
    try GuardedMatrix(rows: rows, columns: columns, values: values)
}

/// Rows of `columns` numbers.
private func rows(_ x: [Float], _ columns: Int) -> [[Float]] {
    stride(from: 0, to: x.count, by: columns).map { Array(x[$0..<($0 + columns)]) }
}

/// Lengths around the widths of all levels that leave room for differences in Double.
private let lengths = [1, 3, 8, 16, 17, 33, 49]

@Suite("Gradients of row operations")
struct GradientRowTests {
    @Test("RMS norm: adds to dx and dweight what differences say", arguments: Machine.all)
    func rmsNorm(machine: Machine) throws {
        let context = try machine.context()
        for columns in lengths {
            for (count, groups, offset) in [(1, 1, 0), (3, 2, 1)] as [(Int, Int, Float)] {
                var numbers = TestNumbers(seed: UInt64(columns))
                let (x, dy) = (
                    numbers.values(count * groups * columns, scale: 3), numbers.values(count * groups * columns)
                )
                let weight = numbers.values(columns)
                func loss(_ x: [Float], _ weight: [Float]) -> Double {
                    let y = rows(x, columns).flatMap {
                        Reference.rmsNorm($0, weight: weight, offset: offset, epsilon: 1e-2)
                    }
                    return dot(y, dy)
                }
                let dx = try guarded(count, groups * columns, [Float](repeating: 0.5, count: x.count))
                let dweight = try guarded(1, columns, [Float](repeating: -0.25, count: columns))
                try context.rmsNormBackward(
                    try guarded(count, groups * columns, x).matrix,
                    weight: try WeightVector(weight),
                    weightOffset: offset,
                    epsilon: 1e-2,
                    dy: try guarded(count, groups * columns, dy).matrix,
                    addingTo: dx.matrix,
                    dweight: dweight.matrix
                )
                let (byX, byWeight) = (differences(of: x) { loss($0, weight) }, differences(of: weight) { loss(x, $0) })
                #expect(worstDifference(dx.matrix.values, byX.map { $0 + 0.5 }, floor: 1) < 2e-3)
                #expect(worstDifference(dweight.matrix.values, byWeight.map { $0 - 0.25 }, floor: 1) < 1e-4)
                #expect(dx.isIntact && dweight.isIntact)
            }
        }
    }

    @Test("layer norm: adds to dx, dweight and dbias what differences say", arguments: Machine.all)
    func layerNorm(machine: Machine) throws {
        let context = try machine.context()
        for columns in lengths {
            var numbers = TestNumbers(seed: UInt64(columns))
            let x = numbers.values(3 * columns, scale: 3).map { $0 + 2 }
            let (dy, weight, bias) = (numbers.values(3 * columns), numbers.values(columns), numbers.values(columns))
            func loss(_ x: [Float], _ weight: [Float], _ bias: [Float]) -> Double {
                let y = rows(x, columns).flatMap { Reference.layerNorm($0, weight: weight, bias: bias, epsilon: 0.1) }
                return dot(y, dy)
            }
            let dx = try guarded(3, columns, [Float](repeating: 0.5, count: x.count))
            let dweight = try guarded(1, columns, [Float](repeating: 1, count: columns))
            let dbias = try guarded(1, columns, [Float](repeating: 2, count: columns))
            try context.layerNormBackward(
                try guarded(3, columns, x).matrix,
                weight: try WeightVector(weight),
                epsilon: 0.1,
                dy: try guarded(3, columns, dy).matrix,
                addingTo: dx.matrix,
                dweight: dweight.matrix,
                dbias: dbias.matrix
            )
            let byX = differences(of: x) { loss($0, weight, bias) }
            let byWeight = differences(of: weight) { loss(x, $0, bias) }
            let byBias = differences(of: bias) { loss(x, weight, $0) }
            #expect(worstDifference(dx.matrix.values, byX.map { $0 + 0.5 }, floor: 1) < 2e-3, "\(columns)")
            #expect(worstDifference(dweight.matrix.values, byWeight.map { $0 + 1 }, floor: 1) < 1e-4)
            #expect(worstDifference(dbias.matrix.values, byBias.map { $0 + 2 }, floor: 1) < 1e-4)
            #expect(dx.isIntact && dweight.isIntact && dbias.isIntact)
        }
    }

    @Test("gated units: dgate and dup are what differences say, also in place of gate and up", arguments: Machine.all)
    func gatedUnits(machine: Machine) throws {
        let context = try machine.context()
        typealias Unit = (FloatMatrix, FloatMatrix, FloatMatrix, FloatMatrix, FloatMatrix) throws -> Void
        let units: [((Float) -> Double, Unit)] = [
            (Reference.silu, { try context.siluMultiplyBackward($0, $1, dy: $2, dgate: $3, dup: $4) }),
            (Reference.geluTanh, { try context.geluTanhMultiplyBackward($0, $1, dy: $2, dgate: $3, dup: $4) }),
        ]
        for (activation, unit) in units {
            for columns in awkwardLengths {
                var numbers = TestNumbers(seed: UInt64(columns))
                let (gate, up) = (numbers.values(3 * columns, scale: 6), numbers.values(3 * columns, scale: 2))
                let dy = numbers.values(3 * columns)
                let step: Float = 1.0 / 256
                let dgate = gate.indices.map { index in
                    let (above, below) = (gate[index] + step, gate[index] - step)
                    let slope = (activation(above) - activation(below)) / (Double(above) - Double(below))
                    return Double(dy[index]) * Double(up[index]) * slope
                }
                let dup = gate.indices.map { Double(dy[$0]) * activation(gate[$0]) }
                let inputs = try [gate, up, dy].map { try guarded(3, columns, $0) }
                let outputs = try (0..<2).map { _ in try GuardedMatrix(rows: 3, columns: columns) }
                let (first, second) = (inputs[0].matrix, inputs[1].matrix)
                try unit(first, second, inputs[2].matrix, outputs[0].matrix, outputs[1].matrix)
                #expect(worstDifference(outputs[0].matrix.values, dgate, floor: 1) < 2e-5)
                #expect(worstDifference(outputs[1].matrix.values, dup, floor: 1) < 2e-6)
                try unit(first, second, inputs[2].matrix, first, second)
                #expect(first.values == outputs[0].matrix.values && second.values == outputs[1].matrix.values)
                #expect((inputs + outputs).allSatisfy { $0.isIntact })
            }
        }
    }

    @Test(
        "gated units: far from 0 the slope is 0 or 1, and nothing is lost of a number that is none",
        arguments: Machine.all
    )
    func farGates(machine: Machine) throws {
        let context = try machine.context()
        let gate = try FloatMatrix(rows: 1, columns: 5, values: [-1e4, -200, 200, 1e4, .nan])
        let one = try FloatMatrix(rows: 1, columns: 5, values: [1, 1, 1, 1, 1])
        let (dgate, dup) = (try FloatMatrix(rows: 1, columns: 5), try FloatMatrix(rows: 1, columns: 5))
        try context.siluMultiplyBackward(gate, one, dy: one, dgate: dgate, dup: dup)
        #expect(Array(dgate.values.prefix(4)) == [0, 0, 1, 1] && Array(dup.values.prefix(4)) == [0, 0, 200, 1e4])
        #expect(dgate.values[4].isNaN && dup.values[4].isNaN)
        try context.geluTanhMultiplyBackward(gate, one, dy: one, dgate: dgate, dup: dup)
        #expect(Array(dgate.values.prefix(4)) == [0, 0, 1, 1] && Array(dup.values.prefix(4)) == [0, 0, 200, 1e4])
        #expect(dgate.values[4].isNaN && dup.values[4].isNaN)
    }

    @Test("GELU with erf, and tanh", arguments: Machine.all)
    func activations(machine: Machine) throws {
        let context = try machine.context()
        for columns in awkwardLengths {
            var numbers = TestNumbers(seed: UInt64(columns))
            let (x, dy) = (numbers.values(2 * columns, scale: 6), numbers.values(2 * columns))
            let step: Float = 1.0 / 256
            let expected = x.indices.map { index in
                let (above, below) = (x[index] + step, x[index] - step)
                let slope = (Reference.geluErf(above) - Reference.geluErf(below)) / (Double(above) - Double(below))
                return Double(dy[index]) * slope
            }
            let (input, gradient) = (try guarded(2, columns, x), try guarded(2, columns, dy))
            let output = try GuardedMatrix(rows: 2, columns: columns)
            try context.geluErfBackward(input.matrix, dy: gradient.matrix, into: output.matrix)
            #expect(worstDifference(output.matrix.values, expected, floor: 1) < 2e-5)
            let y = x.map { Float(Reference.tanh($0)) }
            let tangents = zip(y, dy).map { Double($1) * (1 - Double($0) * Double($0)) }
            try context.tanhBackward(try guarded(2, columns, y).matrix, dy: gradient.matrix, into: gradient.matrix)
            #expect(worstDifference(gradient.matrix.values, tangents, floor: 1) < 1e-6)
            #expect(output.isIntact && gradient.isIntact)
        }
    }

    @Test("column sums, biases and rows that are named several times", arguments: Machine.all)
    func sums(machine: Machine) throws {
        let context = try machine.context()
        for columns in awkwardLengths + [576] {
            var numbers = TestNumbers(seed: UInt64(columns))
            let (dy, bias) = (numbers.values(7 * columns), numbers.values(columns))
            let gradient = try guarded(7, columns, dy)
            let dbias = try guarded(1, columns, bias)
            try context.addColumnSums(of: gradient.matrix, to: dbias.matrix)
            let expected = (0..<columns).map { column in
                (0..<7).reduce(Double(bias[column])) { $0 + Double(dy[$1 * columns + column]) }
            }
            #expect(worstDifference(dbias.matrix.values, expected, floor: 1) < 1e-6)
            let named: [Int32] = [2, 0, 2, 2, 3, 0, 4]
            let table = try guarded(5, columns, [Float](repeating: 1, count: 5 * columns))
            try context.scatterAdd(gradient.matrix, toRows: named, factor: 0.5, of: table.matrix)
            var sums = [Double](repeating: 1, count: 5 * columns)
            for (index, row) in named.enumerated() {
                for column in 0..<columns {
                    sums[Int(row) * columns + column] += 0.5 * Double(dy[index * columns + column])
                }
            }
            #expect(worstDifference(table.matrix.values, sums, floor: 1) < 1e-6)
            try context.addBias(try WeightVector(bias), to: gradient.matrix)
            let biased = dy.indices.map { Double(dy[$0]) + Double(bias[$0 % columns]) }
            #expect(worstDifference(gradient.matrix.values, biased, floor: 1) < 1e-6)
            #expect(dbias.isIntact && table.isIntact && gradient.isIntact)
        }
    }

    @Test("dropout keeps the numbers that the random stream's words say", arguments: Machine.all)
    func dropout(machine: Machine) throws {
        let context = try machine.context()
        for columns in awkwardLengths + [200] {
            for (rate, position) in [(0, 0), (0.1, 1), (0.5, 6), (0.999, (1 << 34) - 5)] as [(Float, UInt64)] {
                var numbers = TestNumbers(seed: UInt64(columns))
                let x = numbers.values(3 * columns)
                var random = RandomStream(seed: 0x1234_5678_9ABC_DEF0, stream: 7 << 33, position: position)
                let matrix = try guarded(3, columns, x)
                try context.dropout(matrix.matrix, rate: rate, random: random, into: matrix.matrix)
                let expected = x.map { value in
                    Double(random.nextWord()) >= Double(rate) * 0x1p32 ? value * (1 / (1 - rate)) : 0
                }
                #expect(matrix.matrix.values == expected, "\(columns) columns, rate \(rate), position \(position)")
                #expect(matrix.isIntact)
            }
        }
    }
}
