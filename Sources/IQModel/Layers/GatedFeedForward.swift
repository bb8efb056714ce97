// The gated feed-forward of Llama-like models (SwiGLU and GeGLU: Shazeer, arXiv 2002.05202).

package import IQTensor

/// y = down(activation(gate(x)) · up(x)).
package struct GatedFeedForward: Sendable {
    package let gate: Linear
    package let up: Linear
    package let down: Linear
    package let activation: FeedForwardActivation

    package init(gate: Linear, up: Linear, down: Linear, activation: FeedForwardActivation) {
        self.gate = gate
        self.up = up
        self.down = down
        self.activation = activation
    }

    /// x: [T, C] → y: [T, C].
    package func forward(
        _ x: FloatMatrix,
        into y: FloatMatrix,
        activations: DecoderActivations,
        on context: ComputeContext
    ) throws(TensorError) {
        let gated = activations.gate.rows(0..<x.rows)  // [T, F]
        let lifted = activations.up.rows(0..<x.rows)  // [T, F]
        try Linear.forward(x, (gate, gated), (up, lifted), on: context)
        switch activation {
        case .silu: try context.siluMultiply(gated, lifted, into: gated)
        case .geluTanh: try context.geluTanhMultiply(gated, lifted, into: gated)
        }
        try down.forward(gated, into: y, on: context)
    }

    // MARK: Training

    /// x: [T, C] → y: [T, C]. Keeps gate and up on the tape.
    package func forward(
        _ x: FloatMatrix,
        into y: FloatMatrix,
        tape: GatedFeedForwardTape,
        workspace: DecoderWorkspace,
        step: TrainingStep
    ) throws(TensorError) {
        try gate.forward(x, into: tape.gate, step: step)
        try up.forward(x, into: tape.up, step: step)
        try activate(tape, into: workspace.gated, on: step.context)
        try down.forward(workspace.gated, into: y, step: step)
    }

    /// dx = the gradient at x; the tape's gate and up are overwritten by their gradients.
    package func backward(
        _ x: FloatMatrix,
        dy: FloatMatrix,
        dx: FloatMatrix,
        tape: GatedFeedForwardTape,
        gradients: DecoderLayerGradients,
        workspace: DecoderWorkspace,
        step: TrainingStep
    ) throws(TensorError) {
        let context = step.context
        let gated = workspace.gated  // [T, F]
        let dgated = workspace.dgated  // [T, F]
        // Cheaper to compute again than to keep.
        if gradients.down.needsInput { try activate(tape, into: gated, on: context) }
        try down.backward(gated, dy: dy, dx: dgated, gradients: gradients.down, step: step)
        switch activation {
        case .silu:
            try context.siluMultiplyBackward(tape.gate, tape.up, dy: dgated, dgate: tape.gate, dup: tape.up)
        case .geluTanh:
            try context.geluTanhMultiplyBackward(tape.gate, tape.up, dy: dgated, dgate: tape.gate, dup: tape.up)
        }
        try gate.backward(x, dy: tape.gate, dx: dx, gradients: gradients.gate, step: step)
        try up.backward(x, dy: tape.up, dx: dx, addsToInput: true, gradients: gradients.up, step: step)
    }

    private func activate(
        _ tape: GatedFeedForwardTape,
        into gated: FloatMatrix,
        on context: ComputeContext
    ) throws(TensorError) {
        switch activation {
        case .silu: try context.siluMultiply(tape.gate, tape.up, into: gated)
        case .geluTanh: try context.geluTanhMultiply(tape.gate, tape.up, into: gated)
        }
    }
}
