// Turns judged completions into an update of the student's weights.

internal import IQModel
internal import IQTensor
package import IQTraining

/// What an update did, over all processes.
package struct DistillationUpdate: Sendable {
    /// Mean over the completion tokens, before the update; nil if there were none.
    package var loss: Double?
    package var gradientNorm: Double?
    package var isApplied = false
    /// Rows of the student's passes.
    package var rows = 0
    package var teacherSeconds = 0.0
    package var gradientSeconds = 0.0
    package var optimizerSeconds = 0.0
}

/// Updates a session's weights by a divergence from teachers. Not Sendable.
package final class DistillationUpdater {
    private let session: TrainingSession
    private let teachers: [TeacherModel]
    private let objective: DistillationObjective
    private let clock = RunClock.system

    package init(session: TrainingSession, teachers: [TeacherModel], objective: DistillationObjective) {
        self.session = session
        self.teachers = teachers
        self.objective = objective
    }

    private var temperature: Float { Float(objective.temperature) }

    /// One step of the optimiser. The loss is summed over all completion tokens of all processes and divided by their number,
    /// so that it depends neither on how they are packed nor on how they are dealt.
    ///
    /// - Parameters:
    ///   - groups: this process's share.
    ///   - number: of the step, from 1.
    /// - Returns: nil if `isCancelled` said so before the weights were changed.
    package func update(
        _ groups: [DistillationGroup],
        step number: Int,
        learningRate: Double,
        isCancelled: () -> Bool = { false }
    ) throws -> DistillationUpdate? {
        var update = DistillationUpdate()
        let tokens = try session.collective.sum([Double(groups.reduce(0) { $0 + $1.tokens })])[0]
        guard tokens > 0 else { return update }
        // Several processes stop together, between steps.
        let isStopped = { self.session.collective.count == 1 && isCancelled() }
        guard let seconds = try accumulate(groups, isCancelled: isStopped) else { return nil }
        (update.teacherSeconds, update.gradientSeconds) = seconds
        let began = clock.seconds()
        let step = try session.step(number: number, learningRate: learningRate)
        update.optimizerSeconds = clock.seconds() - began
        update.loss = step.loss
        update.gradientNorm = step.gradientNorm
        update.isApplied = step.isApplied
        update.rows = step.rows
        return update
    }

    /// Adds the summed loss of all completion tokens, and its gradients, to the session's step; returns where the time went,
    /// nil if cancelled, with nothing added.
    package func accumulate(
        _ groups: [DistillationGroup],
        isCancelled: () -> Bool = { false }
    ) throws -> (teacher: Double, gradients: Double)? {
        var seconds = (teacher: 0.0, gradients: 0.0)
        for batch in DistillationBatch.packed(groups, capacity: session.settings.tokensPerMicroBatch) {
            if isCancelled() {
                try session.discard()
                return nil
            }
            let began = clock.seconds()
            let teacher = teachers[batch.teacher]
            let teacherStream = try teacher.pass.forward(batch.teacherBatch)
            let read = clock.seconds()
            try session.accumulate(batch.student, weight: Double(batch.targets.count)) {
                stream,
                dstream throws(TensorError) in
                try loss(batch, stream, addingTo: dstream, teacher: teacher, teacherStream)
            }
            seconds.teacher += read - began
            seconds.gradients += clock.seconds() - read
        }
        return seconds
    }

    /// The summed loss of a batch's targets; its gradients are added.
    private func loss(
        _ batch: DistillationBatch,
        _ stream: FloatMatrix,
        addingTo dstream: FloatMatrix,
        teacher: TeacherModel,
        _ teacherStream: FloatMatrix
    ) throws(TensorError) -> Double {
        switch objective.support {
        case .vocabulary:
            let rows = batch.rows
            let values = try session.head.divergence(
                objective.divergence.kind,
                stream,
                rows: rows.student,
                teacher: teacher.head,
                teacherStream: teacherStream,
                teacherRows: rows.teacher,
                temperature: temperature,
                backward: (rows.weights, dstream, session.decoder.gradients)
            )
            return zip(values, rows.weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        case .mostLikely(let count):
            let rows = batch.rows
            let distributions = try teacher.head.mostLikely(
                count,
                teacherStream,
                rows: rows.teacher,
                temperature: temperature
            )
            var sum = 0.0
            try session.head.backward(
                stream,
                rows: rows.student,
                candidates: distributions.map(\.tokens),
                temperature: temperature,
                addingTo: dstream,
                gradients: session.decoder.gradients
            ) { places, logProbabilities in
                zip(places, logProbabilities).map { place, student in
                    let found = BucketDivergence(
                        objective.divergence,
                        student: student.map(Double.init),
                        teacher: distributions[place].logProbabilities.map(Double.init)
                    )
                    let weight = Double(rows.weights[place])
                    sum += weight * found.value
                    return found.derivatives.map { Float(weight * $0) }
                }
            }
            return sum
        case .sampledToken:
            let judged = try teacher.head.statistics(
                teacherStream,
                targets: batch.teacherTargets,
                temperature: temperature
            ).logProbabilities
            var sum = 0.0
            _ = try session.head.backward(
                stream,
                targets: batch.targets,
                temperature: temperature,
                addingTo: dstream,
                gradients: session.decoder.gradients
            ) { places, statistics in
                // log p − log q pays the token: ∇ E[log p − log q] = E[(log p − log q) ∇ log p], for E[∇ log p] is 0.
                let costs = zip(places, statistics.logProbabilities).map { place, own in own - judged[place] }
                sum += costs.reduce(0) { $0 + Double($1) }
                return TokenGradients(logProbabilities: costs)
            }
            return sum
        }
    }

    /// The exact divergence over the whole vocabulary, summed over all tokens of this process's completions.
    package func divergence(_ groups: [DistillationGroup]) throws -> Double {
        var sum = 0.0
        for batch in DistillationBatch.packed(groups, capacity: session.settings.tokensPerMicroBatch) {
            let teacher = teachers[batch.teacher]
            let rows = batch.rows
            let values = try session.head.divergence(
                objective.divergence.kind,
                try session.pass.forward(batch.student),
                rows: rows.student,
                teacher: teacher.head,
                teacherStream: try teacher.pass.forward(batch.teacherBatch),
                teacherRows: rows.teacher,
                temperature: temperature
            )
            sum += zip(values, rows.weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        return sum
    }
}
