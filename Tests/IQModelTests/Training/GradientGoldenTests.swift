// Gradients of the tiny recorded models equal PyTorch's, for every family, instruction level and way of packing.

import IQTensor
import IQText
import Testing
import _IQTestSupport

import IQModel

@Suite struct GradientGoldenTests {
    /// The recorded f32 gradients differ from f64 ones by up to 1.7e-6.
    static let limit = 1e-5

    struct Golden: Decodable {
        var loss_all_positions: Double
        var loss_masked: Double
        var input_ids: [[TokenID]]
        var labels: [[TokenID]]
    }

    /// The recorded batch, packed, and the targets whose label is not masked.
    static func packed(_ golden: Golden, masked: Bool) -> (PackedBatch, TokenTargets) {
        var batch = PackedBatch()
        var targets = TokenTargets()
        for (ids, labels) in zip(golden.input_ids, golden.labels) {
            let start = batch.rows
            batch.append(ids)
            for position in 1..<ids.count where !masked || labels[position] != -100 {
                targets.append(row: start + position - 1, token: ids[position])
            }
        }
        return (batch, targets)
    }

    @Test(arguments: TestModel.tiny, InstructionLevel.supported)
    func gradientsEqualPyTorch(name: String, level: InstructionLevel) throws {
        let golden = try TestModel.golden("\(name)/golden.json", as: Golden.self)
        for (masked, file, loss) in [
            (false, "grads", golden.loss_all_positions), (true, "grads_masked", golden.loss_masked),
        ] {
            let bench = try TrainingBench(name, level: level)
            let (batch, targets) = Self.packed(golden, masked: masked)
            #expect(abs(try bench.crossEntropy(batch, targets) - loss) < 2e-6 * loss)
            let expected = try GoldenTensors(contentsOf: GoldenFiles.url("\(name)/\(file).safetensors"))
            let found = bench.gradients
            #expect(Set(found.keys) == Set(expected.tensors.keys))
            for (parameter, gradient) in found {
                let difference = relativeNormDifference(gradient, expected[parameter]?.floats ?? [])
                #expect(difference < Self.limit, "\(parameter), \(file)")
            }
        }
    }

    /// Recomputing the layers in the backward pass changes no bit.
    @Test(arguments: TestModel.tiny)
    func recomputationChangesNothing(name: String) throws {
        let golden = try TestModel.golden("\(name)/golden.json", as: Golden.self)
        let (batch, targets) = Self.packed(golden, masked: true)
        let kept = try TrainingBench(name)
        let recomputed = try TrainingBench(name, recording: .inputs)
        #expect(try kept.crossEntropy(batch, targets) == recomputed.crossEntropy(batch, targets))
        #expect(kept.gradients == recomputed.gradients)
    }

    /// Blocks of one row of logits give what one block gives.
    @Test(arguments: TestModel.tiny)
    func sizeOfHeadBlocksDoesNotMatter(name: String) throws {
        let golden = try TestModel.golden("\(name)/golden.json", as: Golden.self)
        let (batch, targets) = Self.packed(golden, masked: false)
        let whole = try TrainingBench(name)
        let rows = try TrainingBench(name, blockBytes: 1)
        #expect(rows.head.blockRows == 1)
        try whole.crossEntropy(batch, targets)
        try rows.crossEntropy(batch, targets)
        for (parameter, gradient) in rows.gradients {
            #expect(relativeNormDifference(gradient, whole.gradients[parameter] ?? []) < 2e-6, "\(parameter)")
        }
    }

    /// Two sequences in one batch give the sum of what each gives alone: no row sees another sequence's.
    @Test(arguments: TestModel.tiny)
    func packedSequencesDoNotMix(name: String) throws {
        let golden = try TestModel.golden("\(name)/golden.json", as: Golden.self)
        let together = try TrainingBench(name)
        let apart = try TrainingBench(name)
        // Lengths differ, and so do the numbers of targets: every target weighs the same.
        let sequences = [golden.input_ids[0], Array(golden.input_ids[1].prefix(6))]
        try together.accumulate(sequences.map { ([], $0) }, sharing: false)
        for sequence in sequences { try apart.accumulate([([], sequence)], sharing: false) }
        for (parameter, gradient) in together.gradients {
            #expect(relativeNormDifference(gradient, apart.gradients[parameter] ?? []) < 1e-5, "\(parameter)")
        }
    }

