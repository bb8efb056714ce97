// The stages of a study: what is called, with what, in which order.

internal import IQStudy
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What a study is about.
enum Study: String, CaseIterable, Sendable {
    case sampling, capacity, distillation, rewards, credit, all
}

/// Makes the stages of every study from a configuration. Stages that several studies need are there once.
struct StudyPlan {
    let configuration: StudyConfiguration
    /// A GGUF file or a Hugging Face folder.
    let model: String
    let embedder: String
    let data: String
    /// Holds a folder for each stage.
    let folder: String
    let threads: Int?

    /// In an order in which they can run: what many need first.
    private(set) var stages: [StudyStage] = []
    private var studies: [Study: [String]] = [:]
    private(set) var outline: StudyOutline?

    init(
        _ configuration: StudyConfiguration,
        model: String,
        embedder: String,
        data: String,
        folder: String,
        threads: Int?
    ) throws {
        self.configuration = configuration
        self.model = model
        self.embedder = embedder
        self.data = data
        self.folder = folder
        self.threads = threads
        try build()
    }

    /// The stages that a study ends with; they need the others.
    func goals(of study: Study) -> [String] {
        study == .all ? stages.map(\.name) : studies[study] ?? []
    }

    // MARK: Files

    func path(_ stage: String, _ file: String) -> String { "\(folder)/\(stage)/\(file)" }
    /// What a training stage leaves.
    func trained(_ stage: String) -> String { path(stage, "run/model") }

    private var threadArguments: [String] { threads.map { ["--threads", "\($0)"] } ?? [] }

    private mutating func add(_ stage: StudyStage, for goals: [Study] = []) {
        var stage = stage
        let takesThreads = !["model", "study"].contains(stage.arguments.first)
        if takesThreads { stage.arguments += threadArguments }
        stages.append(stage)
        for study in goals { studies[study, default: []].append(stage.name) }
    }

    // MARK: The graph

    private mutating func build() throws {
        let seeds = configuration.seeds
        let teacher = "teacher-\(seeds[0])"
        let start = "warm-up"
        add(baselinesStage)
        add(promptOnlyEvaluation)
        try addPairs()
        add(supervised(start, configuration.warmUp, from: model, pairs: "pairs", needs: ["pairs"]))
        add(evaluation(of: start), for: [.rewards, .credit])
        try addPolicy(teacher, configuration.teacher, seed: seeds[0], from: start)
        add(evaluation(of: teacher), for: [.sampling, .distillation, .credit])
        try addSampling(teacher)
        try addCapacityModels()
        try addDistillation(teacher)
        try addPolicy("no-credit-\(seeds[0])", plain(configuration.teacher), seed: seeds[0], from: start)
        add(evaluation(of: "no-credit-\(seeds[0])"), for: [.credit])
        try addCapacityPolicies()
        try addAblations(from: start)
        for seed in seeds.dropFirst() {
            for (name, options) in [
                ("teacher-\(seed)", configuration.teacher), ("no-credit-\(seed)", try plain(configuration.teacher)),
            ] {
                try addPolicy(name, options, seed: seed, from: start)
                add(evaluation(of: name), for: [.credit])
            }
        }
        outline = makeOutline(teacher: teacher)
    }

    private mutating func addPairs() throws {
        let pairs = configuration.pairs
        add(
            StudyStage(
                name: "pairs",
                arguments: [
                    "train", "pairs", "--config", path("pairs", "config.json"), "--words", "\(pairs.words)",
                    "--affinity", "\(pairs.affinity)", "--model", model, "--embedder", embedder, "--data", data,
                    "--out", path("pairs", "pairs.jsonl"), "--held-out", path("pairs", "held-out.jsonl"),
                ],
                files: ["config.json": try peopleFile()]
            )
        )
    }

    /// GRPO from what another stage trained.
    private mutating func addPolicy(
        _ name: String,
        _ options: GRPOOptions,
        weights: InterestRewards.Weights? = nil,
        seed: UInt64,
        from start: String,
        for studies: [Study] = []
    ) throws {
        add(
            StudyStage(
                name: name,
                arguments: [
                    "train", "grpo", "--config", path(name, "config.json"), "--seed", "\(seed)", "--model",
                    trained(start), "--embedder", embedder, "--data", data, "--out", path(name, "run"),
                ],
                resumeArguments: ["--resume"],
                needs: [start],
                files: ["config.json": try policyFile(options, weights: weights)],
                temporaries: ["run/checkpoints"]
            ),
            for: studies
        )
    }

