// Norms at every level against Double.

import IQTensor
import Testing
import _IQTestSupport

@Suite("Norms")
struct NormTests {
    @Test("RMS norm is what its definition says, for each group of each row", arguments: Machine.all)
    func rmsNorm(machine: Machine) throws {
        let context = try machine.context()
        for columns in awkwardLengths + [576, 4096] {
            for (rows, groups, offset) in [(0, 1, 0), (1, 1, 0), (5, 1, 1), (3, 4, 0)] as [(Int, Int, Float)] {
                var numbers = TestNumbers(seed: UInt64(columns))
                let x = numbers.values(rows * groups * columns, scale: 3)
                let weight = numbers.values(columns)
                let input = try GuardedMatrix(rows: rows, columns: groups * columns, values: x)
                let output = try GuardedMatrix(rows: rows, columns: groups * columns)
                try context.rmsNorm(
                    input.matrix,
                    weight: try WeightVector(weight),
                    weightOffset: offset,
                    epsilon: 1e-5,
                    into: output.matrix
                )
                let expected = (0..<(rows * groups)).flatMap { row in
                    Reference.rmsNorm(
                        Array(x[(row * columns)..<((row + 1) * columns)]),
                        weight: weight,
                        offset: offset,
                        epsilon: 1e-5
                    )
                }
                #expect(worstDifference(output.matrix.values, expected, floor: 1e-3) < 1e-6, "\(rows) x \(columns)")
                #expect(output.isIntact)
            }
        }
    }

    @Test("RMS norm of a row of zeros is zero, and may be computed in place", arguments: Machine.all)
    func zerosInPlace(machine: Machine) throws {
        let context = try machine.context()
        let x = try GuardedMatrix(rows: 2, columns: 17, values: [Float](repeating: 0, count: 34))
        let weight = try WeightVector([Float](repeating: 1, count: 17))
        try context.rmsNorm(x.matrix, weight: weight, weightOffset: 0, epsilon: 1e-6, into: x.matrix)
        #expect(x.matrix.values.allSatisfy { $0 == 0 })
        #expect(x.isIntact)
    }

    @Test("layer norm is what its definition says", arguments: Machine.all)
    func layerNorm(machine: Machine) throws {
        let context = try machine.context()
        for columns in awkwardLengths + [384, 4096] {
            for rows in [0, 1, 4] {
                var numbers = TestNumbers(seed: UInt64(columns))
                let x = numbers.values(rows * columns, scale: 3).map { $0 + 0.5 }
                let (weight, bias) = (numbers.values(columns), numbers.values(columns))
                let input = try GuardedMatrix(rows: rows, columns: columns, values: x)
                let output = try GuardedMatrix(rows: rows, columns: columns)
                try context.layerNorm(
                    input.matrix,
                    weight: try WeightVector(weight),
                    bias: try WeightVector(bias),
                    epsilon: 1e-5,
                    into: output.matrix
                )
                let expected = (0..<rows).flatMap { row in
                    Reference.layerNorm(
                        Array(x[(row * columns)..<((row + 1) * columns)]),
                        weight: weight,
                        bias: bias,
                        epsilon: 1e-5
                    )
                }
                #expect(worstDifference(output.matrix.values, expected, floor: 1) < 2e-6, "\(rows) x \(columns)")
                #expect(output.isIntact)
            }
        }
    }
}
