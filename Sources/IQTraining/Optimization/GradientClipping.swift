// Clipping of gradients by their norm (Pascanu, Mikolov and Bengio, arXiv 1211.5063).

/// What gradients are multiplied by so that their norm is at most `maximum`; 1 if it is already. Without a maximum, 1.
///
/// The small number below the line is PyTorch's (`clip_grad_norm_`), so that both cut alike.
package func clippingFactor(norm: Double, maximum: Double?) -> Double {
    guard let maximum else { return 1 }
    return min(1, maximum / (norm + 1e-6))
}
