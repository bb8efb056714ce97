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
        try gate.forward(x, into: gated, on: context)
        try up.forward(x, into: lifted, on: context)
        switch activation {
        case .silu: try context.siluMultiply(gated, lifted, into: gated)
        case .geluTanh: try context.geluTanhMultiply(gated, lifted, into: gated)
        }
        try down.forward(gated, into: y, on: context)
    }
}
