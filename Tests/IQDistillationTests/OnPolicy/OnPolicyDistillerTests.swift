// Whole distillations of tiny models: they bring the student to the teacher, and can be broken off.

import IQDistillation
import IQModel
import IQTensor
import IQText
import IQTraining
import Testing
import _IQTestSupport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct OnPolicyDistillerTests {
    static func divergences(
        _ options: DistillationOptions,
        samples: [DistillationSample] = TinyStudent.samples,
        teachers: [String: Result<URL, any Error>]? = nil
    ) async throws -> [Double] {
        let distiller = try await TinyStudent.distiller(options, teachers: try teachers?.mapValues { try $0.get() })
        var result: [Double] = []
        for try await event in distiller.train(on: samples, holdOut: samples) {
            if case .evaluation(let evaluation) = event { result.append(evaluation.divergence) }
        }
        return result
    }

    @Test(arguments: [
        try DistillationObjective(.reverseKL), try DistillationObjective(.forwardKL),
        try DistillationObjective(.jensenShannon(beta: 0.5)),
        try DistillationObjective(.reverseKL, over: .mostLikely(8)),
        try DistillationObjective(.reverseKL, over: .sampledToken),
        try DistillationObjective(.skewedForwardKL(alpha: 0.1), temperature: 2),
    ])
    func `the student comes nearer to the teacher`(objective: DistillationObjective) async throws {
        let options = try TinyStudent.options(
            promptsPerStep: 6,
            completionsPerPrompt: 4,
            steps: 20,
            learningRate: 5e-3,
            objective: objective
        )
        let found = try await Self.divergences(options)
        #expect(found.count == 11)
        #expect(found[10] < 0.8 * found[0], "\(found)")
    }

    @Test func `adapters learn too`() async throws {
        let options = try TinyStudent.options(
            method: .adapters(try LoRAOptions(rank: 4)),
            promptsPerStep: 6,
            steps: 20,
            learningRate: 2e-2
        )
        let found = try await Self.divergences(options)
        #expect(found[10] < 0.95 * found[0], "\(found)")
    }

    @Test func `events come in order and say what happened`() async throws {
        let folder = RunFolder()
        let distiller = try await TinyStudent.distiller(try TinyStudent.options(steps: 3))
        var names: [String] = []
        var last: DistillationSummary?
        for try await event in distiller.train(
            on: TinyStudent.samples,
            holdOut: [DistillationSample(.text("four"))],
            in: folder.url
        ) {
            switch event {
            case .started(let start):
                names.append("started")
                #expect(start.samples == 6 && start.heldOutSamples == 1 && start.steps == 3)
                #expect(start.teachers == ["teacher"] && start.longestPrompt == 7 && start.stepsDone == 0)
            case .rollouts(let rollouts):
                names.append("rollouts")
                #expect(rollouts.groups.count == 2 && rollouts.sampledTokens > 0)
                for group in rollouts.groups {
                    #expect(group.author == .student && group.completions.count == 2 && group.texts.count == 2)
                }
            case .step(let step):
                names.append("step")
                #expect(step.isApplied && step.onPolicyShare == 1 && step.totalTokens > 0)
                #expect(try #require(step.entropy) > 1)
                #expect(try #require(step.loss) > 0)
            case .evaluation: names.append("evaluation")
            case .checkpoint: break
            case .finished(let summary):
                names.append("finished")
                last = summary
            }
        }
        let step = ["rollouts", "step"]
        #expect(names == ["started", "evaluation"] + step + step + ["evaluation"] + step + ["evaluation", "finished"])
        #expect(last?.reason == .completed && last?.steps == 3 && last?.bestDivergence != nil)
        let metrics = try MetricsFile.read(folder.url.appending(path: "metrics.jsonl").path).flatMap(\.metrics)
        #expect(metrics.count { $0.name == "loss" } == 3)
    }

    @Test(arguments: ["rollouts", "step"], [1, 3])
    func `resumed runs end with the same bits`(moment: String, number: Int) async throws {
        let options = try TinyStudent.options(onPolicyShare: 0.5, offPolicySource: .teacher)
        let held = [DistillationSample(.text("four"))]
        let unbroken = try await TinyStudent.distiller(options)
        let whole = RunFolder()
        try await unbroken.run(on: TinyStudent.samples, holdOut: held, in: whole.url)

        let folder = RunFolder()
        let url = folder.url
        let broken = try await TinyStudent.distiller(options)
        let task = Task {
            var last: DistillationSummary?
            var seen = 0
            for try await event in broken.train(on: TinyStudent.samples, holdOut: held, in: url) {
                let name =
                    switch event {
                    case .step: "step"
                    case .rollouts: "rollouts"
                    default: ""
                    }
                if name == moment { seen += 1 }
                if name == moment, seen == number { withUnsafeCurrentTask { $0?.cancel() } }
                if case .finished(let summary) = event { last = summary }
            }
            return last
        }
        #expect(try await task.value?.reason == .cancelled)
        let resumed = try await TinyStudent.distiller(options)
        let summary = try await resumed.run(on: TinyStudent.samples, holdOut: held, in: url, resuming: true)
        #expect(summary.steps == 6 && summary.reason == .completed)
        #expect(try await TinyStudent.weights(resumed) == TinyStudent.weights(unbroken))
    }

    @Test func `another run is not resumed`() async throws {
        let folder = RunFolder()
        let distiller = try await TinyStudent.distiller(try TinyStudent.options(steps: 2))
        try await distiller.run(on: TinyStudent.samples, in: folder.url)
        await #expect(throws: TrainingError.self) {
            try await distiller.run(on: [DistillationSample(.text("other"))], in: folder.url, resuming: true)
        }
        let faster = try await TinyStudent.distiller(try TinyStudent.options(steps: 2, learningRate: 1))
        await #expect(throws: TrainingError.self) {
            try await faster.run(on: TinyStudent.samples, in: folder.url, resuming: true)
        }
    }

    @Test(arguments: OffPolicySource.allCases)
    func `the share of the student's own completions is kept`(source: OffPolicySource) async throws {
        let options = try TinyStudent.options(
            promptsPerStep: 4,
            steps: 30,
            learningRate: 0,
            onPolicyShare: 0.25,
            offPolicySource: source
        )
        let samples = TinyStudent.samples.map {
            DistillationSample($0.prompt, completion: source == .data ? " yes" : nil)
        }
        let distiller = try await TinyStudent.distiller(options)
        var authors: [DistillationRollouts.Author] = []
        for try await event in distiller.train(on: samples) {
            guard case .rollouts(let rollouts) = event else { continue }
            for group in rollouts.groups {
                authors.append(group.author)
                guard group.author == .data else { continue }
                // The text, and the token that ends it.
                #expect(group.completions.map(\.count) == [5] && group.completions[0].last == TinyTokenizer.end)
                #expect(group.texts == [" yes"])
            }
        }
        let own = authors.count { $0 == .student }
        // 120 draws with a share of 0.25: four standard deviations are 19.
        #expect(authors.count == 120 && abs(own - 30) < 19 && own > 0)
        #expect(!authors.contains(source == .data ? .teacher : .data))
    }

    @Test func `teachers judge the samples that name them`() async throws {
        let teachers = ["a": TinyStudent.teacher, "same": TinyStudent.student]
        let named = { (name: String) in [DistillationSample(.text("five"), teacher: name)] }
        let options = try TinyStudent.options(steps: 1, learningRate: 0)
        #expect(try await Self.divergences(options, samples: named("same"), teachers: teachers)[0] < 1e-6)
        #expect(try await Self.divergences(options, samples: named("a"), teachers: teachers)[0] > 1e-3)
    }

    @Test func `a teacher's own prompt counts`() async throws {
        let options = try TinyStudent.options(steps: 1, learningRate: 0)
        let plain = [DistillationSample(.text("five"))]
        let told = [DistillationSample(.text("five"), teacherPrompt: .text("five and more"))]
        #expect(try await Self.divergences(options, samples: plain) != Self.divergences(options, samples: told))
    }

    @Test func `samples that cannot be are named`() async throws {
        let distiller = try await TinyStudent.distiller(
            try TinyStudent.options(),
            teachers: ["a": try TinyStudent.teacher.get(), "b": try TinyStudent.otherTeacher.get()]
        )
        await #expect(throws: DistillationError.noSamples) { try await distiller.run(on: []) }
        let good = DistillationSample(.text("x"), teacher: "a")
        let bad: [(DistillationSample, SampleProblem)] = [
            (DistillationSample(.text("x")), .unknownTeacher(nil, known: ["a", "b"])),
            (DistillationSample(.text("x"), teacher: "c"), .unknownTeacher("c", known: ["a", "b"])),
            (DistillationSample(.text(""), teacher: "a"), .emptyPrompt(isTeachers: false)),
            (DistillationSample(.tokens([97]), teacher: "a"), .tokenOutOfRange(97, vocabularySize: 97)),
            (
                DistillationSample(.text(String(repeating: "x", count: 120)), teacher: "a"),
                .tooLong(isTeachers: false, prompt: 120, completion: 12, limit: 128)
            ),
            (
                DistillationSample(
                    .text("x"),
                    teacherPrompt: .text(String(repeating: "y", count: 120)),
                    teacher: "a"
                ),
                .tooLong(isTeachers: true, prompt: 120, completion: 12, limit: 128)
            ),
        ]
        for (sample, problem) in bad {
            let expected = DistillationError.invalidSample(index: 1, isHeldOut: false, problem)
            await #expect(throws: expected) { try await distiller.run(on: [good, sample]) }
            let held = DistillationError.invalidSample(index: 0, isHeldOut: true, problem)
            await #expect(throws: held) { try await distiller.run(on: [good], holdOut: [sample]) }
        }
        let needing = try await TinyStudent.distiller(try TinyStudent.options(onPolicyShare: 0.5))
        await #expect(throws: DistillationError.invalidSample(index: 0, isHeldOut: false, .noCompletion)) {
            try await needing.run(on: TinyStudent.samples)
        }
    }

    /// Cross-tokenizer distillation would compare unlike things.
    @Test func `another vocabulary is refused`() async throws {
        var tokens = TinyTokenizer.vocabulary
        tokens.tokens.swapAt(3, 4)
        let strange = try TinyStudent.folder(of: "llama_untied", vocabulary: tokens).get()
        let options = try TinyStudent.options()
        await #expect {
            try await TinyStudent.distiller(options, teachers: ["strange": strange])
        } throws: { error in
            guard case DistillationError.differentVocabularies(97, 97, let difference) = error else { return false }
            return difference.contains("token 3")
        }
        await #expect(throws: DistillationError.self) { try await TinyStudent.distiller(options, teachers: [:]) }
    }

    @Test func `the student is saved as a model that opens`() async throws {
        let folder = RunFolder()
        let distiller = try await TinyStudent.distiller(try TinyStudent.options(steps: 1))
        try await distiller.run(on: TinyStudent.samples)
        try await distiller.save(to: folder.url)
        let saved = try loadModel(at: folder.url, precision: .stored, context: try ComputeContext(threads: 1))
        #expect(saved.tokenizer != nil)
    }
}
