// The calls that stages make, argument by argument.

internal import IQStudy
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension StudyPlan {
    // MARK: Measuring

    /// Measures the model that a training stage left.
    func evaluation(of stage: String) -> StudyStage {
        evaluation(of: stage, model: trained(stage), list: configuration.list, needs: [stage])
    }

    /// Measures the model as it is before any training.
    var promptOnlyEvaluation: StudyStage {
        evaluation(
            of: "prompt-only",
            model: model,
            list: configuration.promptOnly,
            maximumTokens: configuration.promptOnlyTokens,
            needs: []
        )
    }

    private func evaluation(
        of name: String,
        model: String,
        list: ListConfiguration,
        maximumTokens: Int? = nil,
        needs: [String]
    ) -> StudyStage {
        let stage = "evaluate-\(name)"
        let options = configuration.evaluation
        return StudyStage(
            name: stage,
            arguments: measuring(stage) + ["--model", model, "--name", name]
                + ["--precision", options.precision, "--product", options.product, "--batch", "\(options.batch)"]
                + ["--temperature", "\(options.temperature)", "--cache", path(stage, "lists")]
                + listArguments(list, maximumTokens: maximumTokens) + (options.usesGrammar ? [] : ["--no-grammar"]),
            needs: needs,
            standardOutput: "report.json"
        )
    }

    /// Measures what needs no model.
    var baselinesStage: StudyStage {
        let stage = "evaluate-baselines"
        return StudyStage(
            name: stage,
            arguments: measuring(stage) + configuration.evaluation.baselines.flatMap { ["--baseline", $0] }
                + [
                    "--count", "\(configuration.list.maximumQueries)", "--minimum-count",
                    "\(configuration.list.minimumQueries)",
                ],
            standardOutput: "report.json"
        )
    }

    private func measuring(_ stage: String) -> [String] {
        let options = configuration.evaluation
        let weights = StudyConfiguration.rewardPaths.sorted { $0.key < $1.key }
            .map { (name: $0.key, weight: configuration.weights[keyPath: $0.value]) }
        return [
            "evaluate", "--data", data, "--embedder", embedder, "--task", "retrieval", "--task", "slate", "--rewards",
        ]
            + weights.flatMap { ["--weight", "\($0.name)=\($0.weight)"] }
            + (options.people.map { ["--people", "\($0)"] } ?? [])
            + ["--fusion", configuration.fusion.rawValue, "--resamples", "\(options.resamples)", "--json"]
            + ["--values", path(stage, StudyOutline.valuesFile), "--report", path(stage, "report.html")]
    }

    private func listArguments(_ list: ListConfiguration, maximumTokens: Int? = nil) -> [String] {
        [
            "--format", list.format.rawValue, "--style", list.promptStyle.rawValue, "--count",
            "\(list.maximumQueries)", "--minimum-count", "\(list.minimumQueries)", "--prompt-tokens",
            "\(list.promptTokens)", "--max-signals", "\(list.maximumSignals)", "--max-tokens",
            "\(maximumTokens ?? configuration.maximumTokens)",
        ]
    }

    // MARK: Writing lists

    /// The best of several lists for each of a stage's people.
    func lists(
        _ name: String,
        by writer: String,
        for people: String,
        candidates: Int,
        more: [String]
    ) -> StudyStage {
        let options = configuration.evaluation
        let weights = StudyConfiguration.rewardPaths.sorted { $0.key < $1.key }.filter { $0.key != "clicks" }
            .map { (name: $0.key, weight: configuration.weights[keyPath: $0.value]) }
        return StudyStage(
            name: name,
            arguments: [
                "generate", "--model", trained(writer), "--signals", path(people, "people.jsonl"), "--output", "json",
                "--skip-invalid", "--best-of", "\(candidates)", "--articles", path(people, "articles.jsonl"),
                "--embedder", embedder, "--precision", options.precision, "--product", options.product, "--out",
                path(name, "lists.jsonl"), "--resume",
            ] + weights.flatMap { ["--weight", "\($0.name)=\($0.weight)"] } + listArguments(configuration.list)
                + (options.usesGrammar ? [] : ["--no-grammar"]) + more,
            needs: [writer, people]
        )
    }

    // MARK: Training

    /// Supervised training on the pairs that another stage wrote.
    func supervised(
        _ name: String,
        _ options: SupervisedOptions,
        from start: String,
        pairs: String,
        needs: [String]
    ) -> StudyStage {
        StudyStage(
            name: name,
            arguments: [
                "train", "supervised", "--model", start, "--data", path(pairs, "pairs.jsonl"), "--validation",
                path(pairs, "held-out.jsonl"), "--out", path(name, "run"),
            ] + Self.arguments(options),
            resumeArguments: ["--resume"],
            needs: needs,
            temporaries: ["run/checkpoints"]
        )
    }

    /// Options as `train supervised` takes them.
    static func arguments(_ options: SupervisedOptions) -> [String] {
        var arguments = ["--precision", options.precision.rawValue]
        arguments += ["--tokens-per-micro-batch", "\(options.tokensPerMicroBatch)"]
        switch options.stepSize {
        case .pairs(let count): arguments += ["--pairs-per-step", "\(count)"]
        case .tokens(let count): arguments += ["--tokens-per-step", "\(count)"]
        }
        switch options.duration {
        case .epochs(let count): arguments += ["--epochs", "\(count)"]
        case .steps(let count): arguments += ["--steps", "\(count)"]
        }
        arguments += ["--learning-rate", "\(options.learningRate)", "--warm-up", "\(options.schedule.warmUpSteps)"]
        switch options.schedule.decay {
        case .constant: arguments += ["--decay", "constant"]
        case .linear(let fraction): arguments += ["--decay", "linear", "--final-fraction", "\(fraction)"]
        case .cosine(let fraction): arguments += ["--decay", "cosine", "--final-fraction", "\(fraction)"]
        }
        arguments += ["--weight-decay", "\(options.adamW.weightDecay)", "--clip", "\(options.gradientClipping ?? 0)"]
        arguments += ["--seed", "\(options.seed)", "--checkpoint-every", "\(options.checkpointInterval)"]
        arguments += ["--keep", "\(options.keptCheckpoints)"]
        if let interval = options.evaluationInterval { arguments += ["--evaluate-every", "\(interval)"] }
        if let patience = options.patience { arguments += ["--patience", "\(patience)"] }
        if options.recomputesActivations { arguments.append("--recompute") }
        if options.longPairs == .skip { arguments.append("--skip-long") }
        if case .adapters(let lora) = options.method {
            arguments += ["--lora", "--merge", "--lora-rank", "\(lora.rank)", "--lora-alpha", "\(lora.alpha)"]
            arguments += ["--lora-dropout", "\(lora.dropout)"]
        }
        return arguments
    }

    /// The file of `train grpo`.
    func policyFile(_ options: GRPOOptions, weights: InterestRewards.Weights? = nil) throws -> String {
        var policy = GRPOConfiguration(training: options)
        policy.list = configuration.list
        policy.weights = weights ?? configuration.weights
        policy.fusion = configuration.fusion
        policy.people = configuration.people
        policy.heldOutPeople = configuration.heldOutPeople
        policy.peopleSeed = configuration.peopleSeed
        return try Self.text(policy)
    }

    /// The same file where only people and prompts matter, so that other settings of policies leave these stages as they are.
    func peopleFile() throws -> String {
        var policy = GRPOConfiguration(training: try GRPOOptions())
        policy.list = configuration.list
        policy.people = configuration.people
        policy.heldOutPeople = configuration.heldOutPeople
        policy.peopleSeed = configuration.peopleSeed
        return try Self.text(policy)
    }

    /// The file of `train distill`.
    func distillationFile() throws -> String {
        var distillation = DistillationConfiguration(training: configuration.distillation.onPolicy)
        distillation.list = configuration.list
        distillation.people = configuration.people
        distillation.heldOutPeople = configuration.heldOutPeople
        distillation.peopleSeed = configuration.peopleSeed
        return try Self.text(distillation)
    }

    /// The same policy without credit for queries.
    func plain(_ options: GRPOOptions) throws -> GRPOOptions {
        let encoded = try JSONDecoder().decode(JSONTree.self, from: try JSONEncoder().encode(options))
        let plain = encoded.merging(.object(["credit": .string(SpanCredit.none.rawValue)]))
        return try JSONDecoder().decode(GRPOOptions.self, from: try JSONEncoder().encode(plain))
    }

    private static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}
