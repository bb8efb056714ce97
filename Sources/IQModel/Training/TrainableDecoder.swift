// A decoder whose weights, or some of them, are being trained.

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
    }

    /// The weights as they are now, views of the memory in training: write or copy them before the next step.
    package var currentWeights: DecoderWeights { weights }
}