    /// A prompt whose rows several continuations share gives what the prompt with each of them gives.
    @Test(arguments: TestModel.tiny, InstructionLevel.supported)
    func sharedPrefixEqualsRepeatedPrefix(name: String, level: InstructionLevel) throws {
        let golden = try TestModel.golden("\(name)/golden.json", as: Golden.self)
        let prompt = golden.input_ids[0]
        let continuations = [
            golden.input_ids[1], Array(golden.input_ids[1].suffix(3)), [golden.input_ids[0][2]],
            Array(golden.input_ids[0].reversed()),
        ]
        let shared = try TrainingBench(name, level: level)
        let repeated = try TrainingBench(name, level: level)
        let sharedLoss = try shared.accumulate(continuations.map { (prompt, $0) }, sharing: true)
        let repeatedLoss = try repeated.accumulate(continuations.map { (prompt, $0) }, sharing: false)
        #expect(abs(sharedLoss - repeatedLoss) < 1e-5 * repeatedLoss)
        for (parameter, gradient) in shared.gradients {
            let difference = relativeNormDifference(gradient, repeated.gradients[parameter] ?? [])
            #expect(difference < Self.limit, "\(parameter)")
        }
    }

    /// Frozen parameters get no gradient, the others get the same as when all learn.
    @Test(arguments: TestModel.tiny)
    func frozenParametersAreLeftOut(name: String) throws {
        let golden = try TestModel.golden("\(name)/golden.json", as: Golden.self)
        let (batch, targets) = Self.packed(golden, masked: false)
        let all = try TrainingBench(name)
        let some = try TrainingBench(name) { parameter in
            switch parameter {
            case .layer(1, .queryWeight), .layer(1, .downWeight), .layer(1, .attentionNorm): true
            default: false
            }
        }
        try all.crossEntropy(batch, targets)
        try some.crossEntropy(batch, targets)
        #expect(some.gradients.count == 3)
        for (parameter, gradient) in some.gradients {
            #expect(gradient == all.gradients[parameter], "\(parameter)")
        }
    }

    /// The same seed, machine and number of threads: the same bits.
    @Test(arguments: TestModel.tiny)
    func repeatedPassesGiveTheSameBits(name: String) throws {
        let golden = try TestModel.golden("\(name)/golden.json", as: Golden.self)
        let (batch, targets) = Self.packed(golden, masked: false)
        let first = try TrainingBench(name, threads: 2)
        let second = try TrainingBench(name, threads: 2)
        try first.crossEntropy(batch, targets)
        try second.crossEntropy(batch, targets)
        #expect(first.gradients == second.gradients)
    }

    /// bfloat16 products: the loss and the direction of the gradient stay.
    @Test(arguments: TestModel.tiny)
    func bfloat16ProductsStayClose(name: String) throws {
        let golden = try TestModel.golden("\(name)/golden.json", as: Golden.self)
        let (batch, targets) = Self.packed(golden, masked: false)
        let exact = try TrainingBench(name)
        let rounded = try TrainingBench(name, precision: .bf16)
        let loss = try exact.crossEntropy(batch, targets)
        #expect(abs(try rounded.crossEntropy(batch, targets) - loss) < 0.01 * loss)
        let names = exact.gradients.keys.sorted()
        let distance = cosineDistance(
            names.flatMap { rounded.gradients[$0] ?? [] },
            names.flatMap { exact.gradients[$0] ?? [] }
        )
        #expect(distance < 1e-3)
    }
}

extension TrainingBench {
    /// Adds the gradients of the summed loss of all continuations (or of whole sequences, where the prompt is empty);
    /// returns that loss.
    @discardableResult
    func accumulate(_ samples: [(prompt: [TokenID], continuation: [TokenID])], sharing: Bool) throws -> Double {
        var batch = PackedBatch()
        var targets = TokenTargets()
        var shared: Int?
        for sample in samples {
            let segment: Int
            if sample.prompt.isEmpty {
                segment = batch.append(sample.continuation)
            } else if sharing {
                let prompt = shared ?? batch.append(sample.prompt)
                shared = prompt
                segment = batch.append(sample.continuation, continuing: prompt)
            } else {
                segment = batch.append(sample.continuation, continuing: batch.append(sample.prompt))
            }
            targets.append(segment: segment, of: batch)
        }
        let stream = try pass.forward(batch)
        let dstream = try FloatMatrix(rows: batch.rows, columns: decoder.configuration.width)
        let statistics = try head.backward(
            stream,
            targets: targets,
            addingTo: dstream,
            gradients: decoder.gradients
        ) { places, _ in TokenGradients(logProbabilities: [Float](repeating: -1, count: places.count)) }
        try pass.backward(dstream, batch: batch, gradients: decoder.gradients)
        return statistics.meanLoss * Double(targets.count)
    }
}
