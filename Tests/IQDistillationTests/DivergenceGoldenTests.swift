// Divergences from a teacher and their gradients equal the values recorded from TRL.

import IQTensor
import Testing
import _IQTestSupport

import IQDistillation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct DivergenceGoldenTests {
    struct File: Decodable {
        var student_logits: [[[Float]]]
        var teacher_logits: [[[Float]]]
        var labels: [[Int]]
        var gkd_generalized_jsd: [Case]
        var distillation_trainer_chunked: [Case]
    }

    struct Case: Decodable {
        var beta: Double
        var temperature: Double
        var labels_used: Bool?
        var num_items_in_batch: Double?
        var loss: Double
        var per_token_divergence: [[Double]]?
        var grad_student_logits: [[[Double]]]
    }

    private func divergence(_ beta: Double) -> Divergence {
        switch beta {
        case 0: .forwardKL
        case 1: .reverseKL
        default: .jensenShannon(beta: beta)
        }
    }

    @Test func divergencesEqualTRL() throws {
        let file = try JSONDecoder().decode(File.self, from: GoldenFiles.data("rl/generalized_jsd.json"))
        #expect(file.gkd_generalized_jsd.count == 24)
        for golden in file.gkd_generalized_jsd {
            let valid = golden.labels_used == true ? file.valid : [Bool](repeating: true, count: 10)
            // Without labels TRL divides by the number of sequences.
            let divisor =
                golden.num_items_in_batch
                ?? (golden.labels_used == true ? Double(valid.count { $0 }) : Double(file.labels.count))
            try check(golden, file, valid: valid, divisor: divisor)
        }
    }

    @Test func theDistillationTrainersLossEqualsTRL() throws {
        let file = try JSONDecoder().decode(File.self, from: GoldenFiles.data("rl/generalized_jsd.json"))
        #expect(file.distillation_trainer_chunked.count == 8)
        for golden in file.distillation_trainer_chunked {
            try check(golden, file, valid: file.valid, divisor: Double(file.valid.count { $0 }))
        }
    }

    /// The kernel over the whole vocabulary, and the function over buckets with every token in a bucket of its own.
    private func check(_ golden: Case, _ file: File, valid: [Bool], divisor: Double) throws {
        let (student, teacher) = (file.student_logits.flatMap { $0 }, file.teacher_logits.flatMap { $0 })
        let columns = student[0].count
        let factor = Float(1 / golden.temperature)
        let context = try ComputeContext(threads: 1)
        let logits = try FloatMatrix(rows: student.count, columns: columns, values: student.flatMap { $0 })
        let teacherLogits = try FloatMatrix(rows: student.count, columns: columns, values: teacher.flatMap { $0 })
        func sums(_ logits: FloatMatrix) throws -> [Float] {
            var (sums, entropies): ([Float], [Float]) = ([], [])
            try context.softmaxStatistics(
                logits,
                inverseTemperature: factor,
                logSumExp: &sums,
                entropy: &entropies,
                wantsEntropy: false
            )
            return sums
        }
        let (studentSums, teacherSums) = (try sums(logits), try sums(teacherLogits))
        let divergence = divergence(golden.beta)
        let values = try context.divergence(
            divergence.kind,
            logits: logits,
            logSumExp: studentSums,
            teacherLogits: teacherLogits,
            teacherLogSumExp: teacherSums,
            inverseTemperature: factor,
            dvalue: valid.map { $0 ? Float(1 / divisor) : 0 }
        )
        let loss = zip(values, valid).reduce(0) { $0 + ($1.1 ? Double($1.0) : 0) } / divisor
        #expect(abs(loss - golden.loss) < 1e-6 * max(1, golden.loss), "β \(golden.beta), T \(golden.temperature)")
        for (found, expected) in zip(values, golden.per_token_divergence?.flatMap { $0 } ?? []) {
            #expect(abs(Double(found) - expected) < 1e-6 * max(1, expected))
        }
        for (found, expected) in zip(logits.values, golden.grad_student_logits.flatMap { $0.flatMap { $0 } }) {
            #expect(abs(Double(found) - expected) < 1e-6, "β \(golden.beta), T \(golden.temperature)")
        }
        for row in student.indices {
            func logs(_ logits: [Float], _ sum: Float) -> [Double] { logits.map { Double($0 * factor - sum) } }
            let bucket = BucketDivergence(
                divergence,
                student: logs(student[row], studentSums[row]),
                teacher: logs(teacher[row], teacherSums[row])
            )
            #expect(abs(bucket.value - Double(values[row])) < 5e-6, "β \(golden.beta), row \(row)")
        }
    }
}

extension DivergenceGoldenTests.File {
    /// Positions with a label.
    fileprivate var valid: [Bool] { labels.flatMap { $0.map { $0 >= 0 } } }
}

/// Log-probabilities and entropies of fixed logits.
@Suite struct TokenStatisticsGoldenTests {
    struct File: Decodable {
        struct Case: Decodable {
            var temperature: Float
            var logps: [[Double]]
            var entropy: [[Double]]
        }

        var logits: [[[Float]]]
        var ids: [[Int]]
        var cases: [Case]
    }

    @Test func logProbabilitiesAndEntropiesEqualTRL() throws {
        let file = try JSONDecoder().decode(File.self, from: GoldenFiles.data("rl/logps_entropy.json"))
        #expect(file.cases.count >= 2)
        let rows = file.logits.flatMap { $0 }
        let context = try ComputeContext(threads: 1)
        let logits = try FloatMatrix(rows: rows.count, columns: rows[0].count, values: rows.flatMap { $0 })
        for golden in file.cases {
            var (sums, entropies): ([Float], [Float]) = ([], [])
            try context.softmaxStatistics(
                logits,
                inverseTemperature: 1 / golden.temperature,
                logSumExp: &sums,
                entropy: &entropies,
                wantsEntropy: true
            )
            for (row, id) in file.ids.flatMap({ $0 }).enumerated() {
                let logp = Double(rows[row][id] / golden.temperature - sums[row])
                let expected = golden.logps.flatMap { $0 }[row]
                #expect(abs(logp - expected) < 1e-6 * max(1, -expected))
                #expect(abs(Double(entropies[row]) - golden.entropy.flatMap { $0 }[row]) < 2e-6)
            }
        }
    }
}