    private mutating func addSampling(_ teacher: String) throws {
        for split in ["train", "dev"] {
            let name = "people-\(split)"
            let limit = split == "dev" ? ["--people", "\(configuration.sampling.people)"] : []
            add(
                StudyStage(
                    name: name,
                    arguments: [
                        "study", "people", "--config", path(name, "config.json"), "--data", data, "--split", split,
                        "--out", path(name, "people.jsonl"), "--articles", path(name, "articles.jsonl"),
                    ] + limit,
                    files: ["config.json": try peopleFile()]
                )
            )
        }
        let sampling = configuration.sampling
        add(lists("samples", by: teacher, for: "people-dev", candidates: sampling.lists, more: ["--all-lists"]))
        add(
            StudyStage(
                name: "curve",
                arguments: [
                    "study", "curve", "--data", data, "--embedder", embedder, "--people", "\(sampling.people)",
                    "--lists", path("samples", "lists.jsonl"), "--fusion", configuration.fusion.rawValue, "--count",
                    "\(configuration.list.maximumQueries)", "--minimum-count",
                    "\(configuration.list.minimumQueries)", "--out", path("curve", "curve.json"),
                ],
                needs: ["samples"]
            ),
            for: [.sampling]
        )
    }

    /// Cut models with a recovery, of every number of layers that some study needs.
    private mutating func addCapacityModels() throws {
        let all = Set(configuration.capacity.layers + [configuration.distillation.layers]).sorted()
        for layers in all {
            let (cut, recovered) = ("cut-\(layers)", "recover-\(layers)")
            add(
                StudyStage(
                    name: cut,
                    arguments: [
                        "model", "cut", "--model", model, "--layers", "\(layers)", "--output", path(cut, "model"),
                        "--force",
                    ]
                )
            )
            add(
                supervised(
                    recovered,
                    configuration.capacity.recovery,
                    from: path(cut, "model"),
                    pairs: "pairs",
                    needs: [cut, "pairs"]
                )
            )
            var studies: [Study] = configuration.capacity.layers.contains(layers) ? [.capacity] : []
            if layers == configuration.distillation.layers { studies.append(.distillation) }
            add(evaluation(of: recovered), for: studies)
        }
    }

    private mutating func addCapacityPolicies() throws {
        for layers in configuration.capacity.layers {
            let name = "capacity-\(layers)"
            try addPolicy(
                name,
                configuration.capacity.training,
                seed: configuration.seeds[0],
                from: "recover-\(layers)"
            )
            add(evaluation(of: name), for: [.capacity])
        }
    }

    private mutating func addDistillation(_ teacher: String) throws {
        let options = configuration.distillation
        let student = "recover-\(options.layers)"
        let people = options.listPeople + configuration.heldOutPeople
        add(
            lists(
                "teacher-lists",
                by: teacher,
                for: "people-train",
                candidates: options.candidates,
                more: ["--limit", "\(people)"]
            )
        )
        add(
            StudyStage(
                name: "teacher-pairs",
                arguments: [
                    "train", "pairs", "--config", path("teacher-pairs", "config.json"), "--model", model, "--data",
                    data, "--lists", path("teacher-lists", "lists.jsonl"), "--out",
                    path("teacher-pairs", "pairs.jsonl"), "--held-out", path("teacher-pairs", "held-out.jsonl"),
                ],
                needs: ["teacher-lists"],
                files: ["config.json": try peopleFile()]
            )
        )
        add(
            supervised(
                "student-supervised",
                options.supervised,
                from: trained(student),
                pairs: "teacher-pairs",
                needs: [student, "teacher-pairs"]
            )
        )
        add(evaluation(of: "student-supervised"), for: [.distillation])
        add(
            StudyStage(
                name: "student-on-policy",
                arguments: [
                    "train", "distill", "--config", path("student-on-policy", "config.json"), "--seed",
                    "\(configuration.seeds[0])", "--student", trained(student), "--teacher", trained(teacher),
                    "--data", data, "--out", path("student-on-policy", "run"),
                ],
                resumeArguments: ["--resume"],
                needs: [student, teacher],
                files: ["config.json": try distillationFile()],
                temporaries: ["run/checkpoints"]
            )
        )
        add(evaluation(of: "student-on-policy"), for: [.distillation])
    }

    private mutating func addAblations(from start: String) throws {
        let options = configuration.rewards
        let seed = configuration.seeds[0]
        try addPolicy("rewards-all", options.training, seed: seed, from: start)
        add(evaluation(of: "rewards-all"), for: [.rewards])
        for name in options.names {
            guard let path = StudyConfiguration.rewardPaths[name] else { continue }
            var weights = configuration.weights
            weights[keyPath: path] = 0
            let stage = "without-\(name)"
            try addPolicy(stage, options.training, weights: weights, seed: seed, from: start)
            add(evaluation(of: stage), for: [.rewards])
        }
    }
}
