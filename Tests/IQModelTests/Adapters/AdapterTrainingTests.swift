// What training of adapters must not do: change the base, drop differently in two passes, or learn what is frozen.

import IQTensor
import IQText
import Testing
import _IQTestSupport

import IQModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct AdapterTrainingTests {
    private let dropping = DropoutDraw(seed: 3, pass: 5)

    /// B starts at 0, so a fresh adapter changes no logit, not even in its last bit.
    @Test func freshAdapterChangesNothing() throws {
        let fixture = try AdapterFixture()
        let bench = try AdapterBench(fixture, startsAtFixture: false)
        #expect(try fixture.logits(of: bench.decoder.model) == fixture.logits(of: fixture.base))
        for (index, site) in try #require(bench.decoder.adapter).sites.enumerated() {
            let down = bench.decoder.parameters.value(2 * index).values
            let bound = 1 / Float(site.parameter.shape(in: fixture.configuration)[1]).squareRoot()
            #expect(down.allSatisfy { abs($0) <= bound } && down.contains { abs($0) > bound / 2 })
            #expect(bench.decoder.parameters.value(2 * index + 1).values.allSatisfy { $0 == 0 })
        }
    }

    /// The numbers that A starts with at a place do not depend on which other places are adapted.
    @Test func initializationIsOfThePlaceAlone() throws {
        let fixture = try AdapterFixture()
        let all = try AdapterBench(fixture, options: try LoRAOptions(rank: 4), startsAtFixture: false)
        let few = try AdapterBench(
            fixture,
            options: try LoRAOptions(rank: 4, projections: [.down], layers: [1]),
            startsAtFixture: false
        )
        let name = "base_model.model.model.layers.1.mlp.down_proj.lora_A.weight"
        #expect(few.decoder.parameters.entries.map(\.name) == [name, name.replacingLoRA("A", by: "B")])
        let index = try #require(all.decoder.parameters.index(of: name))
        #expect(few.decoder.parameters.value(0).values == all.decoder.parameters.value(index).values)
    }

    /// After a change of A and B the policy has moved, and the reference and the base's bytes have not.
    @Test func baseIsTheReferencePolicy() throws {
        let fixture = try AdapterFixture()
        let bench = try AdapterBench(fixture)
        let before = try fixture.logits(of: fixture.base)
        let policy = try fixture.logits(of: bench.decoder.model)
        try bench.crossEntropy(fixture.batch, fixture.targets)
        for index in bench.decoder.parameters.entries.indices {
            let value = bench.decoder.parameters.value(index)
            let gradient = bench.decoder.parameters.gradient(index)
            for row in 0..<value.rows {
                for column in 0..<value.columns { value[row, column] -= 0.05 * gradient[row, column] }
            }
        }
        let reference = try #require(bench.decoder.reference)
        #expect(try fixture.logits(of: reference) == before)
        #expect(try fixture.logits(of: bench.decoder.model) != policy)
        // A step against the gradient lowers the loss.
        let loss = try bench.loss(fixture.batch, fixture.targets)
        #expect(loss < Double(fixture.expected["loss"]?.floats.first ?? 0))
        // Merging what has been learnt gives the same policy.
        let merged = try DecoderModel(
            configuration: fixture.configuration,
            weights: try bench.decoder.mergedWeights(context: fixture.context)
        )
        let difference = zip(try fixture.logits(of: merged), try fixture.logits(of: bench.decoder.model))
            .map { abs($0 - $1) }.max()
        #expect(try #require(difference) < 5e-5)
        #expect(try fixture.logits(of: fixture.base) == before)
    }

    /// Over a base in 8 bits the adapters' gradients are those over the same base expanded to f32.
    @Test(arguments: [NumberFormat.q8_0, .bf16, .f16]) func frozenBaseMayBeQuantized(format: NumberFormat) throws {
        let fixture = try AdapterFixture()
        let stored = try fixture.weights.convertingMatrices { try fixture.context.converted($0, to: format) }
        let expanded = try stored.convertingMatrices { try fixture.context.dequantized($0) }
        let first = try AdapterBench(fixture, weights: stored)
        let second = try AdapterBench(fixture, weights: expanded)
        let loss = try first.crossEntropy(fixture.batch, fixture.targets)
        #expect(abs(loss - (try second.crossEntropy(fixture.batch, fixture.targets))) < 1e-6 * loss)
        for (name, gradient) in first.gradients {
            #expect(relativeNormDifference(gradient, second.gradients[name] ?? []) < 1e-6, "\(name)")
        }
    }

    // MARK: Dropout

    private func droppingOptions(_ fixture: AdapterFixture, rate: Float) throws -> LoRAOptions {
        let options = fixture.adapter.options
        return try LoRAOptions(rank: options.rank, alpha: options.alpha, dropout: rate)
    }

    /// The same pass of the same run draws the same masks, in both recordings; another pass draws others; evaluation none.
    @Test func dropoutIsOfThePassAlone() throws {
        let fixture = try AdapterFixture()
        let options = try droppingOptions(fixture, rate: 0.3)
        let kept = try AdapterBench(fixture, options: options)
        let recomputed = try AdapterBench(fixture, options: options, recording: .inputs)
        let loss = try kept.crossEntropy(fixture.batch, fixture.targets, dropout: dropping)
        #expect(try recomputed.crossEntropy(fixture.batch, fixture.targets, dropout: dropping) == loss)
        #expect(kept.gradients == recomputed.gradients)
        let other = DropoutDraw(seed: 3, pass: 6)
        #expect(try kept.loss(fixture.batch, fixture.targets, dropout: other) != loss)
        #expect(try kept.loss(fixture.batch, fixture.targets, dropout: DropoutDraw(seed: 4, pass: 5)) != loss)
        let plain = try AdapterBench(fixture)
        #expect(
            try kept.loss(fixture.batch, fixture.targets) == plain.loss(fixture.batch, fixture.targets)
        )
    }

    /// Along a random direction the loss changes as the gradients say, with the masks held.
    @Test(arguments: [Float(0), 0.3], InstructionLevel.supported)
    func gradientsAreSlopes(rate: Float, level: InstructionLevel) throws {
        let fixture = try AdapterFixture(level: level)
        let bench = try AdapterBench(fixture, options: try droppingOptions(fixture, rate: rate))
        try bench.crossEntropy(fixture.batch, fixture.targets, dropout: dropping)
        var random = RandomStream(seed: 9)
        let parameters = bench.decoder.parameters
        for (index, entry) in parameters.entries.enumerated() {
            let gradient = parameters.gradient(index).values
            let norm = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            let direction = gradient.map {
                0.5 * Double($0) / max(norm, 1e-12) + random.normal() / Double(gradient.count).squareRoot()
            }
            let values = parameters.value(index).values
            let step = 2e-3
            func set(_ new: [Float]) {
                parameters.values.buffer.withFloats(entry.range) { _ = $0.update(from: new) }
            }
            func loss(_ sign: Double) throws -> Double {
                set(values.indices.map { Float(Double(values[$0]) + sign * step * direction[$0]) })
                return try bench.loss(fixture.batch, fixture.targets, dropout: dropping)
            }
            let slope = (try loss(1) - loss(-1)) / (2 * step)
            set(values)
            let expected = zip(gradient, direction).reduce(0) { $0 + Double($1.0) * $1.1 }
            // The loss is a sum of f32 numbers: about 1e-6 of it is rounding, over 2 h.
            #expect(abs(slope - expected) < 0.01 * abs(expected) + 1.5e-3, "\(entry.name): \(slope), \(expected)")
        }
    }

    // MARK: Options

    @Test func impossibleOptionsAreRefused() throws {
        #expect(throws: AdapterError.invalidOption(name: "rank", value: "0", expected: "1 to 65536")) {
            try LoRAOptions(rank: 0)
        }
        #expect(
            throws: AdapterError.invalidOption(name: "dropout", value: "1.0", expected: "at least 0 and under 1")
        ) { try LoRAOptions(dropout: 1) }
        #expect(throws: AdapterError.self) { try LoRAOptions(alpha: .infinity) }
        #expect(throws: AdapterError.self) { try LoRAOptions(projections: []) }
        #expect(throws: AdapterError.self) { try LoRAOptions(layers: [-1]) }
        let fixture = try AdapterFixture()
        #expect(throws: AdapterError.invalidOption(name: "layers", value: "2", expected: "under 2")) {
            try AdapterBench(fixture, options: try LoRAOptions(layers: [0, 2]), startsAtFixture: false)
        }
        // An adapter to go on with must have the same rank and places.
        #expect(throws: AdapterError.self) { try AdapterBench(fixture, options: try LoRAOptions(rank: 3)) }
    }

    /// A file of options is checked as their initialiser checks.
    @Test func optionsAreCheckedWhenDecoded() throws {
        let options = try LoRAOptions(rank: 8, alpha: 12, dropout: 0.1, projections: [.value, .query], layers: [3, 1])
        #expect(options.projections == [.query, .value] && options.layers == [1, 3])
        let encoded = try JSONEncoder().encode(options)
        #expect(try JSONDecoder().decode(LoRAOptions.self, from: encoded) == options)
        let wrong = String(decoding: encoded, as: UTF8.self).replacing("\"rank\":8", with: "\"rank\":-8")
        #expect(throws: AdapterError.invalidOption(name: "rank", value: "-8", expected: "1 to 65536")) {
            try JSONDecoder().decode(LoRAOptions.self, from: Data(wrong.utf8))
        }
    }

    /// With the base's products and attention's in bfloat16 the gradient points where the exact one does.
    @Test func productsInBFloat16AreClose() throws {
        let fixture = try AdapterFixture()
        let exact = try AdapterBench(fixture)
        let rounded = try AdapterBench(fixture, precision: .bf16)
        let loss = try exact.crossEntropy(fixture.batch, fixture.targets)
        #expect(abs(try rounded.crossEntropy(fixture.batch, fixture.targets) - loss) < 0.01 * loss)
        let names = exact.gradients.keys.sorted()
        let distance = cosineDistance(
            names.flatMap { rounded.gradients[$0] ?? [] },
            names.flatMap { exact.gradients[$0] ?? [] }
        )
        #expect(distance < 2e-3)
    }

    @Test func scaleIsOverTheRankOrItsRoot() throws {
        #expect(try LoRAOptions(rank: 16, alpha: 32).scale == 2)
        #expect(try LoRAOptions(rank: 16, alpha: 32, isRankStabilized: true).scale == 8)
    }
}

extension String {
    fileprivate func replacingLoRA(_ one: Character, by other: Character) -> String {
        let old = Array("lora_\(one)")
        var characters = Array(self)
        for start in characters.indices where characters[start...].starts(with: old) { characters[start + 5] = other }
        return String(characters)
    }
}

extension DecoderWeights {
    /// The same weights with every linear layer's matrix converted.
    func convertingMatrices(_ body: (WeightMatrix) throws -> WeightMatrix) rethrows -> DecoderWeights {
        var result = self
        for layer in result.layers.indices {
            result.layers[layer].query.matrix = try body(layers[layer].query.matrix)
            result.layers[layer].key.matrix = try body(layers[layer].key.matrix)
            result.layers[layer].value.matrix = try body(layers[layer].value.matrix)
            result.layers[layer].output.matrix = try body(layers[layer].output.matrix)
            result.layers[layer].gate.matrix = try body(layers[layer].gate.matrix)
            result.layers[layer].up.matrix = try body(layers[layer].up.matrix)
            result.layers[layer].down.matrix = try body(layers[layer].down.matrix)
        }
        return result
    }
}
