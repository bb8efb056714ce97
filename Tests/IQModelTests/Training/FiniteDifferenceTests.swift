// Gradients agree with the slopes of the loss, at every instruction level.

import IQTensor
import IQText
import Testing
import _IQTestSupport

import IQModel

@Suite struct FiniteDifferenceTests {
    /// Along a random direction of one parameter, (loss(w + h d) − loss(w − h d)) / 2h is gradient · d. A sum of squares of
    /// both sides over many directions would hide a small parameter, so each parameter is looked at alone.
    @Test(arguments: TestModel.tiny, InstructionLevel.supported)
    func gradientsAreSlopes(name: String, level: InstructionLevel) throws {
        let golden = try TestModel.golden("\(name)/golden.json", as: GradientGoldenTests.Golden.self)
        let bench = try TrainingBench(name, level: level)
        var batch = PackedBatch()
        var targets = TokenTargets()
        let prompt = batch.append(golden.input_ids[0])
        for length in [5, 9] {
            targets.append(
                segment: batch.append(golden.input_ids[1].prefix(length), continuing: prompt),
                of: batch
            )
        }
        targets.append(segment: batch.append(golden.input_ids[1]), of: batch)
        try bench.crossEntropy(batch, targets)
        var random = RandomStream(seed: 7)
        let parameters = bench.decoder.parameters
        for (index, entry) in parameters.entries.enumerated() {
            let count = entry.parameter.count
            let gradient = parameters.gradient(index).values
            let norm = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            // Half along the gradient, so that the slope is large against the rounding of the loss.
            let noise = (0..<count).map { _ in random.normal() / Double(count).squareRoot() }
            let direction = zip(gradient, noise).map { 0.5 * Double($0) / max(norm, 1e-12) + $1 }
            let step = 2e-3
            let values = parameters.value(index).values
            func loss(_ sign: Double) throws -> Double {
                set(values.indices.map { Float(Double(values[$0]) + sign * step * direction[$0]) })
                return try bench.loss(batch, targets)
            }
            func set(_ new: [Float]) {
                parameters.values.buffer.withFloats(entry.range) { _ = $0.update(from: new) }
            }
            let slope = (try loss(1) - loss(-1)) / (2 * step)
            set(values)
            let expected = zip(gradient, direction).reduce(0) { $0 + Double($1.0) * $1.1 }
            // The loss is a sum of f32 numbers: about 1e-6 of it is rounding, over 2 h.
            #expect(abs(slope - expected) < 0.01 * abs(expected) + 1.5e-3, "\(entry.name): \(slope), \(expected)")
        }
    }
}
