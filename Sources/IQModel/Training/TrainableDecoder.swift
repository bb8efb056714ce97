// A decoder whose weights, or some of them, or whose adapters are being trained.

package import IQTensor

/// The weights in training, a model that computes with them, and the places of their gradients.
///
/// Trained weights are copied to f32 memory of their own; frozen ones stay where and as they are (mapped, quantised).
/// Not Sendable: model and parameters change together and belong to one trainer.
package final class TrainableDecoder {
    package let configuration: DecoderConfiguration
    package let parameters: TrainableParameters
    /// Computes with the weights as they are now.
    package let model: DecoderModel
    package let gradients: DecoderGradients
    /// Computes with the frozen base weights alone, in the same memory: the reference policy of a model with adapters. Nil
    /// where the weights themselves are trained.
    package let reference: DecoderModel?
    /// The adapters in training, views of ``parameters``; nil where the weights themselves are trained.
    package let adapter: DecoderAdapter?
    private let weights: DecoderWeights

    /// - Parameters:
    ///   - weights: where training starts.
    ///   - isTrained: which parameters learn; all by default.
    package init(
        configuration: DecoderConfiguration,
        weights: DecoderWeights,
        isTrained: (DecoderParameter) -> Bool = { _ in true },
        context: ComputeContext
    ) throws {
        self.configuration = configuration
        let trained = weights.parameters(in: configuration).filter { isTrained($0.parameter) }
        let parameters = try TrainableParameters(
            trained.map { TrainableParameter(name: $0.name, shape: $0.parameter.shape(in: configuration)) }
        )
        self.parameters = parameters
        let indices = Dictionary(uniqueKeysWithValues: zip(trained.map(\.parameter), trained.indices))
        for (index, entry) in trained.enumerated() {
            switch entry.value {
            case .matrix(let matrix): try context.expand(matrix, into: parameters.value(index))
            case .vector(let vector):
                parameters.value(index).withRow(0) { _ = $0.update(from: vector.values) }
            }
        }
        func frozen(_ parameter: DecoderParameter) -> ParameterValue {
            guard let value = weights[parameter] else { preconditionFailure("no \(parameter) in these weights") }
            return value
        }
        self.weights = DecoderWeights(
            in: configuration,
            matrix: { parameter in
                if let index = indices[parameter] { return parameters.weightMatrix(index) }
                guard case .matrix(let matrix) = frozen(parameter) else {
                    preconditionFailure("\(parameter) is no matrix")
                }
                return matrix
            },
            vector: { parameter in
                if let index = indices[parameter] { return parameters.weightVector(index) }
                guard case .vector(let vector) = frozen(parameter) else {
                    preconditionFailure("\(parameter) is no vector")
                }
                return vector
            }
        )
        model = try DecoderModel(configuration: configuration, weights: self.weights)
        gradients = DecoderGradients(in: configuration) { parameter in
            indices[parameter].map { parameters.gradient($0) }
        }
        reference = nil
        adapter = nil
    }

    /// Training of low-rank adapters over frozen weights in any format (f32 is the fastest: others are expanded for each
    /// product).
    ///
    /// - Parameters:
    ///   - weights: the base, shared and never written.
    ///   - lora: rank, scale, dropout and adapted layers.
    ///   - seed: of the random beginning of A.
    ///   - start: values to begin with, of an adapter with the same places and rank, such as an earlier run's; by default A
    ///     is random and B is 0.
    ///   - isAdapted: leaves out some of the places that `lora` names.
    /// - Throws: ``AdapterError`` if `lora` names a layer that is not there or `start` does not fit; ``TensorError``.
    package init(
        configuration: DecoderConfiguration,
        weights: DecoderWeights,
        lora: LoRAOptions,
        seed: UInt64,
        startingFrom start: DecoderAdapter? = nil,
        isAdapted: (AdapterSite) -> Bool = { _ in true }
    ) throws {
        self.configuration = configuration
        self.weights = weights
        let sites = try lora.sites(in: configuration).filter(isAdapted)
        if let start, start.options.rank != lora.rank || start.sites != sites {
            throw AdapterError.invalidOption(
                name: "start",
                value: "rank \(start.options.rank) at \(start.sites.count) linear layers",
                expected: "rank \(lora.rank) at the same \(sites.count) linear layers"
            )
        }
        // A and B of site i are parameters 2 i and 2 i + 1.
        let parameters = try TrainableParameters(
            sites.flatMap { site in
                let shapes = DecoderAdapter.shapes(at: site, rank: lora.rank, in: configuration)
                return [
                    TrainableParameter(name: site.downName, shape: shapes.down),
                    TrainableParameter(name: site.upName, shape: shapes.up),
                ]
            }
        )
        var adapters: [AdapterSite: LowRankAdapter] = [:]
        var gradients = DecoderGradients(layers: configuration.layers)
        for (index, site) in sites.enumerated() {
            if let start = start?[site] {
                parameters.value(2 * index).copy(from: start.down)
                parameters.value(2 * index + 1).copy(from: start.up)
            } else {
                DecoderAdapter.fillInitialDown(parameters.value(2 * index), at: site, seed: seed)
            }
            adapters[site] = LowRankAdapter(
                down: parameters.weightMatrix(2 * index),
                up: parameters.weightMatrix(2 * index + 1),
                scale: lora.scale,
                dropoutRate: lora.dropout,
                number: site.number
            )
            gradients[site] = (parameters.gradient(2 * index), parameters.gradient(2 * index + 1))
        }
        let adapter = DecoderAdapter(options: lora, adapters: adapters)
        self.parameters = parameters
        self.gradients = gradients
        self.adapter = adapter
        let reference = try DecoderModel(configuration: configuration, weights: weights)
        self.reference = reference
        model = reference.with(adapter)
    }

    /// The weights as they are now, views of the memory in training: write or copy them before the next step. With
    /// adapters, the base's; see ``mergedWeights(context:)``.
    package var currentWeights: DecoderWeights { weights }

    /// Sets all gradients to 0 but those of the layers' matrices, which the next backward pass must overwrite.
    package func clearForOverwriting(context: ComputeContext) throws(TensorError) {
        guard adapter == nil else { return try context.clear(parameters.gradients) }
        for table in [gradients.embedding, gradients.outputHead] {
            guard let table else { continue }
            try context.clear(table.buffer, range: table.offset..<(table.offset + table.rows * table.columns))
        }
        try context.clear(parameters.gradients, range: parameters.vectorRange)
    }

    /// New weights with the adapters in them, W + scale · B · A in f32; the weights themselves where there are no adapters.
    package func mergedWeights(context: ComputeContext) throws -> DecoderWeights {
        guard let adapter else { return weights }
        return try weights.merged(with: adapter, in: configuration, context: context)
    }
}
