// A tiny decoder with a recorded adapter, for tests.

import IQTensor
import IQText
import _IQTestSupport

import IQModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The tiny Llama with tied embeddings, an adapter that PEFT has made for it, and what PyTorch computed with both.
struct AdapterFixture {
    let context: ComputeContext
    let configuration: DecoderConfiguration
    let weights: DecoderWeights
    let base: DecoderModel
    let adapter: DecoderAdapter
    let expected: GoldenTensors
    let sequences: [[TokenID]]

    static func url(_ variant: String) -> URL { TestModel.fixture("adapters").appending(path: variant) }

    init(_ variant: String = "all_linear", level: InstructionLevel = .best, threads: Int = 2) throws {
        context = try ComputeContext(threads: threads, level: level)
        let model = try loadModel(at: GoldenFiles.url("llama_tied"), precision: .stored, context: context)
        guard case .decoder(let configuration, let weights) = model.weights else {
            throw GenerationError.notADecoder(architecture: "llama_tied")
        }
        self.configuration = configuration
        self.weights = weights
        base = try DecoderModel(configuration: configuration, weights: weights)
        let folder = Self.url(variant)
        adapter = try loadAdapter(at: folder, for: configuration, context: context)
        expected = try GoldenTensors(contentsOf: folder.appending(path: "expected.safetensors"))
        sequences = try TestModel.golden("llama_tied/golden.json", as: GradientGoldenTests.Golden.self).input_ids
    }

    /// The recorded batch, and every token but the first of each sequence as a target.
    var batch: PackedBatch {
        var batch = PackedBatch()
        for ids in sequences { batch.append(ids) }
        return batch
    }

    var targets: TokenTargets {
        let batch = batch
        var targets = TokenTargets()
        for segment in batch.segments.indices { targets.append(segment: segment, of: batch) }
        return targets
    }

    /// Logits of every row of the recorded sequences.
    func logits(of model: DecoderModel) throws -> [Float] {
        let runner = try DecoderRunner(decoder: model, context: context, maximumRows: 64, maximumOutputs: 64)
        var all: [Float] = []
        for sequence in sequences {
            try runner.batch.append(sequence[...], to: runner.makeCache(), outputs: .all)
            all += try runner.step().values
        }
        return all
    }
}

/// Adapters in training, with everything that a pass needs.
struct AdapterBench {
    let decoder: TrainableDecoder
    let pass: DecoderTrainingPass
    let head: VocabularyHead

    /// - Parameter options: those of the fixture's adapter where nil.
    init(
        _ fixture: AdapterFixture,
        options: LoRAOptions? = nil,
        weights: DecoderWeights? = nil,
        startsAtFixture: Bool = true,
        recording: DecoderTrainingPass.Recording = .activations,
        precision: MatrixPrecision = .f32
    ) throws {
        decoder = try TrainableDecoder(
            configuration: fixture.configuration,
            weights: weights ?? fixture.weights,
            lora: options ?? fixture.adapter.options,
            seed: 11,
            startingFrom: startsAtFixture ? fixture.adapter : nil
        )
        let step = TrainingStep(context: fixture.context, precision: precision)
        pass = try DecoderTrainingPass(model: decoder.model, capacity: 64, recording: recording, step: step)
        head = try VocabularyHead(model: decoder.model, rows: 64, step: step)
    }

    /// Mean cross-entropy of the targets; adds its gradients.
    @discardableResult
    func crossEntropy(
        _ batch: PackedBatch,
        _ targets: TokenTargets,
        dropout: DropoutDraw? = nil
    ) throws -> Double {
        let stream = try pass.forward(batch, dropout: dropout)
        let dstream = try FloatMatrix(rows: batch.rows, columns: decoder.configuration.width)
        let statistics = try head.backward(
            stream,
            targets: targets,
            addingTo: dstream,
            gradients: decoder.gradients
        ) { places, _ in
            TokenGradients(logProbabilities: [Float](repeating: -1 / Float(targets.count), count: places.count))
        }
        try pass.backward(dstream, batch: batch, gradients: decoder.gradients)
        return statistics.meanLoss
    }

    func loss(_ batch: PackedBatch, _ targets: TokenTargets, dropout: DropoutDraw? = nil) throws -> Double {
        try head.statistics(try pass.forward(batch, dropout: dropout), targets: targets).meanLoss
    }

    /// Gradients by name, each a flat list.
    var gradients: [String: [Float]] {
        var result: [String: [Float]] = [:]
        for (index, entry) in decoder.parameters.entries.enumerated() {
            result[entry.name] = decoder.parameters.gradient(index).values
        }
        return result
    }
}
