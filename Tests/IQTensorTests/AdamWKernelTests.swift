// The optimiser's kernels at every level, against Double.

import IQTensor
import Testing

private func buffer(_ values: [Float]) throws -> FloatBuffer {
    let buffer = try FloatBuffer(count: values.count)
    let matrix = FloatMatrix(buffer: buffer, rows: 1, columns: values.count)
    for (index, value) in values.enumerated() { matrix[0, index] = value }
    return buffer
}

private func values(_ buffer: FloatBuffer) -> [Float] {
    FloatMatrix(buffer: buffer, rows: 1, columns: buffer.count).values
}

@Suite("Kernels of the optimiser")
struct AdamWKernelTests {
    private let step = AdamWStep(
        learningRate: 0.01,
        beta1: 0.9,
        beta2: 0.95,
        epsilon: 1e-4,
        weightDecay: 0.1,
        correction1: 0.19,
        correction2: 0.0975,
        gradientScale: 0.5
    )

    @Test("one step of AdamW is what its definition says, and leaves the rest alone", arguments: Machine.all)
    func adamW(machine: Machine) throws {
        let context = try machine.context()
        for count in awkwardLengths + [40_000] {
            var numbers = TestNumbers(seed: UInt64(count))
            let length = count + 5
            let (w, g, m) = (numbers.values(length), numbers.values(length), numbers.values(length, scale: 0.1))
            let v = numbers.values(length, scale: 0.1).map { abs($0) }
            let buffers = try [w, g, m, v].map(buffer)
            try context.adamW(
                step,
                weights: buffers[0],
                gradients: buffers[1],
                firstMoment: buffers[2],
                secondMoment: buffers[3],
                range: 2..<(count + 2)
            )
            var expected = [w, m, v].map { $0.map(Double.init) }
            for i in 2..<(count + 2) {
                let gradient = Double(g[i]) * 0.5
                expected[1][i] = Double(step.beta1) * Double(m[i]) + (1 - Double(step.beta1)) * gradient
                expected[2][i] = Double(step.beta2) * Double(v[i]) + (1 - Double(step.beta2)) * gradient * gradient
                let root = (expected[2][i] / Double(step.correction2)).squareRoot() + Double(step.epsilon)
                let rate = Double(step.learningRate)
                expected[0][i] =
                    Double(w[i]) * (1 - rate * Double(step.weightDecay))
                    - rate / Double(step.correction1) * expected[1][i] / root
            }
            #expect(worstDifference(values(buffers[0]), expected[0], floor: 0.1) < 1e-6)
            #expect(worstDifference(values(buffers[2]), expected[1], floor: 0.1) < 1e-6)
            #expect(worstDifference(values(buffers[3]), expected[2], floor: 0.1) < 1e-6)
            #expect(values(buffers[1]) == g)
        }
    }

    @Test(
        "a number's step does not depend on its place or on the number of threads",
        arguments: InstructionLevel.supported
    )
    func places(level: InstructionLevel) throws {
        var numbers = TestNumbers(seed: 2)
        let (w, g) = (numbers.values(40_003), numbers.values(40_003))
        let zeros = [Float](repeating: 0, count: w.count)
        let results = try [1, 3].map { threads in
            let context = try ComputeContext(threads: threads, level: level)
            let buffers = try [w, g, zeros, zeros].map(buffer)
            try context.adamW(
                step,
                weights: buffers[0],
                gradients: buffers[1],
                firstMoment: buffers[2],
                secondMoment: buffers[3],
                range: 0..<w.count
            )
            return values(buffers[0])
        }
        #expect(results[0] == results[1])
        let context = try ComputeContext(threads: 1, level: level)
        let alone = try [w[7], g[7], 0, 0].map { try buffer([$0]) }
        try context.adamW(
            step,
            weights: alone[0],
            gradients: alone[1],
            firstMoment: alone[2],
            secondMoment: alone[3],
            range: 0..<1
        )
        #expect(values(alone[0]) == [results[0][7]])
    }

    @Test("the sum of squares is exact to rounding, also beyond the range of f32, and shows what is not finite")
    func sumOfSquares() throws {
        for machine in Machine.all {
            let context = try machine.context()
            for count in awkwardLengths + [40_000] {
                var numbers = TestNumbers(seed: UInt64(count))
                var x = numbers.values(count)
                x[count / 2] = 1e30
                let expected = x.reduce(0) { $0 + Double($1) * Double($1) }
                #expect(abs(try context.sumOfSquares(try buffer(x)) / expected - 1) < 1e-12)
                for value in [Float.infinity, .nan] {
                    x[count - 1] = value
                    #expect(try context.sumOfSquares(try buffer(x)).isFinite == false)
                }
            }
            let zeros = try buffer([1, 2, .nan])
            try context.clear(zeros)
            #expect(values(zeros) == [0, 0, 0])
        }
    }
}
