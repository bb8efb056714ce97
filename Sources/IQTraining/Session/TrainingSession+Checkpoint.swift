// The numbers of a session in a checkpoint.

internal import IQModel
internal import IQTensor

extension TrainingSession {
    private struct OptimizerState: Codable {
        var stepCount: Int
        var guardian: NonFiniteGuard
    }

    private static let optimizerName = "optimizer"
    private static let parametersName = "parameters"
    private static let momentsName = "moments"

    /// Adds trained parameters, moments and counters.
    package func write(to draft: CheckpointDraft) throws(CheckpointError) {
        try draft.add(
            OptimizerState(stepCount: optimizer.stepCount, guardian: guardian),
            named: Self.optimizerName
        )
        try draft.add(places(decoder.parameters.values.buffer).map(\.source), named: Self.parametersName)
        try draft.add(moments.map(\.source), named: Self.momentsName)
    }

    /// Takes everything back that ``write(to:)`` has written.
    package func restore(from checkpoint: Checkpoint) throws(CheckpointError) {
        try restoreParameters(from: checkpoint)
        let state = try checkpoint.decode(OptimizerState.self, named: Self.optimizerName)
        try checkpoint.read(moments.map(\.destination), named: Self.momentsName)
        optimizer.stepCount = state.stepCount
        guardian = state.guardian
    }

    /// Takes the parameters back and leaves the optimiser alone.
    package func restoreParameters(from checkpoint: Checkpoint) throws(CheckpointError) {
        try checkpoint.read(
            places(decoder.parameters.values.buffer).map(\.destination),
            named: Self.parametersName
        )
    }

    /// A tensor in memory of ours.
    private struct Place {
        let name: String
        let shape: [Int]
        let buffer: FloatBuffer
        let range: Range<Int>

        var source: NamedTensor {
            NamedTensor(name: name, shape: shape) { body in
                buffer.withFloats(range) { body(UnsafeRawBufferPointer($0)) }
            }
        }

        var destination: TensorDestination {
            TensorDestination(name: name, shape: shape) { body in
                buffer.withFloats(range) { body(UnsafeMutableRawBufferPointer($0)) }
            }
        }
    }

    private func places(_ buffer: FloatBuffer, suffix: String = "") -> [Place] {
        decoder.parameters.entries.map {
            Place(name: $0.name + suffix, shape: $0.parameter.shape, buffer: buffer, range: $0.range)
        }
    }

    private var moments: [Place] {
        places(optimizer.firstMoment, suffix: ".m") + places(optimizer.secondMoment, suffix: ".v")
    }
}
