// Swift faces of the softmax over the vocabulary, for whole blocks of rows: statistics, gradients, divergences.

internal import CIQKernels

/// How far the distribution p of a student, which learns, is from the distribution q of its teacher.
package enum DivergenceKind: Sendable, Hashable {
    /// ∑ p (log p − log q)
    case reverseKL
    /// ∑ q (log q − log p)
    case forwardKL
    /// β KL(q‖m) + (1 − β) KL(p‖m) with m = β q + (1 − β) p, 0 < β < 1 (the generalised form of arXiv 2306.13649)
    case jensenShannon(beta: Float)
    /// KL(p‖(1 − α) q + α p), 0 < α < 1 (arXiv 2402.03898): finite where the teacher gives no weight.
    case skewedReverseKL(alpha: Float)
    /// KL(q‖α q + (1 − α) p), 0 < α < 1 (arXiv 2402.03898): finite where the student gives no weight.
    case skewedForwardKL(alpha: Float)
}

extension ComputeContext {
    /// Of softmax(logits · inverseTemperature), row by row: log ∑ exp, and the entropy in nats where it is asked for.
    package func softmaxStatistics(
        _ logits: FloatMatrix,
        inverseTemperature: Float,
        logSumExp: inout [Float],
        entropy: inout [Float],
        wantsEntropy: Bool
    ) throws(TensorError) {
        let rows = logits.rows
        logSumExp = [Float](repeating: 0, count: rows)
        entropy = [Float](repeating: 0, count: wantsEntropy ? rows : 0)
        guard rows > 0 else { return }
        let status = logSumExp.withUnsafeMutableBufferPointer { sums in
            entropy.withUnsafeMutableBufferPointer { entropies -> iqk_status in
                guard let sumStart = sums.baseAddress else { return IQK_OK }
                return iqk_softmax_statistics(
                    handle,
                    logits.pointer,
                    Int64(logits.stride),
                    inverseTemperature,
                    sumStart,
                    wantsEntropy ? entropies.baseAddress : nil,
                    Int64(rows),
                    Int64(logits.columns)
                )
            }
        }
        try check(status, "softmaxStatistics")
    }

    /// Replaces the logits by the gradient of a loss that has derivative dlogp[t] in the log-probability of targets[t]
    /// and, where they are given, dentropy[t] in the entropy of row t.
    package func softmaxBackward(
        _ logits: FloatMatrix,
        inverseTemperature: Float,
        logSumExp: [Float],
        targets: [Int32],
        dlogp: [Float],
        entropy: (values: [Float], gradients: [Float])?
    ) throws(TensorError) {
        let rows = logits.rows
        precondition(
            logSumExp.count == rows && targets.count == rows && dlogp.count == rows
                && (entropy.map { $0.values.count == rows && $0.gradients.count == rows } ?? true),
            "softmaxBackward: \(rows) rows, \(logSumExp.count) sums, \(targets.count) targets, \(dlogp.count) gradients"
        )
        for target in targets { precondition(target >= 0 && Int(target) < logits.columns, "target \(target)") }
        guard rows > 0 else { return }
        try check(
            iqk_softmax_backward(
                handle,
                logits.pointer,
                Int64(logits.stride),
                inverseTemperature,
                logSumExp,
                targets,
                dlogp,
                entropy?.values,
                entropy?.gradients,
                Int64(rows),
                Int64(logits.columns)
            ),
            "softmaxBackward"
        )
    }

    /// The divergence of every row's softmax(logits · inverseTemperature) from the teacher's; where `dvalue` is given,
    /// the logits are replaced by dvalue[t] · gradient.
    package func divergence(
        _ kind: DivergenceKind,
        logits: FloatMatrix,
        logSumExp: [Float],
        teacherLogits: FloatMatrix,
        teacherLogSumExp: [Float],
        inverseTemperature: Float,
        dvalue: [Float]?
    ) throws(TensorError) -> [Float] {
        let rows = logits.rows
        precondition(
            teacherLogits.rows == rows && teacherLogits.columns == logits.columns && logSumExp.count == rows
                && teacherLogSumExp.count == rows && (dvalue.map { $0.count == rows } ?? true),
            "divergence: \(rows)x\(logits.columns) and \(teacherLogits.rows)x\(teacherLogits.columns)"
        )
        var values = [Float](repeating: 0, count: rows)
        guard rows > 0 else { return values }
        let (kernelKind, beta): (iqk_divergence, Float) =
            switch kind {
            case .reverseKL: (IQK_DIVERGENCE_REVERSE_KL, 0)
            case .forwardKL: (IQK_DIVERGENCE_FORWARD_KL, 0)
            case .jensenShannon(let beta): (IQK_DIVERGENCE_JENSEN_SHANNON, beta)
            case .skewedReverseKL(let alpha): (IQK_DIVERGENCE_SKEWED_REVERSE_KL, 1 - alpha)
            case .skewedForwardKL(let alpha): (IQK_DIVERGENCE_SKEWED_FORWARD_KL, alpha)
            }
        try check(
            iqk_divergence_rows(
                handle,
                kernelKind,
                beta,
                inverseTemperature,
                logits.pointer,
                Int64(logits.stride),
                logSumExp,
                teacherLogits.pointer,
                Int64(teacherLogits.stride),
                teacherLogSumExp,
                &values,
                dvalue,
                Int64(rows),
                Int64(logits.columns)
            ),
            "divergence"
        )
        return values
    }
}
